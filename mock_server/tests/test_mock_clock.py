"""Promises of the clocks: exact, never backwards, and deaf to the machine's wall clock."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.clock import Clock, ClockError, ManualClock

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

NOT_A_SPEED = [0.0, -0.0, -1.0, float("inf"), float("-inf"), float("nan")]
NOT_AN_ADVANCE = [-1e-9, -1.0, float("inf"), float("-inf"), float("nan")]
LAST_MOMENT = 253_402_300_799.0  # 9999-12-31T23:59:59Z, the last second that a date can be written of

wholes = st.integers(0, 2**20)


def readings(*values: float) -> Iterator[float]:
    """A machine's monotonic clock that reads ``values`` in turn."""
    return iter(values)


@patient
@given(wholes, wholes, wholes, st.integers(1, 2**10))
def test_a_scaled_clock_runs_exactly_as_fast_as_told(
    booted: int, started_at: int, elapsed: int, speed: int
) -> None:
    machine = readings(booted, booted + elapsed)
    clock = Clock(lambda: next(machine), started_at, speed)
    assert clock.now() == started_at + elapsed * speed


@patient
@given(st.floats(0, 1e9), st.lists(st.floats(0, 1e6), min_size=2), st.floats(1e-3, 1e6))
def test_a_scaled_clock_never_falls(started_at: float, elapsed: list[float], speed: float) -> None:
    machine = readings(0, *sorted(elapsed))
    clock = Clock(lambda: next(machine), started_at, speed)
    seen = [clock.now() for _ in elapsed]
    assert seen == sorted(seen)


def test_a_clock_that_no_time_passed_for_reads_its_start() -> None:
    assert Clock(lambda: 77.0, 1_763_812_800.25, 1000).now() == 1_763_812_800.25


@pytest.mark.parametrize(("speed", "mode"), [(1, "real"), (1.0, "real"), (0.5, "scaled"), (60, "scaled")])
def test_only_the_pace_of_the_machine_is_real(speed: float, mode: str) -> None:
    assert Clock(lambda: 0.0, 0.0, speed).mode == mode


@pytest.mark.parametrize("speed", NOT_A_SPEED)
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ClockError, match=f"found speed {speed}, expected a number above 0"):
        Clock(lambda: 0.0, 0.0, speed)


def test_a_manual_clock_stands_still() -> None:
    clock = ManualClock(100.5)
    assert [clock.now() for _ in range(3)] == [100.5] * 3
    assert clock.mode == "manual"


@patient
@given(st.integers(0, 2**31), st.lists(st.integers(0, 2**20)))
def test_a_manual_clock_moves_by_what_it_is_told(started_at: int, steps: list[int]) -> None:
    clock = ManualClock(started_at)
    told = [clock.advance(step) for step in steps]
    assert told == [started_at + sum(steps[: n + 1]) for n in range(len(steps))]
    assert clock.now() == started_at + sum(steps)


@pytest.mark.parametrize("seconds", NOT_AN_ADVANCE)
def test_a_refused_advance_moves_nothing(seconds: float) -> None:
    clock = ManualClock(100.0)
    with pytest.raises(ClockError, match="expected a finite number of at least 0: clocks never run back"):
        clock.advance(seconds)
    assert clock.now() == 100.0


@pytest.mark.parametrize(
    "seconds", [10**400, 1.7e308, LAST_MOMENT], ids=["no float", "1.7e308", "past year 9999"]
)
def test_an_advance_past_the_last_date_is_refused(seconds: float) -> None:
    clock = ManualClock(1_763_812_800.0)
    with pytest.raises(ClockError):
        clock.advance(seconds)
    assert clock.now() == 1_763_812_800.0


def test_no_advance_of_many_threads_is_lost() -> None:
    clock = ManualClock(0.0)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(clock.advance, [1] * 4000))
    assert clock.now() == 4000
    assert sorted(told) == list(range(1, 4001))


def waiting(clock: Clock, *moments: float) -> list[threading.Thread]:
    """A thread for each moment that ends when its wait does."""
    threads = [threading.Thread(target=clock.wait_until, args=(moment,), daemon=True) for moment in moments]
    for thread in threads:
        thread.start()
    return threads


def test_an_advance_ends_the_waits_that_it_reaches_and_no_other() -> None:
    clock = ManualClock(0.0)
    soon, late = waiting(clock, 60.0, 600.0)
    clock.advance(59.999)
    assert soon.is_alive()
    clock.advance(0.001)
    soon.join(10)
    assert (soon.is_alive(), late.is_alive()) == (False, True)
    clock.advance(10_000)
    late.join(10)
    assert not late.is_alive()


def test_a_moment_that_is_past_is_not_waited_for() -> None:
    assert ManualClock(100.0).wait_until(100.0)
    assert ManualClock(100.0).wait_until(-1.0)


def test_an_interruption_ends_the_waits_that_are_going_on_and_says_so() -> None:
    clock = ManualClock(0.0)
    told: list[bool] = []
    threads = [threading.Thread(target=lambda: told.append(clock.wait_until(1.0))) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):  # one may begin to wait after an interruption
        clock.interrupt()
    assert told == [False] * 3
    clock.advance(1)
    assert clock.wait_until(1.0)


def test_a_wait_on_a_fast_clock_takes_its_share_of_real_time() -> None:
    """A thousand seconds at a million times the speed: a millisecond."""
    clock = Clock(time.monotonic, 0.0, 1_000_000)
    assert clock.wait_until(1000.0)
    assert clock.now() >= 1000.0


def test_a_wait_goes_on_by_the_clock_whatever_mode_it_changes_to() -> None:
    clock = Clock(time.monotonic, 0.0, 1e-6)
    (thread,) = waiting(clock, 100.0)
    clock.stand_still()
    assert clock.mode == "manual"
    clock.advance(50)
    clock.run(1_000_000)
    thread.join(10)
    assert (thread.is_alive(), clock.mode) == (False, "scaled")


@patient
@given(st.lists(st.tuples(st.sampled_from(["advance", "run", "stand still"]), st.integers(0, 1000))))
def test_time_never_falls_whatever_is_done_to_it(steps: list[tuple[str, int]]) -> None:
    machine = iter(range(10**6))
    clock = Clock(lambda: float(next(machine)), 0.0)
    before = clock.now()
    for what, amount in steps:
        if what == "run":
            clock.run(amount + 1)
        elif what == "stand still":
            clock.stand_still()
        elif clock.mode == "manual":
            clock.advance(amount)
        now = clock.now()
        assert now >= before
        before = now


def test_a_clock_that_runs_by_itself_is_not_moved() -> None:
    clock = Clock(lambda: 0.0, 5.0)
    with pytest.raises(ClockError, match="runs by itself"):
        clock.advance(1)
    assert clock.now() == 5.0


@given(now=st.floats(1e9, 4e9), pause=st.floats(1e-3, 3600), count=st.integers(1, 20))
def test_steps_of_exactly_the_pauses_reach_every_moment(now: float, pause: float, count: int) -> None:
    """However a float rounds near the epoch: nobody is left waiting for less than it can tell."""
    clock = ManualClock(now)
    for number in range(1, count + 1):
        moment = now + number * pause
        clock.advance(pause)
        waited: list[bool] = []
        asker = threading.Thread(target=lambda: waited.append(clock.wait_until(moment)), daemon=True)  # noqa: B023
        asker.start()
        asker.join(5)
        assert waited == [True]
