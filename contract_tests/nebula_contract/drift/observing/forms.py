"""The form of a text or a moment, as a word: what stays when the value itself is left behind.

Ids become reference tokens: the id of the task that was asked for is ``<task>`` wherever it stands, so that an answer
about another task differs though both ids look alike.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_NAMED = re.compile(r"(^|_)(id|ids|url|urls|uri|href|link)$|_at$|_time$|(Id|Url|At|Time)$")
"""Members whose form is looked at: ids, links and moments. That of any other text is nobody's promise."""

_FORMS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("empty", re.compile(r"")),
    ("https-url", re.compile(r"https://\S+", re.IGNORECASE)),
    ("http-url", re.compile(r"http://\S+", re.IGNORECASE)),
    ("data-uri", re.compile(r"data:.*", re.DOTALL | re.IGNORECASE)),
    ("uuid", re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)),
    ("iso-moment", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")),
    ("spaced-moment", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")),
    ("digits", re.compile(r"\d+")),
    ("path", re.compile(r"/\S*")),
    ("word", re.compile(r"[A-Za-z_-]{1,40}")),
)
_PREFIX = re.compile(r"([A-Za-z]{2,12}[_-])(?=[A-Za-z0-9-]*\d)[A-Za-z0-9_-]{6,}")
_MAGNITUDES = ((10**9, 10**10, "seconds"), (10**12, 10**13, "milliseconds"), (10**15, 10**16, "microseconds"))


def is_formed(name: str) -> bool:
    """Whether the form of a member of that name is looked at."""
    return _NAMED.search(name) is not None


def form_of(value: Any, tokens: Mapping[str, str]) -> str:
    """The form of a text or number; empty where it has none.

    Args:
        value: The JSON value.
        tokens: Known ids to their tokens, such as ``<task>``.
    """
    if isinstance(value, str):
        return tokens.get(value) or _text_form(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return next((name for least, most, name in _MAGNITUDES if least <= value < most), "number")
    return ""


def _text_form(text: str) -> str:
    if text == "expired":  # the gateway's own word for a result that is gone (DOC, SRC)
        return "expired"
    for name, pattern in _FORMS:
        if pattern.fullmatch(text):
            return name
    prefixed = _PREFIX.fullmatch(text)
    return f"{prefixed[1]}..." if prefixed else "text"


def script_of(text: str) -> str:
    """In which script a message is written: ``latin``, ``han`` or ``other``."""
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return "han"
    return "latin" if text.isascii() else "other"
