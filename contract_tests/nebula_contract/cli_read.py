"""``nebula-contract coverage`` and ``explain``: what was looked at, and what a check means."""

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from nebula_contract.drift.explained import (
    drift_rule,
    drift_rules,
    rule_explained,
    rule_facts,
    rules_listed,
    verdict_explained,
    verdict_facts,
    verdict_named,
    verdicts_listed,
)
from nebula_contract.freshness import STANDINGS, Freshness, read_freshness
from nebula_contract.judged import Bounds, judged
from nebula_contract.judging.registry import AREAS, Check, all_checks, check_of
from nebula_contract.options import PATH, CannotRunError, code_of, record_at
from nebula_contract.record.file import RecordError
from nebula_contract.reports.as_json import report_document
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.summary import INCONCLUSIVE
from nebula_contract.reviewed import ReviewedFileError

_WIDTH = 100
_LABEL = 12


@click.command()
@click.argument("run", type=PATH, metavar="RUN")
@click.option("--missing", is_flag=True, help="Only what was not seen.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document: cells and checks of a report.")
@click.option(
    "--freshness",
    type=PATH,
    default=Path("contract/freshness.json"),
    show_default=True,
    metavar="FILE",
    help="When each check last held live; only read.",
)
def coverage(run: Path, freshness: Path, *, missing: bool, as_json: bool) -> None:
    """What the record RUN has looked at: each cell and each check, how often, and how long ago it held live.

    Exits with 3 when something that must be seen was not.
    """
    try:
        report = judged(record_at(run), Bounds(freshness=freshness), kept_at=str(run))
    except (RecordError, ReviewedFileError) as error:
        raise CannotRunError(str(error)) from error
    if as_json:
        document = report_document(report)
        click.echo(json.dumps({name: document[name] for name in ("cells", "checks")}, indent=2))
    else:
        click.echo("\n".join(_table(report, only_missing=missing)))
    raise SystemExit(INCONCLUSIVE if report.verdict.missing else 0)


def _table(report: Report, *, only_missing: bool) -> Iterator[str]:
    cells = [cell for cell in report.verdict.cells if not only_missing or not cell.seen]
    width = max((len(shown(cell.name)) for cell in cells), default=0)
    for cell in cells:
        told = "MISSING" if cell.is_required and not cell.seen else str(cell.seen or "-")
        reason = f" ({shown(cell.reason)})" if cell.reason and not cell.seen else ""
        yield f"{told:>7}  {shown(cell.name):<{width}}  {shown(cell.what)}{reason}"
    checks = [check for check in report.verdict.checks if not only_missing or not check.looked]
    if cells and checks:
        yield ""
    for check in checks:
        age = report.ages.get(check.code)
        live = "never live" if age is None else f"live {age} d ago"
        broken = f", {check.broken} broken" if check.broken else ""
        yield f"{check.looked or '-':>7}  {check.code} {report.name(check.code)}{broken}  ({live})"
    seen = sum(cell.seen > 0 for cell in report.verdict.cells)
    yield ""
    yield (
        f"{seen} of {len(report.verdict.cells)} cells seen, {len(report.verdict.missing)} required ones missing; "
        f"{len(report.verdict.checks) - len(report.unlooked)} of {len(report.verdict.checks)} checks looked."
    )


@click.command()
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--freshness",
    type=PATH,
    default=Path("contract/freshness.json"),
    metavar="FILE",
    help="When each check last held live; only read.",
)
def explain(code: str | None, freshness: Path, *, as_json: bool) -> None:
    """What the check, drift rule or verdict CODE says, what is usually behind it, and what to do; without CODE the list."""
    try:
        fresh = read_freshness(freshness)
    except ReviewedFileError as error:
        raise CannotRunError(str(error)) from error
    rule = None if code is None else drift_rule(code)
    if rule is not None:
        click.echo(json.dumps(rule_facts(rule), indent=2) if as_json else "\n".join(rule_explained(rule)))
        return
    if code is not None and (kinds := verdict_named(code)):
        click.echo(
            json.dumps(verdict_facts(kinds), indent=2) if as_json else "\n".join(verdict_explained(kinds))
        )
        return
    checks = all_checks() if code is None else (check_of(code_of(code)),)
    if as_json:
        told = [_facts(check, fresh) for check in checks]
        every = [*told, *map(rule_facts, drift_rules())]
        click.echo(json.dumps(every if code is None else told[0], indent=2))
    elif code is None:
        click.echo("\n".join((*_listed(checks), *rules_listed(), *verdicts_listed())))
    else:
        click.echo("\n".join(_explained(checks[0], fresh)))


def _facts(check: Check, fresh: Freshness) -> dict[str, object]:
    """A check as JSON members."""
    return {
        "code": check.code,
        "name": check.name,
        "area": AREAS[check.code[2]],
        "level": check.level,
        "promise": check.promise,
        "cause": check.cause,
        "remedy": check.remedy,
        "source": check.source,
        "live": fresh.standing(check.code),
        "live_age_days": fresh.ages(datetime.now(UTC)).get(check.code),
    }


def _listed(checks: tuple[Check, ...]) -> Iterator[str]:
    area = ""
    for check in checks:
        if check.code[2] != area:
            yield from ([""] if area else [])
            area = check.code[2]
            yield f"NC{area}  {AREAS[area]}"
        yield f"  {check.code}  {check.level:<8}  {check.name}"


def _explained(check: Check, fresh: Freshness) -> Iterator[str]:
    standing = fresh.standing(check.code)
    age = fresh.ages(datetime.now(UTC)).get(check.code)
    yield f"{check.code} {check.name}"
    rows = {
        "about": AREAS[check.code[2]],
        "level": check.level,
        "promise": check.promise,
        "source": check.source,
        "usually": check.cause,
        "what to do": check.remedy,
        "live": f"{standing}: {STANDINGS[standing]}" + ("" if age is None else f" ({age} days ago)"),
    }
    for label, text in rows.items():
        yield textwrap.fill(
            text,
            _WIDTH,
            initial_indent=f"  {label:<{_LABEL}}",
            subsequent_indent=" " * (_LABEL + 2),
            break_on_hyphens=False,
        )
