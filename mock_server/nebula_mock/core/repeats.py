"""Which tasks repeat an earlier one that had not failed: what a submit that was sent twice looks like."""

import hashlib
import json
import math
from collections import OrderedDict

from nebula_mock.core.task import Task

MOST_REMEMBERED = 10_000
"""How many different submits of an account are remembered of tasks that are no longer kept."""

_DIGEST_BYTES = 16
_CLOCK_DIGITS = 6  # as finely as a lifecycle counts


class Repeats:
    """The submits of one account, in their order. Not safe to use from many threads by itself."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        """No submit yet; of more than ``most`` different ones the oldest are forgotten."""
        self._most = most
        self._fails_at: OrderedDict[bytes, float] = OrderedDict()

    def copy(self) -> "Repeats":
        """Another one that goes on from here, and forgets nothing."""
        twin = Repeats(0)
        twin._fails_at = self._fails_at.copy()
        return twin

    def takes(self, task: Task, polls: int) -> bool:
        """Take the account's next task, and say whether it repeats an earlier one.

        A task that follows after its like has failed is another attempt, and no repetition. One that moves by
        queries has the dates of its submit, so once it has failed it had failed all along.

        Args:
            task: It.
            polls: How often it was asked about until now.
        """
        like = likeness(task)
        before = self._fails_at.get(like)
        own = _fails_at(task, polls)
        self._fails_at[like] = own if before is None else max(before, own)
        self._fails_at.move_to_end(like)
        if self._most and len(self._fails_at) > self._most:
            self._fails_at.popitem(last=False)
        return before is not None and round(before - task.submitted_at, _CLOCK_DIGITS) > 0


def likeness(task: Task) -> bytes:
    """A digest that two tasks share when they asked for the same: family, model, prompt, parameters, remixed task."""
    asked = [task.family.name, task.model.id, task.prompt, task.parameters, task.remix_of]
    text = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def _fails_at(task: Task, polls: int) -> float:
    """From when on the task has failed, seconds since the epoch; infinity for one that has not."""
    if task.plan.failure is None or task.plan.is_endless:
        return math.inf
    if task.plan.polls is None:
        return task.ends_at
    has_failed = task.observed_at(task.submitted_at, polls).stage == "failed"
    return task.submitted_at if has_failed else math.inf
