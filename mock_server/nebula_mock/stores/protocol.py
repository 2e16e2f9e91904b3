"""What the provider asks of a store."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from nebula_mock.core.task import Task


class Store(Protocol):
    """Keeps tasks by account and id. Every method may be called from many threads at once."""

    def add(self, task: Task) -> Sequence[Task]:
        """Keep a task; one of the same account and id is replaced. Gives the tasks dropped to make room."""
        ...

    def forget(self, account: str | None = None) -> int:
        """Keep no task any more, or none of one account; gives how many there were."""
        ...

    def __len__(self) -> int:
        """How many tasks it keeps now."""
        ...

    def get(self, account: str, task_id: str) -> Task | None:
        """The account's task of that id, or None; another account's task is None too."""
        ...

    def by_result_token(self, token: str) -> Task | None:
        """The task whose results carry that token, whatever the account, or None."""
        ...

    def tasks_of(self, account: str) -> Iterator[Task]:
        """The account's tasks, oldest first, as they were when asked."""
        ...

    def tasks(self) -> Iterator[Task]:
        """All tasks, oldest first, as they were when asked."""
        ...
