"""How progress grows: a curve between two stages, or what was recorded at moments of a task's life."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Form = Literal["linear", "ease", "stalls", "steps"]

FORMS: tuple[Form, ...] = get_args(Form)

LEAST_STALL_PERCENT, MOST_STALL_PERCENT = 20, 99
"""Where progress may stand still: running tasks are at 20 to 99 percent (DOC)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """How progress grows.

    Attributes:
        form: ``linear``; ``ease``, slow at both ends; ``stalls``, linear up to ``at_percent``, where it
            stands until the end; ``steps``, in ``steps`` jumps.
        at_percent: 20 to 99; for ``stalls`` alone.
        steps: At least 1; for ``steps`` alone.
    """

    form: Form = "linear"
    at_percent: int = MOST_STALL_PERCENT
    steps: int = 1

    def share(self, of_time: float) -> float:
        """The share of the way, 0 to 1, after that share of the time; never falls."""
        return _SHAPES[self.form](min(max(of_time, 0.0), 1.0), self.steps)

    def percent(self, percent: int) -> int:
        """The progress that is told where the lifecycle is at ``percent``."""
        return min(percent, self.at_percent) if self.form == "stalls" else percent


Point = tuple[float, int]
"""Seconds since the submit, and the percentage that was told then."""


def told_at(points: Sequence[Point], elapsed_s: float) -> int:
    """The progress after so many seconds: at a point its own, even in between, from 0 at the submit.

    Pure. ``points`` are in order and never fall, so neither does this; behind the last it stays.
    """
    behind = bisect_right(points, elapsed_s, key=lambda point: point[0])
    from_s, least = points[behind - 1] if behind else (0.0, 0)
    if behind == len(points):
        return least
    to_s, most = points[behind]
    return least + int((most - least) * (elapsed_s - from_s) / (to_s - from_s))


def _eased(share: float, _steps: int) -> float:
    return share * share * (3 - 2 * share)


def _stepped(share: float, steps: int) -> float:
    return int(share * steps) / steps


_SHAPES: Mapping[Form, Callable[[float, int], float]] = {
    "linear": lambda share, _: share,
    "ease": _eased,
    "stalls": lambda share, _: share,
    "steps": _stepped,
}
