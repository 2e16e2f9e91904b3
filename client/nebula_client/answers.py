"""What an answer means: a submission, a task, or which error."""

import contextlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from nebula_client.errors import (
    BrokenContractError,
    ConfigurationError,
    NebulaError,
    RefusedError,
    ResultExpired,
    SubmitUncertain,
    UnexpectedRedirect,
)
from nebula_client.failures import LostAnswerError
from nebula_client.models import Submission, Task, submission_from, task_from
from nebula_client.reply import TASK_ID, Reply
from nebula_client.strict_json import DocumentError

_log = logging.getLogger("nebula_client")

_REDIRECTS = range(300, 400)
_REFUSALS = range(400, 500)
# These redirects ask for the same request elsewhere, so it was not done here; a 303 comes after it was.
_ASKED_ELSEWHERE = frozenset({301, 302, 307, 308})
_TIMED_OUT, _NO_CHANNEL, _GONE, _FORBIDDEN = 408, 503, 410, 403
# A gateway that wraps its answers also wraps successes, with one of these as their code.
_CODES_OF_NO_ERROR = frozenset({"", "success", "ok", "0", "200"})
_JSON_TYPES = re.compile(r"(application/([a-z0-9.-]+\+)?json|text/json)?")
_DOCUMENT_TYPES = re.compile(r"text/.*|application/(.*\+)?(json|xml|xhtml)|application/problem.*")


def submission_in(
    reply: Reply, model: str, key: str, sent_at: str, *, price_usd: Decimal | None
) -> Submission:
    """The submission an answer tells of.

    Its type does not matter as long as it can be read: a task id that came under the wrong name was paid for.

    Args:
        reply: The answer to the submit.
        model: The model it was sent to.
        key: The idempotency key that was sent.
        sent_at: When, ISO 8601 in UTC.
        price_usd: What it costs if it succeeds, or None.

    Raises:
        RefusedError: A complete answer says that the task was not taken.
        SubmitUncertain: The answer does not tell; the task may exist.
        LostAnswerError: It is no success, and broke off.
    """

    def uncertain(what: str) -> SubmitUncertain:
        error = SubmitUncertain(what, sent_at, key, reply.request_id, reply.status)
        error.task_id = reply.hinted_task_id
        return error

    if not reply.is_success:
        refusal = refusal_in("submit", reply)
        if _says_no(reply, refusal) and reply.hinted_task_id is None:
            raise refusal
        raise uncertain(
            f"HTTP {reply.status}, {refusal.code or refusal.type or 'no code'}: {refusal.message}"
        )
    told = _readable(reply, uncertain)
    task_id = told.get("task_id")
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        if _is_refusal(told):
            raise refusal_from("submit", reply, told)  # an error body with status 200
        raise uncertain("the answer has no usable task_id")
    if not _JSON_TYPES.fullmatch(reply.media_type):
        _log.warning("the answer to the submit says it is %s, expected application/json", reply.media_type)
    return submission_from(
        told,
        model=model,
        price_usd=price_usd,
        idempotency_key=key,
        request_id=reply.request_id,
    )


def _readable(reply: Reply, uncertain: Callable[[str], SubmitUncertain]) -> dict[str, Any]:
    """The members of a success; what cannot be read to its end may be one all the same."""
    try:
        return reply.json_object()
    except DocumentError as error:
        raise uncertain(str(error)) from error
    except LostAnswerError as error:
        lost = str(error)
    raise uncertain(lost)  # outside the handler: a kept error would else keep the connection


def _is_refusal(told: Mapping[str, Any]) -> bool:
    """Whether a success without a task id says in so many words that it is none; else a task may exist."""
    error = told.get("error")
    if isinstance(error, dict) and any(error.get(name) for name in ("message", "code", "type")):
        return True
    code = told.get("code")
    is_error_code = isinstance(code, str | int) and str(code).casefold() not in _CODES_OF_NO_ERROR
    return is_error_code and bool(_text(told.get("message"))) and not told.get("data") and not told.get("id")


def _says_no(reply: Reply, refusal: RefusedError) -> bool:
    """Whether an answer that is no success surely means that nothing was taken.

    A 408 may come from a gateway after the task was taken. A 503 is how this provider says, in its own
    words, that it has no channel for the model; from a gateway, in a page of HTML, it says nothing, unless it
    names a time to come back.
    """
    if reply.status == _NO_CHANNEL:
        return reply.retry_after_s is not None or refusal.code is not None or refusal.type is not None
    return (reply.status in _REFUSALS and reply.status != _TIMED_OUT) or reply.status in _ASKED_ELSEWHERE


def task_in(reply: Reply, task_id: str) -> Task:
    """The task a successful answer to a query tells of.

    Raises:
        BrokenContractError: It is no JSON object, of another task, or has no status.
        RefusedError: It is an error in an answer that calls itself a success.
        LostAnswerError: It broke off.
    """
    refuse_unless_json("query", reply, task_id)
    try:
        told = reply.task_members()
    except DocumentError as error:
        raise malformed("query", str(error), task_id) from error
    if told.get("task_id") is None and isinstance(told.get("error"), dict):
        raise refusal_from("query", reply, told)
    if told.get("task_id") != task_id:
        found = repr(told.get("task_id"))[:80]
        raise BrokenContractError("query", f"found task_id {found}, expected the one asked for", task_id)
    if not isinstance(told.get("status"), str):
        found = repr(told.get("status"))[:80]
        raise malformed("query", f"found status {found}, expected text", task_id)
    return task_from(told, reply.request_id, reply.retry_after_s)


def malformed(operation: str, what: str, task_id: str | None) -> BrokenContractError:
    """An answer that cannot be read; one like it may be whole the next time, so it may be asked for again."""
    error = BrokenContractError(operation, what, task_id)
    error.retryable = True
    return error


def refuse_unless_json(operation: str, reply: Reply, task_id: str) -> None:
    """Refuse an answer that is no JSON by its own word; one without a type is read as JSON.

    Raises:
        BrokenContractError: It is something else, such as a proxy's page of HTML.
    """
    if not _JSON_TYPES.fullmatch(reply.media_type):
        raise malformed(
            operation, f"found an answer of type {reply.media_type}, expected application/json", task_id
        )


def refuse_a_document(reply: Reply, task_id: str) -> None:
    """Refuse a result that is a page or a message by its own word, not a file.

    Raises:
        BrokenContractError: It is.
    """
    if _DOCUMENT_TYPES.fullmatch(reply.media_type):
        raise malformed("result", f"found an answer of type {reply.media_type}, expected video/mp4", task_id)


def refusal_in(operation: str, reply: Reply) -> RefusedError:
    """The refusal that an answer other than a success tells of, whichever envelope it uses.

    Raises:
        LostAnswerError: It broke off.
    """
    told, length = reply.told()
    if reply.status not in _REDIRECTS:
        return refusal_from(operation, reply, told, length)
    return UnexpectedRedirect(
        operation, reply.status, target=reply.redirect_target, request_id=reply.request_id
    )


def refusal_from(operation: str, reply: Reply, told: Mapping[str, Any], length: int = 0) -> RefusedError:
    """The refusal that the members of an answer tell of."""
    error = told.get("error")
    inner = error if isinstance(error, dict) else told
    is_expired = reply.status == _GONE or (operation, reply.status) == ("result", _FORBIDDEN)
    kind = ResultExpired if is_expired and operation in {"download", "result"} else RefusedError
    fields = inner.get("fields", inner.get("details", inner.get("errors", told.get("detail"))))
    refusal = kind(
        operation,
        reply.status,
        code=_text(inner.get("code")),
        type=_text(inner.get("type")),
        message=_text(inner.get("message")) or f"no message in {length} bytes",
        request_id=reply.request_id,
        fields=tuple(fields) if isinstance(fields, list) else (),
    )
    refusal.retry_after_s = reply.retry_after_s
    return refusal


@contextlib.contextmanager
def about(task_id: str) -> Iterator[None]:
    """Every error of the block is about that task, whoever raised it."""
    try:
        yield
    except NebulaError as error:
        error.task_id = error.task_id or task_id
        raise


def checked_id(task_id: object) -> str:
    """``task_id``, when it may go into a path.

    Raises:
        ConfigurationError: No family has ids of that form.
    """
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        message = f"Found task id {repr(task_id)[:80]}, expected 1 to 512 letters, digits, dots, dashes, tildes or underscores."
        raise ConfigurationError(message)
    return task_id


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
