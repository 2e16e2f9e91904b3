"""A drift report for a person at a terminal: what changed, whose matter it is, since when, and what to do."""

import textwrap
from collections.abc import Iterable, Iterator

import click

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.words import (
    ending_line,
    findings_line,
    parity_lines,
    target_line,
    unseen_lines,
    words_of,
)
from nebula_contract.reports.shown import shown

_COLOURS: dict[str, str] = {"breaking": "red", "risky": "yellow", "additive": "cyan", "info": "blue"}
_LABEL = 12
_MOST_BRIEF = 40


def text(report: DriftReport, *, colour: bool = False, width: int = 100) -> str:
    """The report, with a line end; escape sequences only with ``colour``."""
    told = "\n".join(_lines(report, max(width, 40)))
    return (told if colour else click.unstyle(told)) + "\n"


def _lines(report: DriftReport, width: int) -> Iterator[str]:
    yield from textwrap.wrap(f"nebula-contract {shown(report.header.tool)}: {target_line(report)}", width)
    yield ""
    yield click.style(findings_line(report), bold=True)
    brief = [one for one in report.open if one.severity == "info"]
    for finding in report.open:
        if finding not in brief:
            yield ""
            yield from _finding(report, finding, width)
    yield from _section("Worth knowing:", (_brief(report, one) for one in brief), width)
    yield from _section("Accepted:", (_accepted(report, one) for one in report.known), width)
    yield from _section("How much of it the mock does alike:", parity_lines(report), width)
    yield from _section("Not looked at:", unseen_lines(report), width)
    yield ""
    yield click.style(ending_line(report), fg="green" if report.ending.code == 0 else "red")


def _finding(report: DriftReport, finding: DriftFinding, width: int) -> Iterator[str]:
    words = words_of(report, finding)
    severity = click.style(finding.severity.upper(), fg=_COLOURS[finding.severity], bold=True)
    yield f"{severity}  {click.style(words.what, bold=True)}"
    rows = {
        "where": words.where,
        "now": words.now,
        "before": words.baseline,
        "documents": words.docs,
        "mock": words.mock,
        "seen": words.often,
        "verdict": words.verdict,
        "who": f"{words.who} to act",
        "accepted": words.standing,
        "what to do": words.remedy,
        "rule": f"{words.title}, id {finding.id}; nebula-contract explain {finding.rule.id}",
    }
    for label, value in rows.items():
        if value:
            yield from _labelled(label, value, width)
    for label, command in (("again", words.curl), ("accept it", words.accept)):
        if command:
            yield f"  {label:<{_LABEL}}{command}"  # whole, to be pasted


def _brief(report: DriftReport, finding: DriftFinding) -> str:
    words = words_of(report, finding)
    return f"{finding.id} {words.title}, {words.where}: {words.now}"


def _accepted(report: DriftReport, finding: DriftFinding) -> str:
    words = words_of(report, finding)
    return f"{finding.id} {finding.severity} {words.title}, {words.where}: {words.standing}"


def _section(title: str, lines: Iterable[str], width: int) -> Iterator[str]:
    told = list(lines)
    if told:
        yield ""
        yield click.style(title, bold=True)
    for line in told[:_MOST_BRIEF]:
        yield textwrap.fill(
            line, width, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
    if len(told) > _MOST_BRIEF:
        yield f"  and {len(told) - _MOST_BRIEF} more; the JSON report has them all"


def _labelled(label: str, value: str, width: int) -> Iterator[str]:
    yield textwrap.fill(
        value,
        width,
        initial_indent=f"  {label:<{_LABEL}}",
        subsequent_indent=" " * (_LABEL + 2),
        break_on_hyphens=False,
    )
