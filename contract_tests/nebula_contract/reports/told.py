"""One finding, and what was not looked at, as facts in words: what the formats for people share."""

from collections.abc import Sequence
from dataclasses import dataclass

from nebula_contract.judging.findings import Finding
from nebula_contract.reports.curl import curl, quoted
from nebula_contract.reports.frame import spent_told
from nebula_contract.reports.report import Report, where
from nebula_contract.reports.shown import count_of, shown

LONGEST_CURL = 1500
"""Characters of a command line that a format for people shows; JSON has longer ones too."""
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words, each on one line and fit to be shown.

    Attributes:
        title: Code and name of the check.
        where: Operation, family, status, state and place.
        promised: What the contract says; empty for a check of another version.
        came: What came.
        expected: What should have.
        often: How often, and which exchanges show it.
        cause: What usually lies behind it.
        remedy: What to do.
        curl: How to see the plainest exchange again; empty where no exchange shows it.
        replay: How to send its case again; empty as ``curl``.
    """

    title: str
    where: str
    promised: str
    came: str
    expected: str
    often: str
    cause: str
    remedy: str
    curl: str
    replay: str


def told(report: Report, finding: Finding) -> Told:
    """A finding in words."""
    check = report.check(finding.code)
    return Told(
        title=shown(f"{finding.code} {report.name(finding.code)}"),
        where=shown(where(finding)),
        promised=f"{check.promise} ({check.source})" if check else "",
        came=shown(finding.found),
        expected=shown(finding.expected),
        often=_often(finding),
        cause=check.cause if check else "",
        remedy=check.remedy if check else "",
        curl=curl_of(report, finding, LONGEST_CURL),
        replay=replay_of(report, finding),
    )


def curl_of(report: Report, finding: Finding, most: int | None = None) -> str:
    """The command that sends the plainest exchange again; a comment where it is longer than ``most``."""
    exchange = report.example(finding)
    if exchange is None:
        return ""
    command = curl(exchange, report.header.target)
    if most is not None and len(command) > most:
        return (
            f"# {len(command)} characters: see the JSON report, or exchange {exchange.number} of the record"
        )
    return command


def replay_of(report: Report, finding: Finding) -> str:
    """The command that sends the finding's case again."""
    return f"{report.replay} {quoted(shown(finding.case))}" if finding.case else ""


def _often(finding: Finding) -> str:
    numbers = ", ".join(map(str, finding.exchanges))
    shows = f"; exchange{'s' if len(finding.exchanges) > 1 else ''} {numbers}" if numbers else ""
    return f"{finding.seen} of {count_of(finding.of, 'look')}{shows}"


def target_line(report: Report) -> str:
    """What was looked at, in one line."""
    header = report.header
    facts = [
        f"target {shown(header.target)}" + (f" ({header.kind})" if header.kind != header.target else ""),
        f"dialect {shown(header.dialect)}" if header.dialect else "",
        f"profile {shown(header.profile)}" if header.profile else "",
        f"seed {header.seed}" if header.seed is not None else "",
        count_of(report.verdict.exchanges, "exchange"),
        spent_told(report.header, report.end),
    ]
    return ", ".join(fact for fact in facts if fact)


def count_line(report: Report) -> str:
    """How many checks held, were broken, and had nothing to look at."""
    checks = report.verdict.checks
    broken = sum(run.broken > 0 for run in checks)
    return (
        f"{count_of(len(checks), 'check')}: {len(checks) - broken - len(report.unlooked)} held, {broken} broken, "
        f"{len(report.unlooked)} had nothing to look at"
    )


def findings_line(report: Report) -> str:
    """How many findings there are of each level."""
    levels = [finding.level for finding in report.verdict.findings]
    if not levels:
        return "No finding."
    counts = [f"{levels.count(level)} {level}" for level in dict.fromkeys(levels)]
    return f"{count_of(len(levels), 'finding')}: {', '.join(counts)}."


def variant_lines(report: Report) -> Sequence[str]:
    """What the target says where its documents disagree: a line for each matter, refusals of one side together."""
    refusals: dict[str, list[str]] = {}
    lines = []
    for one in report.verdict.variants:
        if not one.seen:
            continue
        if one.number == 0 and len(one.seen) == 1:
            refusals.setdefault(shown(next(iter(one.seen))), []).append(shown(one.matter))
            continue
        sides = ", ".join(f"{shown(side)} ({count_of(seen, 'time')})" for side, seen in one.seen.items())
        lines.append(f"{shown(one.matter)}: {sides}")
    return [*lines, *(f"as {side}: {', '.join(matters)}" for side, matters in refusals.items())]


def unseen_lines(report: Report) -> Sequence[str]:
    """What was not looked at, and why, as far as that is known."""
    unlooked = [f"{run.code} {report.name(run.code)}" for run in report.unlooked]
    left = len(unlooked) - _MOST_NAMED
    named = ", ".join(unlooked[:_MOST_NAMED]) + (f" and {left} more" if left > 0 else "")
    cells = [
        f"{shown(cell.name)}: {shown(cell.what)}" + (f" ({shown(cell.reason)})" if cell.reason else "")
        for cell in report.verdict.missing
    ]
    optional = [cell for cell in report.verdict.cells if not cell.seen and not cell.is_required]
    notes = report.end.notes if report.end else ()
    return [
        *([shown(report.partial)] if report.partial else []),
        *(f"required, not seen: {cell}" for cell in cells),
        *(
            [f"{count_of(len(optional), 'other cell')} not seen; nebula-contract coverage lists them"]
            if optional
            else []
        ),
        *([f"nothing to look at for {named}"] if unlooked else []),
        *(f"out of reach: {shown(one)}" for one in report.verdict.infra[:_MOST_NAMED]),
        *(
            [f"and {len(report.verdict.infra) - _MOST_NAMED} more times out of reach"]
            if len(report.verdict.infra) > _MOST_NAMED
            else []
        ),
        *(shown(note) for note in notes),
    ]


def ending_line(report: Report) -> str:
    """The exit code with its reasons."""
    reasons = "; ".join(map(shown, report.ending.reasons))
    if report.ending.code == 0:
        return f"Held{f', though {reasons}' if reasons else ''}. Exit code 0."
    return f"{reasons[:1].upper()}{reasons[1:]}. Exit code {report.ending.code}."
