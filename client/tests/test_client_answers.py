"""Promises about what the answer to a submit means: taken, refused, or nobody knows."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_client import NebulaError, RefusedError, Submission, SubmitUncertain, VideoClient
from scripted import Answer, Scripted, told

SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
WAN_ID = "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97"

Submit = Callable[..., Submission]


@pytest.fixture
def submit() -> Iterator[Submit]:
    """Submits for Sora and gives the client that answer."""
    provider = Scripted()
    with VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, sleep=lambda _: None) as client:

        def submitted(answer: Answer, **parameters: Any) -> Submission:
            provider.script(answer)
            return client.submit("A cat", **({"model": "sora-2"} | parameters))

        yield submitted


def test_a_submission_holds_all_that_was_told(submit: Submit) -> None:
    body = {"task_id": SORA_ID, "status": "submitted", "format": "mp4", "metadata": {"progress": 0}}
    made = submit(told(body), seconds=8)
    assert made == Submission(
        task_id=SORA_ID,
        model="sora-2",
        status="submitted",
        price_usd=Decimal("0.80"),
        idempotency_key=str(UUID(made.idempotency_key)),
        request_id="20260101abc",
        metadata={"progress": 0},
        extra={"format": "mp4"},
    )


def test_a_bare_task_id_is_enough(submit: Submit) -> None:
    """Veo answers nothing else."""
    made = submit(told({"task_id": SORA_ID}))
    assert (made.task_id, made.status, dict(made.metadata), dict(made.extra)) == (SORA_ID, None, {}, {})


def test_a_model_nobody_knows_has_no_price(submit: Submit) -> None:
    assert submit(told({"task_id": SORA_ID}), model="sora-9").price_usd is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        ({"error": {"message": "no cats", "type": "policy", "code": "cats"}}, "cats", "policy"),
        ({"code": "cats", "message": "no cats", "data": None}, "cats", None),
        ({"error": {"message": "no cats", "type": "policy"}}, None, "policy"),
    ],
    ids=["e1", "e2", "e3"],
)
def test_a_refusal_is_told_in_the_providers_words(
    submit: Submit, status: int, body: dict[str, Any], code: str | None, kind: str | None
) -> None:
    with pytest.raises(RefusedError) as caught:
        submit(told(body, status))
    facts = vars(caught.value)
    assert str(UUID(facts["idempotency_key"])) == facts.pop("idempotency_key")
    assert facts == {
        "operation": "submit",
        "status": status,
        "code": code,
        "type": kind,
        "message": "no cats",
        "request_id": "20260101abc",
        "fields": (),
        "retry_after_s": None,
        "retryable": status in {429, 503},
        "attempts": 3 if status == 429 else 1,
    }


@pytest.mark.parametrize("body", [b"<html>No</html>", b'{"error": 15}  ', b'{"a":"message"}'])
def test_a_refusal_without_words_tells_how_much_came(submit: Submit, body: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        submit(Answer(403, body, None))
    assert (caught.value.message, caught.value.code) == ("no message in 15 bytes", None)


@pytest.mark.parametrize(
    "body",
    [
        {"code": "invalid_request", "message": "no cats", "data": None},
        {"error": {"message": "no cats", "type": "policy", "code": "invalid_request"}},
    ],
    ids=["e2", "e1"],
)
def test_an_error_body_with_status_200_is_a_refusal(submit: Submit, body: dict[str, Any]) -> None:
    """The gateway answers some bad requests so."""
    with pytest.raises(RefusedError) as caught:
        submit(told(body))
    error = caught.value
    assert (error.status, error.code, error.message) == (200, "invalid_request", "no cats")


@pytest.mark.parametrize("status", [500, 502, 504, 520])
def test_a_failing_gateway_may_have_passed_the_submit_on(submit: Submit, status: int) -> None:
    with pytest.raises(SubmitUncertain, match=f"HTTP {status}") as caught:
        submit(told({"error": {"message": "oops"}}, status))
    assert caught.value.request_id == "20260101abc"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(100, 599), st.binary() | st.from_regex(r'\{"(task_id|code|error)": .{0,20}\}').map(str.encode)
)
def test_every_answer_is_a_submission_or_an_error_of_ours(submit: Submit, status: int, body: bytes) -> None:
    """Whatever comes back for money, the caller learns it in a form to act on."""
    try:
        made = submit(Answer(status, body, None))
    except NebulaError as error:
        assert isinstance(error, RefusedError | SubmitUncertain)  # noqa: PT017 - which of two it is
    else:
        assert 200 <= status < 300
        assert made.task_id == json.loads(body)["task_id"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(told({"task_id": SORA_ID}, 202), id="202-with-task-id"),
        pytest.param(told({"task_id": SORA_ID}, 201), id="201-with-task-id"),
        pytest.param(
            told({"code": "success", "message": "", "data": {"task_id": SORA_ID}}), id="code-success"
        ),
        pytest.param(Answer(103, b"", None), id="103-early-hints"),
        pytest.param(Answer(408, b"", None), id="408-request-timeout"),
        *(
            pytest.param(
                told({"code": code, "message": "", "data": {"task_id": SORA_ID}}),
                id=f"code-{code!r}",
            )
            for code in (None, "", 0, 200)
        ),
    ],
)
def test_an_answer_that_does_not_say_no_is_no_refusal(submit: Submit, answer: Answer) -> None:
    """The envelope {"code": "success", "data": {...}} is how an earlier gateway answered every submit."""
    try:
        made = submit(answer)
    except SubmitUncertain:
        return
    assert made.task_id == SORA_ID


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "application/octet-stream", ""])
def test_a_task_id_that_was_paid_for_counts_whatever_the_answer_calls_itself(
    submit: Submit, media_type: str
) -> None:
    assert submit(told({"task_id": WAN_ID}, Content_Type=media_type)).task_id == WAN_ID


def test_a_gateways_503_says_nothing_about_the_task(submit: Submit) -> None:
    """The provider's own, which has a code, says that nothing was taken."""
    with pytest.raises(SubmitUncertain, match="HTTP 503"):
        submit(Answer(503, b"<html>Service unavailable</html>"))
