"""Promises of submit and query as the provider's documents give them, for every model."""

import re
from typing import Any

import pytest

from nebula_mock import Failure, Plan
from nebula_schemas import contract
from nebula_schemas.catalogue import Family, Model, catalogue
from opened import Opened, least, opened

MODELS = [(family, model) for family in catalogue().families for model in family.models]
REFUSED = Failure("Blocked by the safety system", "content_policy_violation")

every_model = pytest.mark.parametrize(("family", "model"), MODELS, ids=lambda value: getattr(value, "id", ""))
every_family = pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
url_families = pytest.mark.parametrize(
    "family", [family for family in catalogue().families if family.delivery == "url"], ids=lambda f: f.name
)


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
