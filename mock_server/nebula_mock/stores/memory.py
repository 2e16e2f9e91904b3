"""Tasks in memory: gone when the server stops."""

import threading
from collections.abc import Iterator

from nebula_mock.core.task import Task


class MemoryStore:
    """The default store, and the reference for any other."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[tuple[str, str], Task] = {}
        self._by_account: dict[str, dict[str, Task]] = {}
        self._by_token: dict[str, Task] = {}
        self._lock = threading.Lock()

    def add(self, task: Task) -> None:
        """Keep a task; one of the same account and id is replaced."""
        with self._lock:
            replaced = self._by_id.get((task.account, task.task_id))
            if replaced is not None:
                del self._by_token[replaced.result_token]
            self._by_id[task.account, task.task_id] = task
            self._by_account.setdefault(task.account, {})[task.task_id] = task
            self._by_token[task.result_token] = task

    def get(self, account: str, task_id: str) -> Task | None:
        """The account's task of that id, or None."""
        return self._by_id.get((account, task_id))

    def by_result_token(self, token: str) -> Task | None:
        """The task whose results carry that token, or None."""
        return self._by_token.get(token)

    def tasks_of(self, account: str) -> Iterator[Task]:
        """The account's tasks, oldest first, as they were when asked."""
        with self._lock:
            return iter(list(self._by_account.get(account, {}).values()))

    def tasks(self) -> Iterator[Task]:
        """All tasks, oldest first, as they were when asked."""
        with self._lock:
            return iter(list(self._by_id.values()))
