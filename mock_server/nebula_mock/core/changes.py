"""What a jump of the clock did to the tasks: several stages may lie between two moments."""

from collections.abc import Iterable
from dataclasses import dataclass

from nebula_mock.core.lifecycle import Stage
from nebula_mock.core.task import Task

_ROUNDING_S = 1.0  # a clock is read in rounded seconds: more than what that can come to


@dataclass(frozen=True, slots=True)
class TaskChange:
    """A task that is in another stage after the jump than before.

    Attributes:
        task_id: The provider's id.
        account: Whose it is.
        before: The stage it was in.
        after: The stage it is in.
    """

    task_id: str
    account: str
    before: Stage
    after: Stage


def changes(tasks: Iterable[Task], before: float, after: float) -> tuple[TaskChange, ...]:
    """The tasks that changed between two moments on their clock, in seconds since the epoch. Pure.

    A task that moves by queries is never among them.
    """
    moving = (task for task in tasks if before < task.ends_at + _ROUNDING_S)
    pairs = ((task, task.observed_at(before).stage, task.observed_at(after).stage) for task in moving)
    return tuple(TaskChange(task.task_id, task.account, was, now) for task, was, now in pairs if was != now)
