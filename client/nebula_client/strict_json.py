"""JSON read without mercy: what other readers let pass and a program trips over later is refused here.

Refused are: text that is not UTF-8, NaN and infinities, numbers that overflow, whole numbers over 64 bits, a
member twice where it decides something, nesting over 32 levels, and anything but one object. A UTF-8 byte order
mark is skipped with a warning. Lone surrogates pass, since prompts are echoed; whoever shows them escapes them.
"""

import json
import logging
import math
from collections.abc import Iterable, Sequence
from typing import Any

DEEPEST = 32  # levels of objects and arrays, the outermost counted

# Members that decide what an answer means: two of a name would mean two things. At any depth.
KNOWN_MEMBERS = frozenset(
    {
        "base64",
        "code",
        "data_url",
        "error",
        "format",
        "generation_id",
        "message",
        "metadata",
        "size",
        "status",
        "success",
        "task_id",
        "url",
    }
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_log = logging.getLogger("nebula_client")

_LONGEST_EXCERPT = 40
_LONGEST_NUMBER = 320  # characters; a double has at most 309 digits before the point
_INTEGERS = range(-(2**63), 2**64)  # what readers in other languages hold
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, and UTF-32 of the little kind


class DocumentError(ValueError):
    """A body is not the document it should be; the message says what was found and what was expected."""


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that ``body`` is.

    Args:
        body: The whole document; meant for small ones, since it is held several times over.

    Raises:
        DocumentError: It is anything else, see above.
    """
    text = _text(without_mark(body))
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_without_duplicates,
        )
    except json.JSONDecodeError as error:
        found = excerpt(text[error.pos :]) if error.pos < len(text) else "the end"
        what = f"found {found} in {len(body)} bytes, expected a JSON object ({error.msg.lower()})"
        raise DocumentError(what) from error
    except RecursionError:
        raise too_deep() from None
    if not isinstance(value, dict):
        what = f"found JSON that is {_kind(value)}, expected an object"
        raise DocumentError(what)
    if body.count(b"{") + body.count(b"[") > DEEPEST:  # else it cannot be deeper, and need not be walked
        _refuse_deep(value)
    return value


def without_mark(body: bytes) -> bytes:
    """``body`` without the UTF-8 byte order mark that some editors and servers put before it."""
    if not body.startswith(BYTE_ORDER_MARK):
        return body
    _log.warning("Found a byte order mark before the JSON of an answer; skipped it.")
    return body[len(BYTE_ORDER_MARK) :]


def excerpt(found: bytes | str) -> str:
    """The beginning of what was found, quoted and escaped, in printable ASCII."""
    head = found[:_LONGEST_EXCERPT]
    text = head.decode("utf-8", "backslashreplace") if isinstance(head, bytes) else head
    return f"{text!a}{'...' if len(found) > len(head) else ''}"


def _text(body: bytes) -> str:
    # JSON begins with ASCII, so a NUL in the first two characters means a wider encoding.
    if body.startswith(_WIDE_MARKS) or b"\0" in body[:2]:
        raise DocumentError(f"found {excerpt(body)}, UTF-16 or UTF-32, expected UTF-8")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        found = excerpt(body[error.start : error.end])
        what = f"found {found} at byte {error.start}, expected UTF-8"
        raise DocumentError(what) from error


def _no_constant(name: str) -> Any:
    raise DocumentError(f"found {name}, expected a number that JSON knows")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise DocumentError(f"found {excerpt(text)}, expected a number that fits a double")
    return number


def _bounded(text: str) -> int:
    number = int(text) if len(text) <= _LONGEST_NUMBER else None
    if number is None or number not in _INTEGERS:
        raise DocumentError(f"found the whole number {excerpt(text)}, expected one of 64 bits")
    return number


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen = set()
        for name, _ in pairs:
            if name in seen and name in KNOWN_MEMBERS:
                raise twice(name)
            seen.add(name)
    return members


def twice(name: str) -> DocumentError:
    """What is raised for a known member that is there twice."""
    return DocumentError(f"found the member {excerpt(name)} twice, expected it once")


def _refuse_deep(value: object) -> None:
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _contents(outer)]
    if any(isinstance(inner, dict | list) for inner in level):
        raise too_deep()


def _contents(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def too_deep() -> DocumentError:
    """What is raised for more than ``DEEPEST`` levels."""
    return DocumentError(f"found JSON nested more than {DEEPEST} levels deep, expected at most {DEEPEST}")


def _kind(value: object) -> str:
    names = {list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
