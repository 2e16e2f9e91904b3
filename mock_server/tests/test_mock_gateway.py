"""The gateway dialect: what differs from the documents, as the published server source behaves."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.core.account import Keyring
from nebula_mock.core.lifecycle import last_pass
from nebula_mock.core.refusal import RefusalError
from nebula_schemas import contract
from nebula_schemas.catalogue import catalogue

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-gateway"}
NOON = 1_763_812_800.0  # a whole multiple of the poller's period
LEAST: dict[str, dict[str, Any]] = {
    "sora": {"model": "sora-2", "prompt": "A cat"},
    "veo": {"model": "veo-3.0-generate-001", "prompt": "A cat"},
    "wan": {"model": "wan2.5-t2v-preview", "prompt": "A cat"},
    "seedance": {
        "model": "doubao-seedance-1-0-pro-250528",
        "metadata": {"content": [{"type": "text", "text": "A cat"}]},
    },
}
FAMILIES = [family.name for family in catalogue().families]


class Gateway:
    """A gateway without a socket, its clock five seconds past a pass of the poller."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.clock = ManualClock(NOON + 5)
        settings = Settings(dialect="gateway", clock="manual", plan=plan or Plan())
        self.client: FlaskClient = create_app(settings, provider=settings.provider(self.clock)).test_client()

    def submit(self, family: str, **more: Any) -> dict[str, Any]:
        """The body of the answer to the least submit of a family."""
        answer = self.client.post(GENERATIONS, json={**LEAST[family], **more}, headers=KEY)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.get_json()
        return body

    def query(self, task_id: str) -> dict[str, Any]:
        """The body of the answer to a query, which keeps the contract."""
        body: dict[str, Any] = self.client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
        contract().check("query/response", body)
        return body


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@given(st.floats(0, 1e9), st.floats(0, 1e6), st.floats(1, 100))
def test_the_poller_never_sees_the_future_nor_what_was_not_there(
    submitted_at: float, later: float, period_s: float
) -> None:
    now = submitted_at + later
    at = last_pass(submitted_at, now, period_s)
    assert at is None or submitted_at < at <= now
    assert at is not None or later <= 2 * period_s


@pytest.mark.proves("status.unknown")
@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_task_is_unknown_until_the_poller_comes_round(family: str) -> None:
    gateway = Gateway()
    task_id = gateway.submit(family)["task_id"]
    seen = []
    for _ in range(7):
        seen.append(gateway.query(task_id)["status"])
        gateway.clock.advance(4)
    assert seen[:3] == ["unknown"] * 3
    assert seen[3:] == ["in_progress" if status == "in_progress" else "succeeded" for status in seen[3:]]
    assert seen[-1] == "succeeded"


@pytest.mark.proves("status.lag")
def test_a_status_lags_behind_by_up_to_a_period() -> None:
    """Done after ten seconds, known after fifteen: the poller passes at 10 s and at 25 s."""
    gateway = Gateway()
    task_id = gateway.submit("sora")["task_id"]
    gateway.clock.advance(9.9)
    assert gateway.query(task_id)["status"] == "unknown"
    gateway.clock.advance(0.1)
    assert gateway.query(task_id)["status"] == "succeeded"


@pytest.mark.proves("status.veo", "status.wan")
def test_families_without_a_queue_upstream_are_never_queued() -> None:
    waits = {}
    for family in FAMILIES:
        gateway = Gateway(Plan(waiting_s=60))
        task_id = gateway.submit(family)["task_id"]
        gateway.clock.advance(20)
        waits[family] = gateway.query(task_id)["status"]
    assert waits == {"sora": "queued", "seedance": "queued", "veo": "in_progress", "wan": "in_progress"}


@pytest.mark.proves("query.url.empty")
@pytest.mark.parametrize("family", FAMILIES)
def test_url_is_always_there_and_empty_without_a_video(family: str) -> None:
    gateway = Gateway()
    task_id = gateway.submit(family)["task_id"]
    assert gateway.query(task_id)["url"] == ""
    gateway.clock.advance(30)
    assert (gateway.query(task_id)["url"] == "") == (family == "sora")


@pytest.mark.proves("query.error.code", "query.wan.failed.gateway")
@pytest.mark.parametrize("family", FAMILIES)
def test_every_failed_task_has_an_error_with_the_number_400(family: str) -> None:
    gateway = Gateway(Plan(failure=Failure("refused by policy")))
    task_id = gateway.submit(family)["task_id"]
    gateway.clock.advance(30)
    body = gateway.query(task_id)
    assert (body["status"], body["error"]) == ("failed", {"code": 400, "message": "refused by policy"})


@pytest.mark.proves("submitted.sora.gateway", "submitted.wan.gateway", "submitted.veo", "submitted.seedance")
def test_submit_answers_have_the_shapes_of_the_source(gateway: Gateway) -> None:
    shapes = {family: list(gateway.submit(family)) for family in FAMILIES}
    assert shapes == {
        "sora": ["task_id", "status", "format", "metadata"],
        "veo": ["task_id"],
        "wan": ["task_id", "status_code", "request_id", "code", "message", "output", "status"],
        "seedance": ["task_id", "status"],
    }


@pytest.mark.proves("errors.gateway.unknown-task", "envelope.e2")
def test_an_unknown_task_is_a_400_of_the_task_layer(gateway: Gateway) -> None:
    answer = gateway.client.get(f"{GENERATIONS}/none", headers=KEY)
    expected = {"code": "task_not_exist", "message": "task_not_exist", "data": None}
    assert (answer.status_code, answer.get_json()) == (400, expected)


@pytest.mark.proves("auth.lenient-prefixes", "auth.channel-suffix")
@pytest.mark.parametrize(
    ("authorization", "answer"),
    [
        ("Bearer sk-abc", "sk-abc"),
        ("sk-abc", "sk-abc"),
        ("abc", "sk-abc"),
        ("Bearer abc", "sk-abc"),
        (None, "missing-key"),
        ("Bearer", "invalid-key"),
        ("Basic abc", "invalid-key"),
        ("Bearer sk-abc-7", "channel-suffix"),
        ("Bearer sk-", "invalid-key"),
    ],
)
def test_prefixes_of_a_key_may_be_left_out_and_a_channel_may_not_be_named(
    authorization: str | None, answer: str
) -> None:
    try:
        found = Keyring().account(authorization, "gateway")
    except RefusalError as refusal:
        found = refusal.problem_id
    else:
        answer = Keyring().account(f"Bearer {answer}")
    assert found == answer


@pytest.mark.proves("seedance.placeholder")
def test_a_seedance_task_without_content_is_taken_with_a_placeholder(gateway: Gateway) -> None:
    """It makes, and charges, an unrelated video: the costliest of the source's leniencies."""
    body = {"model": LEAST["seedance"]["model"], "prompt": "A cat"}
    answer = gateway.client.post(GENERATIONS, json=body, headers=KEY)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "submitted")


@pytest.mark.proves("seedance.no-metadata")
def test_content_may_stand_at_the_top_where_metadata_is_absent(gateway: Gateway) -> None:
    content = [{"type": "text", "text": "A cat --dur 10"}]
    body = {"model": LEAST["seedance"]["model"], "content": content}
    task_id = gateway.client.post(GENERATIONS, json=body, headers=KEY).get_json()["task_id"]
    assert gateway.query(task_id)["metadata"]["duration"] == 10


@pytest.mark.proves("errors.gateway.seedance-200")
@pytest.mark.parametrize("metadata", [5, "text", [], {"content": "A cat"}, {"content": {}}])
def test_content_of_the_wrong_type_is_an_error_with_status_200(gateway: Gateway, metadata: object) -> None:
    body = {"model": LEAST["seedance"]["model"], "metadata": metadata}
    answer = gateway.client.post(GENERATIONS, json=body, headers=KEY)
    expected = {"code": "invalid_request", "message": "请求格式错误", "data": None}
    assert (answer.status_code, answer.get_json()) == (200, expected)
