"""How long things take: distributions of seconds, and the times of a task's plan drawn from them.

Everything here is drawn from a keyed draw that the caller gives, so that the same request gets the same
times whatever was asked before it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from nebula_mock.core.draws import Draw
from nebula_mock.core.lifecycle import Plan, Polls

_LARGEST_EXPONENT = 700.0  # of e, as a float

DrawFor = Callable[[str], Draw]
"""The draw for a purpose, of one request."""


class TimingError(ValueError):
    """A distribution that no number can come from; the message says what was found and expected."""


class Duration(Protocol):
    """A distribution of seconds."""

    def drawn(self, draw: Draw) -> float:
        """The seconds that this draw gives, at least 0."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same.

    Attributes:
        seconds: At least 0.
    """

    seconds: float

    def drawn(self, _draw: Draw) -> float:
        """The seconds."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every number between two bounds as likely as any other.

    Attributes:
        min_s: The least, at least 0.
        max_s: The most.
    """

    min_s: float
    max_s: float

    def __post_init__(self) -> None:
        """Refuse bounds the wrong way round."""
        _refuse_crossed(self.min_s, self.max_s)

    def drawn(self, draw: Draw) -> float:
        """The seconds that this draw gives."""
        return min(self.min_s + (self.max_s - self.min_s) * draw.unit(), self.max_s)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Mostly near a median, seldom far above it, as the times of a busy service are.

    Attributes:
        median_s: Half are below, above 0.
        sigma: The deviation of the logarithm, at least 0; at 0.5 one in six is over 1.65 times the median.
        min_s: What is below becomes this.
        max_s: What is above becomes this.
    """

    median_s: float
    sigma: float
    min_s: float
    max_s: float

    def __post_init__(self) -> None:
        """Refuse bounds the wrong way round."""
        _refuse_crossed(self.min_s, self.max_s)

    def drawn(self, draw: Draw) -> float:
        """The seconds that this draw gives."""
        exponent = math.log(self.median_s) + self.sigma * draw.normal()
        return min(max(math.exp(min(exponent, _LARGEST_EXPONENT)), self.min_s), self.max_s)


class Timing(Protocol):
    """The times of a task."""

    def planned(self, base: Plan, draw: DrawFor) -> Plan:
        """``base`` with these times in place of its own."""
        ...


@dataclass(frozen=True, slots=True)
class ByTime:
    """A task that moves with the clock.

    Attributes:
        waiting: Seconds before work begins.
        running: Seconds of work; where it never ends, how long its progress moves.
        is_endless: Whether it stays running for ever.
    """

    waiting: Duration
    running: Duration
    is_endless: bool = False

    def planned(self, base: Plan, draw: DrawFor) -> Plan:
        """``base`` with times of this draw."""
        return replace(
            base,
            waiting_s=self.waiting.drawn(draw("waiting")),
            running_s=self.running.drawn(draw("running")),
            is_endless=self.is_endless,
            polls=None,
        )


@dataclass(frozen=True, slots=True)
class ByPolls:
    """A task that moves with every query of it, and not with time.

    Attributes:
        polls: How many queries find it in which stage.
    """

    polls: Polls

    def planned(self, base: Plan, _draw: DrawFor) -> Plan:
        """``base``, moved by queries."""
        return replace(base, polls=self.polls, is_endless=False)


def _refuse_crossed(min_s: float, max_s: float) -> None:
    if min_s > max_s:
        message = (
            f"found {min_s} s as the least and {max_s} s as the most, expected the least not above the most"
        )
        raise TimingError(message)
