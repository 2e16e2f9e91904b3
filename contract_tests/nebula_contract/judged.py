"""A record to a report: judged again by whatever checks there are now, also right after the run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nebula_contract.freshness import DEFAULT_PATH, read_freshness
from nebula_contract.judging.judge import judge
from nebula_contract.judging.registry import all_checks
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import Record
from nebula_contract.reports.report import Report, named_exchanges
from nebula_contract.reports.summary import FailOn, ending_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a verdict is held to.

    Attributes:
        fail_on: From which level on findings make the exit code 1.
        inconclusive_ok: Whether what was not looked at is forgiven.
        only: Codes of the checks; empty for all.
        max_age_days: How long ago each check may have held live; None for as long as one likes.
        freshness: Where that stands.
    """

    fail_on: FailOn = "breaking"
    inconclusive_ok: bool = False
    only: tuple[str, ...] = ()
    max_age_days: int | None = None
    freshness: Path = DEFAULT_PATH


def judged(record: Record, bounds: Bounds, *, kept_at: str = "", problem: str = "") -> Report:
    """The report of a record.

    Args:
        record: The run.
        bounds: What it is held to.
        kept_at: Where the record stays, for the commands that the report shows; empty where it does not.
        problem: What went wrong beside what is judged; empty for nothing.

    Raises:
        RecordError: The record is damaged.
        ReviewedFileError: The file about live runs is.
    """
    header = record.header
    verdict = judge(
        record.exchanges(),
        is_mock=header.is_mock,
        is_live=header.is_planned,
        paid_families=paid_families(record.exchanges()) if header.is_planned else (),
        only=bounds.only,
    )
    fresh = read_freshness(bounds.freshness)
    now = datetime.now(UTC)
    codes = [run.code for run in verdict.checks]
    stale = () if bounds.max_age_days is None else fresh.stale(codes, now, bounds.max_age_days)
    ending = ending_of(
        verdict,
        fail_on=bounds.fail_on,
        inconclusive_ok=bounds.inconclusive_ok,
        quarantined=verdict.quarantined,
        partial=record.partial,
        problem=problem,
        stale=stale,
        is_interrupted=record.end is not None and record.end.stop == "interrupted",
    )
    return Report(
        header,
        verdict,
        named_exchanges(verdict.findings, record.exchanges()),
        {check.code: check for check in all_checks()},
        ending,
        record.end,
        record.partial,
        kept_at,
        fresh.ages(now),
    )


def paid_families(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The families of the jobs of a live plan, whose cases are called ``job/FAMILY/...``."""
    cases = (one.case.split("/") for one in exchanges if one.case.startswith("job/"))
    return frozenset(parts[1] for parts in cases)
