"""What the commands have in common while they run: a client, a display, an ending."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nebula_client.api import VideoClient
from nebula_client.cli_ending import Ending
from nebula_client.cli_options import STANDARD
from nebula_client.cli_output import whisper
from nebula_client.models import Submission
from nebula_client.progress import Shown, nothing, shown_progress, told_warnings


def begun(context: click.Context, given: Mapping[str, Any], out: Path | None = None) -> Ending:
    """The ending of this run, now that its options are known."""
    ending: Ending = context.obj
    ending.as_json = given["as_json"]
    ending.streams_video = out is not None and str(out) == STANDARD
    return ending


def note(ending: Ending, submission: Submission) -> None:
    """From here on the task is paid for, and every end names it."""
    ending.task_id, ending.is_submitted = submission.task_id, True


def key_of(given: Mapping[str, Any]) -> str:
    """The idempotency key of this run's submit, chosen here so that every end can name it."""
    typed: str | None = given["idempotency_key"]
    return str(uuid.uuid4()) if typed is None else typed


def client_of(context: click.Context, given: Mapping[str, Any]) -> VideoClient:
    """The client of this run."""
    address = context.find_root().params
    return VideoClient(
        base_url=address["base_url"],
        api_key_file=address["key_file"],
        strict=given.get("strict", False),
        request_retries=given["request_retries"],
    )


@contextmanager
def shown_run(ending: Ending, given: Mapping[str, Any], first: str) -> Iterator[Shown]:
    """Progress is shown where it is asked for, and warnings are told."""
    with (
        shown_progress(first, quiet=_is_quiet(ending, given)) as shown,
        _told_to(ending, shown.say, shown.warn),
    ):
        yield shown


@contextmanager
def told_run(ending: Ending, given: Mapping[str, Any]) -> Iterator[None]:
    """As ``shown_run`` for a command that has no progress: warnings alone."""
    with _told_to(ending, nothing if given["quiet"] else whisper, whisper):
        yield


def _is_quiet(ending: Ending, given: Mapping[str, Any]) -> bool:
    return given["quiet"] or (ending.as_json and not given["ask_progress"])


@contextmanager
def _told_to(ending: Ending, say: Callable[[str], None], warn: Callable[[str], None]) -> Iterator[None]:
    """Warnings are told: with the result where that is JSON, else as lines.

    Args:
        ending: The run's.
        say: Tells those of the log, which cost nothing; the quiet are spared them.
        warn: Tells those of a value that is changed, and so of what is billed.
    """
    if ending.as_json:
        with told_warnings(ending.warnings.append, ending.warnings.append):
            yield
        return
    with told_warnings(lambda text: warn(f"warning: {text}"), lambda text: say(f"warning: {text}")):
        yield
