"""What several commands are told in the same way, and how they say that they cannot: one sentence, exit code 2."""

import os
import shutil
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nebula_contract.apart import Named, clash
from nebula_contract.ends import is_terminal

if TYPE_CHECKING:
    from nebula_contract.record.file import Record
    from nebula_contract.reports.summary import FailOn

FORMAT_NAMES = ("text", "json", "ndjson", "junit", "markdown", "github")
DRIFT_FORMAT_NAMES = ("text", "json", "ndjson", "junit", "markdown", "github", "sarif", "html")
FAIL_ON_NAMES = ("none", "info", "additive", "risky", "breaking")
PATH: "click.Path[Path]" = click.Path(path_type=Path)
_WIDTH = 100
_Command = TypeVar("_Command", bound=Callable[..., Any])


class CannotRunError(click.ClickException):
    """The command cannot do what it was asked for; one sentence, exit code 2."""

    exit_code = 2


class ReportOption(click.ParamType[tuple[str, Path]]):
    """``FORMAT=FILE``, with one of the formats that a command has."""

    name = "report"

    def __init__(self, formats: Collection[str] = FORMAT_NAMES) -> None:
        """The formats by name."""
        self._formats = formats

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """The format's name and the file."""
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if name not in self._formats or not equals or not file:
            self.fail(
                f"found {value!r}, expected FORMAT=FILE with one of {', '.join(self._formats)}", param, ctx
            )
        return name, Path(file)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a judging command was told.

    Attributes:
        format: What goes to stdout.
        reports: Format and file of each further report.
        fail_on: From which level on findings make the exit code 1.
        inconclusive_ok: Whether what was not looked at is forgiven.
        only: Codes of the checks; empty for all.
        max_age_days: How long ago each check may have held live; None for as long as one likes.
        freshness: Where that stands.
    """

    format: str
    reports: tuple[tuple[str, Path], ...]
    fail_on: "FailOn"
    inconclusive_ok: bool
    only: tuple[str, ...]
    max_age_days: int | None
    freshness: Path


def record_at(path: Path) -> "Record":
    """The record in a file.

    Raises:
        CannotRunError: It is none.
    """
    from nebula_contract.record.file import RecordError, read_record

    try:
        return read_record(path)
    except RecordError as error:
        raise CannotRunError(str(error)) from error


def judging_options(command: _Command) -> _Command:
    """The options of a command that judges; they come as ``Wanted``, see ``wanted``."""
    options = (
        click.option(
            "--format", "format_", default="text", show_default=True, type=click.Choice(FORMAT_NAMES),
            help="What goes to standard output.",
        ),
        click.option(
            "--report", "reports", multiple=True, type=ReportOption(), metavar="FORMAT=FILE",
            help="Write a further report; may be given several times.",
        ),
        click.option("--junit", type=PATH, metavar="FILE", help="The same as --report junit=FILE."),
        click.option(
            "--fail-on", default="breaking", show_default=True, type=click.Choice(FAIL_ON_NAMES),
            help="From which level on a finding makes the exit code 1.",
        ),
        click.option(
            "--inconclusive-ok", is_flag=True, help="Exit with 0 where it would be 3; the reasons are still told."
        ),
        click.option(
            "--only", multiple=True, metavar="CODE", help="Only this check, by code or name; may be given several times."
        ),
        click.option(
            "--max-age-days", type=click.IntRange(0, 36_500), metavar="DAYS",
            help="Inconclusive where a check held at the live provider longer ago, or never.",
        ),
        click.option(
            "--freshness", type=PATH, default=Path("contract/freshness.json"), show_default=True, metavar="FILE",
            help="When each check last held live; only read.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def wanted(options: dict[str, Any], *, run: Path | None = None, record: Path | None = None) -> Wanted:
    """The values of ``judging_options``, looked at: codes exist, files can be written and are no others.

    Args:
        options: The values.
        run: The record that is judged; None for one that is made.
        record: Where one is made; None for nowhere.

    Raises:
        CannotRunError: One does not, or cannot.
    """
    from nebula_contract.reports.formats import ReportError, writable

    junit = options.pop("junit")
    reports = (*options.pop("reports"), *((("junit", junit),) if junit else ()))
    files = [path for _, path in reports]
    keep_apart((("RUN", run), ("--freshness", options["freshness"])), (("--record", record), *named(reports)))
    only = tuple(code_of(word) for word in options.pop("only"))
    try:
        for path in files:
            writable(path)
    except ReportError as error:
        raise CannotRunError(f"--report: {error}") from error
    return Wanted(format=options.pop("format_"), reports=reports, only=only, **options)


def named(reports: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The files of reports with what they are to the command."""
    return [(f"--report {name}", path) for name, path in reports]


def keep_apart(reads: Sequence[Named], writes: Sequence[Named]) -> None:
    """Nothing, where no output is an input or another output.

    Raises:
        CannotRunError: One is; see ``apart.clash``.
    """
    if told := clash(reads, writes):
        raise CannotRunError(told)


def code_of(word: str) -> str:
    """The code of the check of that code or name.

    Raises:
        CannotRunError: There is none; the sentence names the nearest.
    """
    from nebula_contract.drift.explained import drift_rules
    from nebula_contract.judging.registry import all_checks, check_of

    try:
        return check_of(word).code
    except KeyError:
        words = [name for check in all_checks() for name in (check.code, check.name)]
        words += [name for rule in drift_rules() for name in (rule.id, rule.name)]
        near = get_close_matches(word.upper(), words, 1) or get_close_matches(word.lower(), words, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        message = f"found {word[:80]!r}, expected the code or name of a check or rule.{hint} nebula-contract explain lists them."
        raise CannotRunError(message) from None


def is_coloured() -> bool:
    """Whether standard output is a terminal that wants colours (https://no-color.org)."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def text_width() -> int:
    """Columns of a report on standard output: those of the terminal, 100 elsewhere."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else _WIDTH
