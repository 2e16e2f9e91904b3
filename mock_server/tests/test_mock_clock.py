"""Promises of the clocks: exact, never backwards, and deaf to the machine's wall clock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.clock import ClockError, ManualClock, ScaledClock

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
    clock = ScaledClock(lambda: next(machine), started_at, speed)
    assert clock.now() == started_at + elapsed * speed


@patient
@given(st.floats(0, 1e9), st.lists(st.floats(0, 1e6), min_size=2), st.floats(1e-3, 1e6))
def test_a_scaled_clock_never_falls(started_at: float, elapsed: list[float], speed: float) -> None:
    machine = readings(0, *sorted(elapsed))
    clock = ScaledClock(lambda: next(machine), started_at, speed)
    seen = [clock.now() for _ in elapsed]
    assert seen == sorted(seen)


def test_a_clock_that_no_time_passed_for_reads_its_start() -> None:
    assert ScaledClock(lambda: 77.0, 1_763_812_800.25, 1000).now() == 1_763_812_800.25


@pytest.mark.parametrize(("speed", "mode"), [(1, "real"), (1.0, "real"), (0.5, "scaled"), (60, "scaled")])
def test_only_the_pace_of_the_machine_is_real(speed: float, mode: str) -> None:
    assert ScaledClock(lambda: 0.0, 0.0, speed).mode == mode


@pytest.mark.parametrize("speed", NOT_A_SPEED)
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ClockError, match=f"found speed {speed}, expected a number above 0"):
        ScaledClock(lambda: 0.0, 0.0, speed)


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
