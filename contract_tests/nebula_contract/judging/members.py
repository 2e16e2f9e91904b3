"""Members of a JSON body by JSON Pointer."""

from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.record.exchange import MISSING


def member(body: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer without indexes; ``MISSING`` where nothing does."""
    for name in pointer.split("/")[1:]:
        if not isinstance(body, Mapping) or name not in body:
            return MISSING
        body = body[name]
    return body


def places(body: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every member of a JSON object with its JSON Pointer, members of members too; arrays as ``[]``."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            here = f"{at}/{name}"
            yield here, value
            yield from places(value, here)
    elif isinstance(body, list):
        for value in body:
            yield from places(value, f"{at}/[]")


def is_number(value: object) -> bool:
    """Whether it is a JSON number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_MOMENTS = range(
    1_000_000_000, 10_000_000_000
)  # seconds since 1970 have ten digits; milliseconds have thirteen


def is_moment(value: object) -> bool:
    """Whether it is a moment in whole seconds since 1970."""
    return isinstance(value, int) and not isinstance(value, bool) and value in _MOMENTS
