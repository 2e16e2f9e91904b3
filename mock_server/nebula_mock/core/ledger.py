"""What every account spent, computed like everything else: from its tasks and now.

A task is charged when it succeeds and never when it fails (DOC, SRC). Since a task's fate follows from
its plan and the clock, so does the bill; nothing is booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from nebula_mock.core.task import Task

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bill:
    """One account's part of the ledger. Money is in US dollars.

    Attributes:
        account: Whose it is.
        submitted: Tasks accepted.
        running: Tasks that have not ended.
        charged: Tasks that succeeded.
        failed_for_free: Tasks that failed, which cost nothing.
        charged_usd: What the charged tasks cost; what the same run would have cost live.
        running_usd: What the running tasks will cost if all succeed.
        refused: Submits that were refused, by row of the error table.
    """

    account: str
    submitted: int
    running: int
    charged: int
    failed_for_free: int
    charged_usd: Decimal
    running_usd: Decimal
    refused: Mapping[str, int]


def bill(account: str, tasks: Iterable[Task], refused: Mapping[str, int], now: float) -> Bill:
    """The bill of one account at ``now``; ``tasks`` are its own."""
    prices: defaultdict[str, list[Decimal]] = defaultdict(list)
    for task in tasks:
        stage = task.observed_at(now).stage
        prices[stage if stage in {"succeeded", "failed"} else "running"].append(task.price_usd)
    return Bill(
        account=account,
        submitted=sum(map(len, prices.values())),
        running=len(prices["running"]),
        charged=len(prices["succeeded"]),
        failed_for_free=len(prices["failed"]),
        charged_usd=sum(prices["succeeded"], _NOTHING),
        running_usd=sum(prices["running"], _NOTHING),
        refused=dict(sorted(refused.items())),
    )
