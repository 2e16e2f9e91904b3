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


def is_no_json(one: Signature) -> bool:
    """Whether its body is something else than JSON, such as a page."""
    return one.envelope == "other"


def has_part(rule: str, part: str, text: str) -> bool:
    """Whether a signature has the part that a change of that rule is about: for words one of the two, or both."""
    one = Signature.of(text)
    return part == _part(rule, one) or (rule == "DR106" and part in one.words.split("/"))


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
            yield rule, _key(rule, _nearest(new, old), new), text


def _key(rule: str, old: Signature, new: Signature) -> str:
    """What it was and what it is; of type and code only the one that differs, where the other is as it was."""
    if rule == "DR106":
        words = [one.words.split("/") for one in (old, new)]
        apart = [pair for pair in zip(*words, strict=False) if pair[0] != pair[1]]
        if len(apart) == 1:
            return ">".join(apart[0])
    return f"{_part(rule, old)}>{_part(rule, new)}"


def _nearest(new: Signature, old: Sequence[Signature]) -> Signature:
    """The old signature that shares most with the new one."""
    return max(
        old,
        key=lambda one: (
            one.is_error == new.is_error,
            sum(a == b for a, b in zip(one, new, strict=True)),
            sum(a == b for a, b in zip(one.words.split("/"), new.words.split("/"), strict=False)),
        ),
    )


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
        if OK in rows:
            return ""
        if not new.is_success:
            return "DR104" if any(_is_status_alike(one, new) for one in old) else "DR105"
        return "DR111" if rows <= _KEY_ROWS else "DR301"
    is_another = all(one[1:] != new[1:] for one in old)
    if rows <= _KEY_ROWS and new.status not in _ABOUT_KEYS and not new.is_success and is_another:
        return "DR111"  # another refusal than one of the key: the key was let through
    refused_before = [one for one in old if one.is_error]
    if rows - {OK} <= _KEY_ROWS and (not refused_before or _is_key_asked_for(new, refused_before)):
        return "DR112"
    return _of_error(new, refused_before) if refused_before else "DR302"


def _is_status_alike(one: Signature, other: Signature) -> bool:
    """Whether two statuses say the same: of a key 401 and 403 do."""
    return one.status == other.status or {one.status, other.status} <= _ABOUT_KEYS


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
