"""How a command ends: every branch of the error tree with an exit code, signals with a word on how to go on."""

import shlex
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click

from nebula_client import errors
from nebula_client.cli_output import Output, error_document
from nebula_client.models import Submission

EXIT_CODES: Mapping[type[errors.NebulaError], int] = {
    errors.ConfigurationError: 2,
    errors.UnreachableError: 3,
    errors.RefusedError: 4,
    errors.SubmitUncertain: 5,
    errors.BrokenContractError: 6,
    errors.TaskFailed: 7,
    errors.WaitTimeoutError: 8,
    errors.OutputError: 9,
}
"""One number for each branch; 2 is also click's own for a wrong command line."""

INTERRUPTED, TERMINATED, PIPE_CLOSED = 130, 143, 141
"""As shells number the ends by Ctrl-C, SIGTERM and a closed pipe."""

_NOTHING_SENT = "Nothing was submitted here."


class Terminated(BaseException):
    """The process was asked to end; what is half-done is put away first."""


class ToldError(click.ClickException):
    """An error of the client, told in its own words with its own exit code."""

    def __init__(self, error: errors.NebulaError, more: str = "") -> None:
        super().__init__(f"{error}\n{more}".rstrip())
        self.exit_code: int = exit_code_of(error)  # type: ignore[misc]  # click declares it on the class


@dataclass(frozen=True, slots=True)
class Resume:
    """The command that picks up a submitted task.

    Attributes:
        program: How the program was called, with the options that it needs again.
        known: The submissions so far.
        options: Those of the download.
    """

    program: tuple[str, ...] = ("nebula-video",)
    known: tuple[Submission, ...] | list[Submission] = ()
    options: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """What to type, as a shell takes it; empty while there is nothing to resume."""
        if not self.known:
            return ""
        task_id = self.known[0].task_id
        wait = shlex.join((*self.program, "wait", task_id))
        return f"{wait} && {shlex.join((*self.program, 'download', task_id, *self.options))}"

    @property
    def sentence(self) -> str:
        """The command with a word before it."""
        command = self.command
        return command and f"The task is at the provider. To have its video:\n  {command}"


def exit_code_of(error: errors.NebulaError) -> int:
    """The exit code of an error's branch."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def exit_codes_text() -> str:
    """The exit codes in words, for the help."""
    lines = [f"{code:>5}  {kind.__name__}: {_first_line(kind)}" for kind, code in EXIT_CODES.items()]
    signals = {INTERRUPTED: "Ctrl-C", TERMINATED: "SIGTERM", PIPE_CLOSED: "the reader of --out - went away"}
    return "\n".join(["\b", "Exit codes:", *lines, *(f"{code:>5}  {what}" for code, what in signals.items())])


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0].partition(". ")[0].rstrip(".:")


@contextmanager
def told_ends(output: Output, resume: Resume | None = None) -> Iterator[None]:
    """Errors of the client become a sentence and an exit code; they and signals say how to go on."""
    going_on = resume or Resume()
    with _signals():
        try:
            yield
        except errors.NebulaError as error:
            # Of a failed task there is nothing left to resume.
            is_over = isinstance(error, errors.TaskFailed)
            if output.as_json:
                code = exit_code_of(error)
                output.document(error_document(error, code, "" if is_over else going_on.command))
                raise SystemExit(code) from error
            raise ToldError(error, "" if is_over else going_on.sentence) from error
        except (KeyboardInterrupt, Terminated) as interrupt:
            code = TERMINATED if isinstance(interrupt, Terminated) else INTERRUPTED
            under_way = " ".join(getattr(interrupt, "__notes__", ()))  # of a submit whose fate nobody knows
            word = "ended" if code == TERMINATED else "interrupted"
            if output.as_json:
                output.document(_interrupted(word, code, under_way, going_on.command))
            click.echo(f"\n{word}. {going_on.sentence or under_way or _NOTHING_SENT}", err=True)
            raise SystemExit(code) from None


def _interrupted(word: str, code: int, under_way: str, resume: str) -> dict[str, Any]:
    told = {"type": "Interrupted", "message": under_way or word, "exit_code": code, "resume": resume or None}
    return {"error": told}


@contextmanager
def _signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM are errors that put away what is half-done; a second one ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may ask for signals
        return
    kinds: dict[int, type[BaseException]] = {
        signal.SIGINT: KeyboardInterrupt,
        signal.SIGTERM: Terminated,
    }

    def first(number: int, _frame: FrameType | None) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_DFL)
        raise kinds[number]

    before = {kind: signal.signal(kind, first) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
