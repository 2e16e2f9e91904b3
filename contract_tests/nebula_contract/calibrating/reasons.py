"""Why a task failed, in words that may leave the record: nothing of its request, no address, no key.

An upstream likes to quote what it refuses. A reason that does is replaced; what it was is still in the record.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nebula_contract.calibrating.values import plain_values
from nebula_contract.judging.members import member
from nebula_contract.judging.views import TaskHistory
from nebula_contract.record.redaction import redacted
from nebula_schemas.failures import failure_table

NO_REASON = "The task failed; its record tells no reason"
WITHHELD = "The task failed; its reason quotes the request and is withheld"
NO_CODE = "unknown"

_PLACES = ("/metadata/error", "/metadata/output", "/error", "/metadata")
_LONGEST = 300  # a scenario is a file for people, and has to stay below its largest size
_SHORTEST_QUOTE = 12  # characters in a row that are no chance
_SHORTEST_TOLD = 3  # of a text of the request that is worth looking for
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S+|\bdata:\S+|\bwww\.\S+")
_ADDRESS_WORD = "[address]"

Failure = str | Mapping[str, str]
"""As a scenario has it: the name of a known failure, or its words and code."""


def failure_of(task: TaskHistory) -> Failure:
    """Why a task that ended in failure did. Pure."""
    body = None if task.end is None else task.end.json
    message = next((text for text in _texts(body, "message", "reason") if text), "")
    code = next((text for text in _texts(body, "code") if text), "")
    for name, known in failure_table().items():
        if message == known.message and code in ("", known.code):
            return name
    private = list(_private(task))
    return {
        "message": _fit(message, private, WITHHELD) or NO_REASON,
        "code": _fit(code, private, NO_CODE) or NO_CODE,
    }


def _texts(body: Any, *names: str) -> Iterator[str]:
    for place in _PLACES:
        for name in names:
            found = member(body, f"{place}/{name}")
            if isinstance(found, str):
                yield found.strip()


def _fit(text: str, private: Iterable[str], instead: str) -> str:
    """The text as it may be told."""
    told = _ADDRESS.sub(_ADDRESS_WORD, redacted(text))
    told = "".join(letter if letter.isprintable() else " " for letter in told).strip()[:_LONGEST]
    return instead if any(_quotes(told, one) for one in private) else told


def _private(task: TaskHistory) -> Iterator[str]:
    """Every text of the request but its model and what the catalogue itself lists."""
    open_words = {
        str(value) for usage in task.usage.values() for value in plain_values(task, usage.values).values()
    }
    for text in _all_texts({name: one for name, one in task.asked.items() if name != "model"}):
        if text not in open_words and len(text.strip()) >= _SHORTEST_TOLD:
            yield _flat(text)


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _all_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _all_texts(one)


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _quotes(told: str, private: str) -> bool:
    """Whether a text holds a private one, or so much of it in a row that it is no chance."""
    flat = _flat(told)
    if len(private) <= _SHORTEST_QUOTE:
        return private in flat
    last = len(flat) - _SHORTEST_QUOTE
    return any(flat[at : at + _SHORTEST_QUOTE] in private for at in range(last + 1))
