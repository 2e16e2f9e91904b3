"""How a run goes on, on stderr: one line that is written over at a terminal, else a line every few seconds."""

import time
from collections.abc import Callable

_AT_A_TERMINAL_S, _ELSEWHERE_S = 0.1, 5.0


class Progress:
    """Tells which part of a run is under way and how many exchanges there are."""

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        is_terminal: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Write with ``write``; at a terminal over the same line."""
        self._write = write
        self._is_terminal = is_terminal
        self._monotonic = monotonic
        self._pause_s = _AT_A_TERMINAL_S if is_terminal else _ELSEWHERE_S
        self._told_at = monotonic()
        self._part = ""
        self._width = 0

    def drive(self, name: str) -> None:
        """A part begins."""
        self._part = name

    def exchange(self, count: int) -> None:
        """There are so many exchanges now."""
        now = self._monotonic()
        if now - self._told_at < self._pause_s:
            return
        self._told_at = now
        text = f"nebula-contract: {self._part}, {count} exchanges"
        if self._is_terminal:
            self._write(f"\r{text:<{self._width}}")
            self._width = len(text)
        else:
            self._write(f"{text}\n")

    def end(self) -> None:
        """Nothing is left on the line."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0
