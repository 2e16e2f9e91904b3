"""Promises of submit, query and download as the provider's documents give them, for every model."""

import base64
import json
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.provider import Provider
from nebula_schemas import contract
from nebula_schemas.catalogue import Family, Model, catalogue

NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z
GENERATIONS = "/v1/video/generations"
MODELS = [(family, model) for family in catalogue().families for model in family.models]
REFUSED = Failure("Blocked by the safety system", "content_policy_violation")

every_model = pytest.mark.parametrize(("family", "model"), MODELS, ids=lambda value: getattr(value, "id", ""))
every_family = pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
url_families = pytest.mark.parametrize(
    "family", [family for family in catalogue().families if family.delivery == "url"], ids=lambda f: f.name
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider without a socket, and a consumer with a key."""

    provider: Provider
    client: FlaskClient
    clock: ManualClock

    def submit(self, body: dict[str, Any], key: str = "sk-test") -> TestResponse:
        """The answer to a submit."""
        return self.client.post(GENERATIONS, json=body, headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, key: str = "sk-test") -> TestResponse:
        """The answer to a GET below the generations."""
        return self.client.get(GENERATIONS + path, headers={"Authorization": f"Bearer {key}"})

    def task_id(self, model: Model) -> str:
        """The id of a new task of that model."""
        task_id: str = self.submit(least(model)).get_json()["task_id"]
        return task_id

    def queried(self, task_id: str, *, after_s: float = 0) -> dict[str, Any]:
        """The body of a query that much later."""
        self.clock.advance(after_s)
        body: dict[str, Any] = self.get(f"/{task_id}").get_json()
        return body


def opened(plan: Plan | None = None) -> Opened:
    """A new provider at noon."""
    clock = ManualClock(NOON)
    provider = Settings(seed=1, plan=plan or Plan()).provider(clock)
    return Opened(provider, create_app(provider=provider).test_client(), clock)


def least(model: Model) -> dict[str, Any]:
    """The least body that a model takes."""
    if model.id.startswith("doubao"):
        return {"model": model.id, "metadata": {"content": [{"type": "text", "text": "A cat"}]}}
    image = {"image": "https://a.example/cat.png"} if model.id == "wan2.5-i2v-preview" else {}
    return {"model": model.id, "prompt": "A cat", **image}


@pytest.fixture
def mock() -> Opened:
    """A provider whose tasks succeed."""
    return opened()


@pytest.mark.proves(
    "submitted.sora", "submitted.veo", "submitted.wan", "submitted.seedance", "submitted.wan.metadata"
)
@every_model
def test_a_submit_is_answered_in_the_shape_of_the_family(mock: Opened, family: Family, model: Model) -> None:
    body = mock.submit(least(model)).get_json()
    (task,) = mock.provider.store.tasks()
    expected: dict[str, dict[str, Any]] = {
        "sora": {"status": "submitted", "format": "mp4"},
        "veo": {},
        "wan": {
            "status": "submitted",
            "format": "mp4",
            "metadata": {
                "model_price": 0.0738,
                "requested_seconds": 5,
                "billing_pending": True,
                "group_ratio": 1,
                "token_name": "default",
                "output": {"task_id": task.task_id, "task_status": "PENDING"},
                "request_id": task.request_id,
            },
        },
        "seedance": {"status": "submitted"},
    }
    assert body == {"task_id": task.task_id, **expected[family.name]}


@every_model
def test_a_submit_answer_meets_the_contract(mock: Opened, family: Family, model: Model) -> None:
    body = mock.submit(least(model)).get_json()
    contract().check("submit/response", body)
    assert family.task_id.matches(body["task_id"])


def test_a_sora_submit_is_answered_in_the_bytes_of_the_page(mock: Opened) -> None:
    answer = mock.submit({"model": "sora-2", "prompt": "A cat", "seconds": "4", "size": "720x1280"})
    assert re.fullmatch(
        rb'\{"task_id":"video_[0-9a-f]{32}","status":"submitted","format":"mp4"\}', answer.data
    )


@every_model
@pytest.mark.parametrize("failure", [None, REFUSED], ids=["succeeding", "failing"])
def test_a_query_meets_the_contract_at_every_stage(
    family: Family, model: Model, failure: Failure | None
) -> None:
    mock = opened(Plan(2, 8, failure))
    task_id = mock.task_id(model)
    bodies = [mock.queried(task_id, after_s=seconds) for seconds in (0, 2, 8, 1000)]
    for body in bodies:
        contract().check("query/response", body)
    waiting, running, succeeded, failed = family.statuses["documented"]
    end = failed if failure else succeeded
    assert [body["status"] for body in bodies] == [waiting, running, end, end]


STATUSES = {
    "sora": ["queued", "in_progress", "succeeded"],
    "veo": ["queued", "in_progress", "succeeded"],
    "wan": ["submitted", "in_progress", "succeeded"],
    "seedance": ["queued", "in_progress", "succeeded"],
}


@pytest.mark.proves("status.site", "status.wan-page")
@every_family
def test_the_statuses_are_those_of_the_familys_page(mock: Opened, family: Family) -> None:
    task_id = mock.task_id(family.models[0])
    assert [mock.queried(task_id, after_s=seconds)["status"] for seconds in (0, 5, 5)] == STATUSES[
        family.name
    ]


@pytest.mark.proves("query.sora.metadata", "sora.seconds.numbers", "query.progress")
def test_a_succeeded_sora_task_in_full(mock: Opened) -> None:
    task_id = mock.submit({"model": "sora-2", "prompt": "A cat", "seconds": 7.6}).get_json()["task_id"]
    assert mock.queried(task_id, after_s=10) == {
        "task_id": task_id,
        "status": "succeeded",
        "format": "mp4",
        "metadata": {
            "id": task_id,
            "object": "video",
            "model": "sora-2",
            "status": "completed",
            "progress": 100,
            "created_at": 1_763_812_800,
            "completed_at": 1_763_812_810,
            "expires_at": 1_763_812_810 + 86_400,
            "seconds": "8",
            "size": "720x1280",
            "remixed_from_video_id": None,
            "error": None,
        },
    }


@pytest.mark.proves("query.veo.metadata")
def test_a_succeeded_veo_task_in_full(mock: Opened) -> None:
    body = {"model": "veo-3.1-generate-preview", "prompt": "A cat", "resolution": "4k", "fps": 30}
    task_id = mock.submit(body).get_json()["task_id"]
    found = mock.queried(task_id, after_s=10)
    url = found["url"]
    assert found == {
        "task_id": task_id,
        "status": "succeeded",
        "format": "mp4",
        "url": url,
        "metadata": {
            "durationSeconds": 4,
            "aspectRatio": "16:9",
            "resolution": "1080p",
            "fps": 30,
            "generateAudio": False,
            "sampleCount": 1,
            "response": {
                "@type": "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
                "raiMediaFilteredCount": 0,
                "videos": [{"mimeType": "video/mp4", "url": url}],
            },
        },
    }


@pytest.mark.proves("query.wan.metadata", "query.wan.usage")
def test_a_succeeded_wan_task_in_full(mock: Opened) -> None:
    """The upstream's times are those of China, without an offset."""
    body = {"model": "wan2.5-t2v-preview", "prompt": "A cat", "resolution": "480P", "duration": 10}
    submitted = mock.submit(body).get_json()
    found = mock.queried(submitted["task_id"], after_s=10)
    assert found == {
        "task_id": submitted["task_id"],
        "status": "succeeded",
        "format": "mp4",
        "url": found["url"],
        "metadata": {
            "request_id": submitted["metadata"]["request_id"],
            "output": {
                "task_id": submitted["task_id"],
                "task_status": "SUCCEEDED",
                "submit_time": "2025-11-22 20:00:00.000",
                "scheduled_time": "2025-11-22 20:00:02.000",
                "end_time": "2025-11-22 20:00:10.000",
                "video_url": found["url"],
                "orig_prompt": "A cat",
                "actual_prompt": "A cat",
            },
            "usage": {"video_count": 1, "duration": 10, "resolution": "480p", "size": "832*480"},
        },
    }


@pytest.mark.proves("query.seedance.metadata")
def test_a_succeeded_seedance_task_in_full(mock: Opened) -> None:
    content = [{"type": "text", "text": "A cat --rs 480p --ratio 1:1 --dur 10 --fps 30 --seed 7"}]
    body = {"model": "doubao-seedance-1-5-pro-251215", "metadata": {"content": content}}
    task_id = mock.submit(body).get_json()["task_id"]
    found = mock.queried(task_id, after_s=10)
    tokens = 640 * 640 * 30 * 10 // 1024
    assert found == {
        "task_id": task_id,
        "status": "succeeded",
        "format": "mp4",
        "url": found["url"],
        "metadata": {
            "id": task_id,
            "model": "doubao-seedance-1-5-pro-251215",
            "status": "succeeded",
            "created_at": 1_763_812_800,
            "updated_at": 1_763_812_810,
            "seed": 7,
            "resolution": "480p",
            "duration": 10,
            "ratio": "1:1",
            "framespersecond": 30,
            "content": {"video_url": found["url"]},
            "usage": {"completion_tokens": tokens, "total_tokens": tokens},
        },
    }


@pytest.mark.proves("query.sora.failed", "query.wan.failed.documented")
@every_family
def test_a_failed_task_gives_its_reason_where_the_familys_page_says(family: Family) -> None:
    """Wan's page has no ``error``: the reason stands in ``metadata.output`` alone."""
    mock = opened(Plan(0, 0, REFUSED))
    body = mock.queried(mock.task_id(family.models[0]))
    expected = {"code": 400, "message": "Blocked by the safety system"}
    assert (body["status"], body.get("error")) == ("failed", None if family.name == "wan" else expected)
    if family.name == "wan":
        output = body["metadata"]["output"]
        assert (output["code"], output["message"]) == (REFUSED.code, REFUSED.message)


@pytest.mark.proves("query.url.absent", "query.sora.url")
@every_model
def test_a_url_is_shown_on_success_only_and_never_for_sora(
    mock: Opened, family: Family, model: Model
) -> None:
    task_id = mock.task_id(model)
    shown = ["url" in mock.queried(task_id, after_s=seconds) for seconds in (0, 2, 8)]
    assert shown == [False, False, family.delivery == "url"]
    failing = opened(Plan(0, 0, REFUSED))
    assert "url" not in failing.queried(failing.task_id(model))


@every_family
def test_asking_changes_nothing(mock: Opened, family: Family) -> None:
    task_id = mock.task_id(family.models[0])
    for seconds in (0, 5, 5):
        mock.clock.advance(seconds)
        assert len({mock.get(f"/{task_id}").data for _ in range(5)}) == 1


def test_a_jump_of_the_clock_crosses_every_stage(mock: Opened) -> None:
    task_id = mock.task_id(catalogue().family("sora").models[0])
    assert mock.queried(task_id, after_s=12 * 3600)["status"] == "succeeded"


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


@pytest.mark.proves("query.veo.url")
def test_a_veo_task_of_four_samples_has_four_urls(mock: Opened) -> None:
    body = {"model": "veo-3.0-generate-001", "prompt": "A cat", "sampleCount": 9}
    found = mock.queried(mock.submit(body).get_json()["task_id"], after_s=10)
    videos = found["metadata"]["response"]["videos"]
    assert (len(set(found["url"])), found["metadata"]["sampleCount"]) == (4, 4)
    assert videos == [{"mimeType": "video/mp4", "url": url} for url in found["url"]]


CHARSET = "application/json; charset=utf-8"


@pytest.mark.proves("auth.content-types")
@every_family
def test_a_query_names_no_charset_and_everything_else_does(mock: Opened, family: Family) -> None:
    submitted = mock.submit(least(family.models[0]))
    task_id = submitted.get_json()["task_id"]
    mock.clock.advance(10)
    assert submitted.headers["Content-Type"] == CHARSET
    assert mock.get(f"/{task_id}").headers["Content-Type"] == "application/json"
    assert mock.get("/video_never").headers["Content-Type"] == CHARSET
    assert mock.get(f"/download?id={task_id}").headers["Content-Type"] == CHARSET


def test_text_that_is_not_ascii_is_sent_as_itself() -> None:
    mock = opened(Plan(0, 0, Failure("任务执行失败 🎬")))
    answer = mock.get(f"/{mock.task_id(catalogue().family('sora').models[0])}")
    assert '"message":"任务执行失败 🎬"' in answer.data.decode()
