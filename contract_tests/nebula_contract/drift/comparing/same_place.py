"""Findings of checks that are about one place: of several that are, one is told. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from nebula_contract.drift.comparing.moved import innermost, parted
from nebula_contract.drift.finding import JOINED
from nebula_contract.judging.findings import LEVELS, Finding

_MOST_NAMED = 3

_HELD_AGAINST: Mapping[str, str] = dict.fromkeys(
    ("/metadata/output/video_url", "/metadata/content/video_url", "/metadata/response/videos/[]/url"), "/url"
)
"""The place at which a check tells that two members differ, to the other member."""

_SECOND_IN_LINE = frozenset({"NC408", "NC409", "NC410"})
"""Checks that hold one answer against another of the same task: what a check of one answer tells shows there as well."""


def is_held_against(place: str, other: str) -> bool:
    """Whether a check that tells of the one place compares it with the other."""
    return _HELD_AGAINST.get(place) == other


def is_beside(mine: str, theirs: str) -> bool:
    """Whether one of two places is the other, or holds it."""
    return f"{mine}/".startswith(f"{theirs}/") or f"{theirs}/".startswith(f"{mine}/")


def each_place_once(found: Sequence[Finding]) -> list[Finding]:
    """The findings but those of a check that says of a place what another says of it: the worst, then the one most seen.

    Findings of one check stay together, whatever their places are.
    """
    totals: Counter[tuple[str, str]] = Counter()
    for one in found:
        totals[one.code, one.operation] += one.seen
    ordered = sorted(
        {(one.code, one.operation) for one in found},
        key=lambda which: (
            which[0] in _SECOND_IN_LINE,
            -max(LEVELS.index(one.level) for one in found if (one.code, one.operation) == which),
            -totals[which],
            which,
        ),
    )
    kept: list[Finding] = []
    for which in ordered:
        mine = [one for one in found if (one.code, one.operation) == which]
        if not any(_is_about_the_same(one, other) for one in mine for other in kept):
            kept += mine
    return [one for one in found if one in kept]


def _is_about_the_same(one: Finding, other: Finding) -> bool:
    places = [_HELD_AGAINST.get(each.location, each.location) for each in (one, other)]
    return (
        one.operation == other.operation
        and all(place.startswith("/") for place in places)
        and is_beside(*places)
        and (one.family == other.family or not one.family or not other.family)
    )


def location_of_all(those: Sequence[Finding]) -> str:
    """Where a check found something: one place, several of one object, or the object that all of them are in.

    One member in two envelopes is told where it was found more often.
    """
    times: Counter[str] = Counter()
    for one in those:
        times[one.location] += one.seen
    places = sorted(times)
    if len({parted(place)[1] for place in places}) == 1:
        return max(places, key=lambda place: (times[place], place))
    if not all(place.startswith("/") for place in places):
        return JOINED.join(place for place in places if place)
    parents = {parted(place)[0] for place in places}
    if len(parents) == 1 and len(places) <= _MOST_NAMED:
        return f"{parents.pop()}/{JOINED.join(parted(place)[1] for place in places)}"
    return innermost(parents) or f"/{JOINED.join(sorted({place.split('/')[1] for place in places}))}"
