"""What a task does next if nobody interferes: which stage follows, and when, or after how many queries."""

import math
from dataclasses import dataclass

from nebula_mock.core.lifecycle import Polls, Stage
from nebula_mock.core.task import Task

_CLOCK_DIGITS = 6  # as finely as a lifecycle counts
_TICK_S = 1e-6


@dataclass(frozen=True, slots=True)
class ByTime:
    """A change that time brings.

    Attributes:
        stage: The stage that the task will be in.
        at: When, seconds since the epoch on the account's clock.
        in_s: In how many seconds; an advance by that many reaches it.
    """

    stage: Stage
    at: float
    in_s: float


@dataclass(frozen=True, slots=True)
class ByPolls:
    """A change that queries bring.

    Attributes:
        stage: The stage that the task will be in.
        after_polls: Which query from now finds it there, from 1 for the next.
    """

    stage: Stage
    after_polls: int


def next_change(task: Task, now: float, polls: int = 0) -> ByTime | ByPolls | None:
    """The next change of a task at ``now`` (seconds since the epoch) that was asked about ``polls`` times.

    Pure. None for a task that has ended, and for one that runs for ever.
    """
    seen = task.observed_at(now, polls)
    if seen.is_terminal or (seen.stage == "running" and task.plan.is_endless):
        return None
    if task.plan.polls is not None:
        return _by_polls(task, task.plan.polls, seen.stage, now, polls)
    after_s = task.plan.waiting_s if seen.stage == "waiting" else task.plan.total_s
    at = task.submitted_at + round(after_s, _CLOCK_DIGITS)
    in_s = round(at - now, _CLOCK_DIGITS)
    a_hair_before = now + in_s - math.ulp(now)  # where a clock may come to stand by an advance of that much
    if task.observed_at(a_hair_before).stage == seen.stage:
        in_s = round(in_s + _TICK_S, _CLOCK_DIGITS)
    return ByTime(task.observed_at(now + in_s).stage, at, in_s)


def _by_polls(task: Task, by: Polls, stage: Stage, now: float, polls: int) -> ByPolls:
    """The first query finds what the submit left, so each stage begins one query later than it is long."""
    begins = 1 + (by.waiting if stage == "waiting" else by.waiting + by.running)
    return ByPolls(task.observed_at(now, begins).stage, begins - polls)
