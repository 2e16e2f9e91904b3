"""The type of one member, before and now: which rule a difference falls under.

A witness that may say more than it was seen to say (``both_ways`` false, as the mock in a few runs) is asked only whether
what is seen now is among what it says. Absence counts where it was to be expected at least three times.
"""

from collections.abc import Iterator

from nebula_contract.drift.comparing.difference import FLOOR
from nebula_contract.drift.observation import ABSENT, Values

_NULL = "null"
_NUMBERS = frozenset({"integer", "number"})

Ruling = tuple[str, str, str, bool]
"""Rule, key, the value of the trait that shows it, and whether it is a loss."""


def type_rulings(before: Values, now: Values, *, both_ways: bool) -> Iterator[Ruling]:
    """The rules that the types of a member, ``absent`` and ``null`` among them, fall under."""
    if not before or not now:
        return
    if set(before) == {ABSENT}:
        if set(now) != {ABSENT}:
            kind = "/".join(sorted(set(now) - {ABSENT}))
            yield ("DR204" if ABSENT in now else "DR202"), kind, _first(now, ABSENT), False
        return
    if set(now) == {ABSENT}:
        yield from _gone(before, now, both_ways=both_ways)
        return
    yield from _presence(before, now, both_ways=both_ways)
    yield from _kinds(before, now, both_ways=both_ways)


def _gone(before: Values, now: Values, *, both_ways: bool) -> Iterator[Ruling]:
    if ABSENT not in before:
        yield "DR201", "", ABSENT, True
    elif both_ways and _was_due(before, now, before.total() - before[ABSENT]):
        yield "DR203", "", ABSENT, True


def _presence(before: Values, now: Values, *, both_ways: bool) -> Iterator[Ruling]:
    if ABSENT in now and ABSENT not in before:
        yield "DR205", "", ABSENT, True
    elif both_ways and ABSENT in before and ABSENT not in now and _was_due(before, now, before[ABSENT]):
        yield "DR206", "", _first(now), False


def _kinds(before: Values, now: Values, *, both_ways: bool) -> Iterator[Ruling]:
    old, new = _types(before), _types(now)
    if not old and new:
        yield "DR208", f"{_NULL}>{'/'.join(sorted(new))}", min(new), False
        return
    if not new:
        was_due = _NULL not in before or (
            both_ways and _was_due(before, now, sum(before[one] for one in old))
        )
        if old and was_due:
            yield "DR207", "", _NULL, True
        return
    if _NULL in now and _NULL not in before:
        yield "DR207", "", _NULL, True
    elif both_ways and _NULL in before and _NULL not in now and _was_due(before, now, before[_NULL]):
        yield "DR208", "", _first(now, ABSENT), False
    pair = f"{'/'.join(sorted(old))}>{'/'.join(sorted(new))}"
    known = old | ({"integer"} if "number" in old else set())
    novel = new - known
    if novel and not new & known and not (novel == {"number"} and "integer" in old):
        yield _changed(old, new), pair, min(novel), False
    elif novel:
        yield "DR209", pair, min(novel), False
    elif both_ways:
        lost = old - new - ({"number"} if "integer" in new else set())
        if lost and _was_due(before, now, sum(before[one] for one in lost)):
            yield "DR210", pair, min(new), True


def _changed(old: set[str], new: set[str]) -> str:
    """Number and text, or text and list, can be read by a lenient client; other changes cannot."""
    if old <= _NUMBERS and new == {"string"}:
        return "DR212"
    if old == {"string"} and new <= _NUMBERS:
        return "DR213"
    if old == {"string"} and new == {"array"}:
        return "DR214"
    if old == {"array"} and new == {"string"}:
        return "DR215"
    return "DR211"


def _types(values: Values) -> set[str]:
    return {one for one in values if one not in (ABSENT, _NULL)}


def _first(values: Values, but: str = "") -> str:
    return next((one for one in sorted(values) if one != but), "")


def _was_due(before: Values, now: Values, times: int) -> bool:
    """Whether what was seen so often before was to be expected three times now."""
    return times * now.total() >= FLOOR * before.total()
