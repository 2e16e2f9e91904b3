"""A record to a drift report: read, judged and compared; nothing is sent, and no file is moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from nebula_contract.drift.accepted import ACCEPTED_PATH, Acceptance, Stand, read_accepted, stand_of
from nebula_contract.drift.baseline import OBSERVED_PATH, observed_from_record, read_observed
from nebula_contract.drift.document import Observed
from nebula_contract.drift.drift import Compared, compared
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.mock_witness import mock_witness
from nebula_contract.drift.observation import CellKey, Observations
from nebula_contract.drift.parity import parities
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.rules import read_severities
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judged import paid_families
from nebula_contract.judging.findings import Verdict
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.record.file import Record, is_record, read_record
from nebula_contract.reports.curl import quoted
from nebula_contract.reports.shown import count_of, shown
from nebula_contract.reports.summary import (
    BROKEN,
    HELD,
    INCONCLUSIVE,
    INTERRUPTED,
    PRECEDENCE,
    QUARANTINE,
    Ending,
    FailOn,
    gates,
)
from nebula_contract.reviewed import ReviewedFileError
from nebula_schemas.catalogue import DIALECTS, Dialect


@dataclass(frozen=True, slots=True)
class DriftBounds:
    """What a record is compared with and held to.

    Attributes:
        baseline: The last accepted state (``observed.json``), or another record.
        needs_baseline: Whether it must be there; else the run may be compared with mock and documents alone.
        accepted: The changes that somebody has accepted.
        needs_accepted: Whether that file must be there.
        severity: A file of severities; None for those of the rules.
        mock: The record of a run at another mock, to compare with in place of the package's own; None for that.
        fail_on: From which level on findings make the exit code 1.
        inconclusive_ok: Whether what was not looked at is forgiven.
        max_age_days: How old the record, and what it is compared with, may be; None for as old as one likes.
        today: The day by which ages and acceptances are counted.
    """

    baseline: Path = OBSERVED_PATH
    needs_baseline: bool = False
    accepted: Path = ACCEPTED_PATH
    needs_accepted: bool = False
    severity: Path | None = None
    mock: Path | None = None
    fail_on: FailOn = "breaking"
    inconclusive_ok: bool = False
    max_age_days: int | None = None
    today: date | None = None

    @property
    def day(self) -> date:
        """``today``, or the day that it is."""
        return self.today or datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class ComparedRecord:
    """A record that was judged and compared.

    Attributes:
        record: The record.
        verdict: What its checks came to.
        compared: What it is compared to come to.
        witnesses: What it was compared with.
        baseline: The baseline among them, with its dates; None for none.
        entries: What somebody has accepted.
    """

    record: Record
    verdict: Verdict
    compared: Compared
    witnesses: Witnesses
    baseline: Observed | None
    entries: Sequence[Acceptance]


def compared_record(record: Record, bounds: DriftBounds) -> ComparedRecord:
    """Read, judge and compare a record.

    Raises:
        RecordError: The record is damaged.
        ReviewedFileError: The baseline or the acceptances are.
        SeverityFileError: The severities are.
    """
    severities = read_severities(bounds.severity)
    entries = _accepted(bounds)
    baseline = _baseline(bounds)
    witnesses = witnesses_of(baseline, bounds.mock)
    header = record.header
    run = read_run(record.exchanges(), is_mock=header.is_mock)
    families = paid_families(run.exchanges) if header.is_planned else ()
    verdict = judge_run(run, is_live=header.is_planned, paid_families=families)
    result = compared(run, verdict, witnesses, severities)
    return ComparedRecord(record, verdict, result, witnesses, baseline, entries)


def drifted(record: Record, bounds: DriftBounds, *, kept_at: str = "") -> DriftReport:
    """The report of a record; as ``compared_record``."""
    return report_of(compared_record(record, bounds), bounds, kept_at=kept_at)


def witnesses_of(baseline: Observed | None, mock: Path | None = None) -> Witnesses:
    """The mock, the package's own in both dialects or another as its record shows it; and the baseline with its dates.

    Raises:
        RecordError: The mock's record is damaged.
        ReviewedFileError: It is none of a mock.
    """
    mocks = mock_witness() if mock is None else _recorded_mock(mock)
    if baseline is None:
        return Witnesses(mocks)
    held = {key: dated.verified_at for key, dated in baseline.cells.items()}
    return Witnesses(mocks, baseline.seen, held)


def _recorded_mock(path: Path) -> Mapping[Dialect, Observations]:
    record = read_record(path)
    dialect = next((one for one in DIALECTS if one == record.header.dialect), None)
    if not record.header.is_mock or dialect is None:
        raise ReviewedFileError(
            f"{path}: found a record of {record.header.kind} ({shown(record.header.target)}), expected one of a mock; "
            "nebula-contract test --record makes it. What a provider did before is given as --baseline."
        )
    return {dialect: observed_from_record(record).seen}


def report_of(those: ComparedRecord, bounds: DriftBounds, *, kept_at: str = "") -> DriftReport:
    """The report of what a comparison came to: pure."""
    record, verdict, result = those.record, those.verdict, those.compared
    stands = {one.id: stand_of(one, those.entries, bounds.day) for one in result.findings}
    gating = frozenset(
        one.id
        for one in result.findings
        if gates(one.severity, bounds.fail_on) and stands[one.id].standing != "accepted" and not one.flickered
    )
    unverified = _unverified(those.baseline, result)
    infra = dict(result.now.unobservable)
    inconclusive = _inconclusive(record, verdict, result, unverified, bounds)
    return DriftReport(
        header=record.header,
        end=record.end,
        exchanges=verdict.exchanges,
        findings=result.findings,
        stands=stands,
        gating=gating,
        parity=parities(result.now, those.witnesses),
        lives=result.now.lives,
        mock_lives=next(iter(those.witnesses.mocks.values())).lives,
        unverified={str(key): day for key, day in unverified.items()},
        missing=verdict.missing,
        unobservable=infra,
        ending=_ending(
            record,
            verdict,
            [one for one in result.findings if one.id in gating],
            stands,
            inconclusive,
            bounds,
        ),
        baseline=those.baseline.run if those.baseline else None,
        today=bounds.day.isoformat(),
        record=kept_at,
        partial=record.partial,
        files=_files(bounds),
        compared_at=str(bounds.baseline),
    )


def _files(bounds: DriftBounds) -> str:
    given = {
        "--baseline": bounds.baseline if bounds.needs_baseline else None,
        "--accepted": bounds.accepted if bounds.accepted != ACCEPTED_PATH else None,
        "--severity": bounds.severity,
        "--mock": bounds.mock,
    }
    return "".join(
        f" {option} {quoted(shown(str(path)))}" for option, path in given.items() if path is not None
    )


def _baseline(bounds: DriftBounds) -> Observed | None:
    """What is compared with; None where the default is not there."""
    path = bounds.baseline
    if is_record(path):
        return observed_from_record(read_record(path))
    try:
        found = read_observed(path)
    except ReviewedFileError as error:
        if getattr(error.__cause__, "msg", "") != "Extra data":
            raise
        raise ReviewedFileError(  # several lines of JSON, as a record has them
            f"{path}: found neither a record, which begins with a line about its run, nor observations. "
            "Name a file that --record wrote, whole, or one of nebula-contract live --update."
        ) from error
    if found is None and bounds.needs_baseline:
        raise ReviewedFileError(
            f"{path}: is not there. Name a file of observations, or another record; without --baseline the run is "
            "compared with the mock and the documents alone."
        )
    return found


def _accepted(bounds: DriftBounds) -> tuple[Acceptance, ...]:
    """What somebody has accepted; nothing where the default is not there."""
    if bounds.needs_accepted and not bounds.accepted.exists():
        raise ReviewedFileError(
            f"{bounds.accepted}: is not there. Name a file of acceptances, which nebula-contract accept writes; without "
            f"--accepted that is {ACCEPTED_PATH}."
        )
    return read_accepted(bounds.accepted)


def _unverified(baseline: Observed | None, result: Compared) -> dict[CellKey, str]:
    """What the baseline has seen and the run has not looked at, with when it was seen."""
    if baseline is None:
        return {}
    return {
        key: baseline.cells[key].verified_at
        for key in sorted(baseline.seen.cells)
        if key not in result.now.cells and key in baseline.cells
    }


def _inconclusive(
    record: Record,
    verdict: Verdict,
    result: Compared,
    unverified: Mapping[CellKey, str],
    bounds: DriftBounds,
) -> list[str]:
    infra = result.now.unobservable.total()
    reasons = {
        f"{count_of(len(verdict.missing), 'required cell')} not seen": bool(verdict.missing),
        f"{count_of(infra, 'time')} the target could not be looked at": infra > 0,
        "nothing of the run could be compared": not result.now.cells,
        record.partial: bool(record.partial),
    }
    found = [reason for reason, holds in reasons.items() if holds]
    if bounds.max_age_days is not None:
        found += _too_old(record, unverified, bounds.day, bounds.max_age_days)
    return found


def _too_old(record: Record, unverified: Mapping[CellKey, str], today: date, most: int) -> list[str]:
    age = _days(record.header.started_at, today)
    old = [day for day in unverified.values() if day and _days(day, today) > most]
    return [
        *([f"the record is of a day to come ({record.header.started_at[:10]})"] if age < 0 else []),
        *([f"the record is {age} days old, more than {most}"] if age > most else []),
        *(
            [
                f"{count_of(len(old), 'kind of answer', 'kinds of answers')} last seen more than {most} days ago"
            ]
            if old
            else []
        ),
    ]


def _days(at: str, today: date) -> int:
    return (today - datetime.fromisoformat(at).date()).days


def _ending(
    record: Record,
    verdict: Verdict,
    gating: Sequence[DriftFinding],
    stands: Mapping[str, Stand],
    inconclusive: list[str],
    bounds: DriftBounds,
) -> Ending:
    expired = sum(stands[one.id].standing == "expired" for one in gating)
    told = f"{count_of(len(gating), 'change')} at or above {bounds.fail_on}"
    is_interrupted = record.end is not None and record.end.stop == "interrupted"
    reasons: dict[int, list[str]] = {
        INTERRUPTED: ["the run was interrupted"] if is_interrupted else [],
        BROKEN: [told + (f", {expired} of them accepted until a day that is past" if expired else "")]
        if gating
        else [],
        QUARANTINE: list(verdict.quarantined),
        INCONCLUSIVE: inconclusive,
    }
    found = [code for code in PRECEDENCE if reasons.get(code)]
    code = found[0] if found else HELD
    if code == INCONCLUSIVE and bounds.inconclusive_ok:
        code = HELD
    return Ending(code, tuple(reason for one in found for reason in reasons[one]), bounds.fail_on)
