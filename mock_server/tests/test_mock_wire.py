"""Promises on a real socket: whatever arrives, and however it breaks off, the server goes on answering."""

import http.client
import io
import json
import logging
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from email.message import Message

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock import MockServer
from nebula_schemas import contract
from nebula_schemas.version import VERSION

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

GENERATIONS = "/v1/video/generations"
KEY = b"Authorization: Bearer sk-test\r\n"
SUBMIT = b"POST /v1/video/generations HTTP/1.1\r\nHost: localhost\r\n" + KEY
SUBMIT_JSON = SUBMIT + b"Content-Type: application/json\r\n"
QUERY = b"GET /v1/video/generations/video_1 HTTP/1.1\r\nHost: localhost\r\n" + KEY
SORA = b'{"model":"sora-2","prompt":"A cat"}'
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s: close() then sends a reset
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A server whose videos are large enough to break off in the middle."""
    with MockServer(clock="manual", seed=1, video_size_bytes=32 * MIB) as started:
        yield started


@pytest.fixture(scope="module")
def download(mock: MockServer) -> bytes:
    """A request for the video of a succeeded task, without the blank line at its end."""
    answer = received(mock, SUBMIT_JSON + b"Content-Length: %d\r\n\r\n" % len(SORA) + SORA)
    mock.advance(10)
    task_id = json.loads(answer.body)["task_id"].encode()
    return b"GET /v1/video/generations/download?id=%b HTTP/1.1\r\nHost: localhost\r\n" % task_id + KEY


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read by the standard library, so it is one that a consumer can read."""

    status: int
    headers: Message
    body: bytes


class Received:
    """The bytes of an answer as ``http.client`` expects its socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        """All bytes."""
        return io.BytesIO(self._raw)


def connected(mock: MockServer) -> socket.socket:
    """A connection to the server."""
    host, port = mock.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def sent_back(mock: MockServer, *pieces: bytes) -> bytes:
    """All bytes that come back for those, until the server closes; it may close before it has all of them."""
    with connected(mock) as connection:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def received(mock: MockServer, *pieces: bytes) -> Answer:
    """The whole answer to those bytes; interim answers are left out."""
    response = http.client.HTTPResponse(Received(sent_back(mock, *pieces)))  # type: ignore[arg-type]
    response.begin()
    return Answer(response.status, response.headers, response.read())


def is_alive(mock: MockServer) -> bool:
    """Whether the next request is answered as ever."""
    return received(mock, QUERY + b"\r\n").status == 404


def check_json_refusal(answer: Answer, status: int) -> None:
    """Assert that an answer is a refusal in JSON that carries what every answer carries."""
    assert answer.status == status
    contract().check("errors/any", json.loads(answer.body))
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Nebula-Mock"] == VERSION
    assert re.fullmatch("[0-9]{20}[A-Za-z0-9]{8}", answer.headers["X-Oneapi-Request-Id"])


HEADERS = b"Host: localhost\r\n\r\n"
NOT_HTTP = {
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "one word": (b"hello\r\n\r\n", 400),
    "four words": (b"GET /a b HTTP/1.1\r\n" + HEADERS, 400),
    "no such version": (b"GET / HTTP/9.9\r\n" + HEADERS, 505),
    "http 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "version of words": (b"GET / HTTP/one.one\r\n" + HEADERS, 400),
    "long path": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HEADERS, 414),
    "long header": (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n" + HEADERS, 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + HEADERS, 431),
}


@pytest.mark.parametrize(("raw", "status"), NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_is_refused_in_json(mock: MockServer, raw: bytes, status: int) -> None:
    check_json_refusal(received(mock, raw), status)
    assert is_alive(mock)


def test_a_target_that_is_no_url_is_refused_in_json(mock: MockServer) -> None:
    check_json_refusal(received(mock, b"GET http://[ HTTP/1.1\r\n" + HEADERS), 400)


@settings(patient, max_examples=60)
@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda raw: b"GET " + raw + b"\r\n\r\n"))
def test_any_bytes_leave_the_server_answering(mock: MockServer, raw: bytes) -> None:
    assert b"<html" not in sent_back(mock, raw).lower()
    assert is_alive(mock)


WHOLE = SUBMIT_JSON + b"Content-Length: %d\r\n\r\n" % len(SORA) + SORA
CUTS = {
    "nothing at all": 0,
    "request line": 9,
    "headers": 60,
    "last line of headers": WHOLE.index(b"\r\n\r\n") + 2,
    "body": len(WHOLE) - 5,
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_half_a_request_leaves_the_server_answering(mock: MockServer, cut: int, *, reset: bool) -> None:
    before = len(mock.tasks)
    with connected(mock) as connection:
        connection.sendall(WHOLE[:cut])
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    assert is_alive(mock)
    assert len(mock.tasks) == before


def test_silent_connections_keep_nobody_waiting(mock: MockServer) -> None:
    with ExitStack() as held:
        for _ in range(40):
            held.enter_context(connected(mock)).sendall(WHOLE[:50])
        assert is_alive(mock)


def test_a_request_in_single_bytes_is_a_request(mock: MockServer) -> None:
    answer = received(mock, *(bytes([byte]) for byte in WHOLE))
    assert (answer.status, list(json.loads(answer.body))) == (200, ["task_id", "status", "format"])


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    """A submit in chunks of that size."""
    yield SUBMIT_JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_body_in_chunks_is_a_body(mock: MockServer, size: int) -> None:
    answer = received(mock, *chunked(SORA, size))
    assert (answer.status, list(json.loads(answer.body))) == (200, ["task_id", "status", "format"])


def check_too_large(answer: Answer) -> None:
    """Assert that an answer is the row ``body-too-large``."""
    message = "The request body is over 33554432 bytes"
    error = {"message": message, "type": "invalid_request_error", "code": "request_too_large"}
    assert (answer.status, json.loads(answer.body)) == (413, {"error": error})


def test_a_refusal_of_33_mib_is_read_by_who_sent_them(mock: MockServer) -> None:
    """The rest of the body is drained: a reset would take the answer with it."""
    head = SUBMIT_JSON + b"Content-Length: %d\r\n\r\n" % (33 * MIB)
    check_too_large(received(mock, head, *([b" " * MIB] * 33)))


@pytest.mark.parametrize("filler", [b" ", b"["], ids=["cut to a valid submit", "cut to broken JSON"])
def test_33_mib_in_chunks_are_too_large(mock: MockServer, filler: bytes) -> None:
    check_too_large(received(mock, *chunked(SORA + filler * (33 * MIB), MIB)))


@pytest.mark.parametrize(
    "framed",
    [
        b"Content-Length: 100\r\n\r\n" + SORA,
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + SORA,
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SORA,
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + SORA,
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["short", "no length", "negative length", "no line end", "no last chunk"],
)
def test_a_body_that_breaks_off_is_no_json(mock: MockServer, framed: bytes) -> None:
    answer = received(mock, SUBMIT_JSON + framed)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("length", [b"abc", b"-1", b"1e3", b"\xb2"])
def test_a_length_that_is_no_number_is_no_request(mock: MockServer, length: bytes) -> None:
    """Where the body ends would be anybody's guess (RFC 9112, section 6.3)."""
    answer = received(mock, SUBMIT_JSON + b"Content-Length: " + length + b"\r\n\r\n" + SORA)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "bad_request")


def test_two_lengths_are_no_request(mock: MockServer) -> None:
    two = b"Content-Length: %d\r\nContent-Length: 5\r\n\r\n" % len(SORA)
    answer = received(mock, SUBMIT_JSON + two + SORA)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "bad_request")


def test_a_transfer_coding_beside_chunks_is_refused(mock: MockServer) -> None:
    """A reader that takes it for plain chunks would read compressed data as they are."""
    chunks = b"Transfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(SORA), SORA)
    answer = received(mock, SUBMIT_JSON + chunks)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (415, "unsupported_encoding")


def test_an_expectation_is_met_once(mock: MockServer) -> None:
    expecting = SUBMIT_JSON + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(SORA)
    assert sent_back(mock, expecting + SORA).count(b"100 Continue") == 1


def closed(connection: socket.socket) -> None:
    """Leave in an orderly way."""
    connection.close()


def reset(connection: socket.socket) -> None:
    """Leave without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


@pytest.mark.parametrize("leave", [closed, reset])
def test_who_leaves_in_mid_download_leaves_nothing_behind(
    mock: MockServer, download: bytes, leave: Callable[[socket.socket], None]
) -> None:
    before = set(threading.enumerate())
    for wanted in (1, 1000, MIB):
        connection = connected(mock)
        connection.sendall(download + b"\r\n")
        assert connection.recv(wanted)
        leave(connection)
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(timeout=10)
    assert not [thread for thread in left if thread.is_alive()]
    assert is_alive(mock)


def test_downloads_that_nobody_reads_keep_nobody_waiting(mock: MockServer, download: bytes) -> None:
    with ExitStack() as held:
        for _ in range(20):
            connection = held.enter_context(connected(mock))
            connection.sendall(download + b"\r\n")
            assert connection.recv(1)
        assert is_alive(mock)


def test_a_whole_download_is_as_long_as_announced(mock: MockServer, download: bytes) -> None:
    answer = received(mock, download + b"\r\n")
    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(answer.body)))
    assert len(answer.body) > 2 * 32 * MIB * 4 // 3


def test_an_answer_closes_its_connection(mock: MockServer) -> None:
    """A second request on the same connection is not answered, and the first is told so."""
    raw = sent_back(mock, (QUERY + b"\r\n") * 2)
    assert raw.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in raw


def test_the_server_does_not_tell_its_versions(mock: MockServer) -> None:
    answer = received(mock, QUERY + b"\r\n")
    assert answer.headers.get_all("Server") == ["nebula-mock"]
    assert not re.search(r"(?i)werkzeug|python|flask", str(answer.headers))


def test_an_old_consumer_is_answered_too(mock: MockServer) -> None:
    answer = received(mock, QUERY.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n")
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (404, "Task not found")


def test_a_request_without_a_host_is_bad(mock: MockServer) -> None:
    assert received(mock, QUERY.replace(b"Host: localhost\r\n", b"") + b"\r\n").status == 400


@pytest.mark.parametrize("second", [b"evil.example", b"localhost"])
def test_two_host_headers_are_misdirected(mock: MockServer, second: bytes) -> None:
    assert received(mock, QUERY + b"Host: " + second + b"\r\n\r\n").status == 421


def test_no_control_character_of_a_method_reaches_the_log(
    mock: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    received(mock, b"\x1b[31mGET /v1/x HTTP/1.1\r\n" + HEADERS)
    assert caplog.messages
    assert [line for line in caplog.messages if not line.isprintable()] == []


def test_a_doubled_slash_at_the_beginning_is_an_unknown_route(mock: MockServer) -> None:
    answer = received(mock, QUERY.replace(b"GET /", b"GET //") + b"\r\n")
    message = f"Invalid URL (GET /{GENERATIONS}/video_1)"
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (404, message)


def test_a_host_in_the_target_counts_more_than_the_header(mock: MockServer) -> None:
    target = QUERY.replace(b"GET /", b"GET http://evil.example/")
    assert received(mock, target + b"\r\n").status == 421
