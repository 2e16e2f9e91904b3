"""The members of a JSON object, taken one by one by type: what is wrong is told by place, found and expected."""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from nebula_contract.record.exchange import Condition, Credential, Operation
from nebula_contract.record.run import Stop, TargetKind

_CHOICES: Mapping[str, frozenset[str]] = {
    "operation": frozenset(get_args(Operation)),
    "credential": frozenset(get_args(Credential)),
    "condition": frozenset(get_args(Condition)),
    "target_kind": frozenset(get_args(TargetKind)),
    "stop": frozenset(get_args(Stop)),
}
_NONE: Any = object()
_LONGEST_SHOWN = 60
_MOST_BITS = 200
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity')


class CodingError(ValueError):
    """A value is not what was written there; says where, what was found, what was expected."""


class Members:
    """The members of one object, each taken at most once.

    Attributes:
        values: What the object holds.
        at: Where it stands, such as ``request.``.
    """

    __slots__ = ("_taken", "at", "values")

    def __init__(self, values: Any, at: str) -> None:
        """Hold an object; anything else is an error."""
        if type(values) is not dict:
            raise CodingError(f"{at.rstrip('.') or 'the line'}: found {told(values)}, expected an object")
        self.values: dict[str, Any] = values
        self.at = at
        self._taken = 0

    def take(self, name: str, default: Any = _NONE) -> Any:
        """Whatever stands there."""
        if name in self.values:
            self._taken += 1
            return self.values[name]
        if default is _NONE:
            raise CodingError(f"{self.at}{name}: found nothing, expected it to be there")
        return default

    def inner(self, name: str) -> "Members":
        """An object."""
        at = f"{self.at}{name if name.isidentifier() else told(name)}."
        if name not in self.values:
            raise CodingError(f"{at[:-1]}: found nothing, expected an object")
        self._taken += 1
        return Members(self.values[name], at)

    def text(self, name: str, default: Any = _NONE) -> str:
        """A text."""
        value = self.take(name, default)
        if type(value) is not str:
            raise self.error(name, told(value), "a text")
        return value

    def moment(self, name: str) -> str:
        """A moment in UTC, as ISO 8601 with a ``Z``."""
        value = self.text(name)
        try:
            is_moment = _MOMENT.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
        except ValueError:
            is_moment = False
        if not is_moment:
            raise self.error(name, told(value), "a moment such as 2026-01-05T08:00:00Z")
        return value

    def encoded(self, name: str) -> bytes:
        """A text as UTF-8."""
        try:
            return self.text(name).encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.error(name, "half of a surrogate pair", "a text that has a UTF-8 form") from error

    def texts(self, name: str) -> dict[str, str]:
        """An object of texts; empty where it is absent."""
        values = self.take(name, {})
        if type(values) is not dict or any(type(one) is not str for one in values.values()):
            raise self.error(name, told(values), "an object of texts")
        return values

    def choice(self, name: str, default: Any = _NONE) -> Any:
        """One of the words that may stand there."""
        value = self.text(name, default)
        if value not in _CHOICES[name]:
            allowed = ", ".join(sorted(word for word in _CHOICES[name] if word))
            raise self.error(name, told(value), f"one of {allowed}")
        return value

    def count(self, name: str, *, least: int = 0) -> int:
        """A whole number."""
        value = self.take(name)
        if type(value) is not int or value < least:
            raise self.error(name, told(value), f"a whole number from {least}")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.take(name)
        if type(value) is not bool:
            raise self.error(name, told(value), "true or false")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self.take(name)
        if type(value) not in (int, float):
            raise self.error(name, told(value), "a number")
        try:
            taken = float(value)
        except OverflowError:
            taken = math.inf
        if not math.isfinite(taken):
            raise self.error(name, told(value), "a finite number")
        return taken

    def no_others(self) -> None:
        """Nothing, when every member was taken."""
        if self._taken < len(self.values):
            raise CodingError(
                f"{self.at.rstrip('.') or 'the line'}: found {len(self.values)} members, of which "
                f"{len(self.values) - self._taken} are unknown, among {told(', '.join(map(str, self.values)))}; "
                "expected those of format 1"
            )

    def error(self, name: str, found: str, expected: str) -> CodingError:
        """What is wrong with a member."""
        return CodingError(f"{self.at}{name}: found {found}, expected {expected}")


def told(value: Any) -> str:
    """A value in a message, however large it is."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
    if isinstance(value, str):
        shown = json.dumps(value[:_LONGEST_SHOWN])
        return shown if len(value) <= _LONGEST_SHOWN else f"{shown} and more, {len(value)} characters"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length()} bits"
    return json.dumps(value)


def json_text(value: Any) -> str:
    """A value as ASCII JSON on one line. What JSON reads as infinite, such as ``1e999``, is written so again.

    Raises:
        ValueError: It holds what JSON has no form for.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(value, separators=(",", ":"))
    written = _TOKEN.sub(
        lambda found: found[0] if found[0][0] == '"' else found[0].replace("Infinity", "1e999"), text
    )
    if "NaN" in re.sub(r'"(?:[^"\\]|\\.)*"', "", written):
        raise ValueError("NaN has no form in JSON")
    return written
