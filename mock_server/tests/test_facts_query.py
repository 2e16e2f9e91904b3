"""Facts about query answers, in the dialect where they hold."""

from typing import Any, get_args

import pytest

from asking import JUST_AFTER_A_PASS, LEAST, REFUSED, Consumer
from nebula_mock import Failure, Plan
from nebula_schemas import contract
from nebula_schemas.catalogue import Dialect, catalogue

DIALECTS = get_args(Dialect)
FAMILIES = sorted(LEAST)
SLOW = Plan(20, 20)
SLOW_FAILURE = Plan(20, 20, Failure("refused by policy", "content_policy_violation"))
both = pytest.mark.parametrize("dialect", DIALECTS)
every_family = pytest.mark.parametrize("family", FAMILIES)


def seen_of(dialect: Dialect, family: str, plan: Plan = SLOW) -> list[dict[str, Any]]:
    """The answers about one task, from its submit to its end."""
    asked = Consumer(dialect, plan=plan)
    task_id = asked.submit(LEAST[family])["task_id"]
    return [asked.query(task_id, after_s=seconds) for seconds in (0, 12, 20, 28)]


@pytest.mark.proves(
    "query.envelope", "query.format", "query.progress", "query.aug-2025", "query.metadata.every-status"
)
@every_family
@both
def test_every_answer_is_the_envelope_and_nothing_else(dialect: Dialect, family: str) -> None:
    """No progress at its top, no data inside an outer object; mp4 and metadata in every status."""
    for plan in (SLOW, SLOW_FAILURE):
        for body in seen_of(dialect, family, plan):
            assert set(body) <= {"task_id", "status", "url", "format", "metadata", "error"}
            assert {"task_id", "status", "format", "metadata"} <= set(body)
            assert body["format"] == "mp4"
            assert isinstance(body["metadata"], dict)
            assert body["status"] == body["status"].lower()


@pytest.mark.proves("status.order", "status.terminal", "status.veo")
@every_family
@both
def test_statuses_come_in_order_and_the_end_stays(dialect: Dialect, family: str) -> None:
    order = ["unknown", "submitted", "queued", "in_progress", "succeeded"]
    statuses = [body["status"] for body in seen_of(dialect, family)]
    assert statuses == sorted(statuses, key=order.index)
    assert statuses[-1] == "succeeded"


# The upstream's word in metadata, and the provider's.
@pytest.mark.parametrize(
    ("family", "words"),
    [
        pytest.param(
            "sora",
            {("queued", "queued"), ("in_progress", "in_progress"), ("completed", "succeeded"), ("failed", "failed")},
            marks=pytest.mark.proves("status.sora"),
        ),
        pytest.param(
            "seedance",
            {("queued", "queued"), ("running", "in_progress"), ("succeeded", "succeeded"), ("failed", "failed")},
            marks=pytest.mark.proves("status.seedance"),
        ),
    ],
)  # fmt: skip
def test_the_upstreams_word_is_turned_into_the_providers(family: str, words: set[tuple[str, str]]) -> None:
    bodies = [body for plan in (SLOW, SLOW_FAILURE) for body in seen_of("gateway", family, plan)]
    pairs = {(body["metadata"]["status"], body["status"]) for body in bodies if body["status"] != "unknown"}
    assert pairs == words


@pytest.mark.proves("status.wan")
def test_wans_words_are_turned_into_the_providers() -> None:
    bodies = [body for plan in (SLOW, SLOW_FAILURE) for body in seen_of("gateway", "wan", plan)]
    pairs = {
        (body["metadata"]["output"]["task_status"], body["status"])
        for body in bodies
        if body["status"] != "unknown"
    }
    assert pairs == {
        ("PENDING", "in_progress"), ("RUNNING", "in_progress"), ("SUCCEEDED", "succeeded"), ("FAILED", "failed"),
    }  # fmt: skip


@pytest.mark.proves("status.sora.other")
def test_the_upstreams_word_is_open_and_the_providers_is_not() -> None:
    upstream = {"id": "video_" + "0" * 32, "status": "remastering"}
    body = {"task_id": upstream["id"], "status": "remastering", "format": "mp4", "metadata": upstream}
    assert contract().violations("query/metadata-sora", upstream) == ()
    assert [one.json_path for one in contract().violations("query/response", body)] == ["$.status"]
    assert contract().violations("query/response", {**body, "status": "in_progress"}) == ()


BLOCKED = {
    "billing_pending", "billing_processed", "group_ratio", "user_group_ratio", "model_price", "ossFiles",
    "token_id", "name", "oem_code", "oem_user_discount",
}  # fmt: skip


@pytest.mark.proves("query.metadata.blocklist")
@every_family
@both
def test_metadata_never_tells_what_the_gateway_takes_out(dialect: Dialect, family: str) -> None:
    for plan in (SLOW, SLOW_FAILURE):
        for body in seen_of(dialect, family, plan):
            assert not BLOCKED & set(body["metadata"])


@pytest.mark.proves("query.metadata.own")
def test_the_gateways_own_fields_stay_in_metadata() -> None:
    first, *_, last = seen_of("gateway", "veo")
    own = {
        "token_name": "default", "model_name": "veo-3.1-generate-preview", "requested_seconds": 4,
        "durationSeconds": 4, "generateAudio": False, "sampleCount": 1,
    }  # fmt: skip
    assert own.items() <= first["metadata"].items()
    assert own.items() <= last["metadata"].items()
    assert (first["metadata"]["generate_audio"], "generate_audio" in last["metadata"]) == (False, False)


@pytest.mark.proves(
    "query.failed-is-200", "errors.failed-is-200", "query.veo.failed", "query.error.message", "status.veo"
)
@every_family
@both
def test_a_failed_task_is_a_200_with_the_upstreams_reason(dialect: Dialect, family: str) -> None:
    body = Consumer(dialect, plan=REFUSED).ended(LEAST[family])  # which asserts the status 200
    assert body["status"] == "failed"
    if not (family == "wan" and dialect == "documented"):
        assert body["error"] == {"code": 400, "message": "refused by policy"}


@pytest.mark.proves("query.seedance.failed")
@both
def test_a_failed_seedance_task_tells_its_reason_three_times(dialect: Dialect) -> None:
    body = Consumer(dialect, plan=REFUSED).ended(LEAST["seedance"])
    inner = body["metadata"]["error"]
    assert (set(inner), inner["message"]) == ({"code", "message", "type"}, "refused by policy")
    assert body["metadata"]["reason"] == body["error"]["message"] == "refused by policy"
    assert body["error"]["code"] == 400


@pytest.mark.proves("query.veo.data-uri", "query.veo.older-metadata")
@both
def test_a_video_of_veo_may_stand_in_the_answer(dialect: Dialect) -> None:
    body = Consumer(dialect, video_results="data-uri").ended(LEAST["veo"])
    (video,) = body["metadata"]["response"]["videos"]
    assert body["url"].startswith("data:video/mp4;base64,AAAAIGZ0eXBpc29t")
    assert set(video) == {"mimeType", "encoding", "bytesBase64Encoded"}
    assert len(video["bytesBase64Encoded"]) < 100
    assert body["metadata"]["response"]["raiMediaFilteredCount"] == 0


@pytest.mark.parametrize(
    ("family", "signed"),
    [
        pytest.param("wan", "Expires=", marks=pytest.mark.proves("query.wan.url")),
        pytest.param("seedance", "X-Tos-Expires=86400", marks=pytest.mark.proves("query.seedance.url")),
    ],
)
@both
def test_a_url_is_signed_for_a_day(dialect: Dialect, family: str, signed: str) -> None:
    url: str = Consumer(dialect).ended(LEAST[family])["url"]
    assert signed in url.partition("?")[2]
    if family == "wan":
        ends_at = int(JUST_AFTER_A_PASS + 10)
        assert f"Expires={ends_at + 86_400}&" in url


@pytest.mark.proves("query.sora.progress-bands", "query.progress")
def test_progress_of_sora_keeps_to_its_bands() -> None:
    asked = Consumer(plan=SLOW)
    task_id = asked.submit(LEAST["sora"])["task_id"]
    bands = {"queued": range(21), "in_progress": range(20, 100), "succeeded": range(100, 101)}
    for _ in range(41):
        body = asked.query(task_id)
        assert body["metadata"]["progress"] in bands[body["status"]]
        asked.clock.advance(1)
    assert body["status"] == "succeeded"


@pytest.mark.proves("query.sora.url", "query.veo.url")
@both
def test_sora_alone_has_no_url(dialect: Dialect) -> None:
    with_url = [family for family in FAMILIES if Consumer(dialect).ended(LEAST[family]).get("url")]
    assert with_url == [family.name for family in catalogue().families if family.name != "sora"]


@pytest.mark.proves("query.wan.metadata")
@both
def test_wans_metadata_tells_times_and_prompts(dialect: Dialect) -> None:
    metadata = Consumer(dialect).ended(LEAST["wan"])["metadata"]
    assert {"request_id", "output", "usage"} <= set(metadata)
    assert set(metadata["output"]) == {
        "task_id", "task_status", "video_url", "submit_time", "scheduled_time", "end_time", "orig_prompt",
        "actual_prompt",
    }  # fmt: skip
