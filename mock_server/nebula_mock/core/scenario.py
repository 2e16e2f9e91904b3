"""A scenario: a scripted behaviour of the provider, as frozen values, and what it makes of a task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from nebula_mock.core.draws import RequestDraws
from nebula_mock.core.lifecycle import Plan
from nebula_mock.core.limits import RequestLimit
from nebula_mock.core.outcomes import Outcomes
from nebula_mock.core.progress import Curve
from nebula_mock.core.replays import Replay
from nebula_mock.core.rule import Rule
from nebula_mock.core.rules import AccountRules
from nebula_mock.core.terms import Terms
from nebula_mock.core.timing import Timing
from nebula_schemas.catalogue import Dialect

DEFAULT_NAME = "default"
"""The name of the scenario that says nothing; no preset has it."""


def _no_families() -> Mapping[str, Timing]:
    return MappingProxyType({})


def _nothing_told() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario says; None for what it says nothing about, which stays as the server is set up.

    Attributes:
        name: Of the preset or the file.
        description: In a sentence, what it is like.
        timing: The times of tasks.
        families: Family to times of its own.
        curve: How progress grows.
        outcomes: How tasks end.
        replays: Recorded tasks to be made again, before all that is drawn.
        rules: What happens to single requests, the first first.
        requests: How many requests an account may make in a while.
        most_running: How many unfinished tasks an account may have.
        balance_usd: US dollars that an account has to spend.
        dialect: How accounts are answered.
        terms: How tasks are kept and handed over.
        told: The JSON it was read from, keys hidden.
    """

    name: str = DEFAULT_NAME
    description: str = "Everything as the server is set up."
    timing: Timing | None = None
    families: Mapping[str, Timing] = field(default_factory=_no_families)
    curve: Curve | None = None
    outcomes: Outcomes | None = None
    replays: tuple[Replay, ...] = ()
    rules: tuple[Rule, ...] = ()
    requests: RequestLimit | None = None
    most_running: int | None = None
    balance_usd: Decimal | None = None
    dialect: Dialect | None = None
    terms: Terms = field(default_factory=Terms)
    told: Mapping[str, Any] = field(default_factory=_nothing_told, repr=False, compare=False)

    def plan(self, base: Plan, draw: RequestDraws, family: str) -> Plan:
        """The plan of an accepted submit, of which ``draw`` gives the draws by purpose.

        Pure. What the scenario says nothing about is as in ``base``.
        """
        timing = self.families.get(family, self.timing)
        plan = base if timing is None else timing.planned(base, draw)
        if self.curve is not None:
            plan = replace(plan, curve=self.curve)
        return plan if self.outcomes is None else replace(plan, failure=self.outcomes.drawn(draw("outcome")))

    def account_rules(self, own: AccountRules, everyones: AccountRules) -> AccountRules:
        """The rules of an account under this scenario.

        Pure. What the account's own rules say stands, then what the scenario says, then what holds for
        everyone without rules of their own.
        """
        if (self.balance_usd, self.most_running, self.dialect) == (None, None, None):
            return own
        less = everyones if own is everyones else AccountRules()
        mine = AccountRules() if own is everyones else own
        return replace(
            own,
            balance_usd=_first(mine.balance_usd, self.balance_usd, less.balance_usd),
            most_running=_first(mine.most_running, self.most_running, less.most_running),
            dialect=_first(mine.dialect, self.dialect, less.dialect),
        )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
