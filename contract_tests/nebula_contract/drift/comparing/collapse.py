"""One change, many places: what differs the same way in several states, families and operations is one finding.

A place is told as widely as the change is: ``*`` where everything that could have shown it does, by operation, then by
family, outcome and state where only a part does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from nebula_contract.drift.comparing.answers import has_part
from nebula_contract.drift.comparing.difference import Difference
from nebula_contract.drift.comparing.siblings import merged
from nebula_contract.drift.finding import JOINED, Place
from nebula_contract.drift.observation import ANY, NONE, CellKey, Observations, Trait
from nebula_contract.drift.witnesses import Testimony

Group = tuple[Place, list[Testimony]]

_WIDE = frozenset({"header", "media", "language", "answer"})
"""Aspects that are alike for all operations and outcomes; any other is told for each operation."""

_FAMILY, _OPERATION, _OUTCOME, _STATE = range(4)

_PARTS_OF: Mapping[str, tuple[int, ...]] = {"DR111": (), "DR301": (_OPERATION,)}
"""Rules whose places are told together though some places like them do not show it: what is let through now."""


# What is seen now and then may have missed the places that do not show it: they are told together as well.

_COMES = frozenset({"DR109", "DR202", "DR204"})
"""Rules by which something is new: whatever has none, and has what it would be in, could have shown it as well."""


def collapsed(found: Iterable[Testimony], now: Observations) -> list[Group]:
    """Testimonies of one change together, each group with the place that names all of it."""
    groups: dict[tuple[object, ...], list[Testimony]] = {}
    for one in found:
        groups.setdefault(_same(one), []).append(one)
    return merged(group for those in groups.values() for group in _placed(those, now))


def _is_wide(trait: Trait) -> bool:
    return trait.aspect in _WIDE or trait.location.startswith("header ")


def _same(one: Testimony) -> tuple[object, ...]:
    change = one.difference
    if one.switched is not None:
        return ("switched", change.cell.operation, *one.switched)
    apart = () if _is_wide(change.trait) else (change.cell.operation, change.cell.outcome)
    return (change.rule, change.trait, change.key, one.docs, one.mock, one.baseline, *apart)


def _placed(those: Sequence[Testimony], now: Observations) -> Iterator[Group]:
    first = those[0]
    if first.switched is not None:
        yield Place(first.difference.cell.operation, ANY, ANY, ANY, ""), list(those)
        return
    trait = first.difference.trait
    by_cell: dict[CellKey, list[Testimony]] = {}
    for one in those:
        by_cell.setdefault(one.difference.cell, []).append(one)
    is_now_and_then = any(one.difference.seen < one.difference.of for one in those)
    every_part = (_OPERATION,) if is_now_and_then else (_OPERATION, _FAMILY, _OUTCOME)
    parts = _PARTS_OF.get(first.difference.rule, every_part)
    for place, keys in places_of(by_cell, _could(first, by_cell, now), location_of(trait), parts):
        yield place, [one for key in keys for one in by_cell[key]]


def _could(first: Testimony, cells: Collection[CellKey], now: Observations) -> set[CellKey]:
    """The cells that show the change, and those that could have and do not."""
    change = first.difference
    if change.rule == "DR111":
        mine = {key.outcome for key in cells}
        return {key for key in now.cells if key.outcome in mine}
    if change.rule in _COMES:
        return {key for key, cell in now.cells.items() if cell.values(change.trait)} | set(cells)
    if change.trait.aspect not in ("answer", "media"):
        return {key for key, cell in now.cells.items() if change.trait in cell.traits} | set(cells)
    old = change.key.partition(">")[0]
    unchanged = (
        key
        for key, cell in now.cells.items()
        if any(_has(change, old, text) for text in cell.values(change.trait))
    )
    return {*unchanged, *cells}


def _has(change: Difference, old: str, text: str) -> bool:
    return text == old if change.trait.aspect == "media" else has_part(change.rule, old, text)


def places_of(
    keys: Collection[CellKey],
    could: Collection[CellKey],
    location: str,
    by: Sequence[int] = (_OPERATION, _FAMILY, _OUTCOME),
) -> Iterator[tuple[Place, list[CellKey]]]:
    """Few places that hold all of the keys, and for each the keys that it holds; apart by the parts ``by`` at most."""
    for part in _parts(list(keys), could, by):
        labels = [_label(part, could, which) for which in range(len(CellKey._fields))]
        yield Place(labels[_OPERATION], labels[_FAMILY], labels[_OUTCOME], labels[_STATE], location), part


def _parts(keys: list[CellKey], could: Collection[CellKey], by: Sequence[int]) -> Iterator[list[CellKey]]:
    """The keys as parts: all at once where nothing of their operations, families and outcomes is missing, else by
    operation, then by family, then by outcome. Families that differ in the same outcomes and states are one part again.
    """
    if not by or not _hull(keys, could) - set(keys):
        yield keys
        return
    pieces: dict[str, list[CellKey]] = {}
    for key in keys:
        pieces.setdefault(key[by[0]], []).append(key)
    if by[0] != _FAMILY:
        for value, piece in pieces.items():
            yield from _parts(piece, [key for key in could if key[by[0]] == value], by[1:])
        return
    alike: dict[tuple[str, ...], list[CellKey]] = {}
    for value, piece in pieces.items():
        mine = [key for key in could if key.family == value]
        shape = tuple(_label(piece, mine, which) for which in (_OUTCOME, _STATE))
        alike.setdefault(shape, []).extend(piece)
    yield from alike.values()


def _hull(keys: Collection[CellKey], could: Collection[CellKey]) -> set[CellKey]:
    """All cells of the operations, families and outcomes that the keys have."""
    parts = [{key[which] for key in keys} for which in (_OPERATION, _FAMILY, _OUTCOME)]
    return {
        key
        for key in could
        if key.operation in parts[0] and key.family in parts[1] and key.outcome in parts[2]
    }


def _label(keys: Collection[CellKey], could: Collection[CellKey], which: int) -> str:
    """``*`` for all that could have shown it, where that is more than one; else each by name."""
    mine = {key[which] for key in keys}
    others = {key[which] for key in could if _is_beside(key, keys, which)}
    if len(mine) > 1 and mine >= others:
        return ANY
    return JOINED.join(sorted(one for one in mine if one != NONE))


def _is_beside(key: CellKey, keys: Collection[CellKey], which: int) -> bool:
    """Whether a cell is like one of the keys but for that part; a state counts within the families of the keys."""
    fixed = {
        _FAMILY: (_OPERATION, _OUTCOME),
        _STATE: (_OPERATION, _OUTCOME, _FAMILY),
        _OUTCOME: (_OPERATION,),
    }
    return any(all(key[one] == mine[one] for one in fixed.get(which, ())) for mine in keys)


def location_of(trait: Trait) -> str:
    """Where a trait is, as a finding names it."""
    if trait.aspect == "header":
        return f"header {trait.location}"
    return trait.location or _NAMED.get(trait.aspect, "")


_NAMED: Mapping[str, str] = {"media": "header content-type", "language": "message"}
