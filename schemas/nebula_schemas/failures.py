"""The named ways in which a task fails, as data: ``errors/failures.json``."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class NamedFailure:
    """One way in which the upstream fails a task.

    Attributes:
        id: Our stable name for it, such as ``policy-refusal``.
        message: The upstream's reason, as a consumer reads it.
        code: The upstream's own error code.
        when: In one sentence, what happened.
        source: Where the words come from, in the marks PAGE, DOC, SRC, INF.
    """

    id: str
    message: str
    code: str
    when: str
    source: str


@functools.cache
def failure_table() -> Mapping[str, NamedFailure]:
    """Every named failure by its id, in table order."""
    raw = json.loads((resources.files("nebula_schemas") / "errors" / "failures.json").read_text("utf-8"))
    return {row["id"]: NamedFailure(**row) for row in raw["failures"]}
