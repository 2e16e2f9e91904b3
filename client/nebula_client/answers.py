"""What an answer means: a submission, a task, or which error."""

import re
from typing import Any

from nebula_client.errors import BrokenContractError, ConfigurationError, SubmitUncertainError
from nebula_client.models import Submission, Task, submission_from, task_from
from nebula_client.request_rules import expected
from nebula_client.transport import Answer, refusal_from

OK = 200

_SUCCESSES = range(200, 300)
_NOT_TAKEN = range(300, 500)  # a redirect is not followed, so nobody has the request
# Exceptions to that: a 408 may come from a gateway after the task was taken, and a 503 is how
# this provider says that it has no channel for the model.
_SAYS_NO = {408: False, 503: True}
# A gateway that wraps its answers also wraps successes, with one of these as their code.
_CODES_OF_NO_ERROR = (None, "", "success", 0, OK)
# Dots alone would lead to another path.
_TASK_ID = re.compile(r"(?!\.+$)[A-Za-z0-9._~-]{1,512}")


def submission_in(answer: Answer, body: dict[str, Any], key: str, sent_at: str) -> Submission:
    """The submission an answer tells of.

    Args:
        answer: The answer to the submit.
        body: The body that was sent.
        key: The idempotency key that was sent.
        sent_at: When, ISO 8601 in UTC.

    Raises:
        RefusedError: A complete answer says that the task was not taken.
        SubmitUncertainError: The answer does not tell; the task may exist.
    """
    if _SAYS_NO.get(answer.status, answer.status in _NOT_TAKEN):
        raise refusal_from("submit", answer)
    if answer.status not in _SUCCESSES:
        raise SubmitUncertainError(f"HTTP {answer.status}", sent_at, key, answer.request_id)
    try:
        told = answer.json_object()
    except ValueError as error:
        raise SubmitUncertainError(str(error), sent_at, key, answer.request_id) from error
    task_id = told.get("task_id")
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        if isinstance(told.get("error"), dict) or told.get("code") not in _CODES_OF_NO_ERROR:
            raise refusal_from("submit", answer)  # an error body with status 200
        raise SubmitUncertainError("the answer has no usable task_id", sent_at, key, answer.request_id)
    prospect = expected(body)
    return submission_from(
        told,
        model=body["model"],
        price_usd=prospect[0] if prospect else None,
        idempotency_key=key,
        request_id=answer.request_id,
    )


def task_in(answer: Answer, task_id: str) -> Task:
    """The task a 200 answer to a query tells of.

    Raises:
        BrokenContractError: It is no JSON object, of another task, or has no status.
    """
    try:
        told = answer.json_object()
    except ValueError as error:
        raise BrokenContractError("query", str(error), task_id) from error
    if told.get("task_id") != task_id:
        found = repr(told.get("task_id"))
        raise BrokenContractError("query", f"found task_id {found}, expected the one asked for", task_id)
    if not isinstance(told.get("status"), str):
        found = repr(told.get("status"))
        raise BrokenContractError("query", f"found status {found}, expected text", task_id)
    return task_from(told, answer.request_id)


def checked_id(task_id: str) -> str:
    """``task_id``, when it may go into a path.

    Raises:
        ConfigurationError: No family has ids of that form.
    """
    if not _TASK_ID.fullmatch(task_id):
        message = f"Found task id {task_id[:80]!r}, expected 1 to 512 letters, digits, dots, dashes, tildes or underscores."
        raise ConfigurationError(message)
    return task_id
