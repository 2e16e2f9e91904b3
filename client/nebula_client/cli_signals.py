"""Ctrl-C and SIGTERM: the first ends the command cleanly, within a second; a second one ends it at once.

Python runs a signal's handler between two of its own steps, so a name lookup that hangs in the C library
would hold Ctrl-C up for as long as it likes. A thread therefore sees the signals too, and where the
command has not ended by itself in time, it ends it.
"""

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

GRACE_S = 0.8
"""How long the command has to end by itself, in seconds."""

_FIRST_CODE = 128  # what a shell adds to the number of the signal that ended a command


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C."""

    exit_code = _FIRST_CODE + signal.SIGINT
    word = "interrupted"


class Terminated(Interrupted):
    """Somebody sent SIGTERM, such as a system that shuts down or a CI job that ran out of time."""

    exit_code = _FIRST_CODE + signal.SIGTERM
    word = "terminated"


ENDED_BY: dict[int, type[Interrupted]] = {signal.SIGINT: Interrupted, signal.SIGTERM: Terminated}


@contextlib.contextmanager
def clean_ends(last_words: Callable[[Interrupted], object]) -> Iterator[None]:
    """Within the block the signals raise ``Interrupted`` and ``Terminated`` in the main thread.

    A signal that was ignored, as ``nohup`` and a shell's background do with SIGINT, stays ignored. In
    another thread than the main one, where Python takes no handlers, nothing changes.

    Args:
        last_words: Tells of the end, from another thread, where the main one hangs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def raise_it(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        raise ENDED_BY[number]

    with contextlib.ExitStack() as undo:
        seen, wake = os.pipe()
        undo.callback(os.close, seen)
        os.set_blocking(wake, False)
        undo.callback(os.close, wake)
        before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        undo.callback(signal.set_wakeup_fd, before)
        watcher = threading.Thread(target=_watch, args=(seen, last_words), daemon=True)
        watcher.start()
        undo.callback(watcher.join)
        undo.callback(os.write, wake, _OVER)
        for number in ENDED_BY:
            if (old := signal.getsignal(number)) is not signal.SIG_IGN:
                signal.signal(number, raise_it)
                undo.callback(_restore, number, old, came)
        yield


_OVER = b"\0"  # no signal has this number


def _restore(number: int, old: Any, came: list[int]) -> None:
    """Put the handler back; where a signal came, the process is at its end, and another one ends it silently."""
    signal.signal(number, signal.SIG_DFL if came else old)


def _watch(seen: int, last_words: Callable[[Interrupted], object]) -> None:
    """Read the signals' numbers; end the process at the second, or when the first one's time is up."""
    first: int | None = None
    while True:
        if first is not None and not select.select([seen], [], [], GRACE_S)[0]:
            last_words(ENDED_BY[first]())
            os._exit(_FIRST_CODE + first)
        numbers = os.read(seen, 1)
        if numbers == _OVER:
            return
        number = numbers[0]
        if number not in ENDED_BY:
            continue
        if first is not None:
            os._exit(_FIRST_CODE + number)
        first = number
