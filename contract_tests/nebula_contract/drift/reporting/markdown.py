"""A drift report as Markdown, for a pull request or a step's summary.

Texts of a target stand in code, where nothing in them has a meaning; all others go through ``plain``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.parity import Parity, total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.words import (
    DriftWords,
    age_of,
    ending_line,
    family_told,
    findings_line,
    percent,
    target_line,
    unseen_lines,
    words_of,
)
from nebula_contract.reports.markdown import code_span, plain
from nebula_contract.reports.shown import count_of

MOST_ROWS = 100
"""Findings that one table has; a summary of GitHub takes 1 MiB, a comment 65,536 characters."""
_RUNS = re.compile(r"`+")
_COLUMNS = ("severity", "what", "where", "now", "before", "whose matter", "what to do")
_PARITY_COLUMNS = ("family", "parity", "traits alike", "answers", "kinds seen", "kinds not seen", "age")


def markdown(report: DriftReport) -> str:
    """The report, with a line end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: DriftReport) -> Iterator[str]:
    gating = [one for one in report.open if one.id in report.gating]
    others = [one for one in report.open if one.id not in report.gating]
    yield f"### Drift: {plain(findings_line(report))}"
    yield ""
    yield f"**{plain(ending_line(report))}**"
    yield ""
    yield plain(f"{target_line(report)}.")
    if gating:
        yield from ("", "#### These fail the run", "")
        yield from _findings(report, gating)
        yield from _commands(report, gating)
    if others:
        yield from ("", "#### Worth knowing" if not gating else "#### These do not", "")
        yield from _findings(report, others)
        yield from _commands(report, others)
    if report.known:
        yield from _folded(f"Accepted: {count_of(len(report.known), 'change')}", _known(report))
    yield from ("", "#### How much of it the mock does alike", "")
    yield from _parity(report)
    if unseen := list(unseen_lines(report)):
        yield from ("", "#### Not looked at", "")
        yield from (f"- {plain(line)}" for line in unseen)


def _findings(report: DriftReport, findings: Sequence[DriftFinding]) -> Iterator[str]:
    yield from _head(_COLUMNS)
    for finding in findings[:MOST_ROWS]:
        words = words_of(report, finding)
        yield _row(
            (
                f"{finding.severity} `{finding.id}`",
                f"{plain(words.what)} ({plain(words.title)})",
                code_span(words.where, in_table=True),
                code_span(words.now, in_table=True),
                _before(words),
                plain(words.whose),
                plain(" ".join(part for part in (words.remedy, _noted(words, finding)) if part)),
            )
        )
    yield from _left(len(findings))


def _before(words: DriftWords) -> str:
    """What the last run said; where it did not look, what the two other witnesses say."""
    if words.baseline:
        return code_span(words.baseline, in_table=True)
    sides = (("documents", words.docs), ("mock", words.mock))
    return ", ".join(f"{name}: {code_span(text, in_table=True)}" for name, text in sides if text)


def _noted(words: DriftWords, finding: DriftFinding) -> str:
    """An acceptance that holds no longer, and a second look that did not show it."""
    return "; ".join(part for part in (words.standing, words.often if finding.flickered else "") if part)


def _known(report: DriftReport) -> Iterator[str]:
    yield from _head(("severity", "what", "where", "now", "why"))
    for finding in report.known[:MOST_ROWS]:
        words = words_of(report, finding)
        yield _row(
            (
                f"{finding.severity} `{finding.id}`",
                plain(words.title),
                code_span(words.where, in_table=True),
                code_span(words.now, in_table=True),
                code_span(words.standing, in_table=True),
            )
        )
    yield from _left(len(report.known))


def _commands(report: DriftReport, findings: Sequence[DriftFinding]) -> Iterator[str]:
    """How to see each again, read more of it and accept it, to be pasted."""
    text: list[str] = []
    for finding in findings[:MOST_ROWS]:
        words = words_of(report, finding)
        text += [
            f"# {finding.id} {words.title}: {words.often}",
            *([words.curl] if words.curl else []),
            f"nebula-contract explain {finding.rule.id}",
            *([words.accept] if words.accept else []),
        ]
    fence = "`" * max(3, 1 + max((len(run) for line in text for run in _RUNS.findall(line)), default=0))
    yield from _folded("See them again, or accept them", [f"{fence}bash", *text, fence])


def _parity(report: DriftReport) -> Iterator[str]:
    yield from _head(_PARITY_COLUMNS)
    age = age_of(report)
    for one in (total(report.parity), *report.parity):
        yield _row((plain(family_told(one)), *_numbers(one), age if one.samples else ""))


def _numbers(one: Parity) -> tuple[str, ...]:
    if not one.samples and not one.compared:
        return ("not looked at", "", "", "", str(one.unseen))
    share = "nothing to compare" if one.share is None else f"**{percent(one.share)}**"
    return (share, f"{one.equal} of {one.compared}", str(one.samples), str(one.cells), str(one.unseen))


def _head(columns: Sequence[str]) -> Iterator[str]:
    yield _row(columns)
    yield _row(["---"] * len(columns))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _left(count: int) -> Iterator[str]:
    if count > MOST_ROWS:
        yield ""
        yield f"And {count - MOST_ROWS} more; the JSON report has them all."


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"<details><summary>{title}</summary>", "")
    yield from lines
    yield from ("", "</details>")
