"""How often each task was asked about; kept beside the store, since a task itself never changes."""

import threading

from nebula_mock.core.task import Task


class PollCounts:
    """The queries of every task whose plan goes by them. Safe to use from many threads."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def counted(self, task: Task) -> int:
        """The number of a query of the task, from 1: no two queries have the same."""
        if task.plan.polls is None:
            return 0
        with self._lock:
            count = self.of(task) + 1
            self._counts[task.account, task.task_id] = count
            return count

    def of(self, task: Task) -> int:
        """How many queries there were."""
        return self._counts.get((task.account, task.task_id), 0)

    def forget(self, task: Task) -> None:
        """Nothing is known of the task any more."""
        with self._lock:
            self._counts.pop((task.account, task.task_id), None)

    def forget_all(self, account: str | None = None) -> None:
        """Nothing is known of any task, or of any of one account."""
        with self._lock:
            for owner in [owner for owner in self._counts if account in (None, owner[0])]:
                del self._counts[owner]
