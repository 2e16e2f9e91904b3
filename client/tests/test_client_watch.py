"""Promises of the watch on a request: whether it was sent, when its time is over, when it is too slow."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import Limits, Timeouts
from nebula_client.watch import Watch, WatchedSocket, current_watch, watching


class Clock:
    """Time that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at an odd moment."""
    return Clock()


@pytest.fixture
def pair() -> Iterator[tuple[WatchedSocket, socket.socket]]:
    """A watched connection and its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield WatchedSocket(ours), theirs


def test_the_next_piece_may_take_its_own_time_but_not_more_than_is_left(clock: Clock) -> None:
    watch = Watch(clock, read_s=30, total_s=40)
    assert watch.patience_s() == 30
    clock.now += 25
    assert watch.patience_s() == 15
    clock.now += 15
    with pytest.raises(TimeoutError):
        watch.patience_s()
    assert watch.verdict == "it took longer than 40 s in all"


@pytest.mark.parametrize(
    ("later_s", "verdict"), [(0, "nothing came in time, for 30 s"), (40, "it took longer than 40 s in all")]
)
def test_what_ended_the_waiting_is_told(clock: Clock, later_s: float, verdict: str) -> None:
    watch = Watch(clock, read_s=30, total_s=40)
    clock.now += later_s
    with pytest.raises(TimeoutError):
        watch.nothing_came()
    assert watch.verdict == verdict


def test_a_drip_is_too_slow_after_one_window(clock: Clock) -> None:
    watch = Watch(clock, read_s=60, total_s=3600, least_rate=1024, rate_window_s=30)

    def drip() -> None:
        for _ in range(100):
            watch.came(1)
            clock.now += 1

    with pytest.raises(TimeoutError):
        drip()
    assert watch.verdict == "it sent 31 bytes in 30 s"


@given(st.lists(st.tuples(st.floats(0.1, 29), st.integers(1, 10**6)), max_size=60))
def test_a_transfer_at_its_least_rate_is_left_alone(pieces: list[tuple[float, int]]) -> None:
    clock = Clock()
    watch = Watch(clock, read_s=60, total_s=10**6, least_rate=1, rate_window_s=30)
    watch.came(10**9)
    for pause_s, more in pieces:
        clock.now += pause_s
        watch.came(int(pause_s * 60) + 60 + more)


def test_waiting_for_the_first_byte_is_not_slow(clock: Clock) -> None:
    """The provider fetches a video from its upstream before it sends the first byte."""
    watch = Watch(clock, read_s=600, total_s=3600, least_rate=1024)
    clock.now += 500
    watch.came(1)


def test_a_request_is_sent_from_its_first_byte_on(
    clock: Clock, pair: tuple[WatchedSocket, socket.socket]
) -> None:
    ours, theirs = pair
    watch = Watch(clock, read_s=1, total_s=1)
    with watching(watch):
        assert not watch.sent
        ours.sendall(b"GET")
        assert watch.sent
    assert current_watch() is None
    assert theirs.recv(3) == b"GET"


def test_what_comes_beyond_the_end_makes_the_connection_unfit(
    clock: Clock, pair: tuple[WatchedSocket, socket.socket]
) -> None:
    ours, theirs = pair
    watch = Watch(clock, read_s=1, total_s=1)
    theirs.sendall(b"answer and more")
    with watching(watch):
        file = ours.makefile("rb")
    assert file.read(6) == b"answer"
    file.close()
    assert watch.excess_bytes == 9
    assert theirs.recv(1) == b""


def test_only_a_connection_that_served_before_can_be_stale(
    clock: Clock, pair: tuple[WatchedSocket, socket.socket]
) -> None:
    ours, theirs = pair
    staleness = []
    for _ in range(2):
        watch = Watch(clock, read_s=1, total_s=1)
        with watching(watch):
            ours.sendall(b"a")
            staleness.append(watch.was_stale)
            theirs.sendall(b"b")
            with ours.makefile("rb") as file:
                file.read(1)
        staleness.append(watch.was_stale)
    assert staleness == [False, False, True, False]


@pytest.mark.parametrize("name", Timeouts.__slots__)
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 0])
def test_a_time_that_cannot_be_is_refused(name: str, value: float) -> None:
    if (name, value) == ("least_rate", 0):
        assert Timeouts(least_rate=0).least_rate == 0
        return
    with pytest.raises(ValueError, match=f"{name}: found {value}, expected"):
        Timeouts(**{name: value})


def test_limits_are_bytes() -> None:
    assert Limits().download_bytes == 1024 * 1024 * 1024
