"""What can go wrong, one class for each thing a caller would handle differently.

    NebulaError
     +- ConfigurationError      nothing was sent: the key, the address or an argument cannot work
     +- UnreachableError        no whole answer; the request certainly changed nothing
     +- RefusedError            the provider said no
     |   +- UnexpectedRedirect  it pointed elsewhere; neither key nor prompt went there
     |   +- ResultExpired       the task succeeded, and its video is kept no longer
     +- SubmitUncertain         a submit may or may not have been taken; it was not sent again
     +- BrokenContractError     an answer is not what the contract promises
     |   +- IntegrityError      a video came that is not the one promised
     +- TaskFailed              the provider could not make the video; nothing is charged
     |   +- TaskCancelled       somebody called the task off
     +- WaitTimeoutError        gave up waiting; the task goes on and can be waited for again
     +- OutputError             the file cannot be written; the video can be downloaded again

What happened to a task or a submit has its plain name, what went wrong with a call is an Error.
Facts are attributes, the same on every class; the message is made from them. Text of the provider
is capped and made printable, and no message ever holds the key.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nebula_client.models import Task

LONGEST_EXCERPT = 2048
"""Characters of the provider's words that an error keeps."""
_LONGEST_QUOTE = 300


def quoted(text: str) -> str:
    """Text of the provider, made safe to show: control characters escaped, long text cut."""
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:_LONGEST_QUOTE])
    return shown if len(text) <= _LONGEST_QUOTE else f"{shown}... ({len(text)} characters)"


def _call(operation: str | None) -> str:
    """An operation as a sentence names it."""
    return "download of the result" if operation == "result" else str(operation)


class NebulaError(Exception):
    """Anything this client raises.

    Attributes:
        operation: ``submit``, ``query``, ``download`` or ``result`` (the file behind a result URL);
            None where nothing was sent.
        status: HTTP status of the last answer, or None.
        request_id: ``X-Oneapi-Request-Id`` of the last answer, or None.
        task_id: The task, once it is known.
        idempotency_key: What the submit carried as ``Idempotency-Key``, or None where none was made.
        attempts: Requests tried for the call, from 0.
        retry_after_s: Seconds after which the provider would be asked again, from 0, perhaps infinite; None where it
            does not say.
        retryable: Whether the same call may be made again without paying twice and with hope.
    """

    operation: str | None = None
    status: int | None = None
    request_id: str | None = None
    task_id: str | None = None
    idempotency_key: str | None = None
    attempts: int = 0
    retry_after_s: float | None = None
    retryable: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """The facts travel, so that an error raised in a worker process arrives whole."""
        return _restored, (type(self), self.args, dict(vars(self)))


def _restored(kind: type[NebulaError], args: tuple[Any, ...], facts: dict[str, Any]) -> NebulaError:
    error = kind.__new__(kind)
    error.args = args
    vars(error).update(facts)
    return error


class ConfigurationError(NebulaError, ValueError):
    """The key, the address or an argument cannot work. Nothing was sent."""


class UnreachableError(NebulaError):
    """The provider gave no whole answer, and the request changed nothing: it is safe to send again.

    Attributes:
        reason: What the transport said.
        address: Scheme, host and port that were asked; of a result URL its path too, never its query.
        was_sent: Whether a byte of the request left; always False for a submit.
    """

    retryable = True

    def __init__(
        self, operation: str, reason: str, *, address: str = "", retryable: bool = True, was_sent: bool = True
    ) -> None:
        """Keep the facts."""
        super().__init__(operation, reason)
        self.operation = operation
        self.reason = reason
        self.address = address
        self.retryable = retryable
        self.was_sent = was_sent

    def __str__(self) -> str:
        """What failed where, and whether trying again helps."""
        where = f" from {quoted(self.address)}" if self.address else ""
        tried = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        again = (
            "it is safe to try again"
            if self.retryable
            else "trying again will not help before this is mended"
        )
        whose = f" Task {self.task_id} goes on at the provider." if self.task_id else ""
        return f"No answer to the {_call(self.operation)}{where}{tried}: {quoted(self.reason)}. Nothing changed; {again}.{whose}"


class RefusedError(NebulaError):
    """The provider refused the request with a complete answer.

    Attributes:
        code: The provider's error code, or None.
        type: The provider's error type, or None.
        message: The provider's words, at most 2,048 characters.
        fields: What the answer says about single fields, in its own shape (HTTP 422); empty where nothing.
    """

    def __init__(
        self,
        operation: str,
        status: int,
        *,
        code: str | None,
        type: str | None,  # noqa: A002 - the provider's word
        message: str,
        request_id: str | None,
        fields: tuple[Any, ...] = (),
    ) -> None:
        """Keep the facts."""
        super().__init__(operation, status, code, type, message[:LONGEST_EXCERPT], request_id)
        self.operation = operation
        self.status = status
        self.code = code
        self.type = type
        self.message = message[:LONGEST_EXCERPT]
        self.request_id = request_id
        self.fields = fields
        self.retryable = status in _PASSING or status >= _SERVER_ERROR

    def __str__(self) -> str:
        """Who said no to what, in whose words, and what to look at."""
        code = quoted(self.code or self.type or "no code")
        advice = _ADVICE.get((self.operation, self.status), _ADVICE.get(("any", self.status), ""))
        if self.retry_after_s is not None:
            advice = f" It asks to wait {self.retry_after_s:g} s before the next try."
        unsaid = self.request_id and self.request_id not in self.message
        where = f" Request id {quoted(self.request_id or '')}." if unsaid else ""
        whose = f" of task {self.task_id}" if self.task_id else ""
        named = "".join(f" {quoted(str(field))}." for field in self.fields[:_MOST_FIELDS])
        return (
            f"The {_call(self.operation)}{whose} was refused: HTTP {self.status}, {code}: {quoted(self.message)}."
            f"{named}{advice}{where}"
        )


_SERVER_ERROR = 500
_PASSING = frozenset({408, 425, 429})
_MOST_FIELDS = 5
_ADVICE: Mapping[tuple[str | None, int | None], str] = {
    ("any", 401): " Check the key in NEBULA_API_KEY.",
    ("any", 403): " The account may lack balance or access to the model.",
    ("any", 429): " Wait before you try again.",
    ("submit", 404): " Check the base URL; it has no path such as /v1.",
    ("query", 404): " The id may be wrong, of another account, or past its retention.",
    ("download", 404): " The id may be wrong, of another account, or past its retention.",
    ("result", 403): " Result addresses expire; query the task for what it has now.",
    ("result", 404): " Result addresses expire; query the task for what it has now.",
}


class UnexpectedRedirect(RefusedError):
    """The answer points to another address, which is not followed: neither key nor prompt went there.

    Attributes:
        target: Where it points, without credentials, query and fragment.
    """

    def __init__(self, operation: str, status: int, *, target: str, request_id: str | None = None) -> None:
        """Keep the facts."""
        super().__init__(
            operation,
            status,
            code="redirect",
            type=None,
            message=f"it points to {target or 'nowhere'}",
            request_id=request_id,
        )
        self.target = target

    def __str__(self) -> str:
        """Where it points, and what to do about it."""
        return (
            f"The {_call(self.operation)} was answered with a redirect (HTTP {self.status}) to {quoted(self.target or 'nowhere')}. "
            "Redirects are not followed, so nothing was sent there. If that is the provider's new address, set it as the base URL."
        )


class ResultExpired(RefusedError):
    """The task succeeded and was charged, and its video is kept no longer. Only a new submit makes another."""

    def __str__(self) -> str:
        """Which task, and that this client will not pay again by itself."""
        return (
            f"The video of task {self.task_id} is kept no longer (HTTP {self.status}: {quoted(self.message)}). "
            "Query the task once more, it may have a new address; else only a new submit, which is charged, makes another."
        )


class SubmitUncertain(NebulaError):
    """A submit was sent and its answer was lost or unreadable: the task may exist and be charged.

    It was sent once and is never sent again by this client. Look at the account's tasks first.

    Attributes:
        reason: What happened, at most 2,048 characters.
        sent_at: When it was sent, ISO 8601 in UTC to the second, such as ``2026-01-31T12:00:00+00:00``.
    """

    attempts = 1

    def __init__(
        self,
        reason: str,
        sent_at: str,
        idempotency_key: str,
        request_id: str | None = None,
        status: int | None = None,
    ) -> None:
        """Keep the facts."""
        super().__init__(reason, sent_at, idempotency_key, request_id, status)
        self.operation = "submit"
        self.reason = reason[:LONGEST_EXCERPT]
        self.sent_at = sent_at
        self.idempotency_key: str = idempotency_key
        self.request_id = request_id
        self.status = status

    def __str__(self) -> str:
        """What is known, and what to check before trying again."""
        where = f", request id {quoted(self.request_id)}" if self.request_id else ""
        hint = (
            f'Its answer names task {self.task_id}: query("{self.task_id}") tells whether it exists. '
            if self.task_id
            else ""
        )
        return (
            f"The submit may or may not have been taken: {quoted(self.reason)}. It was sent once, at {self.sent_at} "
            f"(idempotency key {self.idempotency_key}{where}), and not again. {hint}"
            "Look at the account's tasks and balance before you submit once more."
        )


class BrokenContractError(NebulaError):
    """An answer is not what the contract promises.

    Attributes:
        what: What was found and what was expected, at most 2,048 characters.
    """

    def __init__(self, operation: str, what: str, task_id: str | None = None) -> None:
        """Keep the facts."""
        super().__init__(operation, what[:LONGEST_EXCERPT], task_id)
        self.operation = operation
        self.what = what[:LONGEST_EXCERPT]
        self.task_id = task_id

    def __str__(self) -> str:
        """What came and of which task."""
        whose = f" of task {self.task_id}" if self.task_id else ""
        return f"The answer to the {_call(self.operation)}{whose} breaks the contract: {quoted(self.what)}."


class IntegrityError(BrokenContractError):
    """A video came that is not the one promised: its size, its two copies or its first bytes disagree."""


class TaskFailed(NebulaError):
    """The provider could not make the video. A failed task is not charged.

    Attributes:
        task (Task): The task as last seen.
        code (int | str | None): The provider's code, or None.
        message (str): The provider's reason, at most 2,048 characters; empty where it gives none.
    """

    _HOW = "failed"

    def __init__(self, task: Task) -> None:
        """Keep the task."""
        super().__init__(task)
        self.operation = "query"
        self.task = task
        self.task_id = task.task_id
        self.request_id = task.request_id
        self.code = task.error.code if task.error else None
        self.message = task.error.message[:LONGEST_EXCERPT] if task.error else ""

    def __str__(self) -> str:
        """Which task, and why."""
        reason = quoted(self.message) or "no reason given"
        return f"Task {self.task_id} {self._HOW}: {reason}. Nothing is charged for it."


class TaskCancelled(TaskFailed):
    """Somebody called the task off, or the provider did."""

    _HOW = "was cancelled"


class WaitTimeoutError(NebulaError):
    """Gave up waiting. The task goes on at the provider.

    Attributes:
        last_status: The task's last status, or None when no query was answered.
        waited_s: Seconds waited, by the monotonic clock.
        polls: Queries tried, answered or not, from 1.
    """

    retryable = True

    def __init__(self, task_id: str, last_status: str | None, waited_s: float, polls: int) -> None:
        """Keep the facts."""
        super().__init__(task_id, last_status, waited_s, polls)
        self.operation = "query"
        self.task_id: str = task_id
        self.last_status = last_status
        self.waited_s = waited_s
        self.polls = polls
        self.attempts = polls

    def __str__(self) -> str:
        """How long, how far, and how to go on."""
        seen = "has not been seen" if self.last_status is None else f'is still "{quoted(self.last_status)}"'
        return (
            f"Task {self.task_id} {seen} after {self.waited_s:.0f} s and {self.polls} polls. "
            f'It continues at the provider; call wait("{self.task_id}") to resume, or allow more with timeout_s.'
        )


class OutputError(NebulaError):
    """The file cannot be written. Nothing half-written is left, and a file that was there is untouched.

    Attributes:
        path: The file.
        reason: Why, and what to do.
    """

    def __init__(self, path: Path, reason: str) -> None:
        """Keep the facts."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        """Which file and why."""
        return f"Cannot write {self.path}: {self.reason}"
