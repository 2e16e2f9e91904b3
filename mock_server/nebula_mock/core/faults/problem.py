"""The fault ``problem``: a row of the error table in place of the operation, which is not done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nebula_mock.core.facts import Facts
from nebula_mock.core.faults.on_the_wire import WireFault
from nebula_mock.core.refusal import RefusalError
from nebula_schemas.examples import sample_facts
from nebula_schemas.problems import problem_table

_IN_ANY_DIALECT = "server-error"


@dataclass(frozen=True, slots=True)
class ProblemFault:
    """Refuse the request as a row of the error table does.

    Attributes:
        problem_id: The row.
        retry_after_s: What ``Retry-After`` says, in seconds; None for no such header.
    """

    problem_id: str
    retry_after_s: float | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ProblemFault":
        """The fault that a JSON object tells."""
        return cls(value["id"], value.get("retry_after_s"))

    @property
    def kind(self) -> Literal["problem"]:
        """Its name in JSON."""
        return "problem"

    def refusal(self, facts: Facts) -> RefusalError:
        """The refusal; a row that the account's dialect does not have is ``server-error`` there.

        What the row's words tell of the request is the request's own where it is known, else a sample.
        """
        row = problem_table()[self.problem_id]
        if facts.dialect not in row.answers:
            row = problem_table()[_IN_ANY_DIALECT]
        known = {"model": facts.model, **facts.told}
        told = {name: fact for name, fact in known.items() if fact is not None}
        refusal = RefusalError(row.id, **{**sample_facts(row), **told})
        if facts.family is not None:
            refusal.of_family(facts.family)
        return refusal.after(self.retry_after_s)

    def on_the_wire(self) -> WireFault | None:
        """None: a refusal goes out whole."""
        return None
