"""Promises about the head of a request: what is too long, too much or too slow is refused, and nothing else."""

import logging
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock import Settings, create_app
from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.runner import Runner
from raw_client import (
    all_of,
    answer_in,
    asked,
    at_work,
    check_json_refusal,
    connected,
    dripped,
    ended,
)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

HEALTH = b"GET /_mock/health HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
SHORT = ConnectionLimits(head_s=0.2)
SMALL = ConnectionLimits(request_line_bytes=100, headers_bytes=200, most_headers=5)
KIB = 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s: close() then sends a reset
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)).replace(b"\n", b"")


@contextmanager
def serving(limits: ConnectionLimits) -> Iterator[str]:
    """The address of a server with those limits."""
    with Runner(create_app(Settings(clock="manual")), limits=limits) as runner:
        yield runner.url


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """The address of a server that takes short heads only."""
    with serving(SMALL) as url:
        yield url


@pytest.fixture(scope="module")
def usual() -> Iterator[str]:
    """The address of a server as everyone gets it."""
    with serving(ConnectionLimits()) as url:
        yield url


@pytest.mark.parametrize("begun", [b"", HEALTH, HEALTH + HOST], ids=["nothing", "line", "headers"])
def test_a_head_that_drips_is_given_up_at_its_deadline(begun: bytes) -> None:
    """A byte comes every 0.02 s, far inside any timeout of a single read."""
    with serving(SHORT) as url, connected(url) as connection:
        connection.sendall(begun)
        answer = answer_in(dripped(connection, b"X" * 500) + all_of(connection))
        check_json_refusal(answer, 408)
        assert answer.message == "The head of the request did not arrive within 0.2 s"
        assert asked(url, HEALTH + HOST + b"\r\n").status == 200


def test_who_says_nothing_is_answered_at_the_deadline_too() -> None:
    with serving(SHORT) as url:
        check_json_refusal(asked(url), 408)


def request_line(size: int) -> bytes:
    """A request line of that many bytes, without its end."""
    return b"GET /" + b"a" * (size - 14) + b" HTTP/1.1"


@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("most", [100, 8 * KIB])
def test_a_request_line_is_read_to_its_limit_and_not_beyond(
    small: str, usual: str, most: int, end: bytes
) -> None:
    url = small if most == 100 else usual
    rest = end + HOST + b"\r\n"
    assert asked(url, request_line(most) + rest).status == 404
    answer = asked(url, request_line(most + 1) + rest)
    check_json_refusal(answer, 414)
    assert answer.message == f"The request line is over {most} bytes"


def headers(size: int) -> bytes:
    """Header lines of that many bytes together."""
    return HOST + b"X: " + b"a" * (size - len(HOST) - 5) + b"\r\n"


@pytest.mark.parametrize("most", [200, 32 * KIB])
def test_headers_are_read_to_their_limit_and_not_beyond(small: str, usual: str, most: int) -> None:
    url = small if most == 200 else usual
    assert asked(url, HEALTH + headers(most) + b"\r\n").status == 200
    answer = asked(url, HEALTH + headers(most + 1) + b"\r\n")
    check_json_refusal(answer, 431)
    assert answer.message == f"The headers are over {most} bytes"


@pytest.mark.parametrize("most", [5, 100])
def test_there_may_be_so_many_headers_and_no_more(small: str, usual: str, most: int) -> None:
    url = small if most == 5 else usual
    assert asked(url, HEALTH + HOST + b"X: 1\r\n" * (most - 1) + b"\r\n").status == 200
    answer = asked(url, HEALTH + HOST + b"X: 1\r\n" * most)
    check_json_refusal(answer, 431)
    assert answer.message == f"The request has over {most} headers"


def test_a_header_on_two_lines_is_one_header(small: str) -> None:
    assert asked(small, HEALTH + HOST + b"X: 1\r\n 2\r\n" * 4 + b"\r\n").status == 200


def test_headers_between_bare_carriage_returns_are_counted_too(small: str) -> None:
    check_json_refusal(asked(small, HEALTH + HOST + b"X: 1\r" * 5 + b"\r\n\r\n"), 431)


@pytest.mark.parametrize(("begun", "status"), [(b"", 414), (HEALTH + b"X: ", 431)], ids=["line", "header"])
def test_a_line_without_end_is_refused_while_it_is_sent(usual: str, begun: bytes, status: int) -> None:
    """The answer is read by who goes on sending, too."""
    with connected(usual) as connection:
        connection.sendall(begun)
        for _ in range(64):
            connection.sendall(b"a" * 64 * KIB)
        check_json_refusal(answer_in(all_of(connection)), status)


def test_a_tls_client_is_told_at_once(usual: str) -> None:
    """It sends no line end, and waits for the server to speak."""
    answer = asked(usual, CLIENT_HELLO)
    check_json_refusal(answer, 400)
    assert answer.message.startswith("Expected a request in plain HTTP")


@pytest.mark.parametrize("cut", [5, 20, len(HEALTH) - 2, len(HEALTH) + 4, len(HEALTH + HOST)])
def test_a_head_that_breaks_off_is_no_request(usual: str, cut: int) -> None:
    """As far as it came it would be one, with headers missing."""
    with connected(usual) as connection:
        connection.sendall((HEALTH + HOST)[:cut])
        connection.shutdown(socket.SHUT_WR)
        answer = answer_in(all_of(connection))
    check_json_refusal(answer, 400)
    assert answer.message == "The request breaks off before its headers end"


@pytest.mark.parametrize("line", [b"GET /_mock/health\r\n", b"GET /_mock/health HTTP/0.9\r\n"])
def test_nobody_is_answered_without_headers(usual: str, line: bytes) -> None:
    """HTTP/0.9 knows none; its answer is one that no client of today can read."""
    check_json_refusal(asked(usual, line + HOST + b"\r\n"), 505)


def test_the_refusal_of_a_head_request_has_no_body(small: str) -> None:
    with connected(small) as connection:
        connection.sendall(HEALTH.replace(b"GET", b"HEAD") + b"X: 1\r\n" * 6)
        raw = all_of(connection)
    answer = answer_in(raw, "HEAD")
    assert (answer.status, answer.body) == (431, b"")
    assert int(answer.headers["Content-Length"]) > 0
    assert raw.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("version", "count"), [(b"HTTP/1.1", 1), (b"HTTP/1.0", 0)])
def test_only_who_understands_an_interim_answer_gets_one(usual: str, version: bytes, count: int) -> None:
    head = b"POST /v1/video/generations " + version + b"\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
    with connected(usual) as connection:
        connection.sendall(head + HOST + b"\r\n{}")
        raw = all_of(connection)
    assert raw.count(b"100 Continue") == count
    assert answer_in(raw).status == 401


REFUSED = {
    "late": (b"GET /a?b HTTP/1.1\r\n", "GET /a 408"),
    "silent": (b"", "- - 408"),
    "long line": (request_line(101) + b"\r\n", "- - 414"),
    "headers": (b"PUT /a?b HTTP/1.1\r\n" + b"X: 1\r\n" * 6, "PUT /a 431"),
    "tls": (CLIENT_HELLO, "- - 400"),
}


@pytest.mark.parametrize(("raw", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_leaves_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture, raw: bytes, line: str
) -> None:
    caplog.set_level(logging.DEBUG)
    limits = ConnectionLimits(head_s=0.2, request_line_bytes=100, most_headers=5)
    with serving(limits) as url:
        asked(url, raw)
    assert [record.getMessage() for record in caplog.records if record.name == "nebula_mock.access"] == [line]
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[str, list[object]]]:
    """The address of a server, and every error that none of its threads handled."""
    errors: list[object] = []
    runner = Runner(create_app(Settings(clock="manual")))
    runner._server.handle_error = lambda *_: errors.append(sys.exc_info()[1])  # type: ignore[method-assign]
    with runner:
        yield runner.url, errors


lines = st.sampled_from(
    [b"GET / HTTP/1.1", b"GET /", b"HEAD * HTTP/1.0", b"\r", b"PRI * HTTP/2.0"]
) | st.binary(max_size=40)
heads = st.binary(max_size=300) | st.lists(lines, max_size=8).map(
    lambda some: b"\r\n".join(some) + b"\r\n\r\n"
)


@settings(patient, max_examples=200)
@given(heads)
def test_any_bytes_get_an_answer_in_json_or_a_clean_close(
    watched: tuple[str, list[object]], raw: bytes
) -> None:
    url, errors = watched
    with connected(url) as connection:
        connection.sendall(raw)
        with suppress(OSError):  # it may have been refused, and closed, before this
            connection.shutdown(socket.SHUT_WR)
        back = all_of(connection)
    if back:
        method = "HEAD" if raw.startswith(b"HEAD") else "GET"
        answer = answer_in(back, method)
        assert answer.headers.get_content_type() in {"application/json", "application/problem+json"}
        assert len(answer.body) == (0 if method == "HEAD" else int(answer.headers["Content-Length"]))
    assert asked(url, HEALTH + HOST + b"\r\n").status == 200
    assert errors == []


WHOLE = (
    b"POST /v1/video/generations HTTP/1.1\r\n"
    b"Authorization: Bearer sk-test\r\nContent-Type: application/json\r\n"
    b"Content-Length: 40\r\nExpect: 100-continue\r\n" + HOST + b"\r\n" + b" " * 40
)


@settings(patient, max_examples=100)
@given(cut=st.integers(0, len(WHOLE)), is_reset=st.booleans())
def test_who_leaves_half_way_leaves_no_trace(
    watched: tuple[str, list[object]], *, cut: int, is_reset: bool
) -> None:
    url, errors = watched
    with connected(url) as connection:
        connection.sendall(WHOLE[:cut])
        if is_reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    assert asked(url, HEALTH + HOST + b"\r\n").status == 200
    assert ended(at_work())
    assert errors == []
