"""Who is let in, and how each account is answered: by which clock, under which scenario and rules, in which dialect."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nebula_mock.core.behaviour import Behaviour
from nebula_mock.core.clock import Clock
from nebula_mock.core.clocks import Clocks
from nebula_mock.core.plays import Chosen, Plays, Source
from nebula_mock.core.rules import AccountRules, Rulebook
from nebula_mock.core.scenario import Scenario
from nebula_mock.dialects import DialectWords
from nebula_schemas.catalogue import Dialect


class Reception:
    """What holds for each account. Safe to call from many threads.

    Attributes:
        behaviour: What is done for accounts that do not say otherwise.
        clocks: The only source of "now": the server's clock, and those of accounts with one of their own.
        plays: The scenario in force for everyone, and for accounts with one of their own.
        rulebook: What each account may do.
    """

    def __init__(
        self,
        *,
        words: Mapping[Dialect, DialectWords],
        clock: Clock,
        behaviour: Behaviour | None = None,
        rulebook: Rulebook | None = None,
        source: Source | None = None,
    ) -> None:
        """Put the parts together; nothing is started."""
        self.behaviour = behaviour or Behaviour()
        self.clocks = Clocks(clock)
        self.plays = Plays(self.clocks, source or Chosen(Scenario()))
        self.rulebook = self._first_rulebook = rulebook or Rulebook()
        self._words = words
        self._lock = threading.RLock()

    @property
    def clock(self) -> Clock:
        """The clock of every account without one of its own."""
        return self.clocks.shared

    def now(self, account: str) -> float:
        """The time for that account, in seconds since the epoch."""
        return self.clocks.of(account).now()

    @property
    def dialect(self) -> Dialect:
        """How it answers accounts of which nobody says anything else."""
        return self.plays.in_force().scenario.dialect or self.behaviour.dialect

    def rules_of(self, account: str, asked: Scenario | None = None) -> AccountRules:
        """What holds for the account: its own rules, then the scenario in force, then everyone's rules.

        Args:
            account: Whose rules.
            asked: The scenario that a request asks for; None for the account's.
        """
        scenario = self.plays.in_force(account, asked).scenario
        return scenario.account_rules(self.rulebook.of(account), self.rulebook.everyone)

    def dialect_of(self, account: str, asked: Scenario | None = None) -> Dialect:
        """How it answers that account."""
        return self.rules_of(account, asked).dialect or self.behaviour.dialect

    def speaks(self, dialect: Dialect) -> bool:
        """Whether it answers anybody in that dialect."""
        named = (rules.dialect for rules in self.rulebook.named.values())
        played = (play.scenario.dialect for play in self.plays.all_in_force())
        return dialect in (self.dialect, self.behaviour.dialect, *named, *played)

    def words_in(self, dialect: Dialect) -> DialectWords:
        """The words of its answers in that dialect."""
        return self._words[dialect]

    def words_for(self, account: str, asked: Scenario | None = None) -> DialectWords:
        """The words of its answers to that account."""
        return self._words[self.dialect_of(account, asked)]

    def set_rules(self, account: str, rules: AccountRules | None) -> None:
        """Other rules for one account, from now on; None for those of everyone."""
        with self._lock:
            self.rulebook = self.rulebook.with_rules(account, rules)

    def first_rules(self, account: str | None = None) -> int:
        """The rules of the start again, for everyone or for one account; gives for how many this is a change."""
        with self._lock:
            self.rulebook, changed = self.rulebook.put_back(self._first_rulebook, account)
            return changed

    def admit(self, account: str, *, is_submit: bool, asked: Scenario | None = None) -> None:
        """Nothing, when the account's key lets it in.

        Raises:
            RefusalError: The row of its standing, such as ``key-disabled``; on a query or download of the
                gateway ``model-not-allowed``.
        """
        rules = self.rulebook.of(account)
        rules.refuse_key()
        if not is_submit:
            rules.refuse_model("", self.dialect_of(account, asked), is_submit=False)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """While this lasts no submit is accepted, no query counted, no clock advanced."""
        with self._lock:
            yield
