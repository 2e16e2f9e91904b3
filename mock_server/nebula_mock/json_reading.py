"""Strict JSON: what two parsers could read differently is not read at all.

Bounds stand before memory: depth, members of one object and characters of a number are limited, a
member may stand once, and NaN is no number.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

DEEPEST, MOST_MEMBERS, LONGEST_NUMBER = 32, 1000, 64
"""Limits: levels of nesting, members of one object, characters of a number."""

MOST_VALUES = 200_000
"""Limit: values in all. A value costs up to a hundred times its bytes once it is read."""

_BYTE_ORDER_MARK = "\ufeff"
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class NotJsonError(ValueError):
    """The bytes are no JSON that is read; the message says why and where."""


def read_json(raw: bytes) -> Any:
    """The JSON value in ``raw``, which is UTF-8 without a byte order mark.

    Raises:
        NotJsonError: With the reason and where.
    """
    _refuse_many_values(raw)
    try:
        text = raw.decode()
        if text.startswith(_BYTE_ORDER_MARK):
            raise NotJsonError("found a byte order mark, expected the JSON alone")
        value = _DECODER.decode(text)
        _refuse_depth(value)
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}"
        raise NotJsonError(message) from error
    except RecursionError as error:
        raise NotJsonError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJsonError(str(error)) from error
    return value


def _short_number(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def number(text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            message = f"a number has {len(text)} characters, at most {LONGEST_NUMBER} are read"
            raise NotJsonError(message)
        return read(text)

    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        message = f"an object has {len(pairs)} members, at most {MOST_MEMBERS} are read"
        raise NotJsonError(message)
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            message = f"the member {name[:80]!r} stands twice in one object"
            raise NotJsonError(message)
        members[name] = value
    return members


def _refuse_many_values(raw: bytes) -> None:
    """Refuse a text of more values than anybody would write, before any of them is made.

    Counted are the commas and brackets outside of texts, so never fewer than there are values but one.
    """
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") <= MOST_VALUES:
        return  # cheap, and true of almost everything
    bare = _TEXT.sub(b"", raw)
    count = bare.count(b",") + bare.count(b"[") + bare.count(b"{")
    if count > MOST_VALUES:
        message = f"over {MOST_VALUES} values in all"
        raise NotJsonError(message)


def _refuse_depth(value: object) -> None:
    """Refuse what is nested deeper than anybody would write; level by level, so that depth costs no stack."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST + 1:  # the innermost values are no level of their own
            message = f"nested more than {DEEPEST} deep"
            raise NotJsonError(message)
        level = [inner for one in level for inner in _inside(one)]


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise NotJsonError(message)


_DECODER = json.JSONDecoder(  # made once: to make one takes longer than to read a submit
    parse_constant=_no_constant,
    parse_int=_short_number(int),
    parse_float=_short_number(float),
    object_pairs_hook=_object,
)
