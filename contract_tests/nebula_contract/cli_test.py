"""``nebula-contract test`` and ``judge``: a run or a record to reports and an exit code."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nebula_contract.cli import EPILOG
from nebula_contract.ends import has_ended, is_terminal, raise_again
from nebula_contract.judged import Bounds, judged
from nebula_contract.options import (
    PATH,
    CannotRunError,
    Wanted,
    is_coloured,
    judging_options,
    record_at,
    text_width,
    wanted,
)
from nebula_contract.progress import Progress
from nebula_contract.record.file import Record, RecordError
from nebula_contract.reports.formats import FORMATS, ReportError, write_report
from nebula_contract.reports.report import Report
from nebula_contract.reports.summary import INTERRUPTED, UNUSABLE
from nebula_contract.reports.terminal import terminal
from nebula_contract.reviewed import ReviewedFileError
from nebula_contract.running import Watch, run_to_file
from nebula_contract.sending.profiles import DEFAULT_PROFILE, PROFILES
from nebula_contract.targets import TargetError


@click.command(epilog=EPILOG)
@click.option(
    "--target",
    default="mock",
    show_default=True,
    metavar="mock|mock+http|URL",
    help="The provider under test.",
)
@click.option(
    "--profile",
    default=DEFAULT_PROFILE,
    show_default=True,
    type=click.Choice(list(PROFILES)),
    help="How much is sent.",
)
@click.option("--seed", type=click.IntRange(0), help="Repeat the generated inputs of an earlier run.")
@click.option(
    "--record", type=PATH, metavar="FILE", help="Keep the run there, to be judged or replayed later."
)
@click.option("--overwrite", is_flag=True, help="Let --record replace a file that is there.")
@judging_options
def test(
    target: str, profile: str, seed: int | None, record: Path | None, *, overwrite: bool, **options: Any
) -> None:
    """Send a run to a target, keep it, and judge it.

    The target is a mock of its own, that mock behind a socket, or a server at a URL. A server on another machine is
    refused unless it says that it is a mock: a run submits hundreds of tasks, and a live provider charges each.
    Its key is NEBULA_API_KEY, those of further accounts are NEBULA_SECOND_API_KEY, whose tasks the first must not
    see, and NEBULA_REDUCED_API_KEY, of an account without money; a mock that takes only keys that it knows needs all.
    """
    bounds = wanted(options, record=record)
    with _place(record) as path:
        problem = ""
        try:
            _run(target, profile, seed, path, overwrite=overwrite)
        except TargetError as error:
            raise CannotRunError(str(error)) from error
        except RecordError as error:
            problem = str(error)
            if not path.exists() or (record is not None and "nothing was sent" in problem):
                raise CannotRunError(f"--record: {problem}") from error
        _tell(record_at(path), bounds, kept_at=str(record or ""), problem=problem)


@click.command(epilog=EPILOG)
@click.argument("run", type=PATH, metavar="RUN")
@judging_options
def judge(run: Path, **options: Any) -> None:
    """Judge the record RUN again, by the checks of this version. Sends nothing."""
    _tell(record_at(run), wanted(options, run=run), kept_at=str(run))


def _run(target: str, profile: str, seed: int | None, path: Path, *, overwrite: bool) -> None:
    """Send the run, and say on stderr how it goes on."""
    progress = Progress(
        lambda text: click.echo(text, err=True, nl=False), is_terminal=is_terminal(sys.stderr)
    )

    def goes_on(count: int) -> None:
        raise_again()
        progress.exchange(count)

    try:
        run_to_file(
            target, profile, seed, path, overwrite=overwrite, watch=Watch(progress.drive, goes_on, has_ended)
        )
    finally:
        progress.end()


def _tell(record: Record, asked: Wanted, *, kept_at: str, problem: str = "") -> None:
    """Judge a record, write every report, and end with the exit code."""
    bounds = Bounds(asked.fail_on, asked.inconclusive_ok, asked.only, asked.max_age_days, asked.freshness)
    try:
        report = judged(record, bounds, kept_at=kept_at, problem=problem)
        for name, path in asked.reports:
            write_report(report, name, path)
    except (RecordError, ReviewedFileError, ReportError) as error:
        raise CannotRunError(str(error)) from error
    click.echo(_text(report, asked.format), nl=False)
    if not kept_at and report.verdict.findings:
        click.echo(
            "nebula-contract: the run was not kept; --record FILE keeps it for replay and judge.", err=True
        )
    if report.ending.code in {UNUSABLE, INTERRUPTED}:
        click.echo(f"nebula-contract: {report.ending.reasons[0]}", err=True)
    raise SystemExit(report.ending.code)


def _text(report: Report, name: str) -> str:
    if name != "text":
        return FORMATS[name](report)
    return terminal(report, colour=is_coloured(), width=text_width())


@contextmanager
def _place(record: Path | None) -> Iterator[Path]:
    """Where the record goes: as asked for, else into a folder that is gone afterwards."""
    if record is not None:
        yield record
        return
    with tempfile.TemporaryDirectory(prefix="nebula-contract-") as folder:
        yield Path(folder) / "run.ndjson"
