"""What every account spent, computed like everything else: from its tasks and now.

A task is charged when it succeeds and never when it fails (DOC, SRC). Since a task's fate follows from
its plan and the clock, so does the bill. Only a task that the store had to drop is booked, by its plan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from nebula_mock.core.task import Task

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the tasks of an account that are no longer kept."""

    charged: int = 0
    failed_for_free: int = 0
    charged_usd: Decimal = _NOTHING

    def with_task(self, task: Task) -> "Settled":
        """This and one more task, which ends as it was planned."""
        if task.plan.failure is not None or task.plan.is_endless:
            return Settled(self.charged, self.failed_for_free + 1, self.charged_usd)
        return Settled(self.charged + 1, self.failed_for_free, self.charged_usd + task.charged_usd)


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
    refused: Mapping[str, int]


def _no_polls(_task: Task) -> int:
    return 0


def bill(
    account: str,
    tasks: Iterable[Task],
    refused: Mapping[str, int],
    now: float,
    settled: Settled | None = None,
    polls: Callable[[Task], int] = _no_polls,
) -> Bill:
    """The bill of one account at ``now``; ``tasks`` are its own, ``settled`` those no longer kept.

    ``polls`` says how often a task was asked about.
    """
    prices: defaultdict[str, list[Decimal]] = defaultdict(list)
    for task in tasks:
        stage = task.observed_at(now, polls(task)).stage
        prices[stage if stage in {"succeeded", "failed"} else "running"].append(task.charged_usd)
    before = settled or Settled()
    charged = before.charged + len(prices["succeeded"])
    failed = before.failed_for_free + len(prices["failed"])
    charged_usd = sum(prices["succeeded"], before.charged_usd)
    running_usd = sum(prices["running"], _NOTHING)
    return Bill(
        account=account,
        submitted=charged + failed + len(prices["running"]),
        running=len(prices["running"]),
        charged=charged,
        failed_for_free=failed,
        charged_usd=charged_usd,
        running_usd=running_usd,
        live_usd=charged_usd + running_usd,
        refused=dict(sorted(refused.items())),
    )
