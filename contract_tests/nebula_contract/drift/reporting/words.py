"""A drift finding in words, each on one line and fit to be shown: what the formats for people share."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nebula_contract.drift.finding import JOINED, DriftFinding, Place
from nebula_contract.drift.observation import ANY, NONE
from nebula_contract.drift.parity import Parity, total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.rules import VERDICT_NAMES
from nebula_contract.record.exchange import Exchange
from nebula_contract.reports.curl import curl, quoted
from nebula_contract.reports.frame import spent_told
from nebula_contract.reports.shown import count_of, shown

LONGEST_CURL = 1500
_MOST_NAMED = 12
_MOST_OUTCOMES = 4
_MOST_CASES = 4
_LONGEST_NOTE = 600
ALONE = "compared with the documents and the mock alone; no earlier run is known: run once with --update"
"""Of a report without a baseline."""
_COUNTED = re.compile(r" \([0-9]+\)$")
_NO_WIDTH = re.compile(r"^(\S+) to \1 s")
_LAG = "poll lag"
_UNTIL = "to "  # of a time, what ends it
_NOT_REACHED = "not reached: "


@dataclass(frozen=True, slots=True)
class DriftWords:
    """A finding in words.

    Attributes:
        title: Rule and its name.
        what: What kind of change it is.
        verdict: Which witnesses agree: a name, and what it means.
        whose: The same with who has to act, in two sentences.
        where: Operation, family, state and place.
        docs: What the documents say.
        mock: What the mock says.
        baseline: What the last accepted run said, with its day; empty where it did not look.
        now: What is seen now.
        often: How often, and which exchanges show it.
        standing: Whether it is accepted, by whom and until when; empty for a new one.
        who: Who has to act.
        remedy: What to do.
        curl: How to see it again; empty where no exchange shows it.
        accept: The command that accepts it; empty for what is never accepted.
    """

    title: str
    what: str
    verdict: str
    whose: str
    where: str
    docs: str
    mock: str
    baseline: str
    now: str
    often: str
    standing: str
    who: str
    remedy: str
    curl: str
    accept: str


def words_of(report: DriftReport, finding: DriftFinding) -> DriftWords:
    """A finding in words."""
    verdict, who = VERDICT_NAMES[finding.verdict.name], finding.verdict.who
    return DriftWords(
        title=shown(f"{finding.rule.id} {finding.rule.name}"),
        what=shown(finding.rule.what),
        verdict=f"{verdict}: {finding.verdict.what}",
        whose=f"{verdict}: {who} to act. {finding.verdict.what}",
        where=shown(where(finding.place)),
        docs=shown(finding.docs),
        mock=shown(finding.mock),
        baseline=_baseline(finding),
        now=_now(finding),
        often=_often(finding),
        standing=_standing(report, finding),
        who=who,
        remedy=shown(finding.remedy, 1000),
        curl=curl_of(report, finding),
        accept=_accept(report, finding),
    )


def _now(finding: DriftFinding) -> str:
    """What is seen now; the key in brackets where that is not all of it."""
    now, key = shown(_times(finding, finding.now)), shown(finding.key)
    return now if not key or _COUNTED.sub("", now) == key else f"{now} [{key}]"


def _times(finding: DriftFinding, text: str) -> str:
    """A band of seconds as a person says it: ``145 s`` where it has no width."""
    return text if finding.may_be_accepted else _NO_WIDTH.sub(r"\1 s", text)


def _accept(report: DriftReport, finding: DriftFinding) -> str:
    if not finding.may_be_accepted:
        return ""
    record = quoted(shown(report.record)) if report.record else "RUN"
    return f"nebula-contract accept {record} {finding.id} --reason '...'{report.files}"


def where(place: Place) -> str:
    """A place in words: ``query of wan, task succeeded, at /url``."""
    operation = {ANY: "every operation", "run": "the whole run"}.get(place.operation, place.operation)
    family = {ANY: " of every family", "": ""}.get(place.family, f" of {place.family}")
    outcome = {ANY: "whatever was asked for", "ok": "", "": ""}.get(
        place.outcome, f"refused as {place.outcome}"
    )
    state = {ANY: "in every status", "": ""}.get(place.state, f"task {place.state}")
    if place.outcome == ANY and place.state in (ANY, ""):
        state = ""
    at = f"at {place.location}" if place.location else ""
    if place.location.startswith(_UNTIL):
        state, at = "", f"time until {place.location.removeprefix(_UNTIL)}"
    elif place.location == _LAG:
        state, at = "", "time until an end is told"
    return ", ".join(part for part in (f"{operation}{family}", outcome, state, at) if part)


def _few(names: str) -> str:
    """Names joined by ``+`` as a list; the first four of many."""
    listed = names.split(JOINED)
    more = f" and {len(listed) - _MOST_OUTCOMES} more" if len(listed) > _MOST_OUTCOMES else ""
    return ", ".join(name.replace("|", " or ") for name in listed[:_MOST_OUTCOMES]) + more


def curl_of(report: DriftReport, finding: DriftFinding) -> str:
    """The command that sends the example again; a comment where it is long or would be charged."""
    example = finding.evidence.example
    if example is None:
        return ""
    if report.header.is_live and _is_paid(example):
        return f"# exchange {example.number} is a submit, which is charged each time it is sent"
    command = curl(example, report.header.target)
    return (
        command
        if len(command) <= LONGEST_CURL
        else f"# {len(command)} characters: exchange {example.number} of the record"
    )


def _is_paid(example: Exchange) -> bool:
    return example.request.method == "POST"


def _baseline(finding: DriftFinding) -> str:
    if not finding.baseline:
        return ""
    day = f", last seen {finding.held_until}" if finding.held_until else ""
    return shown(f"{_times(finding, finding.baseline)}{day}")


def _often(finding: DriftFinding) -> str:
    evidence = finding.evidence
    numbers = ", ".join(map(str, evidence.exchanges))
    shows = f"; exchange{'s' if len(evidence.exchanges) > 1 else ''} {numbers}" if numbers else ""
    again = {
        None: "",
        True: "; a second look showed it again",
        False: "; a second look did not show it: not counted",
    }
    return f"{evidence.seen} of {evidence.of}{shows}{again[evidence.reconfirmed]}"


def _standing(report: DriftReport, finding: DriftFinding) -> str:
    stand = report.stand(finding)
    if stand.entry is None:
        return ""
    entry = stand.entry
    by = f" by {shown(entry.owner)}" if entry.owner else ""
    told = f"{shown(entry.reason)} (accepted{by} on {entry.accepted}, until {entry.expires})"
    if stand.standing == "expired":
        return f"no longer accepted: {told}"
    if stand.standing == "worse":
        return f"worse than accepted ({entry.max_severity}): {told}"
    return told


def side_of(report: DriftReport) -> str:
    """What the run was at, to stand beside the package's own mock."""
    return {"live": "live", "mock": "run at a mock", "url": "run at a server"}[report.header.kind]


def target_line(report: DriftReport) -> str:
    """What was compared with what, in one line."""
    header = report.header
    facts = [
        f"target {shown(header.target)} ({header.kind})",
        f"run of {shown(header.started_at)}",
        count_of(report.exchanges, "exchange"),
        spent_told(header, report.end),
        against(report),
    ]
    return ", ".join(fact for fact in facts if fact)


def against(report: DriftReport) -> str:
    """What a run was compared with."""
    if report.baseline is None:
        return ALONE
    day = report.baseline.verified_at
    return (
        f"compared with the documents, the mock and the run of {shown(day)}"
        if day
        else "compared with three witnesses"
    )


def findings_line(report: DriftReport) -> str:
    """How many changes there are of each severity."""
    levels = [one.severity for one in report.open]
    known = f" {count_of(len(report.known), 'change')} accepted." if report.known else ""
    if not levels:
        return f"No change that is not accepted.{known}" if known else "No change."
    counts = [f"{levels.count(level)} {level}" for level in dict.fromkeys(levels)]
    return f"{count_of(len(levels), 'change')}: {', '.join(counts)}.{known}"


def parity_lines(report: DriftReport) -> Sequence[str]:
    """The parity of each family and of all, with samples and age."""
    age = age_of(report)
    parts = [one for one in report.parity if one.compared or one.samples]
    lines = [f"{family_told(one)}: {parity_told(one)}" for one in (total(parts), *parts)]
    unseen = [one for one in report.parity if not one.compared and not one.samples]
    return [*(f"{line}, {age}" for line in lines), *(f"{family_told(one)}: not looked at" for one in unseen)]


def family_told(one: Parity) -> str:
    """The family of a parity in words."""
    return {ANY: "all together", NONE: "requests about no family"}.get(one.family, shown(one.family))


def parity_told(one: Parity) -> str:
    """``98.0 % (98 of 100 traits alike, 12 answers of 5 kinds; 2 kinds not seen)``; of the requests of no family too."""
    if one.share is None:
        return "nothing to compare"
    kinds = count_of(one.cells, "kind")
    unseen = f"; {count_of(one.unseen, 'kind')} not seen" if one.unseen else ""
    return f"{percent(one.share)} ({one.equal} of {one.compared} traits alike, {count_of(one.samples, 'answer')} of {kinds}{unseen})"


def percent(share: float) -> str:
    """``99.9%``: rounded down, so that only what is whole is told as 100.0%."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f}%"


def age_of(report: DriftReport) -> str:
    """How old the run is, in words."""
    days = days_old(report)
    return "seen today" if days == 0 else f"seen {count_of(days, 'day')} ago"


def days_old(report: DriftReport) -> int:
    """Days between the run and the report."""
    from datetime import date, datetime

    return max(
        0, (date.fromisoformat(report.today) - datetime.fromisoformat(report.header.started_at).date()).days
    )


def unseen_lines(report: DriftReport) -> Iterator[str]:
    """What was not looked at, and why."""
    if report.partial:
        yield shown(report.partial)
    yield from (
        f"required, not seen: {shown(cell.name)} ({shown(cell.what)})"
        for cell in report.missing[:_MOST_NAMED]
    )
    if len(report.missing) > _MOST_NAMED:
        yield f"and {count_of(len(report.missing) - _MOST_NAMED, 'required cell')} more"
    listed = sorted(report.unobservable.items(), key=lambda one: (-one[1], one[0]))
    yield from (
        f"out of reach {count_of(times, 'time')}: {shown(what)}" for what, times in listed[:_MOST_NAMED]
    )
    if report.unverified:
        names = list(report.unverified)
        left = len(names) - _MOST_NAMED
        days = sorted(day[:10] for day in report.unverified.values() if day)
        since = f", last seen {shown(days[0])} or later" if days else ""
        more = f" and {left} more" if left > 0 else ""
        yield f"unverified{since}: {', '.join(map(shown, names[:_MOST_NAMED]))}{more}"
    yield from _notes(report.end.notes if report.end else ())


def _notes(notes: Sequence[str]) -> Iterator[str]:
    """What the run itself said; cases that were not reached for the same reason on one line."""
    cases: dict[str, list[str]] = {}
    for note in notes:
        name, colon, reason = note.removeprefix(_NOT_REACHED).partition(": ")
        if note.startswith(_NOT_REACHED) and colon:
            cases.setdefault(reason, []).append(name)
        else:
            yield shown(note)
    for reason, names in cases.items():
        more = f" and {len(names) - _MOST_CASES} more" if len(names) > _MOST_CASES else ""
        yield shown(f"not reached, {reason}: {', '.join(names[:_MOST_CASES])}{more}", _LONGEST_NOTE)


def ending_line(report: DriftReport) -> str:
    """The exit code with its reasons."""
    reasons = "; ".join(map(shown, report.ending.reasons))
    if report.ending.code == 0:
        return f"Nothing to act on{f', though {reasons}' if reasons else ''}. Exit code 0."
    return f"{reasons[:1].upper()}{reasons[1:]}. Exit code {report.ending.code}."
