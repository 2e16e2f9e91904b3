"""What the provider makes of one request value: used as given, coerced, ignored or rejected.

Real requests are seldom refused for a bad value. The provider turns ``seconds: 7`` into ``"4"`` and
bills it; a consumer that only looks at the status never notices. So a value has one of these fates:

    accepted   used as given (perhaps in another spelling of the same value)
    coerced    another value is used instead
    ignored    the value has no effect
    rejected   the submit is refused
    defaulted  nothing was given
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nebula_schemas.catalogue.parameters import Outside, Parameter

Outcome = Literal["accepted", "coerced", "ignored", "rejected", "defaulted"]

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What the provider's language takes for white space; Python's ``strip`` takes four control characters more."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_IMAGE_URL = re.compile(r"(https?|oss)://\S+", re.IGNORECASE)
_DATA_HEAD = re.compile(r"data:image/[a-z0-9.+-]+;base64", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+")
_LEAST_BASE64 = 16  # characters; shorter text is a word, not a picture
_TRUTH: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Reading:
    """One parameter of one request, as the provider reads it.

    Attributes:
        parameter: The catalogue's rule.
        given: The value in the request; None when absent.
        used: The value in effect; None when none is.
        outcome: The value's fate.
        problem: The row of the error table that a rejected value meets, where it is the value's own;
            None for the family's row for a wrong type.
    """

    parameter: Parameter
    given: Any
    used: Any
    outcome: Outcome
    problem: str | None = None


class _NotReadableError(ValueError):
    """The value cannot be read as the parameter's type."""


def absent(value: object) -> bool:
    """Whether the provider takes ``value`` for not given: missing, null or the empty string."""
    return value is None or value == ""


def read_value(parameter: Parameter, given: object, *, default: Any = None) -> Reading:
    """What becomes of ``given`` as a value of ``parameter``.

    Pure. ``default`` is the model's own default; the parameter's stands in where it is None.

    Args:
        parameter: The rule.
        given: Any JSON value; None or the empty string for absent.
        default: Overrides ``parameter.default``.

    Returns:
        The reading; ``used`` is always an allowed value or None.
    """
    fallback = parameter.default if default is None else default
    if absent(given):
        return Reading(parameter, None, fallback, "defaulted")
    if parameter.zero_is_absent and type(given) is int and given == 0:
        return Reading(parameter, given, fallback, "coerced")
    try:
        value = _READERS[parameter.type](parameter, given)
    except _NotReadableError:
        return _fate(parameter, given, None, fallback, parameter.wrong_type)
    value = _normalised(parameter, value)
    if _is_too_large(parameter, value):
        return Reading(parameter, given, None, "rejected", parameter.problem_too_large)
    is_empty = _is_empty_list(value)
    if not is_empty and _is_allowed(parameter, value):
        same = _says_the_same(parameter, given, value)
        return Reading(parameter, given, value, "accepted" if same else "coerced")
    return _fate(parameter, given, value, fallback, "drop" if is_empty else parameter.outside)


def _fate(parameter: Parameter, given: object, value: Any, fallback: Any, rule: Outside) -> Reading:
    if rule == "reject":
        return Reading(parameter, given, None, "rejected", None if value is None else parameter.problem)
    if rule == "keep":
        return Reading(parameter, given, given if value is None else value, "accepted")
    if rule == "drop":
        return Reading(parameter, given, None, "ignored")
    if rule == "nearest" and value is not None:
        low = value if parameter.minimum is None else max(value, parameter.minimum)
        near = low if parameter.maximum is None else min(low, parameter.maximum)
        return Reading(parameter, given, near, "coerced")
    return Reading(parameter, given, fallback, "coerced")


def _says_the_same(parameter: Parameter, given: object, value: object) -> bool:
    """Whether the value in use is the one asked for, if perhaps in another spelling."""
    if isinstance(given, str) and isinstance(value, str):
        folded = given.lower() if parameter.fold_case else given
        return value in (given, folded, parameter.spellings.get(folded))
    if isinstance(given, float):
        return given == value
    return True  # "8" for 8, "yes" for true


def _is_allowed(parameter: Parameter, value: Any) -> bool:
    if parameter.allowed and value not in parameter.allowed:
        return False
    if parameter.minimum is not None and value < parameter.minimum:
        return False
    if parameter.maximum is not None and value > parameter.maximum:
        return False
    return parameter.form is None or _FORMS[parameter.form](value)


def _is_too_large(parameter: Parameter, value: Any) -> bool:
    """Whether an inline image has more bytes than are taken; told from the length of its base64."""
    if parameter.largest_image is None or _is_empty_list(value):
        return False
    picture = _first_picture(value)
    is_inline = not _IMAGE_URL.match(picture) and looks_like_image(picture)
    return is_inline and len(picture) * 3 // 4 > parameter.largest_image


def _is_image(value: Any) -> bool:
    return looks_like_image(_first_picture(value))


def _first_picture(value: Any) -> str:
    """The picture that is used: of a list the first (SRC)."""
    return str(value[0] if isinstance(value, list) else value)


def _is_empty_list(value: Any) -> bool:
    """Whether a list has no first item that says anything; only the first is used (SRC)."""
    return isinstance(value, list) and (not value or not (value[0] or "").strip(WHITE_SPACE))


def looks_like_image(value: str) -> bool:
    """Whether a reference has a form the provider reads: URL, image data URI or bare base64.

    Checked for form only; nothing is ever fetched or decoded.
    """
    if _IMAGE_URL.fullmatch(value):
        return True
    head, comma, data = value.partition(",")
    if comma:
        return _DATA_HEAD.fullmatch(head) is not None and _is_base64(data)
    return len(value) >= _LEAST_BASE64 and _is_base64(value)


def _is_base64(text: str) -> bool:
    """Whether the letters are those of base64; one pass, however long the text."""
    return _BASE64.fullmatch(text.rstrip().rstrip("=")) is not None


def _normalised(parameter: Parameter, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if parameter.fold_case:
        value = value.lower()
    value = parameter.spellings.get(value, value)
    if value in parameter.allowed:
        return value
    return next((whole for part, whole in parameter.contains.items() if part in value), value)


def _integer(parameter: Parameter, given: object) -> int:
    if isinstance(given, bool):
        raise _NotReadableError
    if isinstance(given, int):
        return given
    if isinstance(given, float) and "number" in parameter.accepts and math.isfinite(given):
        return round(given) if parameter.rounds else int(given)
    if isinstance(given, str) and "string" in parameter.accepts and _INTEGER.fullmatch(given):
        value = int(given)
        if parameter.rounds and given != str(value):  # read as text: "08" is no 8 (SRC)
            raise _NotReadableError
        return value
    raise _NotReadableError


def _boolean(parameter: Parameter, given: object) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and "string" in parameter.accepts and given.lower() in _TRUTH:
        return _TRUTH[given.lower()]
    if isinstance(given, int | float) and "number" in parameter.accepts and given in (0, 1):
        return bool(given)
    raise _NotReadableError


def _string(_parameter: Parameter, given: object) -> str:
    if isinstance(given, str):
        return given
    raise _NotReadableError


def _array(_parameter: Parameter, given: object) -> list[Any]:
    if isinstance(given, list) and all(item is None or isinstance(item, str) for item in given):
        return given
    raise _NotReadableError


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "image": _is_image,
    "remix": lambda value: bool(value.startswith("video_")),
}

_READERS: Mapping[str, Callable[[Parameter, object], Any]] = {
    "integer": _integer,
    "boolean": _boolean,
    "string": _string,
    "array": _array,
}
