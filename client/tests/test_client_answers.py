"""Promises about what the answer to a submit means: taken, refused, or nobody knows."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_client import (
    ConfigurationError,
    NebulaError,
    RefusedError,
    Submission,
    SubmitUncertain,
    VideoClient,
)
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


@pytest.mark.parametrize(
    "body",
    [
        {"code": "SUCCESS", "data": {"task_id": SORA_ID}},
        {"code": "ok", "message": "done", "id": "t9"},
        {"code": "0", "message": "", "data": {}},
        {"error": {}, "id": "t9"},
        {"error": None, "data": {"id": "t9"}},
        {},
    ],
    ids=str,
)
def test_a_success_in_a_wrapper_nobody_knows_is_no_refusal(submit: Submit, body: dict[str, Any]) -> None:
    """Whoever is told that it was refused submits again, and pays twice."""
    with pytest.raises(SubmitUncertain):
        submit(told(body))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b'{"task_id": "' + SORA_ID.encode() + b'", "n": 1e999}', "r"),
        Answer(200, b'{"task_id": "' + SORA_ID.encode() + b'", "prompt": "\xff"}', "r"),
        Answer(200, b'{"task_id": "' + SORA_ID.encode() + b'"', "r"),
        Answer(200, b'{"task_id": "' + SORA_ID.encode() + b'"}', "r", {"Content-Length": "900"}),
        Answer(500, b'{"task_id": "' + SORA_ID.encode() + b'"}', "r"),
        Answer(409, b'{"message": "busy", "task_id": "' + SORA_ID.encode() + b'"}', "r"),
    ],
    ids=["overflow", "not UTF-8", "cut", "short", "500", "409"],
)
def test_a_task_id_that_arrived_is_not_thrown_away(submit: Submit, answer: Answer) -> None:
    with pytest.raises(SubmitUncertain, match=f"names task {SORA_ID}") as caught:
        submit(answer)
    assert caught.value.task_id == SORA_ID


def test_two_task_ids_are_no_hint(submit: Submit) -> None:
    with pytest.raises(SubmitUncertain) as caught:
        submit(Answer(500, b'{"task_id": "a", "other": {"task_id": "b"}}', "r"))
    assert caught.value.task_id is None


@pytest.mark.parametrize("status", [300, 303, 304])
def test_a_redirect_that_comes_after_the_deed_is_uncertain(submit: Submit, status: int) -> None:
    with pytest.raises(SubmitUncertain, match=f"HTTP {status}"):
        submit(Answer(status, b"", None, {"Location": "http://127.0.0.1:9/x"}))


@pytest.mark.parametrize("moment", ["recent", "on_submit", "wait"])
def test_an_interrupt_after_the_submit_names_the_task(tmp_path: Path, moment: str) -> None:
    """Ctrl-C at the wrong moment must not lose what was paid for."""

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    provider = Scripted(told({"task_id": SORA_ID}), told({"task_id": SORA_ID, "status": "queued"}))
    pause = interrupted if moment == "wait" else (lambda _: None)
    with VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, sleep=pause) as client:
        if moment == "recent":
            client._recent.submitted = interrupted  # type: ignore[method-assign, assignment]
        hook = interrupted if moment == "on_submit" else None
        with pytest.raises(KeyboardInterrupt) as caught:
            client.generate("A cat", tmp_path / "cat.mp4", model="sora-2", on_submit=hook)
    assert any(SORA_ID in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    "options",
    [{"on_update": 5}, {"on_submit": "x"}, {"timeout_s": 10**400}, {"timeout_s": "9"}, {"verify": "all"}],
)
def test_an_option_that_cannot_work_is_found_before_the_submit(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    provider = Scripted(told({"task_id": SORA_ID}))
    with (
        VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider) as client,
        pytest.raises(ConfigurationError),
    ):
        client.generate("A cat", tmp_path / "cat.mp4", model="sora-2", **options)
    assert provider.requests == []
