"""What a scenario knows of a request when it decides what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from nebula_schemas.catalogue import Dialect

Operation = Literal["submit", "query", "download", "result", "content"]

OPERATIONS: tuple[Operation, ...] = get_args(Operation)
"""What can be asked for; ``result`` is the file behind a result URL, ``content`` the gateway's raw video."""

KEYED_OPERATIONS: tuple[Operation, ...] = ("submit", "query", "download")
"""Those that ask for a key."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facts:
    """One request, as far as it could be read.

    Attributes:
        operation: What it asks for.
        account: Who asks.
        ordinal: Which of the account's requests of that operation under the scenario, from 0.
        elapsed_s: Seconds since the scenario began, on the account's clock.
        about: What it is about: of a submit a digest of what it asks for, else the task.
        draw_ordinal: Which of the account's requests of that operation about the same, from 0.
        dialect: How it is answered.
        model: The model it names, or that its task has; None where neither is known.
        family: The family of that model, or None.
        prompt: The prompt it carries, or that its task has; None where neither is known.
        headers: Its headers, names in lower case.
        told: Facts for the words of a refusal, such as ``task_id``.
    """

    operation: Operation
    account: str
    ordinal: int
    elapsed_s: float
    about: str = ""
    draw_ordinal: int = 0
    dialect: Dialect = "documented"
    model: str | None = None
    family: str | None = None
    prompt: str | None = None
    headers: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    told: Mapping[str, str] = field(default_factory=_nothing, repr=False)
