"""A plan as values: what is sent, in which order, and what each may cost at the most."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from nebula_contract.live.money import ZERO, usd_in, usd_text
from nebula_contract.record.exchange import Credential

FORMAT = 1
"""The form of plan files that this version writes and reads."""

KNOWN = "known:"
"""Begins the ``task`` of a case that reads the youngest task of a family that the ledger still knows."""

TASK, NEAR, RESULT = "{task}", "{near}", "{result}"
"""What stands in a path for a task's id, for an id that differs from it in one character, for its result's URL."""

_NO_BODY_METHODS = frozenset({"GET", "HEAD", "DELETE"})
_SPENDING = frozenset({"own", "second", "reduced"})


@dataclass(frozen=True, slots=True)
class Poll:
    """How often a case is asked again, until the task has ended.

    Attributes:
        every_s: Seconds between two, at least 3.
        most: How often at the most.
    """

    every_s: int
    most: int


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Case:
    """One request of a plan, or one polled one.

    Attributes:
        name: Unique in the plan, such as ``job/sora/submit``.
        group: Its class: where one of a class is answered as it must not be, no other of it is sent.
        purpose: Why it is sent, in a word (``Exchange.purpose``).
        method: HTTP method.
        path: Path with query; may hold ``{task}`` or ``{near}``, or be ``{result}``.
        credential: Whose key it carries.
        expects: What may come: ``accepted``, ``file``, or rows of the error table.
        price_usd: The most that it may cost.
        authorization: The header of a ``malformed`` credential, made up.
        body: The exact body, as text; None for none.
        headers: More headers, names in lower case.
        task: The earlier case that made the task it is about, or ``known:FAMILY``; empty for none.
        twin_of: The earlier case whose answer must say the same; empty for none.
        poll: How it is repeated; None for a case that is sent once.
        is_optional: Whether the run is whole without it.
    """

    name: str
    group: str
    purpose: str
    method: str
    path: str
    credential: Credential
    expects: tuple[str, ...]
    price_usd: Decimal = ZERO
    authorization: str = ""
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=_nothing)
    task: str = ""
    twin_of: str = ""
    poll: Poll | None = None
    is_optional: bool = False

    @property
    def body_bytes(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else self.body.encode()

    @property
    def may_be_charged(self) -> bool:
        """Whether it carries a real key and could make a task, whatever is wrong with it."""
        return self.credential in _SPENDING and self.method not in _NO_BODY_METHODS

    @property
    def is_meant_to_be_accepted(self) -> bool:
        """Whether a task is what it is sent for."""
        return self.may_be_charged and "accepted" in self.expects


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    Attributes:
        seed: What its made-up words were drawn from.
        cases: In the order in which they are sent.
    """

    seed: int
    cases: tuple[Case, ...]

    @property
    def worst_usd(self) -> Decimal:
        """What it costs if the provider accepts everything that could be accepted."""
        return sum((case.price_usd for case in self.cases), ZERO)

    @property
    def submits(self) -> int:
        """How many requests could make a task."""
        return sum(case.may_be_charged for case in self.cases)


def plan_bytes(plan: Plan) -> bytes:
    """The plan as a file: the same plan is the same bytes everywhere."""
    value = {
        "$schema": "plan.schema.json",
        "format": FORMAT,
        "seed": plan.seed,
        "worst_usd": usd_text(plan.worst_usd),
        "cases": [case_json(case) for case in plan.cases],
    }
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode("ascii")


def case_json(case: Case) -> dict[str, Any]:
    """A case as it stands in a plan file; members that say nothing are left out."""
    poll = None if case.poll is None else {"every_s": case.poll.every_s, "most": case.poll.most}
    members: dict[str, Any] = {
        "name": case.name,
        "class": case.group,
        "purpose": case.purpose,
        "method": case.method,
        "path": case.path,
        "credential": case.credential,
        "expects": list(case.expects),
        "price_usd": usd_text(case.price_usd),
        "authorization": case.authorization or None,
        "body": case.body,
        "headers": dict(case.headers) or None,
        "task": case.task or None,
        "twin_of": case.twin_of or None,
        "poll": poll,
        "optional": case.is_optional or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def case_from(value: Mapping[str, Any]) -> Case:
    """The case of an entry that the schema has passed."""
    poll = value.get("poll")
    return Case(
        name=value["name"],
        group=value["class"],
        purpose=value["purpose"],
        method=value["method"],
        path=value["path"],
        credential=value["credential"],
        expects=tuple(value["expects"]),
        price_usd=usd_in(value["price_usd"]),
        authorization=value.get("authorization", ""),
        body=value.get("body"),
        headers=MappingProxyType(dict(value.get("headers", {}))),
        task=value.get("task", ""),
        twin_of=value.get("twin_of", ""),
        poll=None if poll is None else Poll(poll["every_s"], poll["most"]),
        is_optional=value.get("optional", False),
    )
