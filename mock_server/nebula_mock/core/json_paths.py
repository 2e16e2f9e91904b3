"""Places in a JSON value: what stands there, and the value with something else there. Pure; nothing is changed."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")

Step = str | int
Change = Callable[[str, Any], Sequence[tuple[str, Any]]]


class Missing:
    """What stands where a value has nothing; no JSON value equals it."""

    def __repr__(self) -> str:
        """As it is told."""
        return "nothing"


MISSING = Missing()


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path such as ``$.a[0].b``; ``$`` alone has none. ``a[0].b`` is the same place."""
    rooted = path if path.startswith(("$", "[")) else f".{path}"
    return tuple(name or int(index) for name, index in _STEP.findall(rooted))


def member_at(value: Any, path: str) -> Any:
    """What stands at a path of a JSON value; ``MISSING`` where nothing does."""
    for step in steps_of(path):
        value = _inner(value, step)
    return value


def _inner(value: Any, step: Step) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value[step] if isinstance(value, list) and step < len(value) else MISSING


def with_member(value: Mapping[str, Any], path: str, change: Change) -> dict[str, Any] | None:
    """An object with something else at the place of one of its members, however deep.

    Args:
        value: The object.
        path: The place: at least one step, the last one a name.
        change: From name and value of the member to the members that stand there then, none or several.

    Returns:
        A new object, the order of its members kept; None where nothing stands at the place.
    """
    changed = _with(value, steps_of(path), change)
    return changed if isinstance(changed, dict) else None


def _with(value: Any, steps: Sequence[Step], change: Change) -> Any:
    """The value changed; ``MISSING`` where nothing stands at the place."""
    step, *rest = steps
    inner = _inner(value, step)
    if inner is MISSING:
        return MISSING
    if not rest:
        return MISSING if isinstance(step, int) else _changed(value, step, change)
    within = _with(inner, rest, change)
    if within is MISSING:
        return MISSING
    if isinstance(value, Mapping):
        return {**value, step: within}
    return [within if index == step else one for index, one in enumerate(value)]


def _changed(value: Mapping[str, Any], wanted: str, change: Change) -> dict[str, Any]:
    members: list[tuple[str, Any]] = []
    for name, one in value.items():
        members += change(name, one) if name == wanted else [(name, one)]
    return dict(members)
