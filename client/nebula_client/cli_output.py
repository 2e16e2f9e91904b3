"""What the command says on standard output: a line for people's scripts, or one JSON document."""

import contextlib
import dataclasses
import errno
import json
import math
import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from nebula_client.errors import NebulaError
from nebula_client.models import Generation, Members, Submission, Task, Video

_LAST_ASCII = 0x7F
_NOT_SAID = 9  # as a file that cannot be written
_FACTS = (
    "operation",
    "status",
    "code",
    "request_id",
    "task_id",
    "idempotency_key",
    "attempts",
    "retryable",
    "retry_after_s",
    "reason",
    "sent_at",
    "last_status",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Output:
    """Where the result of one command goes.

    Attributes:
        as_json: Whether it is one JSON document, also where the command fails.
        is_taken: Whether standard output carries the video, so that all words go to standard error.
    """

    as_json: bool = False
    is_taken: bool = False

    def result(self, line: str, document: Mapping[str, Any]) -> None:
        """Say how it ended: ``line``, or the document."""
        if self.as_json:
            self.document(document)
        elif not self.is_taken:
            self._say(line)

    def document(self, document: Mapping[str, Any]) -> None:
        """Say a document, whatever the form."""
        self._say(dumped(document))

    def _say(self, text: str) -> None:
        """Say it where the result goes; where that takes nothing, on standard error, since it may be a paid task's id."""
        try:
            _refuse_closed(sys.stderr if self.is_taken else sys.stdout)
            click.echo(text, err=self.is_taken)
        except OSError as error:
            with contextlib.suppress(OSError):
                click.echo(
                    f"Error: Standard output took nothing ({error.strerror}). The result was:\n{text}",
                    err=True,
                )
            if sys.stdout is not None:  # the interpreter would else try once more when it closes it
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(_NOT_SAID) from None


def _refuse_closed(stream: object) -> None:
    """Refuse a stream that was closed before the program began; click would say nothing to nobody.

    Raises:
        OSError: It was.
    """
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")


def dumped(document: Mapping[str, Any]) -> str:
    """A document as JSON that every reader takes: no NaN, and no lone surrogates."""
    text = json.dumps(_plain(document), ensure_ascii=False, indent=2, allow_nan=False)
    return "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    """A character that could steer a terminal, or that no terminal can show, as JSON escapes it."""
    return json.dumps(char)[1:-1] if ord(char) > _LAST_ASCII else f"\\u{ord(char):04x}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Path | Decimal):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _members(value: Any) -> dict[str, Any]:
    """A dataclass as a dictionary, one level deep."""
    named = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {name: dict(inner) if isinstance(inner, Members) else inner for name, inner in named}


def task_document(task: Task) -> dict[str, Any]:
    """A task as the command tells it."""
    members = _members(task)
    del members["retry_after_s"]
    return members | {"error": None if task.error is None else _members(task.error)}


def submission_document(submission: Submission) -> dict[str, Any]:
    """A submission as the command tells it."""
    return _members(submission)


def videos_document(task_id: str, videos: tuple[Video, ...]) -> dict[str, Any]:
    """The files of a task as the command tells them."""
    return {"task_id": task_id, "videos": [_members(video) for video in videos]}


def generation_document(made: Generation) -> dict[str, Any]:
    """All that ``generate`` did."""
    return {
        **videos_document(made.task.task_id, made.videos),
        "submission": submission_document(made.submission),
        "task": task_document(made.task),
        "polls": made.polls,
    }


def error_document(error: NebulaError, exit_code: int, resume: str) -> dict[str, Any]:
    """A failed command as a machine wants it: the class, its facts, and how to go on."""
    facts = {name: getattr(error, name, None) for name in _FACTS}
    told = {"type": type(error).__name__, "message": str(error), "exit_code": exit_code, **facts}
    return {"error": told | {"resume": resume or None}}
