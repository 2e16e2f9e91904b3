"""How the command ends when somebody or something ends it: a signal, a reader that goes away, a full disk."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

_UNUSABLE = 2
_BROKEN_PIPE, _INTERRUPTED, _TERMINATED = (
    128 + one for one in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM)
)


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM; what is under way ends as for Ctrl-C."""


@contextlib.contextmanager
def ends_in_order() -> Iterator[None]:
    """The whole command: streams that are there, and SIGTERM raised as ``Terminated``, a second one at once deadly.

    Raises:
        SystemExit: Standard output is closed; nothing was done.
    """
    if sys.stdout is None:
        _say("standard output is closed, expected it to be open. Send it to a file, or to /dev/null.")
        raise SystemExit(_UNUSABLE)
    if sys.stderr is None:  # or the next file that is opened takes its place
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    with told_ends(), _terminated():
        yield


@contextlib.contextmanager
def told_ends() -> Iterator[None]:
    """A block whose unusual end is told in one sentence at most, and has an exit code of its own.

    Raises:
        SystemExit: 130 for Ctrl-C, 143 for SIGTERM, 141 where the reader went away, 2 where output cannot be written.
    """
    try:
        yield
    except Terminated as error:
        _say("ended by SIGTERM.")
        raise SystemExit(_TERMINATED) from error
    except KeyboardInterrupt as error:
        _say("interrupted.")
        raise SystemExit(_INTERRUPTED) from error
    except BrokenPipeError as error:
        _abandon_what_fails()
        raise SystemExit(_BROKEN_PIPE) from error
    except OSError as error:
        if not (names := _abandon_what_fails()):
            raise
        _say(f"{' and '.join(names)} cannot be written ({error.strerror}). Make room, or send it elsewhere.")
        raise SystemExit(_UNUSABLE) from error


def _abandon_what_fails() -> list[str]:
    """The standard streams that hold what they cannot get rid of; the interpreter's last flush finds them empty."""
    from nebula_client.cli_output import abandon

    failed = []
    for name, stream in (("standard output", sys.stdout), ("standard error", sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            failed.append(name)
            abandon(stream)
    return failed


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # the exit code says it too
        click.echo(f"nebula-contract: {text}", err=True)


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Terminated


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it; nobody does at one that is closed."""
    return stream is not None and stream.isatty()
