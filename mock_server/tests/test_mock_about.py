"""Promises of what draws depend on: what is asked for, and how often it was, never who came first."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_mock import ManualClock, Settings
from nebula_mock.core.about import Counts, about_submit
from nebula_mock.provider import Provider

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=600), st.lists, max_leaves=5
)
bodies = st.dictionaries(st.text(max_size=5), values, max_size=5)


@given(body=bodies)
def test_the_order_of_members_means_nothing(body: dict[str, Any]) -> None:
    turned = dict(reversed(body.items()))
    assert about_submit(turned) == about_submit(body)


@given(one=bodies, other=bodies)
def test_two_bodies_are_about_the_same_exactly_when_they_are_equal(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    equal = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (about_submit(one) == about_submit(other)) == equal


def test_long_texts_that_differ_at_their_ends_are_two_things() -> None:
    long = "x" * 1_000_000
    assert about_submit({"prompt": long + "a"}) != about_submit({"prompt": long + "b"})


@given(things=st.lists(st.sampled_from("abcdef"), max_size=60), most=st.integers(1, 6))
def test_things_are_counted_from_nothing_while_there_is_room(things: list[str], most: int) -> None:
    counts, kept = Counts(most), dict[str, int]()
    for thing in things:
        number = kept.pop(thing, 0)
        assert counts.number("a", thing) == number
        kept[thing] = number + 1
        kept = dict(list(kept.items())[-most:])


def test_an_account_is_forgotten_alone() -> None:
    counts = Counts()
    assert [counts.number("a", "x"), counts.number("b", "x"), counts.number("a", "x")] == [0, 0, 1]
    counts.forget("a")
    assert [counts.number("a", "x"), counts.number("b", "x")] == [0, 1]
    counts.forget()
    assert counts.number("b", "x") == 0


def provider() -> Provider:
    """A provider with a seed, at a fixed time."""
    return Settings(seed=5).provider(ManualClock(1_763_812_800.0))


@settings(max_examples=30)
@given(order=st.permutations(range(8)))
def test_every_prompt_gets_its_own_task_in_whatever_order_they_come(order: list[int]) -> None:
    first, second = provider(), provider()
    made = {
        which: [
            one.submit("a", {"model": "sora-2", "prompt": f"Cat {number // 2}"}).task_id for number in numbers
        ]
        for which, one, numbers in (("sorted", first, range(8)), ("drawn", second, order))
    }
    assert sorted(made["sorted"]) == sorted(made["drawn"])
    assert len(set(made["sorted"])) == 8


def test_no_two_tasks_of_an_account_have_one_id_though_their_form_is_short() -> None:
    """Six thousand ids of five characters, of prompts that each begin anywhere: some would meet by chance."""
    one = provider()
    model, content = "doubao-seedance-1-0-pro-250528", [{"type": "text", "text": "A cat"}]
    for number in range(6_000):
        one.submit("a", {"model": model, "seed": number, "metadata": {"content": content}})
    assert len({task.task_id for task in one.store.tasks()}) == len(one.store) == 6_000
