"""Where a task stands: a pure function of its plan and now, and of how often it was asked about.

A task is planned once, at submit, and never touched again. Nothing runs in the background; a clock
that jumps crosses several stages at once, and the same question at the same time gets the same answer.
A plan by polls moves with the queries of its task and not with time.

    waiting -> running -> succeeded | failed

``stage`` is our word; a dialect turns it into the status on the wire.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from nebula_mock.core.progress import Curve, Point, told_at

Stage = Literal["waiting", "running", "succeeded", "failed"]

TRANSITIONS: Mapping[Stage, tuple[Stage, ...]] = {
    "waiting": ("running",),
    "running": ("succeeded", "failed"),
    "succeeded": (),
    "failed": (),
}
"""Every legal move; a stage without one is terminal."""

# Progress bands of the provider's Sora page: queued 0-20, in_progress 20-99, 100 at the end (DOC).
_WAITING_TOP = 19
_RUNNING_BOTTOM, _RUNNING_TOP = 20, 99
_DONE = 100

# Seconds since the epoch as floats are exact to about 2e-7; more digits of their difference mean nothing.
_CLOCK_DIGITS = 6


class PlanError(ValueError):
    """A plan asks for times that no task can have."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task fails.

    Attributes:
        message: The upstream's reason, as a consumer would read it.
        code: The upstream's own error code.
    """

    message: str
    code: str = "content_policy_violation"


@dataclass(frozen=True, slots=True)
class Polls:
    """A plan that moves with every query of its task.

    Attributes:
        waiting: How many queries find it waiting, at least 0.
        running: How many find it running after that, at least 0.
    """

    waiting: int
    running: int

    def __post_init__(self) -> None:
        """Refuse numbers of queries that cannot be."""
        if min(self.waiting, self.running) < 0:
            message = f"polls: found {self.waiting} and {self.running}, expected whole numbers of at least 0"
            raise PlanError(message)


_LINEAR = Curve()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will become of a task, decided when it is submitted.

    The default is not instant, so that a consumer's polling code is exercised.

    Attributes:
        waiting_s: Seconds before work begins, at least 0.
        running_s: Seconds of work, at least 0.
        failure: Why it fails in the end; None when it succeeds.
        is_endless: Whether it stays running for ever; ``running_s`` is then how long its progress moves.
        polls: What moves it instead of time, which then means nothing; None where time does.
        curve: How its progress grows.
        points: What its progress was by time, in place of the curve; empty for none.
        unknown_s: Seconds for which a gateway knows nothing of the task, which it then sees at once; None where
            it asks in rounds of its own.
    """

    waiting_s: float = 2.0
    running_s: float = 8.0
    failure: Failure | None = None
    is_endless: bool = False
    polls: Polls | None = None
    curve: Curve = _LINEAR
    points: tuple[Point, ...] = ()
    unknown_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse times that are negative or not finite."""
        for name, seconds in (("waiting_s", self.waiting_s), ("running_s", self.running_s)):
            if not 0 <= seconds < float("inf"):
                message = f"{name}: found {seconds}, expected a finite number of seconds of at least 0"
                raise PlanError(message)

    @property
    def total_s(self) -> float:
        """Seconds from submit to the terminal stage: infinite without one, none where time means nothing."""
        if self.polls is not None:
            return 0.0
        return math.inf if self.is_endless else self.waiting_s + self.running_s


@dataclass(frozen=True, slots=True)
class Observation:
    """What a consumer that asks now would learn.

    Attributes:
        stage: Where the task stands.
        progress_percent: 0 to 100, never falling; 100 exactly when it succeeded.
        failure: Why it failed; None unless the stage is ``failed``.
        started_at: When work began, seconds since the epoch; None before.
        ended_at: When it became terminal; None before.
    """

    stage: Stage
    progress_percent: int
    failure: Failure | None = None
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the task can no longer move."""
        return not TRANSITIONS[self.stage]


def observed(plan: Plan, submitted_at: float, now: float, polls: int = 0) -> Observation:
    """What a consumer polling at ``now`` would see of a task submitted at ``submitted_at``.

    Pure. Both are seconds since the epoch on the same clock; a ``now`` before the submit counts as
    the moment of the submit. ``polls`` counts the queries of the task, this one too; 0 before the first.
    """
    if plan.polls is not None:
        return _observed_by_polls(plan, plan.polls, submitted_at, polls)
    elapsed = _elapsed_s(submitted_at, now)
    seen = _observed_by_time(plan, submitted_at, elapsed)
    if not plan.points or seen.stage == "succeeded":
        return seen
    told_s = math.inf if seen.is_terminal else elapsed  # a failed task stays as it was last
    return replace(seen, progress_percent=told_at(plan.points, told_s))


def is_unseen(plan: Plan, submitted_at: float, now: float) -> bool:
    """Whether a gateway knows nothing yet of a task whose plan says for how long. Pure."""
    return plan.unknown_s is not None and _elapsed_s(submitted_at, now) < plan.unknown_s


def _elapsed_s(submitted_at: float, now: float) -> float:
    return max(0.0, round(now - submitted_at, _CLOCK_DIGITS))


def _observed_by_time(plan: Plan, submitted_at: float, elapsed: float) -> Observation:
    waiting_s, running_s = round(plan.waiting_s, _CLOCK_DIGITS), plan.running_s
    started_at = submitted_at + plan.waiting_s
    if elapsed < waiting_s:
        return Observation("waiting", _waiting_progress(plan.curve, elapsed / plan.waiting_s))
    if plan.is_endless or elapsed < round(plan.total_s, _CLOCK_DIGITS):
        share = (elapsed - plan.waiting_s) / running_s if running_s else 1.0
        return Observation("running", _running_progress(plan.curve, share), started_at=started_at)
    return _ended(plan, started_at, submitted_at + plan.total_s)


def _observed_by_polls(plan: Plan, by: Polls, submitted_at: float, polls: int) -> Observation:
    """As above; the first query finds what the submit left. Its dates are those of the submit."""
    before = max(polls - 1, 0)
    if before < by.waiting:
        return Observation("waiting", _waiting_progress(plan.curve, before / by.waiting))
    if plan.is_endless or before < by.waiting + by.running:
        share = (before - by.waiting) / by.running if by.running else 1.0
        return Observation("running", _running_progress(plan.curve, share), started_at=submitted_at)
    return _ended(plan, submitted_at, submitted_at)


def _ended(plan: Plan, started_at: float, ended_at: float) -> Observation:
    if plan.failure is not None:
        return Observation("failed", plan.curve.percent(_RUNNING_TOP), plan.failure, started_at, ended_at)
    return Observation("succeeded", _DONE, None, started_at, ended_at)


def last_pass(submitted_at: float, now: float, period_s: float) -> float | None:
    """When a poller that comes round every ``period_s`` seconds last saw a task; None before it first did.

    Pure. The poller passes at whole multiples of the period on the clock, whoever submitted when.
    """
    at = now // period_s * period_s
    return at if at > submitted_at else None


def _waiting_progress(curve: Curve, of_time: float) -> int:
    return curve.percent(_between(0, _WAITING_TOP, curve.share(of_time)))


def _running_progress(curve: Curve, of_time: float) -> int:
    return curve.percent(_between(_RUNNING_BOTTOM, _RUNNING_TOP, curve.share(of_time)))


def _between(bottom: int, top: int, share: float) -> int:
    return bottom + int((top - bottom) * min(max(share, 0.0), 1.0))
