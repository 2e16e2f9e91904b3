"""All differences between what is seen now and what one witness says: pure, cell by cell, trait by trait."""

from collections.abc import Callable, Iterator, Mapping

from nebula_contract.drift.comparing.answers import answer_told
from nebula_contract.drift.comparing.difference import Difference, told
from nebula_contract.drift.comparing.echoes import without_echoes
from nebula_contract.drift.comparing.moved import joined_up
from nebula_contract.drift.comparing.requests import WHOLE, blamed, rule_of
from nebula_contract.drift.comparing.traits import Lives, Pair, rulings
from nebula_contract.drift.observation import (
    ANY,
    NONE,
    OK,
    CellKey,
    CellSeen,
    LifeSeen,
    Observations,
    RequestsSeen,
    Span,
    Trait,
    Values,
    joined,
)

_LONGER, _AT_LEAST_S = 2.0, 30.0
_LAG_S = 16.0  # the gateway asks the upstream every 15 s (SRC)


def differences(before: Observations, now: Observations, *, both_ways: bool) -> list[Difference]:
    """Every difference.

    Args:
        before: What the witness says.
        now: What is seen now.
        both_ways: Whether the witness is the same provider, at another time: then what is no longer seen, and how long
            things took, is told as well. Else only what the witness never says.
    """
    found: list[Difference] = []
    for key, cell in now.cells.items():
        lives = before.lives.get(key.family), now.lives.get(key.family)
        reference = joined(before.alike(key))
        if reference is not None:
            found += _cell(key, reference, cell, lives, both_ways=both_ways)
        if is_stateless(key, cell) and (whole := before.whole(key)) is not None:
            anywhere = key._replace(state=ANY)
            shape = CellSeen(cell.samples, _shape(cell), cell.evidence)
            found += _cell(anywhere, CellSeen(whole.samples, _shape(whole)), shape, lives, both_ways=False)
    for family, requests in now.requests.items():
        found += _requests(family, before.requests.get(family), requests)
    if both_ways:
        for family, life in now.lives.items():
            if family in before.lives:
                found += _life(family, before.lives[family], life)
    return found


_SHAPE = frozenset({"type", "word", "form", "docs"})
"""Aspects of the members of an answer."""


def is_stateless(key: CellKey, cell: CellSeen) -> bool:
    """Whether answers to queries are in it that tell no status: they are compared with those of every status."""
    return (
        key.operation == "query" and key.outcome == OK and key.state == NONE and Trait("type") in cell.traits
    )


def _shape(cell: CellSeen) -> dict[Trait, Values]:
    return {trait: values for trait, values in cell.traits.items() if trait.aspect in _SHAPE}


def _cell(
    key: CellKey, before: CellSeen, now: CellSeen, lives: Lives, *, both_ways: bool
) -> list[Difference]:
    """Differences of one cell: each change once."""
    found = list(_told_each(key, before, now, lives, both_ways=both_ways))
    return without_echoes(joined_up(found, before, now))


def _told_each(
    key: CellKey, before: CellSeen, now: CellSeen, lives: Lives, *, both_ways: bool
) -> Iterator[Difference]:
    """Trait by trait; below a member that is gone or of another type nothing is told."""
    settled: list[str] = []
    for trait in sorted(set(before.traits) | set(now.traits), key=_outer_first):
        if any(trait.location.startswith(f"{one}/") or trait.location == one for one in settled):
            continue
        for one in _trait(key, trait, before, now, lives, both_ways=both_ways):
            yield one
            if one.rule in _SETTLING:
                settled.append(trait.location)
                break


_SETTLING = frozenset(
    {
        *("DR201", "DR202", "DR203", "DR204", "DR207", "DR208", "DR209", "DR210"),
        *(f"DR{n}" for n in range(211, 216)),
    }
)


def _outer_first(trait: Trait) -> tuple[int, str, int]:
    order = {"envelope": 0, "type": 1}
    return trait.location.count("/"), trait.location, order.get(trait.aspect, 2)


def _trait(
    key: CellKey, trait: Trait, before: CellSeen, now: CellSeen, lives: Lives, *, both_ways: bool
) -> Iterator[Difference]:
    old, new = before.values(trait), now.values(trait)
    pair = Pair(key, trait, old, new, lives, both_ways)
    for rule, mark, value, is_loss in rulings(pair):
        yield Difference(
            rule,
            key,
            trait,
            mark,
            value,
            told(old, words_for(trait)),
            told(new, words_for(trait)),
            new[value],
            new.total(),
            tuple(now.shows(trait, value)) or _instead(now, trait),
            is_loss,
        )


def words_for(trait: Trait) -> Callable[[str], str]:
    """How a person reads the values of a trait."""
    return _WORDS.get(trait.aspect, str)


_FORMS = {
    "<task>": "the id of the task that was asked for",
    "<source>": "the id of the task that was made again",
}

_WORDS: Mapping[str, Callable[[str], str]] = {
    "answer": answer_told,
    "docs": lambda keyword: f"breaks the documented {keyword}",
    "form": lambda form: _FORMS.get(form, form),
}


def _instead(now: CellSeen, trait: Trait) -> tuple[int, ...]:
    """Exchanges of the cell, to show what is absent from them."""
    parent = Trait("type", trait.location.rpartition("/")[0])
    shown = now.shows(parent, "object") or now.shows(Trait("type"), "object")
    if trait.aspect == "header" or not shown:
        shown = next((numbers for (one, _), numbers in now.evidence.items() if one.aspect == "answer"), shown)
    return tuple(shown)


def _requests(family: str, before: RequestsSeen | None, now: RequestsSeen) -> Iterator[Difference]:
    """Features that are refused now though the contract allows them; and such as were, and are accepted now."""
    cell = CellKey(family, "submit", OK, NONE)
    refused_before = {feature for feature, _, _ in blamed(before)} if before else set()
    for feature, signature, numbers in blamed(now):
        if feature not in refused_before:
            yield Difference(
                rule_of(feature, is_refused=True),
                cell,
                Trait("request", feature),
                feature,
                signature,
                "accepted" if before and before.accepted[feature] else "accepted by the contract",
                f"refused with {answer_told(signature)}",
                len(numbers),
                len(now.refused),
                numbers,
                is_loss=True,
            )
    granted = {*now.accepted, *([WHOLE] if now.accepted else [])}
    for feature in sorted(refused_before & granted):
        times = now.accepted[feature] or max(now.accepted.values())
        yield Difference(
            rule_of(feature, is_refused=False),
            cell,
            Trait("request", feature),
            feature,
            "accepted",
            "refused",
            "accepted",
            times,
            times,
        )


def _life(family: str, before: LifeSeen, now: LifeSeen) -> Iterator[Difference]:
    """What takes longer or shorter than it ever did; half as long again is no news."""
    for what in sorted(set(before.spans) & set(now.spans)):
        old, new = before.spans[what], now.spans[what]
        if what.startswith("answer "):
            continue
        rule = _span_rule(what, old, new)
        if rule:
            yield Difference(
                rule,
                CellKey(family, "query", OK, ANY),
                Trait("span", what),
                "",
                "",
                f"{old.least:g} to {old.most:g} s",
                f"{new.least:g} to {new.most:g} s",
                new.count,
                new.count,
                is_loss=rule in ("DR412", "DR414"),
            )


def _span_rule(what: str, old: Span, new: Span) -> str:
    is_lag = what == "poll lag"
    if is_lag and new.middle > max(_LAG_S, _LONGER * old.most):
        return "DR411"
    if is_lag and old.middle > max(_LAG_S, _LONGER * new.most):
        return "DR412"
    if not is_lag and new.least > max(_LONGER * old.most, old.most + _AT_LEAST_S):
        return "DR413"
    if not is_lag and old.least > max(_LONGER * new.most, new.most + _AT_LEAST_S):
        return "DR414"
    return ""
