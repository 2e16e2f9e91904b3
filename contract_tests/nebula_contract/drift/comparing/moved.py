"""A member that is gone and one that is new are one change where the one is the other, renamed or moved: pure.

A *renamed* member has a neighbour of its own type in its place. A *moved* one has its name and type elsewhere: inside an
object that is new, or where the members of an object that is gone stand now.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from nebula_contract.drift.comparing.difference import Difference, told
from nebula_contract.drift.observation import ABSENT, CellSeen, Trait

RENAMED, MOVED = "DR225", "DR226"
TOP = "/"
"""Stands for the top of an answer."""

_GONE, _COME = frozenset({"DR201", "DR203", "DR205"}), frozenset({"DR202", "DR204"})
_NULL = "null"
_SEPARATORS = re.compile(r"[_\-\s]")


class _Pair(NamedTuple):
    """A member that is gone, and where it is now.

    Attributes:
        rule: Renamed or moved.
        old: The member that is gone.
        to: Its place now; of an object that was unfolded the place of its members.
        key: The new name, or the object that it is in now.
        new: Places that are new by it alone.
    """

    rule: str
    old: Difference
    to: str
    key: str
    new: frozenset[str]


def innermost(places: Iterable[str]) -> str:
    """The innermost object that several objects are in, or are; empty for the whole body."""
    columns = zip(*(place.split("/") for place in places), strict=False)
    return "/".join(names[0] for names in itertools.takewhile(lambda names: len(set(names)) == 1, columns))


def parted(place: str) -> tuple[str, str]:
    """The place of the object that a member is in, and the member's name."""
    parent, _, name = place.rpartition("/")
    return parent, name


def is_respelt(old: str, new: str) -> bool:
    """Whether two names are one in another spelling: ``task_id``, ``taskId`` and ``TASK_ID``."""
    return _plain(old) == _plain(new)


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name).casefold()


def joined_up(found: Sequence[Difference], before: CellSeen, now: CellSeen) -> list[Difference]:
    """The differences of one cell, with what was renamed or moved told once.

    Args:
        found: Its differences.
        before: What the witness says of the cell.
        now: What is seen now.
    """
    gone = {one.trait.location: one for one in found if one.rule in _GONE}
    come = [one.trait.location for one in found if one.rule in _COME]
    pairs: list[_Pair] = []
    for pairing in (_unfolded, _respelt, _moved, _renamed):
        if not gone or not come:
            break
        for pair in list(pairing(list(gone.values()), come, before, now)):
            pairs.append(pair)
            gone.pop(pair.old.trait.location, None)
            come = [place for place in come if place not in pair.new]
    new = {place for pair in pairs for place in pair.new}
    if any(is_respelt(pair.old.trait.location, pair.to) for pair in pairs):
        new.update(place for place in come if _was_optional(place, before, now))
    kept = [
        one
        for one in found
        if (one.rule not in _GONE or one.trait.location in gone)
        and (one.rule not in _COME or one.trait.location not in new)
    ]
    return [*kept, *(_told(pair, now) for pair in pairs)]


def _was_optional(place: str, before: CellSeen, now: CellSeen) -> bool:
    """Whether a new member is another spelling of one whose absence says nothing by itself."""
    there = _members(now)
    return any(
        one not in there and is_respelt(one, place) and parted(one)[0] == parted(place)[0]
        for one in _members(before)
    )


def _unfolded(
    gone: Sequence[Difference], come: Sequence[str], before: CellSeen, now: CellSeen
) -> Iterator[_Pair]:
    """Objects that are gone while their members stand where the object was, or further up."""
    for old in gone:
        place = old.trait.location
        inside = {parted(one)[1]: types for one, types in _members(before).items() if parted(one)[0] == place}
        for parent in dict.fromkeys(parted(one)[0] for one in come):
            alike = [
                one
                for one in come
                if parted(one)[0] == parent and _is_alike(inside.get(parted(one)[1], set()), _types(now, one))
            ]
            if alike and 2 * len(alike) >= len(inside) and place.startswith(f"{parent}/"):
                yield _Pair(MOVED, old, parent or TOP, parent or TOP, frozenset(alike))
                break


def _moved(
    gone: Sequence[Difference], come: Sequence[str], before: CellSeen, now: CellSeen
) -> Iterator[_Pair]:
    """Members of which there is one of the same name and type elsewhere, where there was none; the nearest to the top."""
    new = [place for place in _members(now) if not _types(before, place) and _within(place, come)]
    for old in gone:
        types, name = _types(before, old.trait.location), parted(old.trait.location)[1]
        places = [place for place in new if parted(place)[1] == name and _is_alike(types, _types(now, place))]
        nearest = [place for place in places if place.count("/") == min(one.count("/") for one in places)]
        if len(nearest) == 1:
            parent = parted(nearest[0])[0]
            yield _Pair(MOVED, old, nearest[0], parent or TOP, frozenset(_within(nearest[0], come)))


def _within(place: str, come: Sequence[str]) -> list[str]:
    """Which of the new members it is, or is in."""
    return [one for one in come if place == one or place.startswith(f"{one}/")]


def _respelt(
    gone: Sequence[Difference], come: Sequence[str], before: CellSeen, now: CellSeen
) -> Iterator[_Pair]:
    """Members whose name comes in another spelling."""
    for old in gone:
        name = parted(old.trait.location)[1]
        mine = [one for one in _alike(old, come, before, now) if is_respelt(name, parted(one)[1])]
        if len(mine) == 1:
            yield _Pair(RENAMED, old, mine[0], parted(mine[0])[1], frozenset(mine))


def _renamed(
    gone: Sequence[Difference], come: Sequence[str], before: CellSeen, now: CellSeen
) -> Iterator[_Pair]:
    """Members that are the only ones of their type, gone and new, in one object."""
    for old in gone:
        mine = _alike(old, come, before, now)
        others = (_alike(other, come, before, now) for other in gone if other is not old)
        if len(mine) == 1 and not any(mine[0] in other for other in others):
            yield _Pair(RENAMED, old, mine[0], parted(mine[0])[1], frozenset(mine))


def _alike(old: Difference, come: Sequence[str], before: CellSeen, now: CellSeen) -> list[str]:
    """The new members beside one that is gone that may be it by their type."""
    types, parent = _types(before, old.trait.location), parted(old.trait.location)[0]
    return [one for one in come if parted(one)[0] == parent and _is_alike(types, _types(now, one))]


def _members(cell: CellSeen) -> dict[str, set[str]]:
    """Every member that was seen there, with its types."""
    places = (trait.location for trait in cell.traits if trait.aspect == "type")
    return {place: types for place in places if (types := _types(cell, place))}


def _types(cell: CellSeen, place: str) -> set[str]:
    """The types that a member was seen to have; empty where it was never there."""
    return set(cell.traits.get(Trait("type", place), ())) - {ABSENT}


def _is_alike(old: set[str], new: set[str]) -> bool:
    """Whether what is there now may be what was there: no type more, and null alone only where null was."""
    return (
        bool(new and old)
        and new - {_NULL} <= old
        and (new != {_NULL} or _NULL in old)
        and (new == {_NULL} or old != {_NULL})
    )


def _told(pair: _Pair, now: CellSeen) -> Difference:
    trait = Trait("type", pair.to.rstrip("/"))
    values = now.values(trait)
    shown = next((tuple(now.shows(trait, one)) for one in sorted(values)), ())
    return replace(
        pair.old,
        rule=pair.rule,
        key=pair.key,
        now=f"at {pair.to}: {told(values)}",
        exchanges=shown or pair.old.exchanges,
        is_loss=False,
        to=pair.to,
    )
