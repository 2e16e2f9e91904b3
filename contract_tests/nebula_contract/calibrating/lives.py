"""The life of a recorded task as spans of time: between which reads it came into each of its stages.

A read says where a task stood and not since when. So each transition lies between the last read without it and the first
with it, and no better is known; the moments of an exchange widen the span by as long as it took.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nebula_contract.judging.members import is_number, member
from nebula_contract.judging.oracle import RANKS, TERMINAL
from nebula_contract.judging.views import TaskHistory
from nebula_contract.record.exchange import Exchange

DIGITS = 6
"""Digits of a second that are kept, as finely as a task's life is counted."""

_KNOWN, _STARTED, _ENDED = RANKS["submitted"], RANKS["in_progress"], RANKS["succeeded"]
_SCENARIO = "x-nebula-scenario"
_PROGRESS = ("/metadata/progress", "/progress")
_MOST_POINTS = 40
_MOST_PERCENT = 99  # 100 is the success itself


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds since the submit between which something came to be.

    Attributes:
        low: The latest moment at which it was not yet so, at least 0.
        high: The first at which it was.
    """

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The estimate: nothing says that it was rather early or rather late."""
        return round((self.low + self.high) / 2, DIGITS)

    @property
    def is_close(self) -> bool:
        """Whether it is known to within a factor of two."""
        return self.low * 2 >= self.high

    def sooner(self, lag_s: float) -> "Span":
        """As it was at a provider of which one learns so much later at most."""
        return Span(max(0.0, self.low - lag_s), self.high)


@dataclass(frozen=True, slots=True)
class Life:
    """One task that was seen to end.

    Attributes:
        task: It.
        known: When its status was first another than ``unknown``.
        started: When it was at work, or had ended.
        ended: When it had ended.
        was_unknown: Whether ``unknown`` was read.
        was_seen_at_work: Whether ``in_progress`` was read.
        points: Seconds since the submit, and the progress that was told then; in order, never falling.
    """

    task: TaskHistory
    known: Span
    started: Span
    ended: Span
    was_unknown: bool
    was_seen_at_work: bool
    points: tuple[tuple[float, int], ...]

    @property
    def was_arranged(self) -> bool:
        """Whether the run arranged something for it, or asked for a scenario: then its times are not the target's own."""
        return is_arranged(self.task.submit)

    @property
    def has_failed(self) -> bool:
        """Whether its end was a failure."""
        return self.task.end is not None and self.task.end.json["status"] == "failed"


def tasks(count: int) -> str:
    """So many tasks, in words."""
    return "1 task" if count == 1 else f"{count} tasks"


def is_arranged(exchange: Exchange) -> bool:
    """Whether a run arranged something before a request, or asked for a scenario with it. Pure."""
    return bool(exchange.condition) or _SCENARIO in exchange.request.headers


def life_of(task: TaskHistory) -> Life | None:
    """The life of a task; None for one that was not seen to end. Pure.

    Statuses that no document knows say nothing about when it moved, and are left out.
    """
    ranked = sorted(
        ((RANKS[status], one) for status, one in task.statuses if status in RANKS),
        key=lambda read: read[1].at_s,
    )
    if not any(rank >= _ENDED for rank, _ in ranked):
        return None
    known, started, ended = (_reached(task, ranked, rank) for rank in (_KNOWN, _STARTED, _ENDED))
    read = {status for status, _ in task.statuses}
    return Life(task, known, started, ended, "unknown" in read, "in_progress" in read, _points(task, ranked))


def _reached(task: TaskHistory, ranked: Sequence[tuple[int, Exchange]], rank: int) -> Span:
    """When it came to a status of that rank or above; a provider that goes back has come there all the same."""
    first = next(place for place, (found, _) in enumerate(ranked) if found >= rank)
    high = ranked[first][1].until_s - task.submit.at_s
    low = max((one.at_s - task.submit.until_s for _, one in ranked[:first]), default=0.0)
    return Span(max(0.0, low), max(0.0, low, high))


def _points(task: TaskHistory, ranked: Iterable[tuple[int, Exchange]]) -> tuple[tuple[float, int], ...]:
    """What was told of its progress until it ended; that of a failed task too, since it stays as it was."""
    submitted_s = (task.submit.at_s + task.submit.until_s) / 2
    points: list[tuple[float, int]] = []
    for _, one in ranked:
        if one.json["status"] != "succeeded" and (percent := _percent(one.json)) is not None:
            at_s = max(0.0, round((one.at_s + one.until_s) / 2 - submitted_s, DIGITS))
            last_s, highest = points[-1] if points else (-1.0, 0)
            if at_s > last_s:
                points.append((at_s, max(highest, percent)))
        if one.json["status"] in TERMINAL:
            break
    return tuple(_thinned(_without_straight_ones(points)))


def _percent(body: Any) -> int | None:
    for place in _PROGRESS:
        found = member(body, place)
        if is_number(found):
            return int(min(max(found, 0), _MOST_PERCENT))
    return None


def _without_straight_ones(points: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Without those between two of the same progress: nothing moved there."""
    return [
        point
        for place, point in enumerate(points)
        if not 0 < place < len(points) - 1 or not points[place - 1][1] == point[1] == points[place + 1][1]
    ]


def _thinned(points: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """At most ``_MOST_POINTS``, evenly out of all; the first and the last always."""
    if len(points) <= _MOST_POINTS:
        return points
    last = len(points) - 1
    return [points[step * last // (_MOST_POINTS - 1)] for step in range(_MOST_POINTS)]
