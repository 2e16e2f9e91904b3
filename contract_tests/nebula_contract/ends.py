"""How the command ends when somebody or something ends it: a signal, a reader that goes away, a full disk."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import click

_UNUSABLE = 2
_BROKEN_PIPE, _INTERRUPTED, _TERMINATED = (
    128 + one for one in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM)
)


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM; what is under way ends as for Ctrl-C."""


@contextlib.contextmanager
def ends_in_order() -> Iterator[None]:
    """The whole command: streams that are there, and SIGTERM raised as ``Terminated``; a second one ends it at once.

    Raises:
        SystemExit: Standard output is closed; nothing was done.
    """
    if sys.stdout is None:
        _say("standard output is closed, expected it to be open. Send it to a file, or to /dev/null.")
        raise SystemExit(_UNUSABLE)
    if sys.stderr is None:  # or the next file that is opened takes its place
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    with _watched(), told_ends(), _signals_raised():
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
        _abandon_what_failed()
        raise SystemExit(_BROKEN_PIPE) from error
    except OSError as error:
        if not (names := _abandon_what_failed()):
            raise
        _say(f"{' and '.join(names)} cannot be written ({error.strerror}). Make room, or send it elsewhere.")
        raise SystemExit(_UNUSABLE) from error


class _Watched:
    """A standard stream that remembers how a write to it failed; all else is that of the stream.

    Attributes:
        name: What people call it.
        failure: The last failure; None for none.
    """

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self.failure: OSError | None = None
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._watching():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._watching():
            self._stream.flush()

    @contextlib.contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = error
            raise


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (  # a stream in all that is asked of it
        _Watched(name, stream)
        for name, stream in zip(("standard output", "standard error"), before, strict=True)
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _abandon_what_failed() -> list[str]:
    """The standard streams that took no more; the interpreter's last flush of them finds no fault."""
    from nebula_client.cli_output import abandon

    failed = []
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _Watched) and stream.failure is not None:
            failed.append(stream.name)
            abandon(stream)
    return failed


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # the exit code says it too
        click.echo(f"nebula-contract: {text}", err=True)


_ENDS: dict[int, tuple[type[KeyboardInterrupt], Any]] = {
    signal.SIGINT: (KeyboardInterrupt, signal.default_int_handler),
    signal.SIGTERM: (Terminated, signal.SIG_DFL),
}
"""What a signal raises, and what takes the next one."""
_came: list[type[KeyboardInterrupt]] = []


def raise_again() -> None:
    """Raise what a signal raised before, where something let it go by: a callback of the garbage collector does."""
    if _came:
        raise _came[-1]


def has_ended() -> bool:
    """Whether a signal came that ends the command."""
    return bool(_came)


@contextlib.contextmanager
def _signals_raised() -> Iterator[None]:
    _came.clear()
    with contextlib.ExitStack() as undo:
        if threading.current_thread() is threading.main_thread():
            for number, (_, usual) in _ENDS.items():
                if signal.getsignal(number) == usual:  # one that is ignored stays ignored
                    signal.signal(number, _raise)
                    undo.callback(signal.signal, number, usual)
        undo.callback(_came.clear)
        yield


def _raise(number: int, _frame: FrameType | None) -> None:
    error, after = _ENDS[number]
    signal.signal(number, after)
    _came.append(error)
    raise error


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it; nobody does at one that is closed."""
    return stream is not None and stream.isatty()
