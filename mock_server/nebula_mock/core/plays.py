"""Which scenario is in force for whom: the server's, an account's, or the one a single request asks for."""

import threading
from dataclasses import dataclass
from typing import Protocol

from nebula_mock.core.clocks import Clocks
from nebula_mock.core.play import Play
from nebula_mock.core.scenario import Scenario


class Source(Protocol):
    """Where a scenario comes from, which may have another one later."""

    def current(self) -> Scenario:
        """The scenario it has now; the same object until it has another."""
        ...

    @property
    def problem(self) -> str | None:
        """Why its latest version is not used; None while it is."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """A scenario that stays as it is.

    Attributes:
        scenario: It.
    """

    scenario: Scenario

    def current(self) -> Scenario:
        """The scenario."""
        return self.scenario

    @property
    def problem(self) -> None:
        """Nothing can be wrong with it later."""
        return


class _Held:
    """A source with the play of the scenario that it had last."""

    def __init__(self, source: Source, clocks: Clocks, account: str | None = None) -> None:
        self.source = source
        self._clocks = clocks
        self._account = account  # the one that it is for; None for everyone
        self._play = Play(source.current(), clocks.beginning(account))
        self._lock = threading.Lock()

    def play(self) -> Play:
        scenario = self.source.current()
        play = self._play
        if scenario is play.scenario:
            return play
        with self._lock:
            if scenario is not self._play.scenario:
                self._play = Play(scenario, self._clocks.beginning(self._account))
            return self._play


class Plays:
    """Every scenario in play. Safe to use from many threads."""

    def __init__(self, clocks: Clocks, source: Source) -> None:
        """Everyone is under the scenario of ``source``."""
        self._clocks = clocks
        self._first = source
        self._shared = _Held(source, clocks)
        self._own: dict[str, _Held] = {}
        self._asked: dict[str, Play] = {}
        self._lock = threading.Lock()

    def in_force(self, account: str | None = None, asked: Scenario | None = None) -> Play:
        """The play for a request of the account: of the scenario it asks for, the account's, the server's."""
        if asked is not None:
            with self._lock:
                if asked.name not in self._asked:
                    self._asked[asked.name] = Play(asked, self._clocks.beginning())
                return self._asked[asked.name]
        return self._held(account).play()

    def _held(self, account: str | None) -> _Held:
        return self._shared if account is None else self._own.get(account, self._shared)

    def has_own(self, account: str) -> bool:
        """Whether the account has a scenario of its own."""
        return account in self._own

    def problem(self, account: str | None = None) -> str | None:
        """Why the latest version of the scenario in force is not used; None while it is."""
        return self._held(account).source.problem

    def choose(self, source: Source, account: str | None = None) -> None:
        """Another scenario from now on, for everyone without one of their own, or for one account."""
        held = _Held(source, self._clocks, account)
        with self._lock:
            if account is None:
                self._shared = held
            else:
                self._own[account] = held

    def give_up(self, account: str | None = None) -> None:
        """The scenario that the server was started with again; for an account, the server's."""
        if account is None:
            self.choose(self._first)
            return
        with self._lock:
            self._own.pop(account, None)

    def begin_again(self, account: str | None = None, *, keeps_counts: bool = False) -> int:
        """Every scenario in play begins anew, for one account or for all; how many firings are forgotten by it.

        With ``keeps_counts`` its time alone does, as it must when a clock is put back.
        """
        began_at = self._clocks.beginning(account)
        with self._lock:
            owners = list(self._own) if account is None else [account]
            own = [held.play() for whose in owners if (held := self._own.get(whose)) is not None]
            plays = [self._shared.play(), *own, *self._asked.values()]
        return sum(play.begin_again(account, began_at, keeps_counts=keeps_counts) for play in plays)

    def start_over(self, account: str | None = None) -> None:
        """The scenario of the start for everyone, or for one account the server's; nothing is counted yet."""
        if account is None:
            self.choose(self._first)
            with self._lock:
                self._own.clear()
        else:
            self.give_up(account)
        self.begin_again(account)

    def all_in_force(self) -> tuple[Play, ...]:
        """The server's play and that of every account with one of its own."""
        with self._lock:
            return tuple(held.play() for held in (self._shared, *self._own.values()))
