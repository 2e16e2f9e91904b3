"""Promises of the ledger beyond what is charged: what was wasted, what was submitted twice, and that it adds up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nebula_mock import Failure, Plan, Settings
from nebula_mock.core.ledger import Bill
from nebula_mock.core.lifecycle import Polls
from nebula_mock.core.repeats import Repeats, likeness
from nebula_mock.core.task import Task
from nebula_mock.provider import Provider

SORA = {"model": "sora-2", "prompt": "A cat"}
FAILING = Plan(2, 8, failure=Failure("no"))


def opened(**changes: Any) -> Provider:
    """A provider whose clock stands still."""
    return Settings(clock="manual", **changes).provider()


def repeated(provider: Provider) -> tuple[int, str]:
    """How many of the account's submits repeat an earlier one, and what those cost."""
    own = provider.bill("a")
    return own.repeated, str(own.repeated_usd)


def test_a_submit_that_was_sent_twice_is_repeated_and_costs_when_it_is_charged() -> None:
    provider = opened()
    provider.submit("a", SORA)
    assert repeated(provider) == (0, "0")
    provider.submit("a", SORA)
    assert repeated(provider) == (1, "0")
    provider.clock.advance(10)
    assert repeated(provider) == (1, "0.40")
    provider.submit("a", SORA)
    assert repeated(provider) == (2, "0.40")


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "A dog"},
        {"model": "wan2.5-t2v-preview"},
        {"seconds": 8},
        {"size": "1280x720"},
        {"prompt": "A" * 10_001},
    ],
)
def test_a_submit_that_asks_for_something_else_repeats_nothing(other: dict[str, Any]) -> None:
    provider = opened()
    provider.submit("a", SORA)
    provider.submit("a", {**SORA, **other})
    assert repeated(provider) == (0, "0")


def test_the_same_values_said_otherwise_are_the_same() -> None:
    provider = opened()
    provider.submit("a", SORA)
    provider.submit("a", {**SORA, "seconds": "4", "size": "720x1280"})
    assert repeated(provider)[0] == 1


def test_another_account_repeats_nothing() -> None:
    provider = opened()
    provider.submit("a", SORA)
    provider.submit("b", SORA)
    assert [one.repeated for one in provider.ledger()] == [0, 0]


def test_another_attempt_after_a_failure_is_no_repetition_but_one_before_it_is() -> None:
    provider = opened(plan=FAILING)
    provider.submit("a", SORA)
    provider.clock.advance(9)
    provider.submit("a", SORA)
    assert repeated(provider)[0] == 1
    provider.clock.advance(1)  # the first has failed, the second has not
    provider.submit("a", SORA)
    provider.clock.advance(10)
    provider.submit("a", SORA)
    assert repeated(provider) == (2, "0")


def test_a_task_that_fails_by_queries_is_followed_by_another_attempt() -> None:
    provider = opened(plan=Plan(failure=Failure("no"), polls=Polls(0, 1)))
    first = provider.submit("a", SORA)
    for _ in range(2):
        seen = provider.query("a", first.task_id)
    assert seen.observation is not None
    assert seen.observation.stage == "failed"
    provider.submit("a", SORA)
    assert repeated(provider)[0] == 0


def test_two_remixes_of_two_tasks_are_two() -> None:
    provider = opened(dialect="gateway")
    sources = [provider.submit("a", {**SORA, "prompt": prompt}).task_id for prompt in ("A cat", "A dog")]
    provider.clock.advance(10)
    for source in sources:
        provider.submit("a", {**SORA, "prompt": "With a hat", "remix_video_id": source})
    assert repeated(provider)[0] == 0
    provider.submit("a", {**SORA, "prompt": "With a hat", "remix_video_id": sources[0]})
    assert repeated(provider)[0] == 1


def test_only_so_many_submits_are_remembered_of_tasks_that_are_gone() -> None:
    tasks = [opened().submit("a", {**SORA, "prompt": f"A cat {n}"}) for n in (0, 1, 2, 0)]
    for most, found in ((3, True), (2, False)):
        repeats = Repeats(most)
        assert [repeats.takes(task, 0) for task in tasks] == [False, False, False, found]


orders = st.tuples(st.sampled_from(["A cat", "A dog"]), st.sampled_from([0, 3, 10]), st.booleans())


def slow_count(tasks: Sequence[Task]) -> int:
    """How many repeat an earlier one, by looking at every pair."""
    return sum(
        any(
            likeness(one) == likeness(later) and one.observed_at(later.submitted_at).stage != "failed"
            for one in tasks[:index]
        )
        for index, later in enumerate(tasks)
    )


@given(st.lists(orders, max_size=12), st.integers(1, 4))
def test_repetitions_are_counted_right_whatever_had_to_make_room(
    submits: list[tuple[str, int, bool]], most: int
) -> None:
    """The same bill, whether tasks are kept or dropped, as from a look at every pair."""
    bills: list[Bill] = []
    kept: list[Task] = []
    for room in (most, 100):
        provider = opened(seed=1, most_tasks=room, plan=FAILING)
        kept = []
        for prompt, wait_s, succeeds in submits:
            scenario = None if succeeds else provider.plays.in_force().scenario
            provider.clock.advance(wait_s)
            kept.append(provider.submit("a", {**SORA, "prompt": prompt}, asked=scenario))
        provider.clock.advance(100)
        bills.append(provider.bill("a"))
    assert bills[0] == bills[1]
    assert bills[0].repeated == slow_count(kept)


class Bookkeeping(RuleBasedStateMachine):
    """Whatever happens, the books add up: what is charged was fetched or wasted."""

    def __init__(self) -> None:
        super().__init__()
        self.provider = opened(seed=3, most_tasks=4)
        self.tasks: list[Task] = []

    @rule(account=st.sampled_from("ab"), prompt=st.sampled_from(["A cat", "A dog"]))
    def submit(self, account: str, prompt: str) -> None:
        """One more task, which may make another one go."""
        self.tasks.append(self.provider.submit(account, {**SORA, "prompt": prompt}))

    @rule(seconds=st.sampled_from([1, 5, 10]))
    def advance(self, seconds: int) -> None:
        """Some tasks end."""
        self.provider.clock.advance(seconds)

    @precondition(lambda self: self.tasks)
    @rule(which=st.integers(0, 100), stays=st.booleans())
    def fetch(self, *, which: int, stays: bool) -> None:
        """A result is handed over, of a task that may be gone, and perhaps not taken."""
        task = self.tasks[which % len(self.tasks)]
        if task.observed_at(self.provider.now(task.account)).stage == "succeeded":
            is_counted = self.provider.count_fetched(task)
            if is_counted and not stays:
                self.provider.count_fetched(task, -1)

    @rule(account=st.sampled_from(["a", "b", None]))
    def reset(self, account: str | None) -> None:
        """Everything of somebody is forgotten."""
        self.provider.forget_tasks(account)
        assert [bill for bill in self.provider.ledger() if account in (None, bill.account)] == []

    @invariant()
    def adds_up(self) -> None:
        for own in self.provider.ledger():
            assert own.charged == own.fetched + own.wasted
            assert own.submitted == own.charged + own.running + own.failed_for_free
            assert own.live_usd == own.charged_usd + own.running_usd
            assert own.wasted_usd == own.wasted * Decimal("0.40")
            assert 0 <= own.repeated < own.submitted or own.submitted == 0
            assert own.repeated_usd <= own.charged_usd


TestBookkeeping = Bookkeeping.TestCase
TestBookkeeping.settings = settings(max_examples=60, stateful_step_count=30)
