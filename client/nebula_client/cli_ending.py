"""How one run of the command ends: told once, as a sentence or as JSON, with the command that goes on."""

import contextlib
import io
import itertools
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from nebula_client import errors
from nebula_client.cli_ends import exit_code_of
from nebula_client.cli_output import document, put, whisper
from nebula_client.cli_signals import Interrupted
from nebula_client.watch import current_watch

FACTS = (
    "operation",
    "status",
    "code",
    "request_id",
    "task_id",
    "idempotency_key",
    "attempts",
    "retryable",
    "retry_after_s",
)
"""What every error told as JSON names; null where it is not known."""

MORE_FACTS = (
    "sent_at",
    "last_status",
    "waited_s",
    "polls",
    "target",
    "path",
    "fields",
    "reason",
    "address",
    "was_sent",
)
"""What it names where the error's class has it."""

_SEEMS_A_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{6,}")
_ASKS_FOR_A_KEY = re.compile(r"--(api-?)?(key|token)(=|$)", re.IGNORECASE)
_NO_KEYS = (
    "A key is never an argument, since every user of this machine can see those: set NEBULA_API_KEY, "
    "or write the key to a file of mode 600 and name that with --key-file."
)
_NOTHING_SENT = "Nothing was submitted here."
_READER_GONE = "Whoever read standard output went away."


class Ending:
    """How one run of the command ends. It is told once, whoever finds out first.

    Attributes:
        as_json: Whether it is told as one JSON document.
        streams_video: Whether standard output carries the video, so that JSON goes to standard error.
        resume: Gives the command that goes on with a task, from its id.
        task_id: The task, once it is known.
        idempotency_key: What the submit carries, once it is known.
        is_submitted: Whether this run submitted the task, so that it is paid for.
        warnings: What is told with the result as JSON.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        """Guess from the arguments how to tell that they cannot be understood."""
        options = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
        self._has_key = any(map(_SEEMS_A_KEY.search, arguments)) or any(map(_ASKS_FOR_A_KEY.match, options))
        self.as_json = "--json" in options
        self.streams_video = "--out=-" in options or ("--out", "-") in itertools.pairwise(options)
        self.resume: Callable[[str], str] | None = None
        self.task_id: str | None = None
        self.idempotency_key: str | None = None
        self.is_submitted = False
        self.warnings: list[str] = []
        self._lock = threading.Lock()
        self._is_told = False
        self._result: tuple[Mapping[str, Any], bytes] | None = None  # while it is not written

    def succeed(self, facts: Mapping[str, Any], plainly: bytes) -> None:
        """Write the result: ``facts`` as JSON where that is asked for, else ``plainly``.

        Raises:
            BrokenPipeError, OutputError: It cannot be written.
        """
        self._result = facts, plainly
        if self.as_json:
            self._write({**facts, "warnings": self.warnings})
        elif plainly:
            put(plainly)
        self._result = None

    def tell(self, error: BaseException) -> int:
        """Tell how it ended; the exit code."""
        code = error.exit_code if isinstance(error, click.ClickException) else exit_code_of(error)
        with self._lock:  # until it is told, so that a watcher who would end the process waits for it
            if self._is_told:
                return code
            self._is_told = True
            if self.as_json:
                self._tell_as_json(error, code)
            else:
                whisper(self._in_words(error))
        return code

    def last_words(self, interrupt: Interrupted) -> int:
        """As ``tell``, by another thread, for a main thread that hangs and so cannot say what became of a submit."""
        is_submitting = self.idempotency_key is not None and self.task_id is None
        watch = current_watch(threading.main_thread())
        is_unsent = watch is not None and not watch.sent  # such as while a name is looked up
        if is_submitting and not is_unsent:
            interrupt.add_note(
                f"The submit may or may not have been taken (idempotency key {self.idempotency_key}). "
                "Look at the account's tasks and balance before you submit once more."
            )
        return self.tell(interrupt)

    def _tell_as_json(self, error: BaseException, code: int) -> None:
        told = {"error": self._facts(error, code), "warnings": self.warnings}
        if self._result is None:
            with contextlib.suppress(BrokenPipeError, errors.OutputError):
                self._write(told)
                return
        else:
            told["result"] = self._result[0]
        # Standard output takes nothing; it may name a paid task, so it is told all the same.
        whisper(document(told).decode().removesuffix("\n"))

    def _write(self, value: Mapping[str, Any]) -> None:
        if self.streams_video:
            whisper(document(value).decode().removesuffix("\n"))
        else:
            put(document(value))

    def _facts(self, error: BaseException, code: int) -> dict[str, Any]:
        was_sent = self.is_submitted or bool(_notes(error))
        known = {name: getattr(error, name, None) for name in FACTS}
        if known["task_id"] is None:
            known["task_id"] = self.task_id
        if known["idempotency_key"] is None and was_sent:
            known["idempotency_key"] = self.idempotency_key
        facts: dict[str, Any] = {
            "type": type(error).__name__,
            "message": self._message(error),
            "exit_code": code,
            **known,
            "attempts": getattr(error, "attempts", 0),
            "retryable": getattr(error, "retryable", False),
            "resume": self._resume(error),
            **{name: getattr(error, name) for name in MORE_FACTS if hasattr(error, name)},
        }
        if notes := _notes(error):
            facts["notes"] = notes
        return facts

    def _message(self, error: BaseException) -> str:
        """What happened, without how to go on."""
        if isinstance(error, KeyboardInterrupt):
            word = getattr(error, "word", Interrupted.word)
            if self.task_id is not None:
                return f"{word}. Task {self.task_id} is at the provider."
            under_way = " ".join(_notes(error))  # of a submit whose fate nobody knows
            return f"{word}. {under_way or _NOTHING_SENT}"
        if isinstance(error, BrokenPipeError):
            known = f" Task {self.task_id} is at the provider." if self.task_id else ""
            return _READER_GONE + known
        if isinstance(error, click.ClickException):
            return self._without_key(error.format_message())
        return self._without_key(str(error)) if isinstance(error, errors.ConfigurationError) else str(error)

    def _without_key(self, text: str) -> str:
        """The words about a command line; where a key stands in it, hidden, and with where it belongs."""
        hidden = _SEEMS_A_KEY.sub("sk-***", text)
        return f"{hidden}\n{_NO_KEYS}" if self._has_key else hidden

    def _in_words(self, error: BaseException) -> str:
        if isinstance(error, click.ClickException):
            shown = io.StringIO()
            error.show(shown)
            return self._without_key(shown.getvalue().rstrip("\n"))
        if isinstance(error, KeyboardInterrupt):
            lines = ["", self._message(error)]  # the terminal shows ^C on the line before
        elif isinstance(error, BrokenPipeError):
            lines = [self._message(error)]
        else:
            lines = [f"Error: {self._message(error)}", *_notes(error)]
            if self._result is not None:
                lines += ["The result was:", self._result[1].decode(errors="backslashreplace").rstrip("\n")]
        if command := self._resume(error):
            lines += ["To go on with the task:", f"  {command}"]
        return "\n".join(lines)

    def _resume(self, error: BaseException) -> str | None:
        """The command to go on with; None where there is nothing to go on with, or no hope in it."""
        if self.task_id is None or self.resume is None:
            return None
        if isinstance(error, errors.TaskFailed | errors.ResultExpired | errors.ConfigurationError):
            return None
        hopeless = isinstance(error, errors.RefusedError | errors.BrokenContractError) and not error.retryable
        return None if hopeless and not self.is_submitted else self.resume(self.task_id)


def _notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))
