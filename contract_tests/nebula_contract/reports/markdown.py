"""A verdict as Markdown, for a pull request. Texts of the target stand in code, where nothing in them has a meaning."""

import re
from collections.abc import Iterator, Sequence

from nebula_contract.judging.findings import Finding, Level
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.told import (
    count_line,
    ending_line,
    findings_line,
    target_line,
    told,
    unseen_lines,
    variant_lines,
)

_MOST_PLACES = 10
_MEANING = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:@&-])")
_RUNS = re.compile(r"`+")


def markdown(report: Report) -> str:
    """The report, with a line end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### Contract: {plain(findings_line(report))}"
    yield ""
    yield plain(f"{target_line(report)}. {count_line(report)}.")
    for level, code, findings in report.groups:
        yield ""
        yield from _group(report, level, code, findings)
    yield from _section("Where its documents disagree, this target says", variant_lines(report))
    yield from _section("Not looked at", unseen_lines(report))
    yield ""
    yield f"**{plain(ending_line(report))}**"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"#### {title}", "")
        yield from (f"- {plain(line)}" for line in lines)


def _group(report: Report, level: Level, code: str, findings: Sequence[Finding]) -> Iterator[str]:
    first = told(report, findings[0])
    yield f"#### {level}: {plain(first.title)}"
    yield ""
    if first.promised:
        yield f"Promised: {plain(first.promised)}"
        yield ""
    yield "| where | came | expected | how often |"
    yield "| --- | --- | --- | --- |"
    for finding in findings[:_MOST_PLACES]:
        words = told(report, finding)
        cells = (words.where, words.came, words.expected, words.often)
        yield f"| {' | '.join(code_span(cell, in_table=True) for cell in cells)} |"
    if len(findings) > _MOST_PLACES:
        yield f"| and {len(findings) - _MOST_PLACES} places more | | | |"
    yield ""
    yield from _remedy(first.cause, first.remedy)
    yield from _again(report, findings[0], code)


def _remedy(cause: str, remedy: str) -> Iterator[str]:
    if cause or remedy:
        yield f"Usually: {plain(cause)} What to do: {plain(remedy)}"
        yield ""


def _again(report: Report, finding: Finding, code: str) -> Iterator[str]:
    words = told(report, finding)
    commands = [words.replay, words.curl, f"nebula-contract explain {shown(code)}"]
    text = "\n".join(command for command in commands if command)
    fence = "`" * max(3, 1 + max((len(run) for run in _RUNS.findall(text)), default=0))
    yield from ("<details><summary>See it again</summary>", "", f"{fence}bash", text, fence, "", "</details>")


def plain(text: str) -> str:
    """A text without any meaning to Markdown, HTML or mentions."""
    escaped = _MEANING.sub(r"\\\1", text)
    return (
        escaped.replace("\\&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\@", "&#64;")
    )


def code_span(text: str, *, in_table: bool = False) -> str:
    """A text as inline code, whatever backticks it holds; in a table without a bar that would end the cell."""
    if not text:
        return ""
    fence = "`" * (1 + max((len(run) for run in _RUNS.findall(text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    span = f"{fence}{pad}{text}{pad}{fence}"
    return span.replace("|", "\\|") if in_table else span
