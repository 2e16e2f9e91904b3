"""A scenario in play: since when, and what was counted under it. It decides what becomes of each request."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nebula_mock.core.about import Counts
from nebula_mock.core.draws import Draw, Draws, RequestDraws
from nebula_mock.core.facts import Facts, Operation
from nebula_mock.core.faults import Fault
from nebula_mock.core.lifecycle import Plan
from nebula_mock.core.limits import Admitted
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.replays import Made, first_left
from nebula_mock.core.rule import Rule
from nebula_mock.core.scenario import Scenario
from nebula_mock.core.scripts import Step


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an account under a scenario.

    Attributes:
        ordinal: Which of the account's requests of that operation, from 0.
        elapsed_s: Seconds since the scenario began, on the account's clock.
    """

    ordinal: int
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Effects:
    """What the rules do to a request.

    Attributes:
        fired: The names of the rules that fired, in their order.
        delay_s: How long its answer waits, in seconds.
        fault: What is done to it; None for nothing.
    """

    fired: tuple[str, ...] = ()
    delay_s: float = 0.0
    fault: Fault | None = None


class Play:
    """A scenario with its counters. Safe to use from many threads.

    Everything is counted for each account by itself, so that one account's requests decide nothing for
    another's; under concurrent requests of one account the order decides which is the third.

    Attributes:
        scenario: What is played.
    """

    def __init__(self, scenario: Scenario, began_at: Callable[[str], float]) -> None:
        """Begin; ``began_at`` is when, on the clock of an account, in seconds since the epoch."""
        self.scenario = scenario
        self._began_at = began_at
        self._began_again: dict[str, float] = {}  # for accounts alone, and when
        self._calls: Counter[tuple[str, Operation]] = Counter()
        self._fired: Counter[tuple[str, str]] = Counter()
        self._replayed: dict[str, set[int]] = {}  # which recorded tasks each account has had
        self._about = Counts()
        self._admitted: dict[str, Admitted] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the scenario."""
        return self.scenario.name

    def call(self, account: str, operation: Operation, now: float) -> Call:
        """Count a request, at ``now`` seconds since the epoch on the account's clock.

        Raises:
            RefusalError: ``rate-limited``, with the time after which to ask again.
        """
        limit = self.scenario.requests
        with self._lock:
            began_at = self._began_again.get(account)
            elapsed_s = max(0.0, now - (self._began_at(account) if began_at is None else began_at))
            ordinal = self._calls[account, operation]
            self._calls[account, operation] += 1
            if limit is not None and operation in limit.operations:
                admitted = self._admitted.setdefault(account, Admitted())
                wait_s = admitted.refused_for(limit, elapsed_s)
                if wait_s is not None:
                    raise RefusalError("rate-limited").after(wait_s)
        return Call(ordinal, elapsed_s)

    def draw_ordinal(self, account: str, operation: Operation, about: str) -> int:
        """Which of the account's requests of that operation about the same this is, from 0; it counts."""
        return self._about.number(account, operation, about)

    def effects(self, facts: Facts, draws: Draws) -> Effects:
        """What the rules do to the request, which counts as their firing.

        They are asked in their order. The first that delays decides the delay, the first with a fault
        the fault; a rule that has nothing more to decide does not fire.
        """
        fired: list[str] = []
        delay_s, fault = None, None
        with self._lock:
            for rule in self.scenario.rules:
                brings_delay = rule.delay is not None and delay_s is None
                brings_fault = rule.fault is not None and fault is None
                before = self._fired[facts.account, rule.name]
                if not (brings_delay or brings_fault) or not rule.fires(
                    facts, before, _chance(rule, facts, draws)
                ):
                    continue
                self._fired[facts.account, rule.name] += 1
                fired.append(rule.name)
                if brings_delay and rule.delay is not None:
                    delay_s = rule.delay.drawn(_draw(rule, facts, draws, "delay"))
                if brings_fault:
                    fault = rule.fault
        return Effects(tuple(fired), delay_s or 0.0, fault)

    def replayed(self, account: str, made: Made) -> Plan | None:
        """The plan of the recorded task that an accepted submit makes again, which is then taken; None for none."""
        if not self.scenario.replays:
            return None
        with self._lock:
            taken = self._replayed.setdefault(account, set())
            place = first_left(self.scenario.replays, taken, made)
            if place is None:
                return None
            taken.add(place)
        return self.scenario.replays[place].plan

    def begin_again(
        self, account: str | None, began_at: Callable[[str], float], *, keeps_counts: bool = False
    ) -> int:
        """Begin anew, for one account or for all, and say how many firings of rules are forgotten by it.

        Args:
            account: For whom; None for all.
            began_at: When, as at first.
            keeps_counts: Only the time of the scenario begins anew, and with it the windows of its limit on
                requests; which request is the third stays as it is.
        """
        with self._lock:
            if account is None:
                self._began_at = began_at
                self._began_again.clear()
                self._admitted.clear()
            else:
                self._began_again[account] = began_at(account)
                self._admitted.pop(account, None)
            if keeps_counts:
                return 0
            self._about.forget(account)
            for owner in [owner for owner in self._replayed if account in (None, owner)]:
                del self._replayed[owner]
            forgotten = [owner for owner in self._fired if account in (None, owner[0])]
            for caller in [caller for caller in self._calls if account in (None, caller[0])]:
                del self._calls[caller]
            return sum(self._fired.pop(owner) for owner in forgotten)

    def fired(self, account: str | None = None) -> Mapping[str, int]:
        """How often each rule fired, for one account or for all; rules that never did, too."""
        with self._lock:
            counts = list(self._fired.items())
        told = dict.fromkeys((rule.name for rule in self.scenario.rules), 0)
        for (whose, name), count in counts:
            told[name] += count if account in (None, whose) else 0
        return told


def _chance(rule: Rule, facts: Facts, draws: Draws) -> float:
    return 0.0 if rule.probability >= 1 else _draw(rule, facts, draws, "chance").unit()


def _draw(rule: Rule, facts: Facts, draws: Draws, purpose: str) -> Draw:
    return _drawn(facts, draws, f"rule {rule.name}: {purpose}")


def _drawn(facts: Facts, draws: Draws, purpose: str) -> Draw:
    request = RequestDraws(draws, facts.account, facts.operation, facts.about, facts.draw_ordinal)
    return request(purpose)


def effects_of_step(step: Step, facts: Facts, draws: Draws) -> Effects:
    """What a step of a script does to the request; a delay that is drawn is drawn for this request."""
    delay_s = 0.0
    if step.delay is not None:
        delay_s = step.delay.drawn(_drawn(facts, draws, "script: delay"))
    return Effects((), delay_s, step.fault)
