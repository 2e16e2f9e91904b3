"""An answer's bytes to the values that are kept: long texts as their facts, secrets out."""

import base64
import binascii
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from nebula_contract.record.exchange import Answer, Body, Film, LongText
from nebula_contract.record.film import film_of
from nebula_contract.record.redaction import kept_header, redacted, unescaped

LONGEST_TEXT = 4096
"""Characters of a JSON text that is kept whole."""
KEPT_OF_A_LONG_TEXT = 64
_HEAD = 300
_DEEPEST = 60
_DATA_HEAD = "data:"


class _NotStrictError(ValueError):
    """JSON that RFC 8259 does not allow, or whose meaning is not certain."""


def reduced(status: int, headers: Mapping[str, str], raw: bytes, keys: Collection[str] = ()) -> Answer:
    """The answer as it is kept. ``keys`` are the run's own, which may stand in what came."""
    kept = {name: kept_header(name, value, keys) for name, value in headers.items()}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(status, kept, body_of(raw, media_type, keys))


def body_of(raw: bytes, media_type: str, keys: Collection[str] = ()) -> Body:
    """The facts of a body."""
    digest = hashlib.sha256(raw).hexdigest()
    if not raw:
        return Body(0, digest, json_problem="the body is empty")
    if media_type.startswith("video/") or raw[4:8] == b"ftyp":
        return Body(len(raw), digest, film=film_of(raw), head=repr(raw[:12]))
    head = redacted(unescaped(raw[:_HEAD].decode("utf-8", "backslashreplace")), keys)
    try:
        value = _strict_json(raw)
    except _NotStrictError as error:
        return Body(len(raw), digest, json_problem=redacted(str(error), keys), head=head)
    may_be_telling = _may_be_telling(raw, keys)
    if not may_be_telling and len(raw) <= LONGEST_TEXT:
        return Body(len(raw), digest, value, head=head)
    cutter = _Cutter(keys, may_be_telling=may_be_telling)
    small = cutter.cut(value)
    return Body(len(raw), digest, small, long_texts=cutter.long_texts, head=head)


def _may_be_telling(raw: bytes, keys: Collection[str]) -> bool:
    """Whether anything in the bytes could be a secret: else no text has to be looked at."""
    marks = (b"sk-", b"://", b"\\/", b"earer", b"EARER", *(key.encode() for key in keys if key))
    return any(mark in raw for mark in marks) or b"\\u" in raw


def _strict_json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise _NotStrictError(f"it is not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise _NotStrictError("it is nested too deeply") from error
    except _NotStrictError:
        raise
    except ValueError as error:
        raise _NotStrictError(str(error)) from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotStrictError(f"the member {twice[:80]!r} stands twice in one object")
    return members


def _no_constant(word: str) -> Any:
    raise _NotStrictError(f"{word} is no JSON number")


class _Cutter:
    """Cuts long texts out of a JSON value, and secrets."""

    def __init__(self, keys: Collection[str], *, may_be_telling: bool) -> None:
        self.long_texts: dict[str, LongText] = {}
        self._decoded: dict[str, _Decoded] = {}
        self._keys = keys
        self._may_be_telling = may_be_telling

    def cut(self, value: Any, at: str = "") -> Any:
        """The value at a JSON Pointer, as it is kept."""
        if isinstance(value, str):
            return self._text(value, at)
        if isinstance(value, dict) and at.count("/") < _DEEPEST:
            return {self._shown(name): self.cut(one, f"{at}/{_escaped(name)}") for name, one in value.items()}
        if isinstance(value, list) and at.count("/") < _DEEPEST:
            return [self.cut(one, f"{at}/{index}") for index, one in enumerate(value)]
        return value if not isinstance(value, dict | list) else f"nested deeper than {_DEEPEST} levels"

    def _text(self, text: str, at: str) -> str:
        if len(text) <= LONGEST_TEXT:
            return self._shown(text)
        self.long_texts[at] = long_text_of(text, self._decoded)
        return redacted(text[:KEPT_OF_A_LONG_TEXT], self._keys)

    def _shown(self, text: str) -> str:
        return redacted(text, self._keys) if self._may_be_telling else text


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


_Decoded = tuple[Film | None, str]
"""What a text decodes to, or why it does not."""


def long_text_of(text: str, decoded: dict[str, _Decoded] | None = None) -> LongText:
    """The facts of a text: what it decodes to, or why it does not.

    Args:
        text: The text.
        decoded: What was decoded before, by the digest of its base64: a download has its video twice.
    """
    whole = text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(whole).hexdigest()
    data, after = whole, digest
    if text.startswith(_DATA_HEAD):
        data = whole.partition(b",")[2]
        after = hashlib.sha256(data).hexdigest()
    known = {} if decoded is None else decoded
    if after not in known:
        known[after] = _decoded(data)
    film, problem = known[after]
    return LongText(len(text), digest, after, film, problem)


def _decoded(data: bytes) -> _Decoded:
    try:
        return film_of(base64.b64decode(data, validate=True)), ""
    except (binascii.Error, ValueError) as error:
        return None, f"it is no strict base64: {error}"
