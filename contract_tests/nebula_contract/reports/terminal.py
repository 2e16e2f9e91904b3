"""A verdict for a person at a terminal: what was promised, what came, where, how often, and how to see it again."""

from collections.abc import Iterator, Sequence

import click

from nebula_contract.judging.findings import Finding, Level
from nebula_contract.reports.frame import COLOURS, LEAST_WIDTH, labelled, section
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import count_of, shown
from nebula_contract.reports.told import (
    Told,
    count_line,
    ending_line,
    findings_line,
    target_line,
    told,
    unseen_lines,
    variant_lines,
)

_LABEL = 11
_MOST_PLACES = 20


def terminal(report: Report, *, colour: bool = False, width: int = 100) -> str:
    """The report as text, with a line end; escape sequences only with ``colour``."""
    text = "\n".join(_lines(report, max(width, LEAST_WIDTH)))
    return (text if colour else click.unstyle(text)) + "\n"


def _lines(report: Report, width: int) -> Iterator[str]:
    yield f"nebula-contract {shown(report.header.tool)}: {target_line(report)}"
    yield ""
    yield click.style(findings_line(report), bold=True)
    for level, code, findings in report.groups:
        yield ""
        yield from _group(report, level, code, findings, width)
    yield from section("Where its documents disagree, this target says:", variant_lines(report), width)
    yield from section("Not looked at:", unseen_lines(report), width)
    yield ""
    yield f"{count_line(report)}."
    yield click.style(ending_line(report), fg="green" if report.ending.code == 0 else "red")


def _group(report: Report, level: Level, code: str, findings: Sequence[Finding], width: int) -> Iterator[str]:
    """One promise, and every place where it is broken."""
    first = told(report, findings[0])
    places = "" if len(findings) == 1 else f", in {count_of(len(findings), 'place')}"
    yield f"{click.style(level.upper(), fg=COLOURS[level], bold=True)}  {click.style(first.title, bold=True)}{places}"
    yield from labelled("promised", first.promised, width, _LABEL)
    for finding in findings[:_MOST_PLACES]:
        yield from _place(finding, told(report, finding), width)
    if len(findings) > _MOST_PLACES:
        yield f"  and {count_of(len(findings) - _MOST_PLACES, 'place')} more; the JSON report has them all"
    yield from labelled("usually", first.cause, width, _LABEL)
    yield from labelled("what to do", first.remedy, width, _LABEL)
    yield f"  {'more':<{_LABEL}}nebula-contract explain {code}"


def _place(finding: Finding, words: Told, width: int) -> Iterator[str]:
    yield from labelled("where", f"{words.where}  [{finding.id}]", width, _LABEL)
    yield from labelled("came", words.came, width, _LABEL)
    yield from labelled("expected", words.expected, width, _LABEL)
    yield from labelled("how often", words.often, width, _LABEL)
    for command in (words.replay, words.curl):
        if command:
            yield f"  {'again' if command is words.replay else '':<{_LABEL}}{command}"  # whole, to be pasted
