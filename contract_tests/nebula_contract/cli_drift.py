"""``nebula-contract drift``, ``accept`` and ``prune``: what changed, and whether somebody has seen it."""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from nebula_contract.cli import EPILOG
from nebula_contract.drift.accepted import (
    ACCEPTED_PATH,
    DEFAULT_DAYS,
    Acceptance,
    AcceptError,
    acceptance_of,
    change_accepted,
    prune_accepted,
    with_entry,
)
from nebula_contract.drift.baseline import OBSERVED_PATH
from nebula_contract.drift.drifted import DriftBounds, compared_record, report_of
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.looked import looked_places
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.formats import DRIFT_FORMATS, write_drift_report
from nebula_contract.drift.reporting.text import text
from nebula_contract.drift.reporting.words import where
from nebula_contract.drift.rules import LEVEL_NAMES, SeverityFileError
from nebula_contract.judging.findings import Level
from nebula_contract.options import (
    DRIFT_FORMAT_NAMES,
    FAIL_ON_NAMES,
    PATH,
    CannotRunError,
    ReportOption,
    is_coloured,
    keep_apart,
    named,
    record_at,
    text_width,
)
from nebula_contract.record.file import RecordError
from nebula_contract.reports.formats import ReportError, writable
from nebula_contract.reports.shown import count_of, shown
from nebula_contract.reviewed import ReviewedFileError

_SHORTEST_ID = 4
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Command = TypeVar("_Command", bound=Callable[..., Any])
_NO_BASELINE = (
    "--baseline: {} is not there, so that a change from the run before cannot be seen, and would be dropped. Name a file "
    "of observations or another record, or say --without-baseline where none was ever compared with. Nothing was dropped."
)
_PROBLEMS = (RecordError, ReviewedFileError, SeverityFileError, ReportError)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of every command here, by their options."""

    baseline: Path
    accepted: Path
    severity: Path | None
    mock: Path | None

    def bounds(self, *, makes_accepted: bool = False, **others: Any) -> DriftBounds:
        """What a record is compared with and held to; whether the acceptances may be yet to be made."""
        return DriftBounds(
            baseline=self.baseline,
            needs_baseline=_is_given("baseline"),
            accepted=self.accepted,
            needs_accepted=_is_given("accepted") and not makes_accepted,
            severity=self.severity,
            mock=self.mock,
            **others,
        )

    def keep_apart(self, run: Path, reports: Sequence[tuple[str, Path]] | None = None) -> None:
        """Refuse an output that is an input: the reports, or the acceptances where there are none to be written.

        Raises:
            CannotRunError: One is.
        """
        reads = (
            ("RUN", run),
            ("--baseline", self.baseline),
            ("--severity", self.severity),
            ("--mock", self.mock),
        )
        accepted = ("--accepted", self.accepted)
        if reports is None:
            keep_apart(reads, (accepted,))
        else:
            keep_apart((*reads, accepted), named(reports))

    def told(self, error: Exception) -> str:
        """The error, with the option in front whose file it is about."""
        options = {
            "--baseline": self.baseline, "--accepted": self.accepted, "--severity": self.severity, "--mock": self.mock,
        }  # fmt: skip
        about = next(
            (name for name, path in options.items() if path and str(error).startswith(f"{path}")), ""
        )
        return f"{about}: {error}" if about else str(error)


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is not ParameterSource.DEFAULT


def _file_options(command: _Command) -> _Command:
    options = (
        click.option(
            "--baseline", type=PATH, default=OBSERVED_PATH, show_default=True, metavar="FILE",
            help="What the provider was last accepted to do; or another record, to compare two runs.",
        ),
        click.option(
            "--accepted", type=PATH, default=ACCEPTED_PATH, show_default=True, metavar="FILE",
            help="Changes that somebody has accepted.",
        ),
        click.option(
            "--severity", type=PATH, metavar="FILE",
            help='How bad each rule or verdict is, where it is not as shipped: TOML lines such as DR217 = "info".',
        ),
        click.option(
            "--mock", type=PATH, metavar="RECORD",
            help="Compare with another mock, as this record of a run at it shows; else with that of this package.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command(epilog=EPILOG)
@click.argument("run", type=PATH, metavar="RUN")
@_file_options
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    type=click.Choice(DRIFT_FORMAT_NAMES),
    help="What goes to standard output.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=ReportOption(DRIFT_FORMAT_NAMES),
    metavar="FORMAT=FILE",
    help="Write a further report; may be given several times.",
)
@click.option(
    "--fail-on",
    default="breaking",
    show_default=True,
    type=click.Choice(FAIL_ON_NAMES),
    help="From which severity on a change makes the exit code 1.",
)
@click.option(
    "--inconclusive-ok", is_flag=True, help="Exit with 0 where it would be 3; the reasons are still told."
)
@click.option(
    "--max-age-days",
    type=click.IntRange(0, 36_500),
    metavar="DAYS",
    help="Inconclusive where the record, or what only the baseline saw, is older.",
)
def drift(
    run: Path, baseline: Path, accepted: Path, severity: Path | None, mock: Path | None, format_: str, reports: tuple[tuple[str, Path], ...],
    **held_to: Any,
) -> None:  # fmt: skip
    """What changed in the record RUN, how bad it is for whom, since when, and what to do. Sends nothing.

    The run is compared with the documents, the mock and what the provider was last accepted to do. No file is written
    but the reports that are asked for.
    """
    files = _Files(baseline, accepted, severity, mock)
    files.keep_apart(run, reports)
    bounds = files.bounds(**held_to)
    try:
        for _, path in reports:
            writable(path)
        report = _report(run, bounds)
        for name, path in reports:
            write_drift_report(report, name, path)
    except _PROBLEMS as error:
        raise CannotRunError(files.told(error)) from error
    click.echo(_text(report, format_), nl=False)
    raise SystemExit(report.ending.code)


def _report(run: Path, bounds: DriftBounds) -> DriftReport:
    return report_of(compared_record(record_at(run), bounds), bounds, kept_at=str(run))


def _text(report: DriftReport, name: str) -> str:
    if name != "text":
        return DRIFT_FORMATS[name](report)
    return text(report, colour=is_coloured(), width=text_width())


class _Day(click.ParamType[date]):
    """A day such as 2027-01-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        if isinstance(value, date):
            return value
        text = str(value) if _DAY.fullmatch(str(value)) else ""  # not the other forms that ISO 8601 has
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(f"found {str(value)[:40]!r}, expected a day such as 2027-01-31", param, ctx)


@click.command()
@click.argument("run", type=PATH, metavar="RUN")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", required=True, metavar="TEXT", help="Why, so that others understand it.")
@click.option("--owner", default="", metavar="NAME", help="Who looks after it.")
@click.option(
    "--expires",
    type=_Day(),
    metavar="DAY",
    help=f"The last day on which it holds; {DEFAULT_DAYS} days from today where not given.",
)
@click.option(
    "--max-severity",
    type=click.Choice(LEVEL_NAMES),
    help="How bad it may become; as bad as it is where not given.",
)
@_file_options
def accept(
    run: Path, ids: tuple[str, ...], reason: str, owner: str, expires: date | None, max_severity: Level | None,
    accepted: Path, **compared_with: Any,
) -> None:  # fmt: skip
    """Accept changes that nebula-contract drift found in RUN, by their ids, until a day."""
    files = _Files(accepted=accepted, **compared_with)
    files.keep_apart(run)
    bounds = files.bounds(makes_accepted=True)
    try:
        report = _report(run, bounds)
        made = [
            acceptance_of(
                _of_id(report, word),
                reason,
                owner=owner,
                today=bounds.day,
                expires=expires,
                max_severity=max_severity,
            )
            for word in ids
        ]
        before = change_accepted(accepted, lambda entries: functools.reduce(with_entry, made, entries))
    except (*_PROBLEMS, AcceptError) as error:
        raise CannotRunError(files.told(error)) from error
    older = {entry.id: entry for entry in before}
    for entry in made:
        instead = _replaced(older.get(entry.id))
        click.echo(
            f"{entry.id} {entry.rule}, {shown(where(entry.place))}: accepted until {entry.expires}{instead}."
        )


def _replaced(older: Acceptance | None) -> str:
    """What an acceptance took the place of, in words; empty for nothing."""
    if older is None:
        return ""
    owner = f" of {shown(older.owner)}" if older.owner else ""
    return f", in place of the acceptance{owner} until {older.expires} ({shown(older.reason)})"


def _of_id(report: DriftReport, word: str) -> DriftFinding:
    """The finding of that id, or of the only one that begins so.

    Raises:
        AcceptError: There is none, or several.
    """
    found = (
        [one for one in report.findings if one.id.startswith(word.lower())]
        if len(word) >= _SHORTEST_ID
        else []
    )
    if len(found) != 1:
        listed = ", ".join(one.id for one in (found or report.findings)[:8]) or "none"
        raise AcceptError(f"ID: found {word[:40]!r}, expected the id of a change of this record: {listed}.")
    return found[0]


@click.command()
@click.argument("run", type=PATH, metavar="RUN")
@click.option(
    "--without-baseline", is_flag=True, help="Drop also where no earlier run is known to compare with."
)
@_file_options
def prune(run: Path, accepted: Path, *, without_baseline: bool, **compared_with: Any) -> None:
    """Drop acceptances of what RUN looked at and what is no longer so; everything else stays, expired or not."""
    files = _Files(accepted=accepted, **compared_with)
    files.keep_apart(run)
    bounds = files.bounds()
    kept: Sequence[Acceptance] = ()
    dropped: Sequence[Acceptance] = ()
    try:
        result = compared_record(record_at(run), bounds)
        if result.baseline is None and result.entries and not without_baseline:
            raise CannotRunError(_NO_BASELINE.format(bounds.baseline))
        if result.entries:
            kept, dropped = prune_accepted(
                accepted, result.compared.findings, looked_places(result.compared.now)
            )
    except _PROBLEMS as error:
        raise CannotRunError(files.told(error)) from error
    for entry in dropped:
        click.echo(
            f"{entry.id} {entry.rule}, {shown(where(entry.place))}: no longer so, dropped ({shown(entry.reason)})."
        )
    click.echo(f"{count_of(len(dropped), 'acceptance')} dropped, {len(kept)} kept.")
