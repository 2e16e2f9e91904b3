"""Promises of times, outcomes and progress: within their bounds, and the same for the same key whoever asks when."""

import statistics
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nebula_mock import Failure, ManualClock, Plan, Settings
from nebula_mock.core.draws import Draw, Draws
from nebula_mock.core.lifecycle import TRANSITIONS, Observation, PlanError, Polls, observed
from nebula_mock.core.outcomes import Outcome, Outcomes, OutcomesError
from nebula_mock.core.polls import PollCounts
from nebula_mock.core.progress import Curve
from nebula_mock.core.timing import Duration, Fixed, Lognormal, TimingError, Uniform
from nebula_mock.scenario_reading import scenario_from

SORA = {"model": "sora-2", "prompt": "A cat"}
REFUSED, BROKEN = Failure("refused"), Failure("broken")
NOON = 1_763_812_800.0

seconds = st.floats(0, 86_400)
bounds = st.tuples(seconds, seconds).map(sorted)
draws = st.binary(min_size=64, max_size=64).map(Draw)
durations = st.one_of(
    st.builds(Fixed, seconds),
    bounds.map(lambda pair: Uniform(*pair)),
    st.builds(
        lambda median, sigma, pair: Lognormal(median, sigma, *pair),
        st.floats(1e-3, 86_400),
        st.floats(0, 5),
        bounds,
    ),
)
curves = st.one_of(
    st.sampled_from([Curve("linear"), Curve("ease")]),
    st.builds(lambda at: Curve("stalls", at_percent=at), st.integers(20, 99)),
    st.builds(lambda steps: Curve("steps", steps=steps), st.integers(1, 100)),
)
plans = st.builds(
    Plan,
    waiting_s=st.floats(0, 1e6),
    running_s=st.floats(0, 1e6),
    failure=st.none() | st.just(REFUSED),
    is_endless=st.booleans(),
    polls=st.none() | st.builds(Polls, st.integers(0, 9), st.integers(0, 9)),
    curve=curves,
)


def limits_of(duration: Duration) -> tuple[float, float]:
    """The least and the most that may come of it."""
    if isinstance(duration, Fixed):
        return duration.seconds, duration.seconds
    assert isinstance(duration, Uniform | Lognormal)
    return duration.min_s, duration.max_s


@given(durations, draws)
def test_a_drawn_time_is_within_its_bounds_and_the_same_each_time(duration: Duration, draw: Draw) -> None:
    least, most = limits_of(duration)
    assert least <= duration.drawn(draw) <= most
    assert duration.drawn(draw) == duration.drawn(draw)


@given(draws)
def test_a_unit_is_below_one_and_a_normal_is_finite(draw: Draw) -> None:
    assert 0 <= draw.unit() < 1
    assert -10 < draw.normal() < 10


@pytest.mark.parametrize("digest", [b"\0" * 64, b"\xff" * 64])
def test_the_outermost_draws_are_numbers_too(digest: bytes) -> None:
    draw = Draw(digest)
    assert 0 <= draw.unit() < 1
    assert abs(draw.normal()) < 10


def test_drawn_times_are_distributed_as_their_name_says() -> None:
    drawn = [Draws(b"seed").draw("a", "submit", number, "t") for number in range(4000)]
    uniform = [Uniform(10, 20).drawn(draw) for draw in drawn]
    lognormal = [Lognormal(60, 0.5, 0, 86_400).drawn(draw) for draw in drawn]
    assert statistics.mean(uniform) == pytest.approx(15, abs=0.2)
    assert statistics.median(lognormal) == pytest.approx(60, rel=0.05)
    assert sum(one > 60 * 1.6487 for one in lognormal) / 4000 == pytest.approx(0.159, abs=0.02)


def test_crossed_bounds_are_refused() -> None:
    for make in (lambda: Uniform(5, 1), lambda: Lognormal(2, 1, 5, 1)):
        with pytest.raises(TimingError, match=r"found 5 s as the least and 1 s as the most"):
            make()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any), draws)
def test_an_outcome_of_weight_0_is_never_drawn(weights: list[int], draw: Draw) -> None:
    outcomes = Outcomes(tuple(Outcome(weight, Failure(str(weight))) for weight in weights))
    failure = outcomes.drawn(draw)
    assert failure is not None
    assert failure.message != "0"
    assert failure == outcomes.drawn(draw)


def test_outcomes_are_as_frequent_as_their_weights_say() -> None:
    outcomes = Outcomes((Outcome(8), Outcome(1, REFUSED), Outcome(1, BROKEN), Outcome(0, Failure("never"))))
    drawn = [outcomes.drawn(Draws(b"seed").draw("a", "submit", n, "outcome")) for n in range(5000)]
    shares = {failure: count / 5000 for failure, count in Counter(drawn).items()}
    assert shares == {
        None: pytest.approx(0.8, abs=0.02),
        REFUSED: pytest.approx(0.1, abs=0.02),
        BROKEN: pytest.approx(0.1, abs=0.02),
    }


def test_weights_that_leave_nothing_to_draw_are_refused() -> None:
    with pytest.raises(OutcomesError, match="expected at least one above 0"):
        Outcomes((Outcome(0), Outcome(0, REFUSED)))


@given(plans, st.lists(st.tuples(st.floats(0, 3e6), st.integers(0, 5)), min_size=2))
def test_a_task_never_goes_back_whatever_its_plan(plan: Plan, steps: list[tuple[float, int]]) -> None:
    """Time and queries only grow; stages and progress then never fall, and 100 percent is success."""
    now, polls, seen = NOON, 0, list[Observation]()
    for seconds_passed, queries in steps:
        now, polls = now + seconds_passed, polls + queries
        seen.append(observed(plan, NOON, now, polls))
    ranks = {"waiting": 0, "running": 1, "succeeded": 2, "failed": 2}
    for before, after in pairwise(seen):
        assert ranks[before.stage] <= ranks[after.stage]
        assert before.progress_percent <= after.progress_percent
        assert TRANSITIONS[before.stage] or before == after
    assert all((one.progress_percent == 100) == (one.stage == "succeeded") for one in seen)


@given(plans.filter(lambda plan: plan.is_endless), st.floats(0, 1e12), st.integers(0, 10**6))
def test_an_endless_task_never_ends(plan: Plan, later: float, polls: int) -> None:
    assert not observed(plan, NOON, NOON + later, polls).is_terminal


@given(curves, st.floats(0, 1), st.floats(0, 1))
def test_a_curve_never_falls(curve: Curve, one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert 0 <= curve.share(early) <= curve.share(late) <= 1
    assert (curve.share(0), curve.share(1)) == (0, 1)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (Curve(), [20, 39, 59, 79, 89]),
        (Curve("ease"), [20, 32, 59, 86, 95]),
        (Curve("stalls", at_percent=50), [20, 39, 50, 50, 50]),
        (Curve("steps", steps=2), [20, 20, 59, 59, 59]),
    ],
)
def test_progress_follows_its_curve(curve: Curve, expected: list[int]) -> None:
    plan = Plan(0, 8, curve=curve)
    assert [observed(plan, NOON, NOON + t).progress_percent for t in (0, 2, 4, 6, 7)] == expected


def test_polls_below_0_are_refused() -> None:
    with pytest.raises(PlanError, match="polls: found -1 and 2"):
        Polls(-1, 2)


BY_POLLS = scenario_from(
    {"description": "x", "lifecycle": {"default": {"timing": "by-polls", "waiting": 2, "running": 3}}}, "x"
)


class TaskByPolls(RuleBasedStateMachine):
    """A task by polls, queried and left alone in any order: only queries move it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(NOON)
        self.provider = Settings(seed=1).provider(self.clock)
        self.task = self.provider.submit("a", SORA, asked=BY_POLLS)
        self.queries = 0

    @rule()
    def query(self) -> None:
        self.queries += 1
        seen = self.provider.query("a", self.task.task_id).observation
        assert seen is not None
        expected = "waiting" if self.queries <= 2 else "running" if self.queries <= 5 else "succeeded"
        assert seen.stage == expected

    @rule(hours=st.floats(0, 0.2))
    def wait(self, hours: float) -> None:
        self.clock.advance(hours * 3600)

    @invariant()
    def the_bill_says_what_the_last_query_said(self) -> None:
        assert self.provider.bill("a").charged == (1 if self.queries > 5 else 0)


TestTaskByPolls = TaskByPolls.TestCase


def test_no_two_queries_at_once_are_the_same_one() -> None:
    provider = Settings(seed=1).provider(ManualClock(NOON))
    task = provider.submit("a", SORA, asked=BY_POLLS)
    counts = PollCounts()
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: counts.counted(task), range(400)))
    assert sorted(numbers) == list(range(1, 401))


DRAWN = {
    "description": "x",
    "lifecycle": {
        "default": {"timing": "uniform", "waiting_s": [1, 100], "running_s": [1, 100]},
        "families": {
            "veo": {
                "timing": "lognormal",
                "waiting": {"median_s": 9, "sigma": 1},
                "running": {"median_s": 9, "sigma": 1},
            }
        },
    },
    "outcomes": [{"outcome": "succeeded"}, {"outcome": "failed", "failure": "timeout"}],
}


def test_thirty_two_consumers_at_once_get_the_same_plans_in_every_run() -> None:
    """Each account's plans are those of its submits in their order, however the accounts interleave."""

    def run(workers: int) -> list[tuple[str, list[Plan]]]:
        provider = Settings(seed=7, scenario=DRAWN).provider(ManualClock(NOON))
        accounts = [f"account-{number}" for number in range(32)]

        def submits(account: str) -> list[Plan]:
            model = "sora-2" if account.endswith("2") else "veo-3.1-fast-generate-preview"
            return [provider.submit(account, {"model": model, "prompt": "A cat"}).plan for _ in range(8)]

        with ThreadPoolExecutor(workers) as pool:
            return list(zip(accounts, pool.map(submits, accounts), strict=True))

    one_by_one, at_once = run(1), run(32)
    assert one_by_one == at_once
    plans = [plan for _, each in at_once for plan in each]
    assert len({plan.waiting_s for plan in plans}) == len(plans)


def test_many_consumers_of_one_account_get_the_same_plans_too() -> None:
    def run(workers: int) -> list[tuple[str, Plan]]:
        provider = Settings(seed=7, scenario=DRAWN).provider(ManualClock(NOON))
        with ThreadPoolExecutor(workers) as pool:
            tasks = list(pool.map(lambda _: provider.submit("a", SORA), range(64)))
        return sorted(((task.task_id, task.plan) for task in tasks), key=lambda pair: pair[0])

    assert run(1) == run(32)


def test_another_seed_gives_other_plans() -> None:
    plans = [Settings(seed=seed, scenario=DRAWN).provider().submit("a", SORA).plan for seed in (1, 2)]
    assert plans[0] != plans[1]
