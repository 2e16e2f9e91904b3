"""A verdict as GitHub's workflow commands: an annotation a finding. One line each, so that nothing in it is a command."""

from nebula_contract.judging.findings import Level
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.told import count_line, ending_line, told, unseen_lines

_COMMANDS: dict[Level, str] = {
    "breaking": "error",
    "risky": "warning",
    "additive": "notice",
    "info": "notice",
}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def github(report: Report) -> str:
    """The annotations, each with a line end; GitHub shows ten of each kind for a step."""
    lines = []
    for finding in report.verdict.findings:
        words = told(report, finding)
        parts = [
            f"{words.where}: came {words.came}, expected {words.expected}.",
            f"Promised: {words.promised}" if words.promised else "",
            f"Seen {words.often}.",
            f"What to do: {words.remedy}" if words.remedy else "",
            words.replay,
        ]
        text = "\n".join(part for part in parts if part)
        lines.append(annotation(_COMMANDS[finding.level], f"{words.title}", text))
    if unseen := unseen_lines(report):
        lines.append(annotation("notice", "Not looked at", "\n".join(unseen)))
    lines.append(annotation("notice", "nebula-contract", f"{count_line(report)}. {ending_line(report)}"))
    return "".join(f"{line}\n" for line in lines)


def annotation(command: str, title: str, text: str) -> str:
    """One workflow command."""
    told_title = "".join(_PROPERTY.get(letter, letter) for letter in shown(title))
    return f"::{command} title={told_title}::{''.join(_DATA.get(letter, letter) for letter in text)}"
