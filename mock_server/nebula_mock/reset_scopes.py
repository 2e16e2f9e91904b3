"""What a reset puts back to the start, scope by scope, for everyone or for one account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nebula_mock.journal import Journal
from nebula_mock.provider import Provider

ALL = "all"


class ScopeError(ValueError):
    """There is no such scope; the message says which there are. Nothing was reset."""


@dataclass(frozen=True, slots=True)
class _Reset:
    """One reset.

    Attributes:
        provider: Whose tasks, clocks, scenarios and rules.
        journal: Where its exchanges are.
        account: Of whom; None for everyone.
    """

    provider: Provider
    journal: Journal
    account: str | None

    def tasks(self) -> int:
        """No task was submitted, and nothing counted of any: the ledger is empty."""
        return self.provider.forget_tasks(self.account)

    def entries(self) -> int:
        """The journal is empty; numbers go on."""
        return self.journal.clear(self.account)

    def faults(self) -> Mapping[str, int]:
        """No script waits, and no rule of a scenario has fired yet."""
        scripts = self.provider.scripts.forget(self.account)
        return {"scripts": scripts, "fired": self.provider.plays.begin_again(self.account)}

    def clock(self) -> Mapping[str, Any]:
        """The server's clock as it was started, and none of an account's own; who waits on one is released.

        The time of each scenario begins again with it, or a limit on requests would wait for the time before.
        """
        clocks = self.provider.clocks
        clocks.start_over(self.account)
        self.provider.plays.begin_again(self.account, keeps_counts=True)
        clock = clocks.shared
        return {"mode": clock.mode, "now": clock.now(), "speed": clock.speed}

    def scenario(self) -> str:
        """The scenario of the start, and none of an account's own; nothing is counted under it."""
        plays = self.provider.plays
        plays.start_over(self.account)
        return plays.in_force(self.account).name

    def accounts(self) -> int:
        """The rules that accounts had at the start."""
        return self.provider.first_rules(self.account)


# In this order, since scenarios begin at the time of the clock.
_PARTS: Mapping[str, Callable[[_Reset], Any]] = {
    "tasks": _Reset.tasks,
    "journal": _Reset.entries,
    "faults": _Reset.faults,
    "clock": _Reset.clock,
    "scenario": _Reset.scenario,
    "accounts": _Reset.accounts,
}
_ONLY_WITH_ALL = frozenset({"accounts"})  # the others are scopes of their own

SCOPES: tuple[str, ...] = (ALL, *(name for name in _PARTS if name not in _ONLY_WITH_ALL))
"""What can be reset, by name."""


def reset_scope(provider: Provider, journal: Journal, scope: str, account: str | None) -> dict[str, Any]:
    """Reset that, and say of each part what became of it: how many were forgotten, or what holds now.

    A submit or query at the same moment is done before or after all of it. An exchange whose answer is still
    being sent goes on, and stands in the journal when it ends.

    Args:
        provider: Whose state.
        journal: Where its exchanges are.
        scope: One of ``SCOPES``.
        account: Whose part of it; None for everyone's.

    Raises:
        ScopeError: There is no such scope.
    """
    if scope not in SCOPES:
        message = f"scope: found {scope!r}, expected one of {', '.join(SCOPES)}"
        raise ScopeError(message)
    names = _PARTS if scope == ALL else (scope,)
    reset = _Reset(provider, journal, account)
    with provider.at_rest():
        return {name: _PARTS[name](reset) for name in names}
