"""Promises of ``MockServer`` and its runner: there at once, gone at once, and clear when it cannot be."""

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

import nebula_mock
from nebula_mock import MockServer, Plan, create_app
from nebula_mock.core.clock import ClockError
from nebula_mock.runner import BindError, Runner
from nebula_mock.settings import SettingsError

SORA = {"model": "sora-2", "prompt": "A cat"}
HEALTH = b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n"

EVERYWHERE = "0.0.0.0"  # noqa: S104 - refused


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A server whose clock stands still."""
    with MockServer(clock="manual") as started:
        yield started


def connected(url: str) -> socket.socket:
    """A connection to a server."""
    host, port = re.fullmatch(r"http://\[?([^\]]+)\]?:([0-9]+)", url).groups()  # type: ignore[union-attr]
    return socket.create_connection((host, int(port)), timeout=10)


def status(url: str, path: str = "/_mock/health") -> int:
    """The status of the answer to a GET."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def submitted(mock: MockServer) -> str:
    """The id of a new task."""
    connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/video/generations", json.dumps(SORA), headers)
        task_id: str = json.loads(connection.getresponse().read())["task_id"]
        return task_id
    finally:
        connection.close()


def refuses(url: str) -> bool:
    """Whether nothing listens there any more."""
    try:
        connected(url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_answers_inside_the_block_and_not_after() -> None:
    with MockServer() as mock:
        url = mock.url
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]{2,5}", url)
        assert status(url) == 200
    assert refuses(url)


def test_it_stops_when_the_block_fails() -> None:
    urls = []

    def fail() -> None:
        with MockServer() as mock:
            urls.append(mock.url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert refuses(*urls)


def test_stopping_twice_or_before_the_start_does_nothing() -> None:
    mock = MockServer()
    mock.stop()
    mock.start()
    url = mock.url
    mock.stop()
    mock.stop()
    assert refuses(url)


NOT_STARTED = "The mock is not started; use it in a with block, or call start() first."


def test_there_is_no_url_before_the_start_nor_after_the_stop() -> None:
    mock = MockServer()
    for act in (lambda: None, mock.start, mock.stop):
        act()
        if act == mock.start:
            assert status(mock.url) == 200
            continue
        with pytest.raises(RuntimeError) as refused:
            _ = mock.url
        assert str(refused.value) == NOT_STARTED


def test_it_can_start_again_and_still_knows_its_tasks(mock: MockServer) -> None:
    task_id = submitted(mock)
    mock.stop()
    mock.start()
    assert [task.task_id for task in mock.tasks] == [task_id]
    assert status(mock.url) == 200


def test_what_was_started_twice_is_gone_after_a_stop() -> None:
    """Refusing the second start would keep the promise too."""
    mock = MockServer().start()
    first, runner = mock.url, mock._runner
    with suppress(RuntimeError):
        mock.start()
    mock.stop()
    try:
        assert refuses(first)
    finally:
        if runner is not None:
            runner.stop()


def test_two_servers_are_two_worlds(mock: MockServer) -> None:
    task_id = submitted(mock)
    with MockServer(clock="manual") as other:
        assert other.url != mock.url
        other.advance(100)
        assert (other.tasks, [task.task_id for task in mock.tasks]) == ((), [task_id])
        assert mock.clock.now() < other.clock.now() - 50


def test_tasks_are_those_of_every_account_oldest_first(mock: MockServer) -> None:
    ids = [submitted(mock) for _ in range(5)]
    assert [task.task_id for task in mock.tasks] == ids


def test_an_advance_moves_the_clock(mock: MockServer) -> None:
    before = mock.clock.now()
    mock.advance(7)
    assert mock.clock.now() == before + 7


@pytest.mark.parametrize(("settings", "mode"), [({}, "real"), ({"speed": 10}, "scaled")])
def test_only_a_manual_clock_can_be_advanced(settings: dict[str, Any], mode: str) -> None:
    with pytest.raises(RuntimeError) as refused:
        MockServer(**settings).advance(1)
    assert str(refused.value) == f'The clock is {mode}; start the mock with clock="manual" to advance it.'


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_an_impossible_advance_is_refused(seconds: float) -> None:
    with pytest.raises(ClockError, match="clocks never run back"):
        MockServer(clock="manual").advance(seconds)


def test_settings_are_refused_before_anything_listens() -> None:
    with pytest.raises(SettingsError, match="speed: found 0"):
        MockServer(speed=0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'sped'"):
        MockServer(sped=1)


def test_a_port_in_use_is_told_with_what_to_do(mock: MockServer) -> None:
    port = int(mock.url.rpartition(":")[2])
    with pytest.raises(BindError) as refused:
        MockServer(port=port).start()
    advice = "Choose another with --port, or --port 0 for any free one."
    assert str(refused.value) == f"Cannot listen on 127.0.0.1 port {port}: Address already in use. {advice}"


@pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70_000)])
def test_an_impossible_address_is_told(host: str, port: int) -> None:
    """203.0.113.1 is an address for documents (RFC 5737), which no machine has."""
    with pytest.raises(BindError, match=f"^Cannot listen on {host} port {port}: .+ Choose another"):
        MockServer(host=host, port=port, admin_token="s3cret").start()


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("no such host", "expected an IP address"),
        (EVERYWHERE, "lets other machines in"),
        ("::", "lets other"),
    ],
)
def test_a_door_to_other_machines_is_not_left_open(host: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"^host: .*{reason}"):
        MockServer(host=host)


def test_the_port_is_free_again_at_once() -> None:
    with MockServer() as first:
        port = int(first.url.rpartition(":")[2])
        assert status(first.url) == 200
    with MockServer(port=port) as second:
        assert (second.url, status(second.url)) == (f"http://127.0.0.1:{port}", 200)


def test_it_answers_to_the_address_it_was_given() -> None:
    with MockServer(host="127.0.0.2") as mock:
        assert status(mock.url) == 200


def test_it_answers_on_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with MockServer(host="::1") as mock:
        assert mock.url.startswith("http://[::1]:")
        assert status(mock.url) == 200


def test_nobody_is_answered_after_the_stop(mock: MockServer) -> None:
    answer = b""
    with connected(mock.url) as early, suppress(ConnectionError):
        assert status(mock.url) == 200, "by now the early connection was taken too"
        mock.stop()
        early.sendall(HEALTH)
        answer = early.recv(1)
    assert answer == b""


def test_a_stop_waits_for_no_connection(mock: MockServer) -> None:
    """The connection stays open and silent; if the stop waited for it, this would never end."""
    with connected(mock.url):
        assert status(mock.url) == 200
        mock.stop()


def test_a_connection_that_ended_is_forgotten(mock: MockServer) -> None:
    """A server that runs for days must not collect them."""
    before = set(threading.enumerate())
    assert [status(mock.url) for _ in range(5)] == [200] * 5
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)
    assert mock._runner is not None
    assert mock._runner._server.open == set()


def test_its_own_thread_ends_with_it() -> None:
    before = set(threading.enumerate())
    with MockServer():
        started = set(threading.enumerate()) - before
        assert [thread.name for thread in started] == ["nebula-mock"]
    assert not [thread for thread in started if thread.is_alive()]


def test_a_runner_answers_only_once_it_is_started() -> None:
    """Until then the connection waits in the queue, so nobody is refused in the meantime."""
    runner = Runner(create_app())
    with connected(runner.url) as early:
        early.sendall(HEALTH)
        with runner:
            runner.wait_until_it_answers()
            assert early.recv(12) == b"HTTP/1.1 200"


def test_a_runner_that_was_never_started_gives_its_port_back() -> None:
    runner = Runner(create_app())
    runner.stop()
    assert refuses(runner.url)


def test_plans_and_sizes_reach_the_provider() -> None:
    with MockServer(clock="manual", plan=Plan(1, 1), video_size_bytes=123_456) as mock:
        submitted(mock)
        (task,) = mock.tasks
        assert (task.plan, mock.settings.video_size_bytes) == (Plan(1, 1), 123_456)


def test_every_public_name_is_there_and_no_other() -> None:
    assert nebula_mock.__all__ == sorted(nebula_mock.__all__)
    for name in nebula_mock.__all__:
        assert getattr(nebula_mock, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'nebula_mock' has no attribute 'MockServr'"):
        _ = nebula_mock.MockServr
