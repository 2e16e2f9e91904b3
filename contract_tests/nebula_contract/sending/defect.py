"""One thing that can be wrong with a submit, and the two ways to make a body wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nebula_schemas.catalogue import DIALECTS, Dialect

Body = dict[str, Any]
Problems = Mapping[Dialect, str]

# The provider's order of checks (SRC).
TYPE, JSON_TEXT, MODEL, TYPED, CONTENT, PROMPT, VALUE, UPSTREAM = range(8)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong.

    Attributes:
        what: In a few words.
        rank: Its place in the provider's order of checks.
        problems: Dialect to the row of the error table that it meets.
        touches: The fields that it changes; two defects of one body touch different ones.
        change: Makes the body wrong.
        raw: Makes its bytes wrong.
        content_type: The type that it is sent as.
    """

    what: str
    rank: int
    problems: Problems
    touches: frozenset[str] = frozenset()
    change: Callable[[Body], Body] = lambda body: body
    raw: Callable[[bytes], bytes] = lambda raw: raw
    content_type: str = "application/json"


def both(problem_id: str) -> Problems:
    """The same row in every dialect."""
    return dict.fromkeys(DIALECTS, problem_id)


def with_value(name: str, value: Any) -> Callable[[Body], Body]:
    """A change that gives a field this value."""
    return lambda body: {**body, name: value}


def without(body: Body, name: str) -> Body:
    """The body without a field."""
    return {key: value for key, value in body.items() if key != name}
