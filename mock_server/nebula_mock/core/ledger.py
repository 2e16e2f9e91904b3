"""What every account spent, computed like everything else: from its tasks and now.

A task is charged when it succeeds and never when it fails (DOC, SRC). Since a task's fate follows from
its plan and the clock, so does the bill. Only a task that the store had to drop is booked, by its plan.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from nebula_mock.core.task import Task

_NOTHING = Decimal(0)


class Entry(NamedTuple):
    """A task with what is known of it beside its plan.

    Attributes:
        task: It.
        polls: How often it was asked about.
        was_fetched: Whether a result of it was handed over whole.
        is_repeated: Whether it repeats an earlier task that had not failed.
    """

    task: Task
    polls: int = 0
    was_fetched: bool = False
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the tasks of an account that are no longer kept. Money is in US dollars, as in ``Bill``."""

    charged: int = 0
    failed_for_free: int = 0
    charged_usd: Decimal = _NOTHING
    fetched: int = 0
    wasted_usd: Decimal = _NOTHING
    repeated: int = 0
    repeated_usd: Decimal = _NOTHING

    def with_charged(self, entry: Entry) -> "Settled":
        """This and one more task that succeeded."""
        price = entry.task.charged_usd
        return Settled(
            charged=self.charged + 1,
            failed_for_free=self.failed_for_free,
            charged_usd=self.charged_usd + price,
            fetched=self.fetched + entry.was_fetched,
            wasted_usd=self.wasted_usd + (_NOTHING if entry.was_fetched else price),
            repeated=self.repeated + entry.is_repeated,
            repeated_usd=self.repeated_usd + (price if entry.is_repeated else _NOTHING),
        )

    def with_failed(self, entry: Entry) -> "Settled":
        """This and one more task that failed."""
        return Settled(
            self.charged,
            self.failed_for_free + 1,
            self.charged_usd,
            self.fetched,
            self.wasted_usd,
            self.repeated + entry.is_repeated,
            self.repeated_usd,
        )

    def with_planned(self, entry: Entry) -> "Settled":
        """This and one more task, which ends as it was planned."""
        plan = entry.task.plan
        fails = plan.failure is not None or plan.is_endless
        return self.with_failed(entry) if fails else self.with_charged(entry)


@dataclass(frozen=True, slots=True)
class Spending:
    """What an account has spent, and what may still come.

    Attributes:
        charged_usd: What the charged tasks cost until now, in US dollars.
        running: Tasks that have not ended.
    """

    charged_usd: Decimal
    running: int


@dataclass(frozen=True, slots=True)
class Bill:
    """One account's part of the ledger. Money is in US dollars.

    Attributes:
        account: Whose it is.
        submitted: Tasks accepted.
        running: Tasks that have not ended.
        charged: Tasks that succeeded.
        failed_for_free: Tasks that failed, which cost nothing.
        charged_usd: What the charged tasks cost until now.
        running_usd: What the running tasks will cost if all succeed.
        live_usd: What the same run costs at the live provider: the charged tasks, and the running ones
            if all succeed.
        fetched: Charged tasks of which a result was handed over whole, at least once.
        wasted: Charged tasks of which none ever was.
        wasted_usd: What those cost.
        repeated: Accepted submits that repeat an earlier task which had not failed: a submit sent twice.
        repeated_usd: What the charged ones among them cost.
        refused: Submits that were refused, by row of the error table.
    """

    account: str
    submitted: int
    running: int
    charged: int
    failed_for_free: int
    charged_usd: Decimal
    running_usd: Decimal
    live_usd: Decimal
    fetched: int
    wasted: int
    wasted_usd: Decimal
    repeated: int
    repeated_usd: Decimal
    refused: Mapping[str, int]


def spending(entries: Iterable[Entry], now: float, settled: Settled) -> Spending:
    """What an account has spent at ``now``, in the least time; ``settled`` are tasks no longer kept."""
    charged_usd, running = settled.charged_usd, 0
    for entry, stage in _staged(entries, now):
        if stage == "succeeded":
            charged_usd += entry.task.charged_usd
        running += stage == "running"
    return Spending(charged_usd, running)


def bill(
    account: str, entries: Iterable[Entry], refused: Mapping[str, int], now: float, settled: Settled
) -> Bill:
    """The bill of one account at ``now``; ``entries`` are its own tasks, ``settled`` those no longer kept."""
    ended, running = settled, []
    for entry, stage in _staged(entries, now):
        if stage == "running":
            running.append(entry)
        else:
            ended = ended.with_charged(entry) if stage == "succeeded" else ended.with_failed(entry)
    running_usd = sum((entry.task.charged_usd for entry in running), _NOTHING)
    return Bill(
        account=account,
        submitted=ended.charged + ended.failed_for_free + len(running),
        running=len(running),
        charged=ended.charged,
        failed_for_free=ended.failed_for_free,
        charged_usd=ended.charged_usd,
        running_usd=running_usd,
        live_usd=ended.charged_usd + running_usd,
        fetched=ended.fetched,
        wasted=ended.charged - ended.fetched,
        wasted_usd=ended.wasted_usd,
        repeated=ended.repeated + sum(entry.is_repeated for entry in running),
        repeated_usd=ended.repeated_usd,
        refused=dict(sorted(refused.items())),
    )


def _staged(entries: Iterable[Entry], now: float) -> Iterator[tuple[Entry, str]]:
    """Every task as ``succeeded``, ``failed`` or ``running``, which here waiting ones are too."""
    for entry in entries:
        stage = entry.task.observed_at(now, entry.polls).stage
        yield entry, "running" if stage == "waiting" else stage
