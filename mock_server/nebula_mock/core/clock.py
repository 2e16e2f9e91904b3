"""The only source of "now": real, scaled or manual.

Everything that depends on time reads one of these. Nothing here looks at the machine's clock
itself; whoever builds a scaled clock hands it the readings.
"""

import threading
from collections.abc import Callable
from typing import Protocol

_NS = 1_000_000_000  # nanoseconds a second

LATEST = 32_503_680_000.0
"""3000-01-01T00:00:00Z in seconds since the epoch: dates of tasks must have room after it."""


class Clock(Protocol):
    """What the provider asks of a clock."""

    @property
    def mode(self) -> str:
        """``real``, ``scaled`` or ``manual``."""
        ...

    def now(self) -> float:
        """The current time in seconds since 1970-01-01T00:00:00Z; never falls."""
        ...


class ClockError(ValueError):
    """A clock was asked to run backwards, or at no speed."""


class ScaledClock:
    """A clock that follows the machine's, ``speed`` times as fast; at speed 1 it is the real clock.

    Attributes:
        speed: Provider seconds per real second, above 0.
    """

    def __init__(self, monotonic: Callable[[], float], started_at: float, speed: float = 1.0) -> None:
        """Start at ``started_at`` and run from here.

        Args:
            monotonic: Seconds that never fall, such as ``time.monotonic``; changes of the
                machine's wall clock then do not matter.
            started_at: The time now, in seconds since 1970-01-01T00:00:00Z.
            speed: Provider seconds per real second.

        Raises:
            ClockError: ``speed`` is not a finite number above 0.
        """
        if not 0 < speed < float("inf"):
            message = f"found speed {speed}, expected a number above 0, such as 10 for ten times as fast"
            raise ClockError(message)
        self.speed = speed
        self._monotonic = monotonic
        self._origin = monotonic()
        self._started_at = started_at

    @property
    def mode(self) -> str:
        """``real`` at speed 1, else ``scaled``."""
        return "real" if self.speed == 1 else "scaled"

    def now(self) -> float:
        """The current time in seconds since 1970-01-01T00:00:00Z."""
        return self._started_at + (self._monotonic() - self._origin) * self.speed


class ManualClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, started_at: float) -> None:
        """Stand at ``started_at`` seconds since 1970-01-01T00:00:00Z."""
        self._started_at = started_at
        self._elapsed_ns = 0  # whole, so that many small advances add up to what they say
        self._lock = threading.Lock()

    @property
    def mode(self) -> str:
        """Always ``manual``."""
        return "manual"

    def now(self) -> float:
        """The time it stands at, in seconds since 1970-01-01T00:00:00Z."""
        return self._started_at + self._elapsed_ns / _NS

    def advance(self, seconds: float) -> float:
        """Move ``seconds`` forward and return the new time.

        Raises:
            ClockError: ``seconds`` is negative or not finite, or leads past the year 3000.
        """
        if not 0 <= seconds < float("inf"):
            message = (
                f"found {seconds} seconds, expected a finite number of at least 0: clocks never run back"
            )
            raise ClockError(message)
        with self._lock:
            if seconds > LATEST - self.now():
                message = f"found {str(seconds)[:12]} seconds, which lead past the year 3000; expected less"
                raise ClockError(message)
            self._elapsed_ns += round(seconds * _NS)
            return self.now()
