"""What can go wrong, one class for each thing a caller would handle differently.

    NebulaError
     +- ConfigurationError    nothing was sent: the key, the address or an argument cannot work
     +- UnreachableError      no answer; the request certainly changed nothing
     +- RefusedError          the provider said no
     +- SubmitUncertainError  a submit may or may not have been taken; it was not sent again
     +- BrokenContractError   an answer is not what the contract promises
     +- TaskFailedError       the provider could not make the video; nothing is charged
     +- WaitTimeoutError      gave up waiting; the task goes on and can be waited for again
     +- OutputError           the file cannot be written; the video can be downloaded again

Facts are attributes; the message is made from them. No message ever holds the key.
"""

from pathlib import Path

from nebula_client.models import Task

_LONGEST_QUOTE = 300


def quoted(text: str) -> str:
    """Text of the provider, made safe to show: control characters escaped, long text cut."""
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:_LONGEST_QUOTE])
    return shown if len(text) <= _LONGEST_QUOTE else f"{shown}... ({len(text)} characters)"


class NebulaError(Exception):
    """Anything this client raises."""


class ConfigurationError(NebulaError):
    """The key, the address or an argument cannot work. Nothing was sent."""


class UnreachableError(NebulaError):
    """The provider gave no whole answer, and the request changed nothing: it is safe to send again.

    Attributes:
        operation: ``submit``, ``query`` or ``download``.
        reason: What the transport said.
    """

    def __init__(self, operation: str, reason: str) -> None:
        """Keep the facts."""
        super().__init__(operation, reason)
        self.operation = operation
        self.reason = reason

    def __str__(self) -> str:
        """What failed, and that trying again is safe."""
        return f"No answer to the {self.operation}: {quoted(self.reason)}. Nothing changed; it is safe to try again."


class RefusedError(NebulaError):
    """The provider refused the request with a complete answer.

    Attributes:
        operation: ``submit``, ``query``, ``download`` or ``result`` (the file behind a result URL).
        status: HTTP status.
        code: The provider's error code, or None.
        type: The provider's error type, or None.
        message: The provider's words.
        request_id: ``X-Oneapi-Request-Id``, or None.
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
    ) -> None:
        """Keep the facts."""
        super().__init__(operation, status, code, type, message, request_id)
        self.operation = operation
        self.status = status
        self.code = code
        self.type = type
        self.message = message
        self.request_id = request_id

    def __reduce__(self) -> tuple[object, ...]:
        """Keyword-only facts survive pickling."""
        return _refused, (self.operation, self.status, self.code, self.type, self.message, self.request_id)

    def __str__(self) -> str:
        """Who said no to what, in whose words, and what to look at."""
        code = quoted(self.code or self.type or "no code")
        advice = _ADVICE.get((self.operation, self.status), _ADVICE.get(("any", self.status), ""))
        unsaid = self.request_id and self.request_id not in self.message
        where = f" Request id {quoted(self.request_id or '')}." if unsaid else ""
        return f"The {self.operation} was refused: HTTP {self.status}, {code}: {quoted(self.message)}.{advice}{where}"


_ADVICE = {
    ("any", 401): " Check the key in NEBULA_API_KEY.",
    ("any", 403): " The account may lack balance or access to the model.",
    ("any", 429): " Wait before you try again.",
    ("submit", 404): " Check the base URL; it has no path such as /v1.",
    ("query", 404): " The id may be wrong, of another account, or past its retention.",
    ("download", 404): " The id may be wrong, of another account, or past its retention.",
    ("result", 403): " Result addresses expire; query the task for what it has now.",
    ("result", 404): " Result addresses expire; query the task for what it has now.",
}


def _refused(
    operation: str, status: int, code: str | None, kind: str | None, message: str, request_id: str | None
) -> RefusedError:
    return RefusedError(operation, status, code=code, type=kind, message=message, request_id=request_id)


class SubmitUncertainError(NebulaError):
    """A submit was sent and its answer was lost or unreadable: the task may exist and be charged.

    It was sent once and is never sent again by this client. Look at the account's tasks first.

    Attributes:
        reason: What happened.
        sent_at: When it was sent, ISO 8601 in UTC.
        idempotency_key: The value of ``Idempotency-Key`` it carried.
        request_id: ``X-Oneapi-Request-Id`` of the answer, or None.
    """

    def __init__(
        self, reason: str, sent_at: str, idempotency_key: str, request_id: str | None = None
    ) -> None:
        """Keep the facts."""
        super().__init__(reason, sent_at, idempotency_key, request_id)
        self.reason = reason
        self.sent_at = sent_at
        self.idempotency_key = idempotency_key
        self.request_id = request_id

    def __str__(self) -> str:
        """What is known, and what to check before trying again."""
        where = f", request id {quoted(self.request_id)}" if self.request_id else ""
        return (
            f"The submit may or may not have been taken: {quoted(self.reason)}. It was sent once, at {self.sent_at} "
            f"(idempotency key {self.idempotency_key}{where}), and not again. "
            "Look at the account's tasks and balance before you submit once more."
        )


class BrokenContractError(NebulaError):
    """An answer is not what the contract promises.

    Attributes:
        operation: ``query`` or ``download``.
        what: What was found and what was expected.
        task_id: The task, or None.
    """

    def __init__(self, operation: str, what: str, task_id: str | None = None) -> None:
        """Keep the facts."""
        super().__init__(operation, what, task_id)
        self.operation = operation
        self.what = what
        self.task_id = task_id

    def __str__(self) -> str:
        """What came and of which task."""
        whose = f" of task {self.task_id}" if self.task_id else ""
        return f"The answer to the {self.operation}{whose} breaks the contract: {quoted(self.what)}."


class TaskFailedError(NebulaError):
    """The provider could not make the video. A failed task is not charged.

    Attributes:
        task: The task as last seen.
    """

    def __init__(self, task: Task) -> None:
        """Keep the task."""
        super().__init__(task)
        self.task = task

    def __str__(self) -> str:
        """Which task, and why."""
        error = self.task.error
        reason = quoted(error.message) if error else "no reason given"
        return f"Task {self.task.task_id} failed: {reason}. Nothing is charged for it."


class WaitTimeoutError(NebulaError):
    """Gave up waiting. The task goes on at the provider.

    Attributes:
        task_id: The task.
        status: Its last status, or None when no query was answered.
        waited_s: Seconds waited.
        polls: Queries sent.
    """

    def __init__(self, task_id: str, status: str | None, waited_s: float, polls: int) -> None:
        """Keep the facts."""
        super().__init__(task_id, status, waited_s, polls)
        self.task_id = task_id
        self.status = status
        self.waited_s = waited_s
        self.polls = polls

    def __str__(self) -> str:
        """How long, how far, and how to go on."""
        seen = "has not been seen" if self.status is None else f'is still "{quoted(self.status)}"'
        return (
            f"Task {self.task_id} {seen} after {self.waited_s:.0f} s and {self.polls} polls. "
            f'It continues at the provider; call wait("{self.task_id}") to resume, or allow more with timeout_s.'
        )


class OutputError(NebulaError):
    """The file cannot be written. Nothing half-written is left.

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
