"""Members of one object that change in the same way are one change: pure.

All moments of a task in milliseconds, all names in another spelling, all members one level deeper: each is told once, with
the members that it is about. Members that come, or go for good, are changes of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nebula_contract.drift.comparing.moved import MOVED, RENAMED, innermost, is_respelt, parted
from nebula_contract.drift.finding import JOINED, Place
from nebula_contract.drift.observation import ANY
from nebula_contract.drift.witnesses import Testimony

Group = tuple[Place, list[Testimony]]

_ALIKE = frozenset(
    {"DR207", "DR208", "DR211", "DR212", "DR213", "DR214", "DR215", "DR219", "DR220", "DR221", "DR223", MOVED}
)
"""Rules of values: the same for two members at once is the doing of one change."""


def merged(groups: Iterable[Group]) -> list[Group]:
    """The groups, those of sibling members that changed alike as one."""
    alike: dict[tuple[object, ...], list[Group]] = {}
    for place, those in groups:
        alike.setdefault(_same(place, those), []).append((place, those))
    return [_one_of(those) for those in alike.values()]


def _same(place: Place, those: Sequence[Testimony]) -> tuple[object, ...]:
    first = those[0]
    change = first.difference
    location = place.location
    if first.switched is None and location.startswith("/"):
        if change.rule == RENAMED and is_respelt(parted(location)[1], change.key):
            return (change.rule, place.operation, place.outcome, first.baseline)
        if change.rule in _ALIKE:
            return (
                change.rule,
                change.key,
                place.operation,
                place.outcome,
                parted(location)[0],
                first.baseline,
            )
    return (change.rule, place, change.key, *_witnessed(first))


def _witnessed(one: Testimony) -> tuple[object, ...]:
    return (one.docs, one.mock, one.baseline, one.switched)


def _one_of(groups: Sequence[Group]) -> Group:
    """One group of several: its place names every member, or the object that they are in; the least allowed first."""
    places = [place for place, _ in groups]
    if len(set(places)) == 1 and len(groups) == 1:
        return groups[0]
    those = sorted(
        (one for _, group in groups for one in group), key=lambda one: (bool(one.mock), bool(one.docs))
    )
    change = those[0].difference
    location = _location([place.location for place in places], change.rule)
    if change.rule == RENAMED and len({place.location for place in places}) > 1:
        those[0] = replace(
            those[0], difference=replace(change, key=_style(one.difference.key for one in those))
        )
    first = places[0]
    return (
        replace(
            first,
            family=_union(place.family for place in places),
            state=_union(place.state for place in places),
            location=location,
        ),
        those,
    )


def _union(labels: Iterable[str]) -> str:
    """Everything that one of several labels names."""
    parts = [label.split(JOINED) for label in labels]
    names = dict.fromkeys(name for part in parts for name in part if name)
    return ANY if ANY in names else JOINED.join(sorted(names))


def _location(locations: Sequence[str], rule: str) -> str:
    """``/metadata/created_at+updated_at``: the object and its members; for names and levels the object alone."""
    places = sorted(set(locations))
    if len(places) == 1:
        return places[0]
    parents = [parted(place)[0] for place in places]
    if rule in (RENAMED, MOVED):
        return innermost(parents)
    return f"{parents[0]}/{JOINED.join(parted(place)[1] for place in places)}"


def _style(names: Iterable[str]) -> str:
    """How names are spelt: ``camelCase``, ``snake_case``, ``kebab-case``, ``UPPER``, ``lower`` or ``Pascal``."""
    listed = list(names)
    if any("_" in name for name in listed):
        return "SNAKE_CASE" if all(name.isupper() for name in listed) else "snake_case"
    if any("-" in name for name in listed):
        return "kebab-case"
    if all(name.isupper() for name in listed):
        return "UPPER"
    if all(name.islower() for name in listed):
        return "lower"
    return "PascalCase" if all(name[:1].isupper() for name in listed) else "camelCase"
