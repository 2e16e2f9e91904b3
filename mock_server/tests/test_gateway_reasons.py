"""What the gateway makes of an upstream's words: Wan's usage as it came, and a reason where none came."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import LEAST, PICTURE, Consumer
from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_schemas import contract

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-gateway"}


def ended(body: dict[str, Any], plan: Plan | None = None) -> dict[str, Any]:
    """The answer about a task of the gateway that has ended."""
    clock = ManualClock(1_763_812_800.0)
    settings = Settings(dialect="gateway", clock="manual", plan=plan or Plan())
    client = create_app(settings, provider=settings.provider(clock)).test_client()
    task_id = client.post(GENERATIONS, json=body, headers=KEY).get_json()["task_id"]
    clock.advance(30)
    answer: dict[str, Any] = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
    contract().check("query/response", answer)
    return answer


@pytest.mark.proves("query.wan.usage.gateway")
@pytest.mark.parametrize(
    ("body", "usage"),
    [
        (
            {"model": "wan2.5-i2v-preview", "image": PICTURE, "resolution": "1080p"},
            {"SR": 1080, "duration": 5, "video_count": 1},
        ),
        (
            {"model": "wan2.5-t2v-preview", "size": "832*480", "duration": 10},
            {"video_duration": 10, "video_ratio": "832*480", "video_count": 1},
        ),
    ],
    ids=["i2v", "t2v"],
)
def test_the_gateway_passes_the_usage_of_wans_upstream_on_as_it_is(
    body: dict[str, Any], usage: dict[str, Any]
) -> None:
    assert ended({"prompt": "A cat", **body})["metadata"]["usage"] == usage


@pytest.mark.proves("query.error.message")
def test_a_failure_without_a_reason_gets_the_gateways_own_sentence() -> None:
    error = ended({"model": "sora-2", "prompt": "A cat"}, Plan(failure=Failure("")))["error"]
    assert error == {"code": 400, "message": "任务执行失败"}


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(LEAST)),
    st.dictionaries(
        st.sampled_from(
            ["duration", "seconds", "durationSeconds", "fps", "size", "resolution", "image", "seed"]
        ),
        st.integers() | st.text(max_size=5) | st.none() | st.just(PICTURE),
    ),
)
def test_no_value_that_only_the_upstream_refuses_is_an_internal_error(
    family: str, more: dict[str, Any]
) -> None:
    """The price is told before the upstream is asked, and must not need what it will refuse."""
    answer = Consumer("gateway").post({**LEAST[family], **more})
    assert answer.status_code in {200, 400}


@pytest.mark.parametrize("seconds", [-1, 61, 10**9])
def test_a_duration_that_wans_upstream_does_not_make_is_its_refusal(seconds: int) -> None:
    answer = Consumer("gateway").post({**LEAST["wan"], "duration": seconds})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "fail_to_fetch_task")
