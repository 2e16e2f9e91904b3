"""A run against the other witnesses: findings, the worst first. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nebula_contract.drift.comparing.collapse import Group, collapsed
from nebula_contract.drift.comparing.compare import words_for
from nebula_contract.drift.finding import DriftFinding, Evidence, Place
from nebula_contract.drift.observation import CellKey, Observations, Trait, Values, joined
from nebula_contract.drift.observing.observe import INFRA_CHECKS, broken_name, observed
from nebula_contract.drift.promises import broken_promises, kept_again
from nebula_contract.drift.rules import Severities, all_rules, verdict_kinds
from nebula_contract.drift.variants import variant_findings
from nebula_contract.drift.witnesses import Testimony, Witnesses, weighed
from nebula_contract.judging.findings import LEVELS, Verdict
from nebula_contract.judging.views import RunView
from nebula_contract.record.exchange import REOBSERVED, Exchange
from nebula_contract.reports.shown import count_of

_NO_JSON = "NC104"
_WORDS_GONE = frozenset({"DR218", "DR408", "DR410"})
"""Rules of words that are no longer seen: where answers cannot be read, that says nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a run comes to.

    Attributes:
        now: What was seen.
        findings: Every change, the worst first.
    """

    now: Observations
    findings: Sequence[DriftFinding]


def compared(run: RunView, verdict: Verdict, witnesses: Witnesses, severities: Severities) -> Compared:
    """Every change that a run shows.

    Args:
        run: The run.
        verdict: What its checks came to.
        witnesses: What it is compared with.
        severities: How bad each is, where somebody has said so.
    """
    infra = [one for one in verdict.findings if one.code in INFRA_CHECKS]
    now = observed(run, verdict)
    now.unobservable.update(f"{one.operation}: {one.found}" for one in infra)
    infra += [one for one in verdict.findings if one.exchanges and set(one.exchanges) <= now.troubled]
    now.broken -= {broken_name(one) for one in infra}
    exchanges = {one.number: one for one in run.exchanges}
    promised = [one for one in verdict.findings if one not in infra]
    denied = {(one.operation, one.location) for one in promised if one.location}
    unread = {one.operation for one in promised if one.code == _NO_JSON}
    found = [
        one
        for one in weighed(now, witnesses, denied)
        if not (one.difference.rule in _WORDS_GONE and one.difference.cell.operation in unread)
    ]
    findings = [
        finding
        for group in collapsed(found, now)
        if (finding := _finding(group, witnesses, severities, exchanges)) is not None
    ]
    changes = [one.difference for one in found]
    findings = _without_echoes(findings)
    findings += broken_promises(promised, changes, now, witnesses, severities, exchanges)
    findings += kept_again(now, witnesses, severities)
    told_at = {
        (one.difference.cell.operation, one.difference.trait.location) for one in found if not one.switched
    }
    findings += variant_findings(now, witnesses, severities, told_at)
    looked_again = [one for one in run.exchanges if one.purpose == REOBSERVED]
    confirmed = (_confirmed(one, looked_again) for one in findings)
    return Compared(now, sorted(_once(confirmed), key=_order))


def _without_echoes(findings: Sequence[DriftFinding]) -> list[DriftFinding]:
    """The findings but those of the upstream's own object that say what a member at the top says: one change, told twice.

    Members that come or go are changes of their own.
    """
    told = {(one.rule.id, one.key, _but_location(one.place)) for one in findings if _is_at_the_top(one)}
    return [
        one
        for one in findings
        if _is_at_the_top(one)
        or one.rule.axes.kind == "existence"
        or (one.rule.id, one.key, _but_location(one.place)) not in told
    ]


def _is_at_the_top(finding: DriftFinding) -> bool:
    return not finding.place.location.startswith("/metadata/")


def _but_location(place: Place) -> Place:
    return replace(place, location="")


def _finding(
    group: Group, witnesses: Witnesses, severities: Severities, exchanges: Mapping[int, Exchange]
) -> DriftFinding | None:
    place, those = group
    first = those[0]
    change = first.difference
    verdict = verdict_kinds()[verdict_of(first)]
    rule = all_rules()["DR602" if first.switched else change.rule]
    level = severities.level(rule, verdict)
    if level is None:
        return None
    numbers = tuple(dict.fromkeys(number for one in those for number in one.difference.exchanges))
    days = [witnesses.held_until.get(one.difference.cell, "")[:10] for one in those]
    return DriftFinding(
        rule,
        verdict,
        level,
        place,
        ">".join(first.switched) if first.switched else change.key,
        docs="allow it" if first.docs else "say otherwise",
        mock=_said(change.cell, change.trait, witnesses)
        if not first.switched
        else "does both, by its dialect",
        baseline=_before(first),
        now=f"{count_of(len(those), 'place')} differ, such as {_telling(those)}"
        if first.switched
        else change.now,
        evidence=Evidence(
            sum(one.difference.seen for one in those),
            sum(one.difference.of for one in those),
            numbers[:5],
            exchanges.get(numbers[0]) if numbers else None,
        ),
        held_until=max(days) if first.baseline is False else "",
    )


def verdict_of(one: Testimony) -> str:
    """Which row of the verdicts a difference is of, by who agrees with what is seen now."""
    if one.switched is not None:
        return "variant_resolved"
    if one.baseline is False:
        return "provider_changed" if not one.mock or one.docs else "provider_changed_followed"
    if one.mock:
        return "docs_stale"
    return "mock_bug" if one.docs else "contract_gap"


def _telling(those: Sequence[Testimony]) -> str:
    """One of many differences, by which a person knows the dialect: a member rather than a word, a word than a header."""
    order = ("type", "word", "answer")
    best = min(those, key=lambda one: (*(one.difference.trait.aspect != aspect for aspect in order),))
    change = best.difference
    return f"{change.trait.location or 'the answer'} of {change.cell.operation}: {change.before}, now {change.now}"


def _said(cell: CellKey, trait: Trait, witnesses: Witnesses) -> str:
    """What the mock says of the trait, in both dialects."""
    seen: Values = Values()
    for one in witnesses.mocks.values():
        mine = joined(one.alike(cell))
        if mine is not None:
            seen += mine.values(trait)
    return ", ".join(map(words_for(trait), sorted(seen))) or _NOTHING.get(trait.aspect, "nothing of the kind")


_NOTHING = {"docs": "keeps it", "request": "accepts it", "span": "takes its own time"}


def _before(one: Testimony) -> str:
    if one.baseline is None:
        return ""
    return one.difference.before if one.baseline is False else "as now"


def _confirmed(finding: DriftFinding, looked_again: Sequence[Exchange]) -> DriftFinding:
    """The finding with what a second look at its example came to."""
    example = finding.evidence.example
    if example is None or not looked_again:
        return finding
    again = [one for one in looked_again if _is_same(one, example)]
    if not again:
        return finding
    shown = any(one.number in finding.evidence.exchanges for one in again)
    return replace(finding, evidence=replace(finding.evidence, reconfirmed=shown))


def _is_same(one: Exchange, example: Exchange) -> bool:
    """Whether it asks the same, and met the task in the same state."""
    mine, other = one.json, example.json
    states = [body.get("status") if isinstance(body, dict) else None for body in (mine, other)]
    asked = (one.request.method, one.request.path, one.request.credential)
    return (
        asked == (example.request.method, example.request.path, example.request.credential)
        and states[0] == states[1]
    )


def _once(findings: Iterable[DriftFinding]) -> Iterator[DriftFinding]:
    """Each id once: of two the first."""
    told_ids: set[str] = set()
    for one in findings:
        if one.id not in told_ids:
            told_ids.add(one.id)
            yield one


def _order(finding: DriftFinding) -> tuple[int, str, str, str, str, str]:
    place: Place = finding.place
    return (
        -LEVELS.index(finding.severity),
        finding.rule.id,
        place.operation,
        place.family,
        place.location,
        finding.key,
    )
