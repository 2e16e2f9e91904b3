"""What the command writes: results as text or as one JSON document, and how they reach standard output."""

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click

from nebula_client.errors import OutputError
from nebula_client.models import Generation, Submission, Task, Video

STANDARD_OUTPUT = Path("/dev/stdout")
"""The name that errors have for it."""

_LAST_ASCII = 0x7F
_LARGEST_INT_BITS = 4096  # Python refuses to write much larger ones in decimal


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it.

    Amounts of money are text, and so are numbers that JSON has none for: infinity, and those too long.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _plain_number(value)
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(member) for member in value]
    return str(value)


def _plain_number(value: float) -> int | float | str:
    if isinstance(value, int):
        return value if value.bit_length() <= _LARGEST_INT_BITS else hex(value)
    return value if math.isfinite(value) else repr(value)


def document(value: Any, *, indent: int | None = None) -> bytes:
    """``value`` as one JSON document in UTF-8, with a line break at its end."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=indent, allow_nan=False)
    shown = "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)
    return f"{shown}\n".encode()


def _escaped(char: str) -> str:
    """A character that could steer a terminal, or that UTF-8 cannot hold, as JSON escapes it."""
    return json.dumps(char)[1:-1] if ord(char) > _LAST_ASCII else f"\\u{ord(char):04x}"


def task_facts(task: Task) -> dict[str, Any]:
    """The members of a task."""
    return {field.name: getattr(task, field.name) for field in fields(task) if field.name != "retry_after_s"}


def submission_facts(submission: Submission) -> dict[str, Any]:
    """The members of a submission."""
    return {field.name: getattr(submission, field.name) for field in fields(submission)}


def video_facts(video: Video, *, has_file: bool = True) -> dict[str, Any]:
    """The members of a video; without a path where it went to standard output."""
    facts = {field.name: getattr(video, field.name) for field in fields(video)}
    return facts if has_file else {**facts, "path": None}


def generation_facts(made: Generation, *, has_file: bool = True) -> dict[str, Any]:
    """Everything that a generation brought."""
    return {
        "task_id": made.submission.task_id,
        "submission": submission_facts(made.submission),
        "task": task_facts(made.task),
        "videos": [video_facts(video, has_file=has_file) for video in made.videos],
        "polls": made.polls,
    }


def put(data: bytes) -> None:
    """Write ``data`` to standard output.

    Raises:
        BrokenPipeError: Nobody reads it any more.
        OutputError: It is closed or full.
    """
    if sys.stdout is None:
        raise OutputError(STANDARD_OUTPUT, "it is closed.")
    try:
        click.echo(data, nl=False)
    except BrokenPipeError:
        abandon(sys.stdout)
        raise
    except OSError as error:
        abandon(sys.stdout)
        raise OutputError(STANDARD_OUTPUT, f"{error.strerror}.") from error


def whisper(text: str) -> None:
    """Write a line for people to standard error. Where that fails, what the line is about still counts more."""
    with contextlib.suppress(OSError):
        click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """``text`` with every control character but the line break escaped, so that it cannot steer a terminal."""
    return "".join(char if char == "\n" or char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def abandon(stream: Any) -> None:
    """Lead the stream to nowhere, so that the interpreter's last flush of it finds no fault."""
    with contextlib.suppress(OSError, ValueError):  # a stream of a test has no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
