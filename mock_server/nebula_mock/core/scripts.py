"""Fault scripts: what happens to the next requests, one after the other, and whether it has happened.

A script waits for requests of its operation; each takes the next step, whatever a scenario says. When a
script is used up, answers are as before. Every step is accounted for, so that a test can prove that its
fault was met.
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nebula_mock.core.facts import Facts
from nebula_mock.core.faults import Fault
from nebula_mock.core.rule import Match
from nebula_mock.core.timing import Duration

MOST_SCRIPTS = 1000
"""How many scripts are kept at once."""


class ScriptsError(Exception):
    """There is no room for another script; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one request.

    Attributes:
        told: As it was given: a text, or an object.
        fault: What is done to it; None for nothing.
        delay: How long its answer waits; None for not at all.
    """

    told: str | Mapping[str, Any]
    fault: Fault | None = None
    delay: Duration | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A step that met a request.

    Attributes:
        step: Which, from 0.
        request_id: ``X-Oneapi-Request-Id`` of the answer; of one that was lost on its way, too.
        did: Whether it had an effect; None while the request is under way. A fault that finds nothing to
            change, such as a missing field that is not in the answer, has none.
    """

    step: int
    request_id: str
    did: bool | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script and how far it is.

    Attributes:
        id: Its id.
        match: Which requests take its steps.
        steps: What happens to them, the first first.
        fired: The steps that met a request, in their order.
        told: ``operation`` and ``match`` as they were given, keys hidden.
    """

    id: str
    match: Match
    steps: tuple[Step, ...]
    fired: tuple[Fired, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def completed(self) -> bool:
        """Whether every step met a request."""
        return len(self.fired) == len(self.steps)

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that met none yet."""
        return self.steps[len(self.fired) :]

    @property
    def idle(self) -> tuple[Step, ...]:
        """The steps that met a request and had no effect on it."""
        return tuple(self.steps[one.step] for one in self.fired if one.did is False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that a request has taken.

    Attributes:
        script_id: Of which script.
        number: Which step, from 0.
        step: It.
    """

    script_id: str
    number: int
    step: Step


class Scripts:
    """All scripts of a server, in the order in which they came. Safe to use from many threads."""

    def __init__(self) -> None:
        """None yet."""
        self._scripts: dict[str, Script] = {}
        self._number = 0
        self._unscripted: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @property
    def is_waiting(self) -> bool:
        """Whether any script has steps left."""
        return any(not one.completed for one in tuple(self._scripts.values()))

    def add(self, match: Match, steps: Sequence[Step], told: Mapping[str, Any]) -> Script:
        """Wait for requests from now on.

        Raises:
            ScriptsError: There are too many scripts.
        """
        with self._lock:
            if len(self._scripts) >= MOST_SCRIPTS:
                message = f"found {MOST_SCRIPTS} scripts already; delete some, or reset the scope faults"
                raise ScriptsError(message)
            self._number += 1
            script = Script(f"script-{self._number}", match, tuple(steps), told=told)
            self._scripts[script.id] = script
        return script

    def take(self, facts: Facts, request_id: str) -> Taken | None:
        """The step for a request, of the oldest script that waits for it; None where none does."""
        if not self._scripts:
            return None
        with self._lock:
            for script in self._scripts.values():
                if script.completed or not script.match.holds(facts):
                    continue
                number = len(script.fired)
                fired = (*script.fired, Fired(number, request_id))
                self._scripts[script.id] = replace(script, fired=fired)
                return Taken(script.id, number, script.steps[number])
        return None

    def give_back(self, taken: Taken) -> None:
        """That nothing was done with the step: the next request takes it, unless another has gone on."""
        with self._lock:
            script = self._scripts.get(taken.script_id)
            if script is not None and len(script.fired) == taken.number + 1:
                self._scripts[script.id] = replace(script, fired=script.fired[:-1])

    def note(self, taken: Taken, *, did: bool) -> None:
        """Whether the step had an effect on its request."""
        with self._lock:
            script = self._scripts.get(taken.script_id)
            if script is None or taken.number >= len(script.fired):  # deleted meanwhile, or given back
                return
            fired = list(script.fired)
            fired[taken.number] = replace(fired[taken.number], did=did)
            self._scripts[script.id] = replace(script, fired=tuple(fired))

    def note_unscripted(self, account: str, rules: Sequence[str]) -> None:
        """That rules of a scenario fired on a request of the account, which no script had asked for."""
        with self._lock:
            self._unscripted.update((account, name) for name in rules)

    def unscripted(self, account: str | None = None) -> Mapping[str, int]:
        """How often each rule of a scenario fired, for one account or for all; rules that never did are not in it."""
        told: Counter[str] = Counter()
        with self._lock:
            for (whose, name), count in self._unscripted.items():
                told[name] += count if account in (None, whose) else 0
        return {name: count for name, count in told.items() if count}

    def get(self, script_id: str) -> Script | None:
        """The script of that id, as it is now; None where there is none."""
        return self._scripts.get(script_id)

    def of(self, account: str | None = None) -> tuple[Script, ...]:
        """The scripts for one account's requests alone, or all; the oldest first."""
        with self._lock:
            scripts = tuple(self._scripts.values())
        return tuple(one for one in scripts if account in (None, one.match.account))

    def remove(self, script_id: str) -> Script | None:
        """Wait for it no longer; gives what it was, None where there was none."""
        with self._lock:
            return self._scripts.pop(script_id, None)

    def forget(self, account: str | None = None) -> int:
        """Forget the scripts for one account's requests alone, or all, and what was counted; says how many."""
        gone = self.of(account)
        with self._lock:
            for one in gone:
                self._scripts.pop(one.id, None)
            for key in [key for key in self._unscripted if account in (None, key[0])]:
                del self._unscripted[key]
        return len(gone)
