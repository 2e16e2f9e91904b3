"""A drift report as GitHub's workflow commands, one line each, so that nothing in it is a command.

GitHub shows ten errors, ten warnings and ten notices for a step: what fails the run is an error, and how it ended is
the first notice.
"""

from collections.abc import Iterator

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.sentences import sentences
from nebula_contract.drift.reporting.words import (
    ALONE,
    ending_line,
    findings_line,
    parity_lines,
    unseen_lines,
    words_of,
)
from nebula_contract.judging.findings import Level
from nebula_contract.reports.github import annotation
from nebula_contract.reports.shown import shown

_COMMANDS: dict[Level, str] = {
    "breaking": "warning",
    "risky": "warning",
    "additive": "notice",
    "info": "notice",
}
"""Of findings that do not fail the run."""
_ORDER = ("error", "warning")


def github(report: DriftReport) -> str:
    """The annotations, each with a line end: errors, warnings, the ending, notices."""
    told = [(_command(report, one), _annotation(report, one)) for one in report.findings]
    lines = [
        *(line for wanted in _ORDER for command, line in told if command == wanted),
        *_run(report),
        *(line for command, line in told if command not in _ORDER),
    ]
    return "".join(f"{line}\n" for line in lines)


def _command(report: DriftReport, finding: DriftFinding) -> str:
    if finding.id in report.gating:
        return "error"
    return "notice" if report.stand(finding).standing == "accepted" else _COMMANDS[finding.severity]


def _annotation(report: DriftReport, finding: DriftFinding) -> str:
    words = words_of(report, finding)
    return annotation(
        _command(report, finding),
        f"{finding.severity}: {words.title} ({finding.id})",
        "\n".join(sentences(report, finding)),
    )


def _run(report: DriftReport) -> Iterator[str]:
    told = f"{findings_line(report)} {ending_line(report)}"
    yield annotation("notice", "Drift", told if report.baseline else f"{told} It was {ALONE}.")
    if unseen := list(unseen_lines(report)):
        yield annotation("notice", "Not looked at", "\n".join(unseen))
    yield annotation("notice", "Parity of the mock", "\n".join(map(shown, parity_lines(report))))
