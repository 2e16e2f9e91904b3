"""Promises of a store: a task belongs to its account, and everyone sees what was added."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nebula_mock import Failure, Plan, Settings
from nebula_mock.core.task import Task
from nebula_mock.stores import MemoryStore, Store

SUBMITTED = Settings(seed=1).provider().submit("account-0", {"model": "sora-2", "prompt": "A cat"})
NAMES = ("0", "1", "2")

names = st.sampled_from(NAMES)


def task(account: str, task_id: str, token: str) -> Task:
    """A task of that account and id, whose results carry that token."""
    return replace(SUBMITTED, account=account, task_id=task_id, result_token=token)


@pytest.fixture(params=[MemoryStore])
def store(request: pytest.FixtureRequest) -> Store:
    """A new store of each kind."""
    opened: Store = request.param()
    return opened


def test_another_accounts_task_is_none(store: Store) -> None:
    store.add(task("a", "video_1", "token"))
    assert store.get("b", "video_1") is None
    assert store.get("a", "video_2") is None


def test_two_accounts_may_have_tasks_of_the_same_id(store: Store) -> None:
    one, other = task("a", "video_1", "x"), task("b", "video_1", "y")
    store.add(one)
    store.add(other)
    assert (store.get("a", "video_1"), store.get("b", "video_1")) == (one, other)


def test_a_task_is_found_by_its_result_token_whoever_asks(store: Store) -> None:
    store.add(task("a", "video_1", "token"))
    assert store.by_result_token("token") == task("a", "video_1", "token")
    assert store.by_result_token("video_1") is None


def test_a_replaced_task_is_gone_under_its_token_too(store: Store) -> None:
    store.add(task("a", "video_1", "old"))
    store.add(task("a", "video_1", "new"))
    assert [found.result_token for found in store.tasks()] == ["new"]
    assert store.by_result_token("old") is None


def test_the_tasks_are_those_of_the_moment_of_the_question(store: Store) -> None:
    store.add(task("a", "video_1", "x"))
    asked = store.tasks()
    store.add(task("a", "video_2", "y"))
    assert [found.task_id for found in asked] == ["video_1"]


def test_nothing_that_many_threads_add_is_lost(store: Store) -> None:
    added = [task(str(n % 2), f"video_{n}", str(n)) for n in range(2000)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(store.add, added))
    assert {found.task_id for found in store.tasks()} == {one.task_id for one in added}
    assert [store.by_result_token(one.result_token) for one in added] == added


def test_the_oldest_tasks_make_room_and_are_gone_everywhere() -> None:
    store = MemoryStore(most=2)
    dropped = [store.add(task(account, f"video_{n}", str(n))) for n, account in enumerate("abac")]
    assert [[one.task_id for one in some] for some in dropped] == [[], [], ["video_0"], ["video_1"]]
    assert (len(store), [one.task_id for one in store.tasks()]) == (2, ["video_2", "video_3"])
    assert (store.get("a", "video_0"), store.by_result_token("0"), list(store.tasks_of("b"))) == (
        None,
        None,
        [],
    )


@given(st.integers(1, 5), st.lists(st.sampled_from(["sora-2", "wan2.5-t2v-preview"]), max_size=12))
def test_what_was_dropped_stays_on_the_bill(most: int, models: list[str]) -> None:
    """The ledger is computed from tasks; those that had to go are booked as they were planned to end."""
    small, large = (Settings(clock="manual", most_tasks=n, seed=1) for n in (most, 100))
    bills = []
    for made in (small, large):
        provider = made.provider()
        for model in models:
            provider.submit("a", {"model": model, "prompt": "A cat"})
        provider.clock.advance(10)
        bills.append(provider.bill("a"))
    assert bills[0] == bills[1]


def test_failed_tasks_that_were_dropped_stay_free() -> None:
    provider = Settings(clock="manual", most_tasks=1, plan=Plan(failure=Failure("no"))).provider()
    for _ in range(3):
        provider.submit("a", {"model": "sora-2", "prompt": "A cat"})
    provider.clock.advance(10)
    found = provider.bill("a")
    assert (found.submitted, found.failed_for_free, str(found.charged_usd), provider.dropped) == (
        3,
        3,
        "0",
        2,
    )


class Model(RuleBasedStateMachine):
    """A store beside two plain dictionaries: the simplest thing that does the same."""

    def __init__(self) -> None:
        super().__init__()
        self.store: Store = MemoryStore()
        self.by_id: dict[tuple[str, str], Task] = {}

    @rule(account=names, task_id=names)
    def add(self, account: str, task_id: str) -> None:
        """A token is never drawn twice, so each task brings its own."""
        added = task(account, task_id, f"{account}/{task_id}")
        self.store.add(added)
        self.by_id[account, task_id] = added

    @invariant()
    def finds_what_was_added(self) -> None:
        for account in NAMES:
            for task_id in NAMES:
                expected = self.by_id.get((account, task_id))
                assert self.store.get(account, task_id) == expected
                assert self.store.by_result_token(f"{account}/{task_id}") == expected

    @invariant()
    def lists_what_was_added_oldest_first(self) -> None:
        assert list(self.store.tasks()) == list(self.by_id.values())


TestAgainstModel = Model.TestCase
TestAgainstModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
