"""The signature of an answer, before and now: which rule another status, envelope or word falls under."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nebula_contract.drift.observation import OK, CellKey, Values

_KEY_ROWS = frozenset({"missing-key", "invalid-key", "channel-suffix"})
_ABOUT_KEYS = frozenset({401, 403})
_STATUS = re.compile("[0-9]{1,3}")
_NO_ENVELOPE = frozenset({"task", "video", "json", "empty", "other", "redirect"})


class Signature(NamedTuple):
    """The parts of ``400 e2 type/code``."""

    status: int
    envelope: str
    words: str

    @classmethod
    def of(cls, text: str) -> "Signature":
        """The signature that was written so."""
        status, _, rest = text.partition(" ")
        envelope, _, words = rest.partition(" ")
        return cls(int(status) if _STATUS.fullmatch(status) else 0, envelope, words)

    @property
    def is_success(self) -> bool:
        """Whether its status is a 2xx."""
        return self.status in range(200, 300)

    @property
    def is_error(self) -> bool:
        """Whether its body is an error, whatever its status."""
        return self.envelope not in _NO_ENVELOPE


def part_of(rule: str, text: str) -> str:
    """The part of a signature that a change of that rule is about."""
    return _part(rule, Signature.of(text))


def _part(rule: str, one: Signature) -> str:
    """The envelope, the words, or for any other rule the status."""
    return {"DR104": one.envelope, "DR106": one.words}.get(rule, str(one.status))


_ENVELOPES = {
    "e1": "an error object with message, type and code",
    "e2": "code, message and data",
    "e3": "an error object with message and type",
    "unknown-route": "the error of an unknown route",
}


def answer_told(text: str) -> str:
    """A signature as a person reads it: ``HTTP 400 (code, message and data; code task_not_exist)``."""
    one = Signature.of(text)
    kind, _, code = one.words.partition("/")
    words = [f"{name} {word}" for name, word in (("type", kind), ("code", code)) if word not in ("", "-")]
    told = "; ".join([_ENVELOPES.get(one.envelope, f"a {one.envelope}"), *words])
    return f"HTTP {one.status} ({told})"


def answer_rulings(cell: CellKey, before: Values, now: Values) -> Iterator[tuple[str, str, str]]:
    """Rule, key (what it was, ``>``, what it is) and value of each signature that is new.

    Refusals of what the contract allows are not told here: of a submit by what was asked for, of anything else by the
    check that looks at it.
    """
    old = [Signature.of(text) for text in sorted(before)]
    for text in sorted(set(now) - set(before)) if old else ():
        new = Signature.of(text)
        rule = _of_ok(new, old) if cell.outcome == OK else _of_refusal(cell, new, old)
        if rule == "DR111":
            yield rule, "", text
        elif rule:
            yield rule, f"{_nearest(rule, new, old)}>{part_of(rule, text)}", text


def _nearest(rule: str, new: Signature, old: Sequence[Signature]) -> str:
    """The part of the old signature that shares most with the new one."""
    likest = max(
        old,
        key=lambda one: (one.is_error == new.is_error, sum(a == b for a, b in zip(one, new, strict=True))),
    )
    return _part(rule, likest)


def _of_ok(new: Signature, old: Sequence[Signature]) -> str:
    if new.is_success and new.is_error:
        return "DR102"
    if new.is_success and any(one.is_error and one.is_success for one in old):
        return "DR103"
    is_other_status = all(one.status != new.status for one in old)
    is_no_refusal = new.is_success or new.status in range(300, 400)
    return "DR101" if is_no_refusal and is_other_status else ""


def _of_refusal(cell: CellKey, new: Signature, old: Sequence[Signature]) -> str:
    rows = set(cell.outcome.split("|"))
    if not new.is_error:
        if OK in rows or not new.is_success:
            return "" if OK in rows else "DR105"
        return "DR111" if rows <= _KEY_ROWS else "DR301"
    if rows <= _KEY_ROWS and new.status not in _ABOUT_KEYS and not new.is_success:
        return "DR111"  # another refusal than one of the key: the key was let through
    refused_before = [one for one in old if one.is_error]
    if rows - {OK} <= _KEY_ROWS and (not refused_before or _is_key_asked_for(new, refused_before)):
        return "DR112"
    return _of_error(new, refused_before) if refused_before else "DR302"


def _is_key_asked_for(new: Signature, refused: Sequence[Signature]) -> bool:
    """Whether a key is refused that was let through: what was refused before was refused for another reason."""
    return new.status in _ABOUT_KEYS and all(
        one.status not in _ABOUT_KEYS and not one.is_success for one in refused
    )


def _of_error(new: Signature, old: Sequence[Signature]) -> str:
    """One error instead of another."""
    if new.is_success:
        return "DR102"
    if all(one.is_success for one in old):
        return "DR103"
    if any(one[:2] == new[:2] for one in old):
        return "DR106"
    return "DR104" if any(one.status == new.status for one in old) else "DR105"
