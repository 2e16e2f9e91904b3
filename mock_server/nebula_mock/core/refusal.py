"""A request that the provider refuses: which row of the error table, with which facts."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

_LONGEST_FACT = 200  # a refusal quotes what it found, and what it found may be megabytes long


class RefusalError(Exception):
    """The provider refuses the request.

    Attributes:
        problem_id: The row of the error table, such as ``unknown-model``.
        facts: Values for the placeholders of the row's message, long ones cut.
        family: The family of the model, once it is known; some families have words of their own.
        retry_after_s: After how many whole seconds to ask again, told in ``Retry-After``; None for no word.
        status: HTTP status; None for that of the row.
    """

    family: str | None = None
    retry_after_s: int | None = None
    status: int | None = None

    def __init__(self, problem_id: str, **facts: object) -> None:
        """Name the row and the facts of the request."""
        super().__init__(problem_id)
        self.problem_id = problem_id
        self.facts: Mapping[str, object] = MappingProxyType(
            {name: _cut(fact) for name, fact in facts.items()}
        )

    def of_family(self, family: str) -> Self:
        """This refusal, in the family's words where it has some."""
        self.family = family
        return self

    def after(self, seconds: float | None) -> Self:
        """This refusal, with the time after which to ask again, rounded up."""
        self.retry_after_s = None if seconds is None else math.ceil(seconds)
        return self

    def with_status(self, status: int | None) -> Self:
        """This refusal, with another HTTP status than its row has; None for that of the row."""
        self.status = status
        return self


def _cut(fact: object) -> object:
    if isinstance(fact, str) and len(fact) > _LONGEST_FACT:
        return f"{fact[:_LONGEST_FACT]}... ({len(fact)} characters)"
    return fact
