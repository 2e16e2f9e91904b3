"""Promises of a reset of clocks: the time of the start again, for everyone or for one account, and nobody hangs."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nebula_mock import MockServer
from nebula_mock.core.account import account_of
from nebula_mock.core.clock import Clock, ManualClock
from nebula_mock.core.clocks import Clocks
from raw_client import all_and_end

NOON = 1_763_812_800.0
GENERATIONS = "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat"}


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A server whose clock stands still."""
    with MockServer(clock="manual") as started:
        yield started


def ruled(operation: str, **effect: Any) -> dict[str, Any]:
    """A scenario with one rule for that operation."""
    return {"description": "Rule.", "rules": [{"name": "rule", "match": {"operation": operation}, **effect}]}


def sent(mock: MockServer, path: str) -> socket.socket:
    """A connection on which a request was sent."""
    host, port = mock.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-own\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def test_the_clock_is_as_it_was_started(mock: MockServer) -> None:
    started_at = mock.clock.now()
    mock.advance(3600)
    mock.clock.run(60)
    assert mock.reset("clock") == {"clock": {"mode": "manual", "now": started_at, "speed": None}}
    assert (mock.clock.mode, mock.clock.now()) == ("manual", started_at)


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_a_clock_that_runs_reads_what_it_would_have_read(speed: float) -> None:
    machine = [0.0]
    clock = Clock(lambda: machine[0], NOON, speed)
    machine[0] = 1.0
    clock.stand_still()
    clock.advance(10_000)
    machine[0] = 2.0
    clock.restart()
    assert (clock.now(), clock.speed) == (NOON + 2 * speed, speed)


def test_an_account_loses_its_own_clock_also_where_time_falls_by_it(mock: MockServer) -> None:
    started_at = mock.clock.now()
    own, other = mock.account("sk-own"), mock.account("sk-other")
    own.advance(60)
    other.advance(60)
    own.reset("clock")
    clocks = mock._provider.clocks
    assert [clocks.has_own(account_of(key)) for key in ("sk-own", "sk-other")] == [False, True]
    mock.reset("clock")
    assert mock._provider.now(account_of("sk-other")) == started_at


def test_a_limit_on_requests_does_not_wait_for_a_time_that_a_reset_took_away(mock: MockServer) -> None:
    mock.use("rate-limited")
    mock.advance(100_000)

    def status() -> bytes:
        with sent(mock, f"{GENERATIONS}/video_1") as connection:
            return all_and_end(connection)[0][9:12]

    while status() == b"404":
        pass
    mock.reset("clock")
    assert status() == b"404"


def test_what_was_counted_stays_where_the_clock_alone_is_reset(mock: MockServer) -> None:
    mock.use(ruled("query", times=1, fault={"fault": "problem", "id": "internal"}))
    with sent(mock, f"{GENERATIONS}/video_1") as connection:
        all_and_end(connection)
    mock.reset("clock")
    assert mock.scenario.fired() == {"rule": 1}


@pytest.mark.parametrize("of", ["server", "account"])
def test_who_counted_a_moment_before_a_reset_does_not_wait_for_it_after(of: str) -> None:
    clocks = Clocks(ManualClock(NOON))
    clock = clocks.shared if of == "server" else clocks.give("a")
    since = clock.interruptions
    clocks.start_over(None if of == "server" else "a")
    told: list[bool] = []
    thread = threading.Thread(target=lambda: told.append(clock.wait_until(NOON + 60, since)))
    thread.start()
    thread.join(10)
    assert told == [False]


def test_nobody_waits_on_a_clock_that_an_account_no_longer_has() -> None:
    for gone in (Clocks.start_over, Clocks.take_back):
        clocks = Clocks(ManualClock(NOON))
        own = clocks.give("a")
        gone(clocks, "a")
        assert not own.wait_until(NOON + 60)
        assert clocks.of("a") is clocks.shared


resets: list[Callable[[MockServer], object]] = [
    lambda mock: mock.reset("clock"),
    lambda mock: mock.reset(),
    lambda mock: mock.account("sk-own").reset("clock"),
]


@pytest.mark.parametrize("reset", resets)
def test_a_late_answer_is_given_at_once_when_its_clock_is_put_back(
    mock: MockServer, reset: Callable[[MockServer], object]
) -> None:
    mock.use(ruled("query", delay=600))
    play = mock.account("sk-own").scenario
    mock.account("sk-own").advance(1000)
    with sent(mock, f"{GENERATIONS}/video_1") as connection:
        while not play.fired()["rule"]:
            pass
        reset(mock)
        answer, end = all_and_end(connection)
    assert (answer[9:12], end) == (b"404", "FIN")


@pytest.mark.parametrize("reset", resets)
def test_a_slow_answer_breaks_off_when_its_clock_is_put_back(
    mock: MockServer, reset: Callable[[MockServer], object]
) -> None:
    mock.use(ruled("download", fault={"fault": "drip", "bytes_per_s": 100}))
    account = mock.account("sk-own")
    assert account.clock is not mock.clock
    task_id = mock._provider.submit(account_of("sk-own"), SORA).task_id
    account.advance(10)
    with sent(mock, f"{GENERATIONS}/download?id={task_id}") as connection:
        head = connection.recv(100)
        reset(mock)
        rest, _ = all_and_end(connection)
    assert head.startswith(b"HTTP/1.1 200")
    assert len(head) + len(rest) < 5000
