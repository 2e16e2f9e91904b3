"""Tasks in memory: gone when the server stops."""

import threading
from collections.abc import Iterator, Sequence

from nebula_mock.core.task import Task

MOST_TASKS = 10_000
"""How many tasks are kept by default; the oldest make room for new ones."""


class MemoryStore:
    """The default store, and the reference for any other.

    Attributes:
        most: How many tasks it keeps.
    """

    def __init__(self, most: int = MOST_TASKS) -> None:
        """Start empty."""
        self.most = most
        self._by_id: dict[tuple[str, str], Task] = {}
        self._by_account: dict[str, dict[str, Task]] = {}
        self._by_token: dict[str, Task] = {}
        self._lock = threading.Lock()

    def add(self, task: Task) -> Sequence[Task]:
        """Keep a task; one of the same account and id is replaced. Gives the tasks dropped to make room."""
        with self._lock:
            replaced = self._by_id.get((task.account, task.task_id))
            if replaced is not None:
                del self._by_token[replaced.result_token]
            self._by_id[task.account, task.task_id] = task
            self._by_account.setdefault(task.account, {})[task.task_id] = task
            self._by_token[task.result_token] = task
            return self._dropped()

    def _dropped(self) -> Sequence[Task]:
        dropped = []
        while len(self._by_id) > self.most:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            own = self._by_account[oldest.account]
            del own[oldest.task_id], self._by_token[oldest.result_token]
            if not own:
                del self._by_account[oldest.account]
            dropped.append(oldest)
        return dropped

    def forget(self, account: str | None = None) -> int:
        """Keep no task any more, or none of one account; gives how many there were."""
        with self._lock:
            accounts = list(self._by_account) if account is None else [account]
            gone = [task for one in accounts for task in self._by_account.pop(one, {}).values()]
            for task in gone:
                del self._by_id[task.account, task.task_id], self._by_token[task.result_token]
            return len(gone)

    def __len__(self) -> int:
        """How many tasks it keeps now."""
        return len(self._by_id)

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
