"""When each check last held at the live provider: ``contract/freshness.json``, moved by live runs alone.

Nothing else renews it, neither a mock, nor judging a record again, nor reading it: a date that moves by itself proves
nothing. An age is in days of 24 hours since the run that showed it began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from nebula_contract.judging.findings import Verdict
from nebula_contract.record.run import RunHeader
from nebula_contract.reviewed import changing, read_document, write_document

DEFAULT_PATH = Path("contract/freshness.json")
FORMAT = 1
_DAY_S = 86_400
_SCHEMA = "files/freshness"
_UNWRITTEN = "What held is in the record; judge does not move dates."

Standing = Literal["live_verified", "mock_only", "live_pending", "live_unsafe"]
"""How a check stands to the live provider: it held there; it needs what only a mock can arrange; it has not been
looked at there yet; each look at it there could be charged."""
STANDINGS: Mapping[Standing, str] = {
    "live_verified": "it held at the live provider, on the day that contract/freshness.json says",
    "mock_only": "it takes what only a mock can arrange, such as a task that fails or a day that passes",
    "live_pending": "no live run has looked at it yet",
    "live_unsafe": "it takes generated submits that are accepted, and the live provider charges each",
}
MOCK_ONLY = frozenset({"NC411", "NC413", "NC606"})
LIVE_UNSAFE = frozenset({"NC202", "NC203"})


@dataclass(frozen=True, slots=True)
class Held:
    """That a check held.

    Attributes:
        at: When the run began, ISO 8601 in UTC.
        target: The provider's address.
        plan: Digest of the plan.
        looked: How often the check looked.
    """

    at: str
    target: str
    plan: str
    looked: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of live runs.

    Attributes:
        held: Code to when the check last held.
    """

    held: Mapping[str, Held] = field(default_factory=dict)

    def ages(self, now: datetime) -> Mapping[str, int]:
        """Code to whole days since the check last held; a date to come counts as none passed."""
        return {code: _days(one.at, now) for code, one in self.held.items()}

    def stale(self, codes: Iterable[str], now: datetime, most_days: int) -> tuple[str, ...]:
        """Those of the codes that held longer ago, or never; not those that no live run may look at."""
        ages = self.ages(now)
        looked_at = (code for code in codes if code not in MOCK_ONLY | LIVE_UNSAFE)
        return tuple(code for code in looked_at if ages.get(code, most_days + 1) > most_days)

    def standing(self, code: str) -> Standing:
        """How a check stands to the live provider."""
        if code in self.held:
            return "live_verified"
        if code in MOCK_ONLY:
            return "mock_only"
        return "live_unsafe" if code in LIVE_UNSAFE else "live_pending"


def moved(fresh: Freshness, verdict: Verdict, header: RunHeader) -> Freshness:
    """What is known after a run: at a live provider, every check that looked and found nothing held then.

    Pure. A run at anything else changes nothing, an older run no younger entry, and a broken check keeps the date on
    which it last held.
    """
    if not header.is_live:
        return fresh
    now_held = {
        run.code: Held(header.started_at, header.target, header.plan, run.looked)
        for run in verdict.checks
        if run.looked and not run.broken
    }
    younger = {
        code: one for code, one in now_held.items() if code not in fresh.held or fresh.held[code].at <= one.at
    }
    return Freshness({**fresh.held, **younger})


def read_freshness(path: Path = DEFAULT_PATH) -> Freshness:
    """What a file says; nothing is known where there is none.

    Raises:
        ReviewedFileError: It cannot be read, or is none.
    """
    document = read_document(path, _SCHEMA, "Take back the version that was committed.")
    checks = {} if document is None else document["checks"]
    return Freshness({code: Held(**one) for code, one in checks.items()})


def write_freshness(path: Path, fresh: Freshness) -> None:
    """Replace the file by one that says this; sorted, so that a difference can be read. Whole, or as it was.

    Raises:
        ReviewedFileError: It cannot be written.
    """
    write_document(path, freshness_document(fresh), _UNWRITTEN)


def move_freshness(path: Path, verdict: Verdict, header: RunHeader) -> None:
    """Put into the file what ``moved`` makes of it, while nobody else changes it; no file is made for nothing.

    Raises:
        ReviewedFileError: It cannot be read or written.
    """
    if not (path.exists() or moved(Freshness(), verdict, header).held):
        return
    with changing(path, _UNWRITTEN):
        fresh = read_freshness(path)
        if (now := moved(fresh, verdict, header)) != fresh:
            write_freshness(path, now)


def freshness_document(fresh: Freshness) -> Mapping[str, Any]:
    """What stands in the file."""
    return {"format": FORMAT, "checks": {code: asdict(fresh.held[code]) for code in sorted(fresh.held)}}


def _days(at: str, now: datetime) -> int:
    began = datetime.fromisoformat(at).astimezone(UTC)
    return max(0, int((now - began).total_seconds() // _DAY_S))
