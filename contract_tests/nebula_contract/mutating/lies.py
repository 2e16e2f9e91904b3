"""Words to write lies with: which answers are changed, and how."""

from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.mutant import Ask, Lie, Told, When
from nebula_contract.record.exchange import MISSING

Change = Callable[[dict[str, Any]], object]

_OK = 200


def always(_ask: Ask, _told: Told) -> bool:
    """Every answer."""
    return True


def on(operation: str, *, status: int = _OK, when: When = always) -> When:
    """Answers of one operation with that status; 0 for any."""
    return lambda ask, told: ask.operation == operation and status in (0, told.status) and when(ask, told)


def both(one: When, other: When) -> When:
    """Where both hold."""
    return lambda ask, told: one(ask, told) and other(ask, told)


def state(*words: str) -> When:
    """Answers that say one of these statuses."""
    return lambda _ask, told: isinstance(told.json, dict) and told.json.get("status") in words


def family(*names: str) -> When:
    """Requests about these families."""
    return lambda ask, _told: ask.family in names


def json_lie(when: When, change: Change) -> Lie:
    """Changes the JSON object of those answers."""

    def lie(ask: Ask, told: Told) -> None:
        if when(ask, told) and isinstance(told.json, dict):
            body = told.json
            change(body)
            told.say(body)

    return lie


def lie_when(when: When, change: Callable[[Told], object]) -> Lie:
    """Changes those answers."""

    def lie(ask: Ask, told: Told) -> None:
        if when(ask, told):
            change(told)

    return lie


def put(pointer: str, value: Any) -> Change:
    """Sets a member, which may be a function of the old value."""

    def change(body: dict[str, Any]) -> None:
        *outer, name = pointer.split("/")[1:]
        at: Any = body
        for one in outer:
            at = at.get(one) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[name] = value(at.get(name, MISSING)) if callable(value) else value

    return change


def change_member(pointer: str, make: Callable[[Any], Any]) -> Change:
    """Changes a member where it is there."""

    def change(body: dict[str, Any]) -> None:
        *outer, name = pointer.split("/")[1:]
        at: Any = body
        for one in outer:
            at = at.get(one) if isinstance(at, dict) else None
        if isinstance(at, dict) and at.get(name) is not None:
            at[name] = make(at[name])

    return change


def take(pointer: str) -> Change:
    """Takes a member out."""

    def change(body: dict[str, Any]) -> None:
        *outer, name = pointer.split("/")[1:]
        at: Any = body
        for one in outer:
            at = at.get(one) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at.pop(name, None)

    return change
