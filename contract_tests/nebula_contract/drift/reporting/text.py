"""A drift report for a person at a terminal: what changed, whose matter it is, since when, and what to do."""

import textwrap
from collections.abc import Iterator

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
from nebula_contract.reports.frame import COLOURS, LEAST_WIDTH, labelled, section
from nebula_contract.reports.shown import shown

_LABEL = 12
_MOST_BRIEF = 40


def text(report: DriftReport, *, colour: bool = False, width: int = 100) -> str:
    """The report, with a line end; escape sequences only with ``colour``."""
    told = "\n".join(_lines(report, max(width, LEAST_WIDTH)))
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
    yield from section("Worth knowing:", (_brief(report, one) for one in brief), width, _MOST_BRIEF)
    yield from section("Accepted:", (_accepted(report, one) for one in report.known), width, _MOST_BRIEF)
    yield from section("How much of it the mock does alike:", parity_lines(report), width, _MOST_BRIEF)
    yield from section("Not looked at:", unseen_lines(report), width, _MOST_BRIEF)
    yield ""
    yield click.style(ending_line(report), fg="green" if report.ending.code == 0 else "red")


def _finding(report: DriftReport, finding: DriftFinding, width: int) -> Iterator[str]:
    words = words_of(report, finding)
    severity = click.style(finding.severity.upper(), fg=COLOURS[finding.severity], bold=True)
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
        yield from labelled(label, value, width, _LABEL)
    for label, command in (("again", words.curl), ("accept it", words.accept)):
        if command:
            yield f"  {label:<{_LABEL}}{command}"  # whole, to be pasted


def _brief(report: DriftReport, finding: DriftFinding) -> str:
    words = words_of(report, finding)
    return f"{finding.id} {words.title}, {words.where}: {words.now}"


def _accepted(report: DriftReport, finding: DriftFinding) -> str:
    words = words_of(report, finding)
    return f"{finding.id} {finding.severity} {words.title}, {words.where}: {words.standing}"
