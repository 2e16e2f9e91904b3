"""Where the sources about the provider contradict each other, as data, and where both sides are held."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Kind = Literal["two-sided", "documents-disagree", "one-sided"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says.

    Attributes:
        says: In a few words.
        source: Where, in the marks PAGE, DOC, SRC, INF.
    """

    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One matter on which the sources disagree.

    Attributes:
        number: Its number, from 1.
        id: Our stable name for it, such as ``unknown-task``.
        matter: What it is about.
        kind: ``two-sided`` where documents and source differ, ``documents-disagree``, or ``one-sided``
            where one side merely adds to the other.
        documented: What the documents say.
        gateway: What the server source says.
        held_in: Files of this package, and the places in them, that hold both sides.
        examples: Example files of the forms that the schemas take.
        note: What the project makes of it where that is not both sides; else empty.
    """

    number: int
    id: str
    matter: str
    kind: Kind
    documented: Side
    gateway: Side
    held_in: tuple[str, ...]
    examples: tuple[str, ...] = ()
    note: str = ""


@functools.cache
def contradiction_table() -> Mapping[int, Contradiction]:
    """Every contradiction by its number, in order."""
    file = resources.files("nebula_schemas") / "contradictions" / "table.json"
    raw = json.loads(file.read_text("utf-8"))
    return {row["number"]: _contradiction(row) for row in raw["contradictions"]}


def _contradiction(row: Mapping[str, Any]) -> Contradiction:
    sides = {name: Side(**row[name]) for name in ("documented", "gateway")}
    lists = {name: tuple(row.get(name, ())) for name in ("held_in", "examples")}
    return Contradiction(**{**row, **sides, **lists})
