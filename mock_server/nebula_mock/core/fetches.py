"""How often a result of each task was handed over whole; kept beside the store, since a task itself never changes."""

import threading
from typing import Literal

from nebula_mock.core.task import Task


class Fetches:
    """The whole answers with a video of every task. Safe to use from many threads."""

    def __init__(self) -> None:
        """Nobody fetched anything yet."""
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def add(self, task: Task, by: Literal[1, -1] = 1) -> None:
        """One more; or one less, where the last bytes of an answer were not taken after all."""
        with self._lock:
            count = self._counts.pop((task.account, task.task_id), 0) + by
            if count > 0:
                self._counts[task.account, task.task_id] = count

    def has(self, task: Task) -> bool:
        """Whether there was any."""
        return (task.account, task.task_id) in self._counts

    def forget(self, task: Task) -> None:
        """Nothing is known of the task any more."""
        with self._lock:
            self._counts.pop((task.account, task.task_id), None)

    def forget_all(self, account: str | None = None) -> None:
        """Nothing is known of any task, or of any of one account."""
        with self._lock:
            for owner in [owner for owner in self._counts if account in (None, owner[0])]:
                del self._counts[owner]
