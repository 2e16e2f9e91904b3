"""Promises of a task's life: planned at submit, the same for whoever asks, never backwards."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.clock import ManualClock
from nebula_mock.core.lifecycle import (
    TRANSITIONS,
    Failure,
    Observation,
    Plan,
    PlanError,
    Stage,
    observed,
)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

REFUSED = Failure("Blocked by the safety system")
NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z

durations = st.floats(0, 1e9) | st.integers(0, 20).map(float)
plans = st.builds(Plan, durations, durations, st.none() | st.just(REFUSED))
submits = st.floats(0, 4e9)
moments = st.lists(st.floats(-10, 3e9) | st.integers(0, 40).map(float), min_size=2).map(sorted)

RANKS = {"waiting": 0, "running": 1, "succeeded": 2, "failed": 2}


def reachable(stage: Stage) -> set[Stage]:
    """Every stage that a task in ``stage`` may be found in later, itself included."""
    return {stage}.union(*(reachable(after) for after in TRANSITIONS[stage]))


@patient
@given(plans, submits, moments)
def test_what_is_seen_does_not_depend_on_who_looked_before(
    plan: Plan, submitted_at: float, times: list[float]
) -> None:
    forwards = [observed(plan, submitted_at, submitted_at + t) for t in times]
    backwards = [observed(plan, submitted_at, submitted_at + t) for t in reversed(times)]
    assert forwards == backwards[::-1]


@patient
@given(plans, submits, moments)
def test_stages_never_go_back(plan: Plan, submitted_at: float, times: list[float]) -> None:
    ranks = [RANKS[observed(plan, submitted_at, submitted_at + t).stage] for t in times]
    assert ranks == sorted(ranks)


@patient
@given(plans, submits, moments)
def test_progress_never_falls(plan: Plan, submitted_at: float, times: list[float]) -> None:
    seen = [observed(plan, submitted_at, submitted_at + t).progress_percent for t in times]
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 100


@patient
@given(plans, submits, moments)
def test_progress_is_100_exactly_when_succeeded(plan: Plan, submitted_at: float, times: list[float]) -> None:
    for seen in (observed(plan, submitted_at, submitted_at + t) for t in times):
        assert (seen.progress_percent == 100) == (seen.stage == "succeeded")


@pytest.mark.proves("status.order")
@patient
@given(plans, submits, moments)
def test_every_move_follows_the_transition_table(plan: Plan, submitted_at: float, times: list[float]) -> None:
    """A jump of the clock may cross several transitions at once, but none that is not in the table."""
    stages = [observed(plan, submitted_at, submitted_at + t).stage for t in times]
    for before, after in pairwise(stages):
        assert after in reachable(before)


def test_every_transition_of_the_table_happens() -> None:
    moves = set()
    for plan in (Plan(1, 1), Plan(1, 1, REFUSED)):
        stages = [observed(plan, NOON, NOON + quarter / 4).stage for quarter in range(12)]
        moves |= {(before, after) for before, after in pairwise(stages) if before != after}
    assert moves == {(before, after) for before, later in TRANSITIONS.items() for after in later}


@pytest.mark.proves("status.terminal")
@patient
@given(plans, st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_terminal_task_stays_as_it_is(plan: Plan, later: float, much_later: float) -> None:
    end = observed(plan, 0.0, plan.total_s + later)
    assert end.is_terminal
    assert observed(plan, 0.0, plan.total_s + later + much_later) == end


@patient
@given(plans, submits, st.floats(1, 1e9))
def test_a_moment_before_the_submit_counts_as_the_submit(
    plan: Plan, submitted_at: float, early: float
) -> None:
    assert observed(plan, submitted_at, submitted_at - early) == observed(plan, submitted_at, submitted_at)


@patient
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_whole_seconds_are_met_exactly_at_any_hour(waiting_s: int, running_s: int) -> None:
    plan = Plan(waiting_s, running_s)
    clock = ManualClock(NOON + 0.123)
    submitted_at = clock.now()
    clock.advance(plan.total_s)
    assert observed(plan, submitted_at, clock.now()).stage == "succeeded"


@patient
@given(st.integers(0, 10**10), st.integers(0, 10**10), st.floats(0, 1))
def test_microseconds_are_met_exactly_too(waiting_us: int, running_us: int, past_noon: float) -> None:
    plan = Plan(waiting_us / 10**6, running_us / 10**6)
    clock = ManualClock(NOON + past_noon)
    submitted_at = clock.now()
    clock.advance(plan.waiting_s)
    assert observed(plan, submitted_at, clock.now()).stage != "waiting"
    clock.advance(plan.running_s)
    assert observed(plan, submitted_at, clock.now()).stage == "succeeded"


@pytest.mark.parametrize("seconds", [0.1, 2.6])
def test_a_microsecond_too_early_is_too_early(seconds: float) -> None:
    clock = ManualClock(NOON)
    clock.advance(seconds - 1e-6)
    assert observed(Plan(seconds, 0), NOON, clock.now()).stage == "waiting"


@pytest.mark.parametrize(("step_s", "steps"), [(0.1, 100), (0.01, 1000)])
def test_small_advances_add_up(step_s: float, steps: int) -> None:
    clock = ManualClock(NOON)
    for _ in range(steps):
        clock.advance(step_s)
    assert observed(Plan(step_s * steps, 0), NOON, clock.now()).stage == "succeeded"


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        (0, Observation("waiting", 0)),
        (1, Observation("waiting", 9)),
        (2, Observation("running", 20, None, NOON + 2)),
        (6, Observation("running", 59, None, NOON + 2)),
        (9, Observation("running", 89, None, NOON + 2)),
        (10, Observation("succeeded", 100, None, NOON + 2, NOON + 10)),
        (10_000, Observation("succeeded", 100, None, NOON + 2, NOON + 10)),
    ],
)
def test_the_default_plan_takes_ten_seconds(after_s: int, expected: Observation) -> None:
    """The bands are those of the provider's Sora page: queued 0 to 20, in_progress 20 to 99."""
    assert observed(Plan(), NOON, NOON + after_s) == expected


def test_a_failure_is_seen_at_the_end_and_not_before() -> None:
    plan = Plan(2, 8, REFUSED)
    seen = [observed(plan, NOON, NOON + t) for t in (9, 10)]
    assert seen == [
        Observation("running", 89, None, NOON + 2),
        Observation("failed", 99, REFUSED, NOON + 2, NOON + 10),
    ]


def test_success_and_failure_differ_only_at_the_end() -> None:
    good, bad = Plan(3, 5), replace(Plan(3, 5), failure=REFUSED)
    seen = [(observed(good, NOON, NOON + t), observed(bad, NOON, NOON + t)) for t in range(10)]
    assert [one == other for one, other in seen] == [True] * 8 + [False] * 2


@pytest.mark.parametrize("failure", [None, REFUSED])
def test_an_instant_plan_is_over_at_once(failure: Failure | None) -> None:
    assert observed(Plan(0, 0, failure), NOON, NOON).is_terminal


@patient
@given(st.floats(max_value=0, exclude_max=True) | st.sampled_from([float("inf"), float("nan")]))
def test_impossible_times_are_refused(seconds: float) -> None:
    with pytest.raises(PlanError, match=r"waiting_s: found .+, expected a finite number"):
        Plan(waiting_s=seconds)
    with pytest.raises(PlanError, match=r"running_s: found .+, expected a finite number"):
        Plan(running_s=seconds)
