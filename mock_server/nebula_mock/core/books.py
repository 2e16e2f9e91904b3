"""What is counted of each account beside its tasks, and its bill from both. Guarded by whoever holds it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nebula_mock.core.about import Counts
from nebula_mock.core.fetches import Fetches
from nebula_mock.core.ledger import Bill, Entry, Settled, Spending, bill, spending
from nebula_mock.core.polls import PollCounts
from nebula_mock.core.repeats import Repeats
from nebula_mock.core.task import Task


@dataclass(slots=True)
class _Book:
    """One account's.

    Attributes:
        refused: Submits that were refused, by row of the error table.
        settled: What became of tasks that are no longer kept.
        dropped: Those tasks, as far as later ones may repeat them.
    """

    refused: Counter[str] = field(default_factory=Counter)
    settled: Settled = field(default_factory=Settled)
    dropped: Repeats = field(default_factory=Repeats)


class Books:
    """The books of all accounts; not safe to use from many threads by itself, but for what it consists of.

    Attributes:
        polls: How often each task was asked about.
        fetches: How often each task's results were handed over whole.
    """

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self.polls = PollCounts()
        self.fetches = Fetches()
        self._accepted = Counts()
        self._books: defaultdict[str, _Book] = defaultdict(_Book)

    def next_ordinal(self, account: str, about: str) -> int:
        """Which accepted submit of the account about the same this is, from 0."""
        _ = self._books[account]  # from now on it has one
        return self._accepted.number(account, about)

    def refuse(self, account: str, problem_id: str) -> None:
        """A submit was refused."""
        self._books[account].refused[problem_id] += 1

    def settle(self, task: Task) -> None:
        """A task is no longer kept: book it as it was planned to end."""
        book = self._books[task.account]
        polls = self.polls.of(task)
        is_repeated = book.dropped.takes(task, polls)
        book.settled = book.settled.with_planned(Entry(task, polls, self.fetches.has(task), is_repeated))
        self.polls.forget(task)
        self.fetches.forget(task)

    def accounts(self) -> set[str]:
        """Those of which anything was counted."""
        return set(self._books)

    def spending(self, account: str, tasks: Iterable[Task], now: float) -> Spending:
        """What the account has spent at ``now``; ``tasks`` are its own."""
        entries = (Entry(task, self.polls.of(task)) for task in tasks)
        return spending(entries, now, self._of(account).settled)

    def bill(self, account: str, tasks: Iterable[Task], now: float) -> Bill:
        """The account's bill at ``now``; ``tasks`` are its own, oldest first."""
        book = self._of(account)
        return bill(account, self._entries(tasks, book.dropped.copy()), book.refused, now, book.settled)

    def _entries(self, tasks: Iterable[Task], repeats: Repeats) -> Iterator[Entry]:
        for task in tasks:
            polls = self.polls.of(task)
            yield Entry(task, polls, self.fetches.has(task), repeats.takes(task, polls))

    def _of(self, account: str) -> _Book:
        """To read in; an account of which nothing was counted gets none by that."""
        return self._books.get(account) or _Book()

    def forget(self, account: str | None = None) -> None:
        """Nothing was counted yet, of anybody or of one account."""
        self.polls.forget_all(account)
        self.fetches.forget_all(account)
        self._accepted.forget(account)
        for one in [one for one in self._books if account in (None, one)]:
            del self._books[one]
