"""Bodies as the journal keeps them: sizes, digests, both ends, and the members of small JSON.

Secrets are hidden before anything is cut, so that no half of one is left over.
"""

import hashlib
import json
import re
from typing import Any

from nebula_mock.core.journal_entry import BODY_END_BYTES, BodySummary, LongText, UnreadBody
from nebula_mock.core.keeping import kept_json
from nebula_mock.redactor import Redactor

LARGEST_READ = 16 * 1024
"""Bytes of the largest JSON body whose members are kept."""

_ESCAPE = re.compile(r"\\u00([2-7][0-9a-fA-F])")
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_WINDOW = 4096  # bytes at either end in which secrets are looked for


def body_summary(raw: bytes, media_type: str, redactor: Redactor) -> BodySummary:
    """What is kept of a body that is in memory; pure."""
    shown, members, is_clean = raw, None, False
    if len(raw) < LARGEST_READ and "json" in media_type:
        if raw.isascii() and b"\\" not in raw and not redactor.may_tell(text := raw.decode("ascii")):
            return UnreadBody(media_type, text)
        members, shown, is_clean = _members(raw, redactor)
    digest = hashlib.sha256(raw).hexdigest()
    head, tail = _ends(shown, redactor, is_clean=is_clean)
    return BodySummary(media_type, len(raw), digest, head, tail, members)


def _members(raw: bytes, redactor: Redactor) -> tuple[Any, bytes, bool]:
    """The members that are kept; the body itself, written anew where that hides more; whether nothing is left to hide.

    Where a body is written as we write it, and so are all answers, it is written anew from its members, in which
    everything is hidden: to look through the text costs ten times as much.
    """
    try:
        value = json.loads(raw)
        plain = redactor.value(value)
        if _COMPACT.encode(value).encode("utf-8", "surrogatepass") == raw:
            return kept_json(plain), _COMPACT.encode(plain).encode("utf-8", "replace"), True
        if b"\\" in raw and plain != value:
            raw = json.dumps(plain).encode()
        return kept_json(plain), raw, False
    except (ValueError, RecursionError):
        return None, raw, False


def _ends(raw: bytes, redactor: Redactor, *, is_clean: bool) -> tuple[str, str | None]:
    if is_clean:
        text = raw.decode()
        return _first(text), _last(text) if len(raw) > BODY_END_BYTES else None
    if len(raw) <= BODY_END_BYTES:
        return _text(raw, redactor), None
    if len(raw) <= _WINDOW:
        text = _text(raw, redactor)
        return _first(text), _last(text)
    return _first(_text(raw[:_WINDOW], redactor)), _last(_text(raw[-_WINDOW:], redactor))


def _text(raw: bytes, redactor: Redactor) -> str:
    text = raw.decode("utf-8", "replace")
    if "\\u00" in text:  # a key may be spelled with escapes, in JSON that is not read
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return redactor.text(text)


def _first(text: str) -> str:
    return (
        text
        if text.isascii() and len(text) <= BODY_END_BYTES
        else text.encode()[:BODY_END_BYTES].decode("utf-8", "ignore")
    )


def _last(text: str) -> str:
    return text.encode()[-BODY_END_BYTES:].decode("utf-8", "ignore")


def long_text(text: str) -> LongText:
    """What is kept of a text that is too long: its length and digest."""
    return LongText(len(text), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
