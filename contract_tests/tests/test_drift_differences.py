"""What counts as a difference: what was to be expected, told once, and of the mock only what it never does."""

from collections import Counter
from typing import Any

import pytest

from golden_drift import GOLDEN, QUERY, Golden, fired, of_member, of_span
from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.observation import LifeSeen, Observations
from nebula_contract.drift.witnesses import Witnesses, weighed
from observations import observations

SELDOM = [
    (
        of_member({"string": 1, "absent": 3}, {"absent": 11}),
        of_member({"string": 1, "absent": 3}, {"absent": 12}),
    ),
    (
        of_member({"string": 3, "absent": 1}, {"string": 11}),
        of_member({"string": 3, "absent": 1}, {"string": 12}),
    ),
    (
        of_member({"string": 3, "null": 1}, {"string": 11}),
        of_member({"string": 3, "null": 1}, {"string": 12}),
    ),
    (of_member({"string": 1, "null": 3}, {"null": 11}), of_member({"string": 1, "null": 3}, {"null": 12})),
    (
        of_member({"string": 3, "object": 1}, {"string": 11}),
        of_member({"string": 3, "object": 1}, {"string": 12}),
    ),
    (of_span("to succeeded", 30, 60), of_span("to succeeded", 30, 61)),
    (of_span("to succeeded", 100, 200), of_span("to succeeded", 100, 201)),
    (of_span("to succeeded", 200, 100), of_span("to succeeded", 201, 100)),
    (of_span("poll lag", 1, 16), of_span("poll lag", 1, 17)),
    (of_span("poll lag", 10, 20), of_span("poll lag", 10, 21)),
    (of_span("answer query", 1, 900), None),
]
"""What is gone and was expected less than three times, or lasted hardly longer; and the same where it is a change."""


@pytest.mark.parametrize(("seldom", "often"), SELDOM)
def test_what_was_hardly_to_be_expected_is_no_change(seldom: Golden, often: Golden | None) -> None:
    assert fired(seldom.before, seldom.after, {}) == []
    assert often is None or len(fired(often.before, often.after, {})) == 1


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"type /m": {"object": 3}}, {"type /m": {"absent": 3}}, [("DR201", "")]),
        ({"type /m": {"object": 3}}, {"type /m": {"string": 3}}, [("DR211", "object>string")]),
        ({"type /m": {"object": 3}}, {"type /m": {"null": 3}}, [("DR207", "")]),
    ],
)
def test_below_a_member_that_changed_nothing_is_told(
    before: Any, after: Any, told: list[tuple[str, str]]
) -> None:
    inner = {"type /m/id": {"string": 3}, "form /m/id": {"uuid": 3}, "word /m": {"a": 9}}
    without = {"type /m/id": {"absent": 3}, "form /m/id": {"path": 3}, "word /m": {"b": 9}}
    seen = [
        observations({QUERY: {"type": {"object": 3}, "type /mine": {kind: 3}, **inside, **outer}})
        for kind, inside, outer in (("string", inner, before), ("string", without, after))
    ]
    assert fired(seen[0], seen[1], {}) == told
    neighbour = observations({QUERY: {**_as_file(seen[1]), "type /mine": {"array": 3}}})
    assert fired(seen[0], neighbour, {}) == [*told, ("DR214", "string>array")]


def _as_file(seen: Observations) -> dict[str, dict[str, int]]:
    """The traits of the only cell, as in files."""
    (cell,) = seen.cells.values()
    return {str(trait): dict(values) for trait, values in cell.traits.items()}


@pytest.mark.parametrize(
    "rule", ["DR203", "DR206", "DR210", "DR218", "DR408", "DR410", "DR109", "DR113", "DR412", "DR414"]
)
def test_what_the_mock_may_do_and_was_not_seen_is_no_difference_from_it(rule: str) -> None:
    """A mock is asked whether it ever does what is seen; a provider is held to what it did."""
    pair = GOLDEN[rule]
    witnesses = Witnesses({"documented": pair.before, "gateway": pair.before})
    assert weighed(pair.after, witnesses) == []


@pytest.mark.parametrize(("tasks", "is_told"), [(1, False), (2, False), (3, True), (30, True)])
def test_a_status_is_missed_by_tasks_and_not_by_reads(tasks: int, *, is_told: bool) -> None:
    """A task that is read thirty times is one look at whether it passes through a status."""
    words = "wan/query/ok/*"
    before = observations(
        {words: {"word /status": {"queued": 10, "succeeded": 1}}},
        lives={"wan": LifeSeen(1, Counter({"queued > succeeded": 1}), last=Counter(succeeded=1))},
    )
    now = observations(
        {words: {"word /status": {"succeeded": 30}}},
        lives={"wan": LifeSeen(tasks, Counter({"succeeded": tasks}), last=Counter(succeeded=tasks))},
    )
    found = [(one.rule, one.key) for one in differences(before, now, both_ways=True)]
    assert found == ([("DR410", "queued")] if is_told else [])


@pytest.mark.parametrize(("status", "is_told"), [("failed", False), ("unknown", False), ("paused", True)])
def test_a_documented_status_that_is_met_for_the_first_time_is_no_change(
    status: str, *, is_told: bool
) -> None:
    words = "wan/query/ok/*"
    before = observations({words: {"word /status": {"succeeded": 9}}})
    now = observations({words: {"word /status": {"succeeded": 9, status: 9}}})
    assert [one.key for one in differences(before, now, both_ways=True)] == ([status] if is_told else [])
