"""A step of a fault script as one short text, and the JSON that it stands for.

ok                         a plain answer
http 503                   that status; "http 504 done" does the operation first
reset, reset after 1024    before the answer, or after bytes of the body; also "reset at 50%"
truncate at 50%            in order, early
stall at 1024 for 30       goes on after seconds of the provider's clock; for an hour where nothing is said
drip 200/s, bandwidth 100000/s
delay 2                    seconds
missing-field status       any fault by its name, and perhaps its most used setting
rate-limited               any row of the error table
"""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

from nebula_mock.core.faults import FAULTS
from nebula_schemas.problems import problem_table

Json = dict[str, Any]


class StepError(ValueError):
    """A text is no step; the message says what was found and what was expected."""


_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_PLACE = r"(?:after|at) ([0-9]+)(%| bytes?)?"


def _placed(kind: str, number: str, unit: str | None) -> Json:
    if unit == "%":
        return {"fault": kind, "at_fraction": int(number) / 100}
    return {"fault": kind, "at_bytes": int(number)}


def _number(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def _http(status: str, done: str | None) -> Json:
    return {"fault": "http", "status": int(status), **({"done": True} if done else {})}


def _stall(number: str, unit: str | None, seconds: str | None) -> Json:
    return {**_placed("stall", number, unit), **({} if seconds is None else {"for_s": _number(seconds)})}


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., Json]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"ok", dict),
        (r"http ([0-9]+)( done)?", _http),
        (rf"(reset|truncate) {_PLACE}", _placed),
        (rf"stall {_PLACE}(?: for {_NUMBER} ?s?)?", _stall),
        (rf"(drip|bandwidth) {_NUMBER}/s", lambda kind, rate: {"fault": kind, "bytes_per_s": _number(rate)}),
        (rf"delay {_NUMBER} ?s?", lambda seconds: {"delay": _number(seconds)}),
    )
)

SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "problem": ("id", str),
    "error-with-200": ("id", str),
    "html-page": ("status", int),
    "content-type": ("media_type", str),
    "broken-json": ("how", str),
    "redirect": ("to", str),
    "missing-field": ("path", str),
    "renamed-field": ("path", str),
    "retyped-field": ("path", str),
    "null-field": ("path", str),
    "extra-field": ("name", str),
    "unknown-status": ("status", str),
    "wrong-size": ("off_by", int),
    "corrupt-base64": ("how", str),
    "broken-mp4": ("how", str),
    "hostile-file-name": ("variant", int),
}
"""Fault to the setting that may follow its name in a text, and how it is read."""

_EXAMPLES = "ok, http 503, reset, reset after 1024, truncate at 50%, stall at 1024, drip 200/s, delay 2"


def step_of_text(text: str) -> Json:
    """The JSON that a text stands for: empty, or with the members ``delay``, or ``fault`` and its settings.

    Whether the settings are within their bounds is for the schema to say.

    Raises:
        StepError: It is no step.
    """
    words = " ".join(text.split())
    for form, make in _FORMS:
        if match := form.fullmatch(words):
            return make(*match.groups())
    head, _, setting = words.partition(" ")
    name, setting = (head, setting) if head in FAULTS else (words.replace(" ", "-").replace("_", "-"), "")
    if name in problem_table() and name not in FAULTS:
        return {"fault": "problem", "id": name}
    if name not in FAULTS:
        raise StepError(_no_step(text))
    if not setting:
        return {"fault": name}
    if name not in SETTINGS:
        message = f"found {text[:100]!r}, expected {name} alone, or as an object with its settings"
        raise StepError(message)
    member, read = SETTINGS[name]
    try:
        return {"fault": name, member: read(setting)}
    except ValueError:
        message = f"found {text[:100]!r}, expected {name} and a whole number"
        raise StepError(message) from None


def _no_step(text: str) -> str:
    first = text.split(" ", maxsplit=1)[0][:100] if text.split() else ""
    known = ["ok", "delay", *FAULTS, *problem_table()]
    near = difflib.get_close_matches(text[:100], known, 1) or difflib.get_close_matches(first, known, 1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"found {text[:100]!r}, expected a step such as {_EXAMPLES}, or a fault by its name{hint}"
