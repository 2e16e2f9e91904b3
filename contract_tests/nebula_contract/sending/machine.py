"""Many tasks at once, in an order that nobody would think of: submits, reads, downloads, foreign reads, time.

A rule sends, records and returns; it asserts nothing, and what it draws does not depend on any answer, so that
Hypothesis finds neither a failure nor a contradiction to look at again.
"""

import itertools
from collections.abc import Mapping
from typing import Any

from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import Case, result_urls_of, task_id_of
from nebula_contract.sending.clock import ClockLostError
from nebula_contract.sending.profiles import Profile, generating
from nebula_contract.sending.strategies import Generated, accepted_requests
from nebula_contract.sending.target import Target
from nebula_contract.sending.wire import OutOfReachError, Sent
from nebula_schemas.catalogue import catalogue

_places = st.integers(0, 30)
_owners: st.SearchStrategy[Credential] = st.sampled_from(("own", "own", "second"))
_readers: st.SearchStrategy[Credential] = st.sampled_from(("own", "second", "unused", "none"))
_requests = st.one_of([accepted_requests(family) for family in catalogue().families])


def send_machine(target: Target, profile: Profile, seed: int) -> None:
    """Run the machine as often as the profile says.

    Raises:
        OutOfReachError: The target is gone.
        ClockLostError: So is its clock.
    """
    stopped: list[Exception] = []
    numbers = itertools.count(1)

    class ManyTasks(_ManyTasks):
        def __init__(self) -> None:
            super().__init__(target, f"machine/{next(numbers)}", stopped)

    seeded(seed)(ManyTasks)
    run_state_machine_as_test(ManyTasks, settings=generating(profile.machines, profile.steps))
    if stopped:
        raise stopped[0]


class _ManyTasks(RuleBasedStateMachine):
    """The rules; after the target is lost they do nothing any longer."""

    def __init__(self, target: Target, name: str, stopped: list[Exception]) -> None:
        super().__init__()
        self._target, self._name, self._stopped = target, name, stopped
        self._tasks: list[tuple[str, Credential]] = []
        self._urls: list[tuple[str, str]] = []

    @initialize(several=st.lists(st.tuples(_requests, _owners), min_size=3, max_size=3))
    def begin(self, several: list[tuple[Generated, Credential]]) -> None:
        """A few tasks to begin with."""
        for one, owner in several:
            self._submitted(one, owner)

    @rule(one=_requests, owner=_owners)
    def submit(self, one: Generated, owner: Credential) -> None:
        """A new task."""
        self._submitted(one, owner)

    def _submitted(self, one: Generated, owner: Credential) -> None:
        sent = self._do("submit", owner, one.body, label=one.label)
        task_id = None if sent is None else task_id_of(sent)
        if task_id is not None:
            self._tasks.append((task_id, owner))

    @rule(place=_places)
    def query(self, place: int) -> None:
        """Its owner reads a task."""
        for task_id, owner in self._one(place):
            sent = self._do("query", owner, task_id)
            for url in result_urls_of(sent) if sent else ():
                self._urls.append((url, task_id))
                self._do("result", owner, url, task_id)

    @rule(place=_places)
    def download(self, place: int) -> None:
        """Its owner downloads a task, finished or not."""
        for task_id, owner in self._one(place):
            self._do("download", owner, task_id)

    @rule(place=_places, reader=_readers)
    def foreign_read(self, place: int, reader: Credential) -> None:
        """Somebody reads a task, perhaps its owner."""
        for task_id, owner in self._one(place):
            self._do("query", owner, task_id, "poll" if reader == owner else "foreign", credential=reader)

    @rule(place=_places)
    def result(self, place: int) -> None:
        """Somebody opens a result."""
        if self._urls:
            url, task_id = self._urls[place % len(self._urls)]
            self._do("result", "own", url, task_id)

    @rule(seconds=st.sampled_from((0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)))
    def advance(self, seconds: float) -> None:
        """Time passes, where that costs nothing."""
        if self._target.clock.is_free and not self._stopped:
            try:
                self._target.clock.pass_time(seconds)
            except ClockLostError as error:
                self._stopped.append(error)

    def _one(self, place: int) -> list[tuple[str, Credential]]:
        return [self._tasks[place % len(self._tasks)]] if self._tasks else []

    def _do(self, operation: str, owner: Credential, *what: Any, **how: Any) -> Sent | None:
        if self._stopped:
            return None
        case = Case(self._target, self._name, owner)
        operations: Mapping[str, Any] = {
            "submit": case.submit,
            "query": case.query,
            "download": case.download,
            "result": case.result,
        }
        try:
            sent: Sent | None = operations[operation](*what, **how)
        except OutOfReachError as error:
            self._stopped.append(error)
            return None
        return sent
