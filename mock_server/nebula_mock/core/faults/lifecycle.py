"""Faults in the life of a task: it goes back, changes its end, never ends, or is charged twice."""

from dataclasses import dataclass, replace
from typing import ClassVar

from nebula_mock.core.faults.protocol import Fault
from nebula_mock.core.lifecycle import Failure, Observation, Plan, observed
from nebula_mock.core.task import Task

_CHANGED_MIND = Failure("The task failed after it had succeeded", "internal_error")


@dataclass(frozen=True, slots=True)
class Backwards(Fault):
    """A query finds the task a stage before the one that it has reached: running again, or waiting again."""

    kind: ClassVar[str] = "backwards"

    def on_sight(self, task: Task, seen: Observation | None) -> Observation | None:
        """The task as it was in the middle of the stage before; a waiting one as it is."""
        if seen is None or seen.stage == "waiting":
            return seen
        plan = replace(task.plan, polls=None, is_endless=False)
        waiting_s, running_s = plan.waiting_s or 1.0, plan.running_s or 1.0  # an instant one has no middle
        whole = Plan(waiting_s, running_s, plan.failure, curve=plan.curve)
        back_s = waiting_s / 2 if seen.stage == "running" else waiting_s + running_s / 2
        return observed(whole, task.submitted_at, task.submitted_at + back_s)


@dataclass(frozen=True, slots=True)
class TerminalChanges(Fault):
    """A query finds a task that has ended with the other end; one that runs as it is."""

    kind: ClassVar[str] = "terminal-changes"

    def on_sight(self, task: Task, seen: Observation | None) -> Observation | None:
        """Failed for succeeded, succeeded for failed."""
        if seen is None or not seen.is_terminal:
            return seen
        failure = _CHANGED_MIND if seen.stage == "succeeded" else None
        ended = observed(replace(task.plan, failure=failure, polls=None, is_endless=False), 0.0, float("inf"))
        return replace(ended, started_at=seen.started_at, ended_at=seen.ended_at)


@dataclass(frozen=True, slots=True)
class NeverFinishing(Fault):
    """A task that stays running for ever: the one that a submit makes, or the one that a query asks about."""

    kind: ClassVar[str] = "never-finishing"

    def on_task(self, task: Task) -> Task:
        """The task without an end."""
        return replace(task, plan=replace(task.plan, is_endless=True))

    def on_sight(self, task: Task, seen: Observation | None) -> Observation | None:
        """The task as it would be without an end."""
        if seen is None or not seen.is_terminal:
            return seen
        plan = replace(task.plan, is_endless=True, polls=None)
        return observed(
            plan, task.submitted_at, task.submitted_at + task.plan.waiting_s + task.plan.running_s
        )


@dataclass(frozen=True, slots=True)
class DoubleCharge(Fault):
    """A task that is charged twice when it succeeds."""

    kind: ClassVar[str] = "double-charge"

    def on_task(self, task: Task) -> Task:
        """The task with two charges."""
        return replace(task, charges=2)
