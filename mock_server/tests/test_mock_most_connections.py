"""Promises about how many connections there may be: one more is told so, and the others notice nothing."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from nebula_mock import Settings, create_app
from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.runner import Runner
from raw_client import Answer, all_of, answer_in, at_work, check_json_refusal, connected, ended, was_reset

BEGUN = b"GET /_mock/health HTTP/1.1\r\n"
REST = b"Host: localhost\r\n\r\n"
MIB = 1024 * 1024


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A server that takes two connections at a time."""
    limits = ConnectionLimits(most_connections=2, most_turned_away=20)
    with Runner(create_app(Settings(clock="manual")), limits=limits) as started:
        yield started


def begun(runner: Runner, count: int, held: ExitStack) -> list[socket.socket]:
    """So many connections, each with half a request."""
    connections = [held.enter_context(connected(runner.url)) for _ in range(count)]
    for connection in connections:
        connection.sendall(BEGUN)
    return connections


def check_turned_away(answer: Answer, most: int) -> None:
    """Assert that an answer is the one to a connection too many."""
    check_json_refusal(answer, 503)
    assert answer.headers["Retry-After"] == "1"
    assert answer.message.startswith(f"{most} connections are open, which is the limit")


def asked(runner: Runner) -> Answer:
    """The answer to a whole request."""
    with connected(runner.url) as connection:
        connection.sendall(BEGUN + REST)
        return answer_in(all_of(connection))


def test_as_many_as_may_be_open_can_come_at_once() -> None:
    """One that finds no place in the system's queue would try again after a second; here nobody takes any."""
    limits = ConnectionLimits(most_connections=150, most_turned_away=30)
    runner = Runner(create_app(Settings(clock="manual")), limits=limits)
    try:
        with ExitStack() as held:
            for _ in range(limits.most_connections + limits.most_turned_away):
                held.enter_context(connected(runner.url))
    finally:
        runner.stop()


def test_one_connection_too_many_is_told_and_the_others_are_answered(runner: Runner) -> None:
    with ExitStack() as held:
        connections = begun(runner, 2, held)
        check_turned_away(asked(runner), 2)
        for connection in connections:
            connection.sendall(REST)
            assert answer_in(all_of(connection)).status == 200
    assert ended(at_work())
    assert asked(runner).status == 200


def test_who_is_turned_away_need_not_ask_first(runner: Runner) -> None:
    with ExitStack() as held:
        begun(runner, 2, held)
        with connected(runner.url) as connection:
            check_turned_away(answer_in(all_of(connection)), 2)


def test_by_default_there_may_be_256() -> None:
    with ExitStack() as held, Runner(create_app(Settings(clock="manual"))) as runner:
        connections = begun(runner, 256, held)
        check_turned_away(asked(runner), 256)
        for connection in connections:
            connection.sendall(REST)
        assert {answer_in(all_of(connection)).status for connection in connections} == {200}


def test_who_sends_much_can_read_that_it_was_turned_away(runner: Runner) -> None:
    """It is more than the system's buffers take, so the server must read it."""
    with ExitStack() as held:
        begun(runner, 2, held)
        with connected(runner.url) as connection:
            connection.sendall(BEGUN + b" " * 8 * MIB)
            check_turned_away(answer_in(all_of(connection)), 2)
            connection.shutdown(socket.SHUT_WR)
            assert not was_reset(connection)


def test_many_too_many_at_once_are_all_told(runner: Runner) -> None:
    with ExitStack() as held, ThreadPoolExecutor(16) as pool:
        connections = begun(runner, 2, held)
        for answer in pool.map(lambda _: asked(runner), range(64)):
            check_turned_away(answer, 2)
        connections[0].sendall(REST)
        assert answer_in(all_of(connections[0])).status == 200


def test_who_is_turned_away_leaves_one_line_in_the_log(
    runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ExitStack() as held:
        begun(runner, 2, held)
        asked(runner)
        assert caplog.messages == ["- - 503"]


def told(runner: Runner, held: ExitStack) -> socket.socket:
    """A connection that has read that it was turned away, and stays."""
    connection = held.enter_context(connected(runner.url))
    check_turned_away(answer_in(all_of(connection)), runner._server.limits.most_connections)
    return connection


def sends_until_refused(runner: Runner, connection: socket.socket) -> None:
    """Send a byte now and then, for no longer than 10 s."""
    for _ in range(500):
        connection.sendall(b" ")
        runner._thread.join(timeout=0.02)


def test_who_is_turned_away_and_stays_is_not_kept() -> None:
    limits = ConnectionLimits(most_connections=1, turned_away_s=0.1)
    with ExitStack() as held, Runner(create_app(), limits=limits) as runner:
        begun(runner, 1, held)
        connection = told(runner, held)
        with pytest.raises(ConnectionError):
            sends_until_refused(runner, connection)


def test_no_more_are_kept_than_a_limit() -> None:
    """The oldest goes: it has had the longest time to read its answer."""
    limits = ConnectionLimits(most_connections=1, most_turned_away=2)
    with ExitStack() as held, Runner(create_app(), limits=limits) as runner:
        begun(runner, 1, held)
        oldest, *others = [told(runner, held) for _ in range(3)]
        with pytest.raises(ConnectionError):
            sends_until_refused(runner, oldest)
        for connection in others:
            connection.sendall(b" ")
            assert not was_reset(connection)


def test_a_stop_waits_for_nobody_who_was_turned_away(runner: Runner) -> None:
    with ExitStack() as held:
        begun(runner, 2, held)
        connection = told(runner, held)
        runner.stop()
        assert runner._server._turned_away._kept == {}
        with pytest.raises(ConnectionError):
            sends_until_refused(runner, connection)
