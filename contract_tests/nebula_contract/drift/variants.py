"""Where the provider's documents disagree: which side it was seen to take, and whether that is news."""

from collections.abc import Collection, Iterator, Mapping

from nebula_contract.drift.finding import DriftFinding, Evidence, Place
from nebula_contract.drift.observation import Observations, Values
from nebula_contract.drift.rules import Severities, all_rules, verdict_kinds
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.variants import FIRST_STATUS

_REFUSAL = "refusal "
REFUSALS = "words of refusals"
"""The matter of all rows of the error table that the two dialects word in their own ways."""


_AT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "metadata at submit": (("submit", "/metadata"),),
    "Wan's answer to a submit": (("submit", "/metadata"), ("submit", "/output")),
    "status at submit": (("submit", "/status"),),
    FIRST_STATUS: (("query", "/status"),),
    "url where there is no video": (("query", "/url"),),
    "form of Sora's query answer": (("query", "/object"), ("query", "/metadata")),
    "metadata of a query": (("query", "/metadata"),),
    "where progress stands": (
        ("query", "/progress"),
        ("query", "/metadata/progress"),
        ("query", "/metadata"),
    ),
    "Veo's result": (("query", "/url"),),
    "data_url of a download": (("download", "/data_url"),),
    "error of a failed task": (("query", "/error"), ("query", "/error/code")),
    "reason of a failed Wan task": (("query", "/error"),),
}
"""Where a matter is decided: what is told there as a change is not told as a variant as well."""


def variant_findings(
    now: Observations, witnesses: Witnesses, severities: Severities, told_at: Collection[tuple[str, str]]
) -> Iterator[DriftFinding]:
    """A finding for each matter whose side is seen first, or is another than it was; refusals of one side together.

    ``told_at`` are operations and locations of changes.
    """
    rule, verdict = all_rules()["DR601"], verdict_kinds()["variant_resolved"]
    level = severities.level(rule, verdict)
    if level is None:
        return
    for matter, key, sides, before in _news(now, witnesses):
        if "+" in key or any(place in told_at or (place[0], "") in told_at for place in _AT.get(matter, ())):
            continue
        yield DriftFinding(
            rule,
            verdict,
            level,
            Place("run", "", "", "", matter),
            key,
            docs="disagree",
            mock=_of_mocks(matter, witnesses) or "each, by its dialect",
            baseline=_told(before),
            now=_told(sides),
            evidence=Evidence(sides.total(), sides.total()),
        )


def _news(now: Observations, witnesses: Witnesses) -> Iterator[tuple[str, str, Values, Values]]:
    """Matter, key, the sides of now and of before, of each that is news."""
    refusals: dict[str, Values] = {}
    for matter, sides in sorted(now.variants.items()):
        taken = {side for side, times in sides.items() if times}
        before = witnesses.baseline.variants.get(matter) if witnesses.baseline else None
        if not taken or (before is not None and taken <= set(before)):
            continue
        if matter.startswith(_REFUSAL):
            for side in taken:
                refusals.setdefault(side, Values())[matter.removeprefix(_REFUSAL)] += sides[side]
        else:
            yield matter, "+".join(sorted(taken)), sides, before or Values()
    for side, rows in sorted(refusals.items()):
        if witnesses.baseline is None or _is_new(side, witnesses.baseline):
            yield REFUSALS, side, rows, Values()


def _is_new(side: str, baseline: Observations) -> bool:
    """Whether no refusal was worded so before: that a row is seen for the first time is no news."""
    return not any(
        side in sides for matter, sides in baseline.variants.items() if matter.startswith(_REFUSAL)
    )


def _of_mocks(matter: str, witnesses: Witnesses) -> str:
    """Which side the mock takes, by dialect."""
    told = (
        f"{'/'.join(sorted(one.variants[matter]))} ({dialect})"
        for dialect, one in witnesses.mocks.items()
        if one.variants.get(matter)
    )
    return ", ".join(told)


def _told(sides: Values) -> str:
    return ", ".join(f"{side} ({times})" for side, times in sorted(sides.items()) if times)
