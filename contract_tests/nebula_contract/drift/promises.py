"""What checks found broken as changes: every promise is a rule, that it holds again is the mirror of them all.

What a check says at a place where the comparison says it already is left out, so that one change is one finding.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from nebula_contract.drift.comparing.collapse import places_of
from nebula_contract.drift.comparing.difference import Difference
from nebula_contract.drift.comparing.same_place import (
    each_place_once,
    is_beside,
    is_held_against,
    location_of_all,
)
from nebula_contract.drift.finding import DriftFinding, Evidence, Place
from nebula_contract.drift.observation import NONE, OK, CellKey, Observations
from nebula_contract.drift.observing.observe import broken_name
from nebula_contract.drift.rules import Severities, all_rules, verdict_kinds
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.findings import LEVELS, Finding
from nebula_contract.record.exchange import Exchange

_OF_REQUESTS = frozenset({"NC201", "NC202", "NC203", "NC801"})
_OF_KEYS = frozenset({"NC702", "NC703", "NC704", "NC705", "NC801"})
_OF_ANSWERS = frozenset(
    {
        "NC101",
        "NC103",
        "NC104",
        "NC106",
        "NC109",
        "NC110",
        "NC210",
        "NC311",
        "NC411",
        "NC802",
        "NC803",
        "NC804",
        "NC805",
    }
)
_OF_IDS = frozenset({"NC101", "NC102"})
_OF_MOMENTS = frozenset({"NC324", "NC325"})
_WRAPPER = "/data"
_OF_VARIANTS = frozenset({"NC901", "NC902", "NC903"})
_OF_THE_CLIENT = frozenset({"NC904"})
_OF_TWO_READS = frozenset({"NC408", "NC409", "NC410"})
"""Checks that hold one answer against another of the same task: an answer that is another as a whole differs in all."""


def broken_promises(
    found: Iterable[Finding],
    told: Collection[Difference],
    now: Observations,
    witnesses: Witnesses,
    severities: Severities,
    exchanges: Mapping[int, Exchange],
) -> Iterator[DriftFinding]:
    """A finding for each promise that is broken, places and families together; as bad as the check found it."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in each_place_once([one for one in found if not _is_told(one, told)]):
        apart = "" if one.code.startswith(_OF_ANY_ANSWER) else one.operation
        groups.setdefault((one.code, apart), []).append(one)
    for (code, apart), those in groups.items():
        keys: dict[CellKey, list[Finding]] = {}
        for one in those:
            keys.setdefault(CellKey(one.family or NONE, one.operation, NONE, NONE), []).append(one)
        could_fail = _could_fail(code, {one.operation for one in those}, now) | set(keys)
        by = (_OPERATION, _FAMILY) if apart else ()
        for place, held in places_of(keys, could_fail, location_of_all(those), by):
            mine = sorted((one for key in held for one in keys[key]), key=_badness, reverse=True)
            worst = mine[0]
            rule = replace(all_rules()[code], severity=worst.level)
            baseline = _baseline(mine, witnesses)
            follows = any(
                {broken_name(one) for one in mine} <= mock.broken for mock in witnesses.mocks.values()
            )
            verdict = verdict_kinds()[_VERDICTS[baseline is False, follows]]
            level = severities.level(rule, verdict)
            if level is None:
                continue
            numbers = tuple(dict.fromkeys(number for one in mine for number in one.exchanges))[:5]
            yield DriftFinding(
                rule,
                verdict,
                level,
                replace(place, outcome=""),
                "",
                docs=worst.expected,
                mock="breaks it too" if follows else "keeps the promise",
                baseline={None: "", True: worst.found, False: worst.expected}[baseline],
                now=worst.found,
                evidence=Evidence(
                    sum(one.seen for one in mine),
                    sum(one.of for one in mine),
                    numbers,
                    exchanges.get(numbers[0]) if numbers else None,
                ),
            )


_VERDICTS: Mapping[tuple[bool, bool], str] = {
    (False, False): "contract_gap",
    (False, True): "docs_stale",
    (True, False): "provider_changed",
    (True, True): "provider_changed_followed",
}
"""Whether the baseline kept the promise, and whether a mock breaks it too, to the verdict."""


_OPERATION, _FAMILY = CellKey._fields.index("operation"), CellKey._fields.index("family")
_OF_REFUSALS = "NC8"
_OF_ANY_ANSWER = ("NC1", _OF_REFUSALS)
"""How the codes of checks begin that look at answers of every operation: what they find in several is one change."""


def _could_fail(code: str, operations: Collection[str], now: Observations) -> set[CellKey]:
    """The families and operations in which the check could have found it as well."""
    could = (
        key
        for key in now.cells
        if key.operation in operations and not (code.startswith(_OF_REFUSALS) and key.outcome == OK)
    )
    return {CellKey(key.family, key.operation, NONE, NONE) for key in could if key.family != NONE}


def _badness(one: Finding) -> int:
    """A check may find some breaks less bad than others."""
    return LEVELS.index(one.level)


def kept_again(now: Observations, witnesses: Witnesses, severities: Severities) -> Iterator[DriftFinding]:
    """A finding for each promise that the baseline saw broken and that holds now."""
    rule, verdict = all_rules()["DR490"], verdict_kinds()["provider_changed"]
    level = severities.level(rule, verdict)
    if witnesses.baseline is None or level is None:
        return
    codes = {name.partition(" ")[0] for name in witnesses.baseline.broken}
    for code in sorted(codes & set(now.checks)):
        yield DriftFinding(
            rule,
            verdict,
            level,
            Place("run", "", "", "", ""),
            code,
            docs="holds",
            mock="holds",
            baseline="broken",
            now="holds",
            evidence=Evidence(now.checks[code], now.checks[code]),
        )


def _baseline(those: Iterable[Finding], witnesses: Witnesses) -> bool | None:
    """Whether it was broken already when the provider was last accepted; None where nobody looked."""
    if witnesses.baseline is None:
        return None
    names = {broken_name(one) for one in those}
    if names <= witnesses.baseline.broken:
        return True
    code = next(iter(names)).partition(" ")[0]
    return False if code in witnesses.baseline.checks else None


def _is_told(one: Finding, told: Collection[Difference]) -> bool:
    """Whether the comparison tells it at that place, above it or below it; or whether it is no matter of the provider."""
    if one.code in _OF_VARIANTS | _OF_THE_CLIENT:
        return True
    return any(_tells(change, one) for change in told)


def _tells(change: Difference, one: Finding) -> bool:
    if change.cell.operation != one.operation:
        return False
    by_aspect = _BY_ASPECT.get(change.trait.aspect)
    if by_aspect is not None:
        is_inside = change.trait.aspect == "envelope" and one.code.startswith(_OF_MEMBERS)
        is_about_keys = change.rule in ("DR111", "DR301") and one.code in _OF_KEYS
        return one.code in by_aspect or is_inside or is_about_keys
    location = change.trait.location
    if change.trait.aspect == "form" and one.code in (
        _OF_IDS if location.startswith("header ") else _OF_MOMENTS
    ):
        return True
    if one.code in _OF_FORM and not one.location:
        return change.trait.aspect == "type" and location.count("/") == 1
    if one.code in _OF_ANSWERS or not one.location:
        return False
    theirs = one.location.removeprefix(_WRAPPER)
    places = [location, *([change.to] if change.to.strip("/") else [])]
    return is_held_against(theirs, location) or any(is_beside(mine, theirs) for mine in places)


_OF_MEMBERS = ("NC2", "NC3", "NC5")
"""How the codes of checks begin that read the members of an answer, which all stand elsewhere in a wrapper."""

_OF_FORM = frozenset({"NC204", "NC302", "NC303", "NC502"})
"""Checks of a whole form: without a place they tell that a member of it is missing."""

_BY_ASPECT: Mapping[str, frozenset[str]] = {
    "span": frozenset({"NC403", "NC404"}),
    "request": _OF_REQUESTS,
    **dict.fromkeys(("answer", "envelope"), _OF_ANSWERS | _OF_TWO_READS),
    "header": _OF_ANSWERS,
    "media": _OF_ANSWERS | _OF_TWO_READS | {"NC602"},
}
"""Aspect to the checks that say the same as a change of it."""
