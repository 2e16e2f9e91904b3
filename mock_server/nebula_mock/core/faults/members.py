"""Faults in the members of a JSON answer: one is missing, has another name, type or value, or is one too many."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from nebula_mock.core.faults.protocol import Fault, Scene
from nebula_mock.core.json_paths import MISSING, member_at, with_member
from nebula_mock.core.reply import JsonContent, Reply

USUAL_PATH = "task_id"
"""The member that is meant where none is named: every answer about a task has it."""

Member = tuple[str, Any]


class _MemberFault(Fault):
    """The base: another body, where there is a JSON body and the place is in it."""

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with the other body."""
        content = reply.content
        if not isinstance(content, JsonContent):
            return reply
        body = self.changed(content.body, reply, scene)
        return reply if body is None else replace(reply, content=replace(content, body=body))

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any] | None:
        """The other body; None where there is nothing to change."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class FieldFault(_MemberFault):
    """One member is missing, renamed, of another type, or null.

    Attributes:
        kind: Its name in JSON.
        path: The member, such as ``status`` or ``$.metadata.progress``.
        to: The name of a renamed member; None for its own, changed.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {"fault": "kind"}

    kind: str = field()  # without a default: the base has a property of that name
    path: str = USUAL_PATH
    to: str | None = None

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any] | None:
        """The body with that member otherwise."""
        del reply, scene
        change = FIELD_FAULTS[self.kind]
        return with_member(body, self.path, lambda name, value: change(name, value, self.to))


def _renamed(name: str, value: Any, to: str | None) -> Sequence[Member]:
    return [(to or _camel(name), value)]


def _camel(name: str) -> str:
    """Snake to camel case and back: the usual renaming."""
    if "_" in name:
        first, *rest = name.split("_")
        return first + "".join(word.capitalize() for word in rest)
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", name)
    return snake if snake != name else f"{name}_v2"


def _retyped(name: str, value: Any, to: str | None) -> Sequence[Member]:
    """Text becomes a number, a number or a truth text, what is nested a text, null an object."""
    del to
    if isinstance(value, str):
        return [(name, len(value))]
    if value is None:
        return [(name, {})]
    return [(name, f"{value}" if isinstance(value, int | float) else "[object Object]")]


FIELD_FAULTS: Mapping[str, Callable[[str, Any, str | None], Sequence[Member]]] = {
    "missing-field": lambda _name, _value, _to: [],
    "renamed-field": _renamed,
    "retyped-field": _retyped,
    "null-field": lambda name, _value, _to: [(name, None)],
}
"""The kinds, by their names in JSON: from a member to what stands in its place."""


@dataclass(frozen=True, slots=True)
class ExtraField(_MemberFault):
    """A member that no document knows.

    Attributes:
        name: Its name.
        value: Its value, any JSON.
    """

    kind: ClassVar[str] = "extra-field"
    name: str = "unexpected"
    value: Any = True

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any]:
        """The body with one more member."""
        del reply, scene
        return {**body, self.name: self.value}


@dataclass(frozen=True, slots=True)
class UnknownStatus(_MemberFault):
    """A status that no document knows.

    Attributes:
        status: It.
    """

    kind: ClassVar[str] = "unknown-status"
    status: str = "paused"

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any] | None:
        """The body with that status."""
        del reply, scene
        return with_member(body, "status", lambda name, _: [(name, self.status)])


@dataclass(frozen=True, slots=True)
class WrongSize(_MemberFault):
    """A download whose ``size`` is not that of its video.

    Attributes:
        off_by: By how many bytes.
    """

    kind: ClassVar[str] = "wrong-size"
    off_by: int = 1

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any] | None:
        """The body with that size."""
        del reply, scene
        size = member_at(body, "size")
        if not isinstance(size, int) or isinstance(size, bool):  # of an image it is text, such as 1280x720
            return None
        return {**body, "size": max(0, size + self.off_by)}


@dataclass(frozen=True, slots=True)
class OtherId(_MemberFault):
    """The answer names another task: one that never was, or the account's task before.

    Attributes:
        kind: Its name in JSON.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {"fault": "kind"}

    kind: str = field()  # without a default: the base has a property of that name

    def changed(self, body: Mapping[str, Any], reply: Reply, scene: Scene) -> Mapping[str, Any] | None:
        """The body with the other id, wherever the id stands as a value of its own."""
        own = member_at(body, "task_id") if reply.task is None else reply.task.task_id
        if own is MISSING or not isinstance(own, str):
            return None
        other = scene.earlier_task_id(own) if self.kind == "duplicate-id" else similar_id(own)
        if other is None:
            return None
        changed = _replaced(body, own, other)
        return None if changed == body else changed


def similar_id(task_id: str) -> str:
    """An id of the same form that differs in its last characters: each digit or letter is the next one."""
    head, tail = task_id[:-4], task_id[-4:]
    return head + tail.translate(_NEXT)


def _next_characters() -> dict[int, int]:
    """Within 0-9, a-f (so that a hexadecimal digit stays one), g-z, A-F and G-Z."""
    table: dict[int, int] = {}
    for row in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"):
        table |= {ord(one): ord(other) for one, other in zip(row, row[1:] + row[0], strict=True)}
    return table


_NEXT = _next_characters()


def _replaced(value: Any, own: str, other: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(one, own, other) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, own, other) for one in value]
    return other if value == own else value
