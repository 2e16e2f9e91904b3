"""The only source of "now": real, scaled or manual, and something that can be waited for.

Everything that depends on time reads one of these. Nothing here looks at the machine's clock
itself; whoever builds a clock hands it the readings. A wait on a clock ends when the clock says so: an
advance of ten minutes ends a wait of five at once, and no test has to sleep.
"""

import threading
from collections.abc import Callable
from typing import Literal

Mode = Literal["real", "scaled", "manual"]

_NS = 1_000_000_000  # nanoseconds a second

LATEST = 32_503_680_000.0
"""3000-01-01T00:00:00Z in seconds since the epoch: dates of tasks must have room after it."""

_SAME_S = 1e-6  # moments nearer than this are one: of seconds since the epoch a float keeps about 2e-7
_LONGEST_WAIT_S = 3600.0  # of real time at once; a thread cannot wait longer than its platform can count


class ClockError(ValueError):
    """A clock was asked to run backwards, at no speed, or to be moved while it runs by itself."""


class Clock:
    """Follows the machine's clock, ``speed`` times as fast, or stands still until it is advanced.

    Safe to use from many threads. Time never falls, also where the mode changes; a restart alone may put it back.
    """

    def __init__(
        self, monotonic: Callable[[], float], started_at: float, speed: float = 1.0, *, manual: bool = False
    ) -> None:
        """Start at ``started_at`` and run from here, or stand there.

        Args:
            monotonic: Seconds that never fall, such as ``time.monotonic``; changes of the
                machine's wall clock then do not matter.
            started_at: The time now, in seconds since 1970-01-01T00:00:00Z.
            speed: Provider seconds per real second, while it runs.
            manual: Whether it stands still.

        Raises:
            ClockError: ``speed`` is not a finite number above 0.
        """
        _refuse_speed(speed)
        self._monotonic = monotonic
        self._speed = speed
        self._manual = manual
        self._origin = 0.0 if manual else monotonic()
        self._base = started_at
        self._as_started = (self._origin, started_at, speed, manual)
        self._moved_ns = 0  # whole, so that many small advances add up to what they say
        self._changed = threading.Condition()  # on a lock that its holder may take again
        self._interruptions = 0
        self._is_retired = False

    @property
    def mode(self) -> Mode:
        """``manual``, ``real`` at speed 1, else ``scaled``."""
        if self._manual:
            return "manual"
        return "real" if self._speed == 1 else "scaled"

    @property
    def speed(self) -> float | None:
        """Provider seconds per real second; None while it stands still."""
        return None if self._manual else self._speed

    def now(self) -> float:
        """The current time in seconds since 1970-01-01T00:00:00Z; never falls."""
        with self._changed:
            return self._now()

    def _now(self) -> float:
        at = self._base + self._moved_ns / _NS
        return at if self._manual else at + (self._monotonic() - self._origin) * self._speed

    def advance(self, seconds: float) -> float:
        """Move ``seconds`` forward, end the waits that this reaches, and return the new time.

        Raises:
            ClockError: It runs by itself; ``seconds`` is negative or not finite, or leads past the
                year 3000.
        """
        if not 0 <= seconds < float("inf"):
            message = (
                f"found {seconds} seconds, expected a finite number of at least 0: clocks never run back"
            )
            raise ClockError(message)
        with self._changed:
            if not self._manual:
                message = f"the clock is {self.mode} and runs by itself; make it manual to advance it"
                raise ClockError(message)
            if seconds > LATEST - self._now():
                message = f"found {str(seconds)[:12]} seconds, which lead past the year 3000; expected less"
                raise ClockError(message)
            self._moved_ns += round(seconds * _NS)
            self._changed.notify_all()
            return self._now()

    def stand_still(self) -> None:
        """Become manual, at the time it is."""
        with self._changed:
            self._base, self._moved_ns = self._now(), 0
            self._manual = True
            self._changed.notify_all()

    def run(self, speed: float = 1.0) -> None:
        """Run from the time it is, ``speed`` times as fast as the machine's clock.

        Raises:
            ClockError: ``speed`` is not a finite number above 0.
        """
        _refuse_speed(speed)
        with self._changed:
            self._base, self._moved_ns = self._now(), 0
            self._origin, self._speed, self._manual = self._monotonic(), speed, False
            self._changed.notify_all()

    def restart(self) -> None:
        """Read what it would read if nothing had been done to it since it was started, and end every wait.

        Time may fall by it, so a moment that was counted before means nothing any more: see ``wait_until``.
        """
        with self._changed:
            self._origin, self._base, self._speed, self._manual = self._as_started
            self._moved_ns = 0
            self.interrupt()

    @property
    def interruptions(self) -> int:
        """How often all its waits were ended."""
        return self._interruptions

    def wait_until(self, moment: float, since: int | None = None) -> bool:
        """Wait until the clock reads ``moment``, however it gets there.

        Args:
            moment: Seconds since 1970-01-01T00:00:00Z; one that is past ends the wait at once.
            since: Its ``interruptions`` when the moment was counted: after another one nobody waits for it.
                None for now.

        Returns:
            Whether the time came; False when the wait was interrupted before.
        """
        with self._changed:
            interruptions = self._interruptions if since is None else since
            if self._interruptions != interruptions or self._is_retired:
                return False
            while (left := moment - self._now()) > _SAME_S:
                real_s = None if self._manual else min(left / self._speed, _LONGEST_WAIT_S)
                self._changed.wait(real_s)
                if self._interruptions != interruptions:
                    return False
            return True

    def interrupt(self) -> None:
        """End every wait that is going on: whoever waits will not be answered any more."""
        with self._changed:
            self._interruptions += 1
            self._changed.notify_all()

    def retire(self) -> None:
        """End every wait, now and later: nobody lives by it any more, and nobody will move it."""
        with self._changed:
            self._is_retired = True
            self.interrupt()

    def another(self) -> "Clock":
        """A clock of its own that starts as this one is: at its time, in its mode."""
        return Clock(self._monotonic, self.now(), self._speed, manual=self._manual)


class ManualClock(Clock):
    """A clock that stands still until it is told to advance."""

    def __init__(self, started_at: float) -> None:
        """Stand at ``started_at`` seconds since 1970-01-01T00:00:00Z."""
        super().__init__(_no_machine, started_at, manual=True)


def _no_machine() -> float:
    """What a clock follows that was never given the machine's: nothing moves it."""
    return 0.0


def _refuse_speed(speed: float) -> None:
    if not 0 < speed < float("inf"):
        message = f"found speed {speed}, expected a number above 0, such as 10 for ten times as fast"
        raise ClockError(message)
