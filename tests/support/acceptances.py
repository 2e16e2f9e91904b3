"""A change and its acceptance, plain but for what a test says of them."""

from dataclasses import replace
from datetime import date
from typing import Any

from nebula_contract.drift.accepted import (
    Acceptance,
    acceptance_of,
)
from nebula_contract.drift.finding import DriftFinding, Evidence, Place
from nebula_contract.drift.rules import all_rules, verdict_kinds

TODAY = date(2027, 3, 1)
QUERY = "wan/query/ok/succeeded"
URL = Place("query", "wan", "ok", "succeeded", "/url")


def finding(rule: str = "DR205", place: Place = URL, key: str = "", **facts: Any) -> DriftFinding:
    """A change, plain but for what is said of it."""
    plain = DriftFinding(
        all_rules()[rule],
        verdict_kinds()["provider_changed"],
        "breaking",
        place,
        key,
        docs="allow it",
        mock="string",
        baseline="string (3)",
        now="absent (1)",
        evidence=Evidence(1, 3),
    )
    return replace(plain, **facts)


def accepted(one: DriftFinding | None = None, **facts: Any) -> Acceptance:
    """An entry for a change, until in 90 days."""
    entry = acceptance_of(
        one or finding(), "known", owner="api", today=TODAY, expires=None, max_severity="breaking"
    )
    return replace(entry, **facts)
