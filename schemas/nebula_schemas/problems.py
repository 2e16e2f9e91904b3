"""The provider's error table as data: which refusal, in which dialect, as which bytes.

Each row of ``errors/table.json`` is one way a consumer can be refused; the mock answers with it, the
contract suite expects it, the documents list it. Message forms hold ``{placeholders}``.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from nebula_schemas.catalogue.values import Dialect

_DIALECTS: tuple[Dialect, ...] = ("documented", "gateway")

Envelope = Literal["e1", "e2", "e3", "unknown-route"]


@dataclass(frozen=True, slots=True)
class WireError:
    """How one dialect words a refusal.

    Attributes:
        status: HTTP status.
        envelope: The shape of the body; the schemas ``errors/<envelope>`` describe them.
        message: Message form, with ``{placeholders}`` for the facts of the request.
        type: ``error.type``; None where the envelope has none.
        code: ``error.code`` or ``code``; None where the envelope has none.
        details: ``error.details`` (download only), or None.
    """

    status: int
    envelope: Envelope
    message: str
    type: str | None = None
    code: str | None = None
    details: str | None = None

    def body(self, facts: Mapping[str, object]) -> dict[str, Any]:
        """The JSON body, with ``facts`` in place of the placeholders."""
        message = self.message.format_map(facts)
        if self.envelope == "e2":
            return {"code": self.code, "message": message, "data": None}
        error: dict[str, Any] = {"message": message, "type": self.type}
        if self.envelope == "unknown-route":
            error["param"] = ""
        if self.code is not None:
            error["code"] = self.code
        if self.details is not None:
            error["details"] = self.details.format_map(facts)
        return {"error": error}


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which the provider refuses a request.

    Attributes:
        id: Our stable name for it, such as ``unknown-model``.
        operations: The operations it can happen on: submit, query, download, any.
        when: In one sentence, what the consumer did.
        source: Where the answer comes from, in the marks PAGE, DOC, SRC, INF.
        answers: The wire form per dialect; a dialect that does not refuse this has none.
    """

    id: str
    operations: tuple[str, ...]
    when: str
    source: str
    answers: Mapping[Dialect, WireError]


@functools.cache
def problem_table() -> Mapping[str, Problem]:
    """Every problem by its id, in table order."""
    raw = json.loads((resources.files("nebula_schemas") / "errors" / "table.json").read_text("utf-8"))
    return {row["id"]: _problem(row) for row in raw["problems"]}


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(
        id=row["id"],
        operations=tuple(row["operations"]),
        when=row["when"],
        source=row["source"],
        answers={name: WireError(**row[name]) for name in _DIALECTS if row[name] is not None},
    )
