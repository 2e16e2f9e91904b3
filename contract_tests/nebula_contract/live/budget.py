"""Whether a submit may be sent under the caps, given what the ledger says: pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nebula_contract.live.ledger_lines import Book, is_loopback
from nebula_contract.live.money import CEILING_USD, ZERO, usd_text


class BudgetError(Exception):
    """A cap would be passed; the message says which, what counts as spent, and what the case may cost."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What may be spent, in US dollars.

    Attributes:
        run_usd: By this run.
        day_usd: Since midnight UTC, by all runs of the ledger.
        month_usd: Since the first of the month UTC, by all runs of the ledger.
    """

    run_usd: Decimal = ZERO
    day_usd: Decimal = ZERO
    month_usd: Decimal = CEILING_USD


def refusal(usd: Decimal, caps: Caps, book: Book, run: str, host: str, now: datetime) -> str:
    """Why ``usd`` more may not be reserved; empty when it may.

    What was reserved after ``now`` counts for the day as well, so that a clock that was set back opens nothing.
    Rehearsals at this machine and runs elsewhere do not count for each other.
    """
    is_rehearsal = is_loopback(host)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    table = (
        ("--max-spend", "this run", caps.run_usd, book.counted_usd(run=run)),
        ("--max-spend-day", "today", caps.day_usd, book.counted_usd(since=midnight, loopback=is_rehearsal)),
        (
            "--max-spend-month",
            "this month",
            caps.month_usd,
            book.counted_usd(since=midnight.replace(day=1), loopback=is_rehearsal),
        ),
    )
    for option, period, cap, counted in table:
        if not ZERO < usd <= cap - counted:
            return (
                f"it may cost {usd_text(usd)} USD, {usd_text(counted)} count as spent {period}, and the cap is "
                f"{usd_text(cap)} ({option})"
            )
    return ""
