"""One trait of one cell, before and now: which rules its difference falls under, by its aspect."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nebula_contract.drift.comparing.answers import answer_rulings
from nebula_contract.drift.comparing.difference import FLOOR
from nebula_contract.drift.comparing.types import Ruling, type_rulings
from nebula_contract.drift.observation import ABSENT, ANY, ARROW, CellKey, LifeSeen, Trait, Values
from nebula_contract.judging.oracle import RANKS

PROMISED_HEADERS = frozenset({"content-type", "x-oneapi-request-id"})
"""The headers that the contract names; of any other only its coming and going is worth a word."""

Lives = tuple[LifeSeen | None, LifeSeen | None]
"""What the tasks of a family did, before and now."""

_TASK = "<task>"
_CONSTRAINTS: Mapping[str, str] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "DR222"),
    **dict.fromkeys(("minLength", "maxLength"), "DR222"),
    "pattern": "DR221",
}
"""Keywords of the documents about values to the rule of their breach; members, types and words have rules of their own."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One trait as a witness has it and as it is seen now.

    Attributes:
        cell: Where.
        trait: What.
        old: Its values before.
        new: Its values now.
        lives: What the family's tasks did.
        both_ways: As for ``differences``.
    """

    cell: CellKey
    trait: Trait
    old: Values
    new: Values
    lives: Lives
    both_ways: bool

    @property
    def novel(self) -> list[str]:
        """Values that are seen now alone."""
        return sorted(set(self.new) - set(self.old))


def rulings(pair: Pair) -> Iterator[Ruling]:
    """Every rule that the trait falls under."""
    if pair.trait.aspect == "docs":
        yield from ((_CONSTRAINTS[word], word, word, False) for word in pair.novel if word in _CONSTRAINTS)
    elif pair.new and pair.old and pair.trait.aspect in _BY_ASPECT:
        yield from _BY_ASPECT[pair.trait.aspect](pair)


def _types(pair: Pair) -> Iterator[Ruling]:
    old, new = pair.old, pair.new
    if pair.trait.location.endswith("/[]") or not pair.trait.location:
        old, new = _present(old), _present(new)
    yield from type_rulings(old, new, both_ways=pair.both_ways)


def _present(values: Values) -> Values:
    return Values({value: count for value, count in values.items() if value != ABSENT})


def _answers(pair: Pair) -> Iterator[Ruling]:
    for rule, key, value in answer_rulings(pair.cell, pair.old, pair.new):
        yield rule, key, value, False


def _words(pair: Pair) -> Iterator[Ruling]:
    """New words, and words that are gone; one that takes the place of another is a new word alone.

    A documented status is never new: which of them are met is a matter of luck.
    """
    is_status = pair.cell.state == ANY and pair.trait.location == "/status"
    before, now = pair.lives
    novel = [word for word in pair.novel if not is_status or word not in RANKS]
    lost = sorted(set(pair.old) - set(pair.new))
    if novel and all(word.casefold() in {one.casefold() for one in pair.old} for word in novel):
        yield "DR223", _case_of(novel), novel[0], False
        return
    if len(novel) > 1 and not set(pair.new) & set(pair.old):
        yield "DR224", "+".join(novel), novel[0], False
        return
    took_the_end = (
        pair.both_ways and len(novel) == 1 and before is not None and any(before.last[word] for word in lost)
    )
    for word in novel:
        rule = "DR407" if took_the_end else _status_rule(now, word, "DR407", "DR409")
        yield (rule if is_status else "DR217"), word, word, False
    if not pair.both_ways or novel:
        return
    for word in lost:
        if pair.old[word] * pair.new.total() < FLOOR * pair.old.total():
            continue
        if not is_status or _was_to_be_met(word, before, now):
            rule = _status_rule(before, word, "DR408", "DR410")
            yield (rule if is_status else "DR218"), word, min(pair.new), True


def _was_to_be_met(status: str, before: LifeSeen | None, now: LifeSeen | None) -> bool:
    """Whether enough tasks were followed for a status to be missed: many reads of one task are one look at it.

    Where traces are not known, reads are all that can be counted.
    """
    if before is None or now is None or not before.traces:
        return True
    through = sum(times for trace, times in before.traces.items() if status in trace.split(ARROW))
    return through * now.tasks >= FLOOR * before.tasks


def _status_rule(life: LifeSeen | None, word: str, final: str, passing: str) -> str:
    """One rule for a status in which tasks were seen to stay, another for one that they left."""
    return final if life is not None and life.last[word] > 0 else passing


def _case_of(words: Sequence[str]) -> str:
    """``upper``, ``lower`` or ``mixed``."""
    if all(word.isupper() for word in words):
        return "upper"
    return "lower" if all(word.islower() for word in words) else "mixed"


def _headers(pair: Pair) -> Iterator[Ruling]:
    if not pair.both_ways and pair.trait.location not in PROMISED_HEADERS:
        return
    if ABSENT in pair.new and ABSENT not in pair.old:
        yield "DR108", "", ABSENT, True
    elif set(pair.old) == {ABSENT} and set(pair.new) != {ABSENT}:
        yield "DR109", "", "present", False


def _forms(pair: Pair) -> Iterator[Ruling]:
    for form in pair.novel:
        key = f"{'/'.join(sorted(pair.old))}>{form}"
        rule = "DR219" if _TASK in pair.old else "DR220" if form == _TASK else "DR221"
        yield rule, key, form, False


def _media(pair: Pair) -> Iterator[Ruling]:
    for media in pair.novel:
        yield "DR107", f"{min(pair.old)}>{media}", media, False


def _languages(pair: Pair) -> Iterator[Ruling]:
    """Told of one provider at two times alone: in which language the mock answers is nobody's promise."""
    if pair.both_ways:
        yield from (("DR113", script, script, False) for script in pair.novel)


def _envelopes(pair: Pair) -> Iterator[Ruling]:
    for envelope in pair.novel:
        yield ("DR116" if envelope == "plain" else "DR115"), envelope, envelope, False


_BY_ASPECT: Mapping[str, Callable[[Pair], Iterator[Ruling]]] = {
    "type": _types,
    "answer": _answers,
    "word": _words,
    "header": _headers,
    "form": _forms,
    "media": _media,
    "language": _languages,
    "envelope": _envelopes,
}
