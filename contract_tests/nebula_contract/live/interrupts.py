"""Ctrl-C and SIGTERM, taken where they do no harm: never between a submit and what the ledger says of it."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A person, or the system, ends the run."""


class Interrupts:
    """The signals that came, as long as the block runs; outside of the main thread there are none.

    The first one ends a wait or a read at once. A submit on its way is answered first, for at most its time limit,
    since its outcome is not known else; a second signal ends it all the same.
    """

    def __init__(self) -> None:
        self._came = 0
        self._most_let_pass: int | None = None  # None: all are kept for later
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for one in _SIGNALS:
                self._before[one] = signal.signal(one, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one, before in self._before.items():
            signal.signal(one, before)  # type: ignore[arg-type]  # what signal.signal gave

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._came += 1
        if self._most_let_pass is not None and self._came > self._most_let_pass:
            raise Interrupted

    def check(self) -> None:
        """Raises: Interrupted: A signal came."""
        if self._came:
            raise Interrupted

    @contextlib.contextmanager
    def let_in(self, *, after: int = 0) -> Iterator[None]:
        """A block that may be ended by a signal, once more than ``after`` have come.

        Raises:
            Interrupted: One came, before or within.
        """
        if self._came > after:
            raise Interrupted
        self._most_let_pass = after
        try:
            yield
        finally:
            self._most_let_pass = None
