"""A JSON body as traits: the type of every member, the word it is where words are promised, its form where it has one."""

from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.drift.observation import Trait
from nebula_contract.drift.observing.forms import form_of, is_formed

_DEEPEST, _MOST = 8, 400
LONGEST = 160
"""Characters of a member's place that are kept."""
LONGEST_WORD = 40
_SIGNS = str.maketrans("/*+", "___")
"""What a word must not hold, since it has a meaning in the name of a place."""

WORDS = frozenset(
    {
        *("/status", "/format", "/object", "/success"),
        *("/metadata/status", "/metadata/object", "/metadata/output/task_status"),
    }
)
"""Where a word of a short list stands that says something of the task, and nothing of what was asked for."""

_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def walked(body: Any, tokens: Mapping[str, str]) -> Iterator[tuple[Trait, str]]:
    """Every trait of a body with its value; at most 400 places, eight deep, as no honest answer has more.

    Args:
        body: The JSON value.
        tokens: As for ``form_of``.
    """
    waiting: list[tuple[str, str, Any, int]] = [("", "", body, 0)]
    places = 0
    while waiting and places < _MOST:
        at, name, value, depth = waiting.pop()
        places += 1
        yield Trait("type", at), type_of(value)
        if at in WORDS and isinstance(value, str):
            yield Trait("word", at), word_of(value)
        elif is_formed(name) and (form := form_of(value, tokens)):
            yield Trait("form", at), form
        if depth < _DEEPEST and isinstance(value, Mapping):
            inner = ((f"{at}/{_escaped(key)}"[:LONGEST], key, one, depth + 1) for key, one in value.items())
            waiting += reversed(list(inner))
        elif depth < _DEEPEST and isinstance(value, list):
            waiting += reversed([(f"{at}/[]", name, one, depth + 1) for one in value[:_DEEPEST]])


def word_of(text: str) -> str:
    """A word as it is told; of what is too long for one only that it is, since it may be anything."""
    return (
        text.translate(_SIGNS)
        if len(text) <= LONGEST_WORD
        else f"a text of more than {LONGEST_WORD} characters"
    )


def type_of(value: Any) -> str:
    """The JSON type of a value; a number without fraction is an integer, however it was written."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES.get(type(value), "nothing")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
