"""Promises of downloads as the provider's page gives them: the video, and every reason why there is none."""

import base64
import json
from dataclasses import replace

import pytest

from nebula_mock import Failure, Plan
from nebula_schemas import contract
from nebula_schemas.catalogue import Family, catalogue
from opened import Opened, opened

REFUSED = Failure("Blocked by the safety system", "content_policy_violation")
every_family = pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
url_families = pytest.mark.parametrize(
    "family", [family for family in catalogue().families if family.delivery == "url"], ids=lambda f: f.name
)


@pytest.fixture
def mock() -> Opened:
    """A provider whose tasks succeed."""
    return opened()


@pytest.mark.proves("download.body", "download.ids", "download.size")
def test_a_download_is_the_video_twice_in_base64_in_the_pages_order(mock: Opened) -> None:
    task_id = mock.task_id(catalogue().family("sora").models[0])
    mock.clock.advance(10)
    answer = mock.get(f"/download?id={task_id}")
    body = json.loads(answer.data)
    video = base64.b64decode(body["base64"], validate=True)
    assert video[4:8] == b"ftyp"
    assert list(body.items()) == [
        ("success", True),
        ("generation_id", task_id),
        ("task_id", task_id),
        ("format", "mp4"),
        ("size", len(video)),
        ("base64", base64.b64encode(video).decode()),
        ("data_url", "data:video/mp4;base64," + base64.b64encode(video).decode()),
    ]
    contract().check("download/response", body)


def test_a_download_is_the_same_bytes_each_time(mock: Opened) -> None:
    task_id = mock.task_id(catalogue().family("sora").models[0])
    mock.clock.advance(10)
    first = mock.get(f"/download?id={task_id}")
    assert first.content_length == len(first.data)
    assert mock.get(f"/download?id={task_id}").data == first.data


def test_two_tasks_never_share_their_video(mock: Opened) -> None:
    model = catalogue().family("sora").models[0]
    one, other = mock.task_id(model), mock.task_id(model)
    mock.clock.advance(10)
    films = {mock.get(f"/download?id={task_id}").get_json()["base64"] for task_id in (one, other)}
    assert len(films) == 2


NO_FILE = {
    "error": {
        "message": "Upstream service returned status 404",
        "type": "server_error",
        "details": '{"error":{"message":"Video content is not available","type":"invalid_request_error"}}',
    }
}


@pytest.mark.proves("download.no-checks", "errors.download.no-file")
@pytest.mark.parametrize("after_s", [0, 2, 9.75])
def test_an_unfinished_task_has_no_file_yet(mock: Opened, after_s: float) -> None:
    task_id = mock.task_id(catalogue().family("sora").models[0])
    mock.clock.advance(after_s)
    answer = mock.get(f"/download?id={task_id}")
    assert (answer.status_code, answer.get_json()) == (502, NO_FILE)


@pytest.mark.proves("errors.download.no-file")
def test_a_failed_task_has_no_file() -> None:
    mock = opened(Plan(0, 0, REFUSED))
    answer = mock.get(f"/download?id={mock.task_id(catalogue().family('sora').models[0])}")
    assert (answer.status_code, answer.get_json()) == (502, NO_FILE)


@pytest.mark.proves("endpoints.download", "download.no-checks", "errors.download.no-file")
@url_families
def test_only_sora_is_downloaded(mock: Opened, family: Family) -> None:
    task_id = mock.task_id(family.models[0])
    mock.clock.advance(10)
    answer = mock.get(f"/download?id={task_id}")
    assert (answer.status_code, answer.get_json()) == (502, NO_FILE)


@pytest.mark.proves("errors.download.no-id")
@pytest.mark.parametrize("query", ["", "?id=", "?ID=video_1", "?task_id=video_1", "?id"])
def test_a_download_asks_for_an_id(mock: Opened, query: str) -> None:
    answer = mock.get(f"/download{query}")
    error = {"message": "id parameter is required", "type": "invalid_request_error"}
    assert (answer.status_code, answer.get_json()) == (400, {"error": error})


UNKNOWN = [
    (404, {"error": {"message": "Task not found", "type": "not_found", "code": "not_found"}}),
    (404, {"error": {"message": "Task not found", "type": "invalid_request_error"}}),
]


@pytest.mark.proves("auth.scope", "errors.documented.404", "errors.download.unknown-task")
@every_family
def test_another_accounts_task_is_an_unknown_task(mock: Opened, family: Family) -> None:
    task_id = mock.task_id(family.models[0])
    mock.clock.advance(10)
    answers = [mock.get(path, "sk-other") for path in (f"/{task_id}", f"/download?id={task_id}")]
    assert [(answer.status_code, answer.get_json()) for answer in answers] == UNKNOWN


@pytest.mark.proves("errors.documented.404", "errors.download.unknown-task")
@pytest.mark.parametrize(
    "task_id", ["video_never", "video_" + "0" * 32, "downloads", "Download", "%20", "任务"]
)
def test_an_id_that_nobody_has_is_an_unknown_task(mock: Opened, task_id: str) -> None:
    answers = [mock.get(path) for path in (f"/{task_id}", f"/download?id={task_id}")]
    assert [(answer.status_code, answer.get_json()) for answer in answers] == UNKNOWN


@pytest.mark.proves("routing.download-first")
def test_the_word_download_is_never_a_task_id(mock: Opened) -> None:
    mock.task_id(catalogue().family("sora").models[0])
    (task,) = mock.provider.store.tasks()
    mock.provider.store.add(replace(task, task_id="download"))
    assert mock.get("/download").get_json()["error"]["message"] == "id parameter is required"
