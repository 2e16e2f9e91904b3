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

from nebula_schemas.catalogue.values import DIALECTS, Dialect

Envelope = Literal["e1", "e2", "e3", "unknown-route"]
Cause = Literal["consumer", "account", "provider", "shadowed"]

# The gateway hides the addresses of its upstreams: a message with one of these, in any case, is replaced (SRC).
_TELLING = ("post", "dial", "http")
_RELAYED = "fail_to_fetch_task"  # the code of what an upstream said, which alone can tell one
_MASK = "请求上游地址失败"


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
        if self.code == _RELAYED and any(word in message.lower() for word in _TELLING):
            message = _MASK
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
        operations: The operations it can happen on: submit, query, download; any; content (the raw
            video of the gateway's undocumented routes), result (where a result URL points).
        cause: Who brings it about: the ``consumer`` by a request, the ``account`` by how it is set
            up, the ``provider`` by its own trouble; ``shadowed`` where another check answers first.
        when: In one sentence, what happened.
        source: Where the answer comes from, in the marks PAGE, DOC, SRC, INF.
        answers: The wire form per dialect; a dialect that does not refuse this has none.
        by_family: Dialect and family to the wire form, where a family words it otherwise.
        by_upstream: Whether the upstream refuses it, which comes after every check of the gateway.
    """

    id: str
    operations: tuple[str, ...]
    cause: Cause
    when: str
    source: str
    answers: Mapping[Dialect, WireError]
    by_family: Mapping[tuple[Dialect, str], WireError]
    by_upstream: bool = False

    def answer(self, dialect: Dialect, family: str | None = None) -> WireError:
        """How the dialect words it for that family.

        Raises:
            KeyError: The dialect does not refuse this.
        """
        return self.by_family.get((dialect, family or "")) or self.answers[dialect]

    @property
    def all_answers(self) -> tuple[WireError, ...]:
        """Every wire form of it."""
        return (*self.answers.values(), *self.by_family.values())


@functools.cache
def problem_table() -> Mapping[str, Problem]:
    """Every problem by its id, in table order."""
    raw = json.loads((resources.files("nebula_schemas") / "errors" / "table.json").read_text("utf-8"))
    return {row["id"]: _problem(row) for row in raw["problems"]}


def _problem(row: Mapping[str, Any]) -> Problem:
    families: Mapping[str, Mapping[Dialect, Any]] = row.get("families", {})
    return Problem(
        id=row["id"],
        operations=tuple(row["operations"]),
        cause=row["cause"],
        when=row["when"],
        source=row["source"],
        answers={name: WireError(**row[name]) for name in DIALECTS if row[name] is not None},
        by_family={
            (dialect, family): WireError(**wire)
            for family, wires in families.items()
            for dialect, wire in wires.items()
        },
        by_upstream=row.get("by_upstream", False),
    )
