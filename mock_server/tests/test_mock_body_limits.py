"""Promises about bodies that come slowly, late, too long or never: each is waited for, and none without end."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nebula_mock import Settings, create_app
from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.runner import Runner
from raw_client import (
    Answer,
    all_of,
    answer_in,
    asked,
    at_work,
    check_json_refusal,
    connected,
    dripped,
    ended,
    was_reset,
)

HEAD = b"POST /v1/video/generations HTTP/1.1\r\nHost: localhost\r\n"
KEY = b"Authorization: Bearer sk-test\r\nContent-Type: application/json\r\n"
SORA = b'{"model":"sora-2","prompt":"A cat"}'
SIZED = b"Content-Length: %d\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1024 * 1024
ENDLESS = SIZED % 10**15


@contextmanager
def serving(limits: ConnectionLimits) -> Iterator[str]:
    """The address of a server with those limits."""
    with Runner(create_app(Settings(clock="manual")), limits=limits) as runner:
        yield runner.url


def is_alive(url: str) -> bool:
    """Whether the next submit is answered as ever."""
    return asked(url, HEAD + KEY + SIZED % len(SORA) + SORA).status == 200


def check_broken_off(answer: Answer) -> None:
    """Assert that an answer is the one to a body that breaks off."""
    check_json_refusal(answer, 400)
    assert json.loads(answer.body)["error"]["code"] == "invalid_json"
    assert "the body breaks off" in answer.message


@pytest.mark.parametrize(
    "begun",
    [
        SIZED % len(SORA),
        SIZED % len(SORA) + SORA[:-1],
        CHUNKED,
        CHUNKED + b"5",
        CHUNKED + b"5\r\n{",
        CHUNKED + b"%x\r\n%b\r\n" % (len(SORA), SORA),
    ],
    ids=["nothing", "most", "no chunk", "half a size", "half a chunk", "no last chunk"],
)
def test_a_body_that_stops_coming_is_one_that_breaks_off(begun: bytes) -> None:
    """The client keeps its side open: for all the server knows, the rest may be on its way."""
    with serving(ConnectionLimits(body_idle_s=0.1)) as url:
        check_broken_off(asked(url, HEAD + KEY + begun))
        assert is_alive(url)


def test_who_waits_for_an_interim_answer_gets_it_and_then_the_limit() -> None:
    with serving(ConnectionLimits(body_idle_s=0.1)) as url, connected(url) as connection:
        connection.sendall(HEAD + KEY + b"Expect: 100-continue\r\n" + SIZED % len(SORA))
        raw = all_of(connection)
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")
    check_broken_off(answer_in(raw))


def test_a_body_that_comes_slowly_but_comes_is_taken() -> None:
    """It takes longer than the limits of head and idleness, which no byte of it does."""
    limits = ConnectionLimits(head_s=0.8, body_idle_s=0.8)
    with serving(limits) as url, connected(url) as connection:
        connection.sendall(HEAD + KEY + SIZED % len(SORA))
        first = dripped(connection, SORA, every_s=0.03)
        assert answer_in(first + all_of(connection)).status == 200


def refused(connection: socket.socket, framed: bytes) -> list[threading.Thread]:
    """The server's thread, if it still has one, after a refusal that came before the body did."""
    connection.sendall(HEAD + framed)
    check_json_refusal(answer_in(all_of(connection)), 401)
    return at_work()


def test_an_announced_body_is_drained_after_its_refusal() -> None:
    """Who reads the answer first and sends the rest then is not reset, nor waited for any longer than that."""
    with serving(ConnectionLimits()) as url, connected(url) as connection:
        threads = refused(connection, SIZED % (4 * MIB))
        for _ in range(4):
            connection.sendall(b" " * MIB)
        assert ended(threads)
        assert not was_reset(connection)


def test_a_body_in_chunks_is_drained_to_its_last_chunk() -> None:
    with serving(ConnectionLimits()) as url, connected(url) as connection:
        threads = refused(connection, CHUNKED)
        for _ in range(4):
            connection.sendall(b"%x\r\n%b\r\n" % (MIB, b" " * MIB))
        connection.sendall(b"0\r\n\r\n")
        assert ended(threads)
        assert not was_reset(connection)


def test_what_is_no_chunk_is_drained_until_the_client_leaves() -> None:
    with serving(ConnectionLimits()) as url, connected(url) as connection:
        threads = refused(connection, CHUNKED + b"no chunk\r\n")
        for _ in range(4):
            connection.sendall(b" " * MIB)
        connection.shutdown(socket.SHUT_WR)
        assert ended(threads)
        assert not was_reset(connection)


@pytest.mark.parametrize("framed", [ENDLESS, CHUNKED, CHUNKED + b"5\r\n"])
def test_a_refused_upload_that_stops_holds_nobody(framed: bytes) -> None:
    with serving(ConnectionLimits(body_idle_s=0.1)) as url, connected(url) as connection:
        assert ended(refused(connection, framed))


def test_a_refused_upload_without_end_is_drained_to_a_size() -> None:
    with serving(ConnectionLimits(drain_bytes=4 * MIB)) as url, connected(url) as connection:
        threads = refused(connection, ENDLESS)
        with pytest.raises(ConnectionError):
            connection.sendall(b" " * 256 * MIB)
        assert ended(threads)
        assert is_alive(url)


@pytest.mark.parametrize("framed", [ENDLESS, CHUNKED + b"no chunk\r\n"])
def test_a_refused_upload_that_drips_is_drained_for_a_time(framed: bytes) -> None:
    """No byte of it is late."""
    with serving(ConnectionLimits(drain_s=0.3)) as url, connected(url) as connection:
        threads = refused(connection, framed)
        for thread in threads:
            for _ in range(500):
                connection.sendall(b" ")
                thread.join(timeout=0.02)
                if not thread.is_alive():
                    break
            assert not thread.is_alive()
        assert is_alive(url)


def test_a_second_request_is_dropped_without_a_reset() -> None:
    with serving(ConnectionLimits()) as url, connected(url) as connection:
        connection.sendall((HEAD + KEY + SIZED % len(SORA) + SORA) * 200)
        raw = all_of(connection)
        assert ended(at_work())
        assert not was_reset(connection)
    assert raw.count(b"HTTP/1.1 ") == 1
    assert answer_in(raw).status == 200
