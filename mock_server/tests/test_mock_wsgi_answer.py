"""Promises of the way from an application to a connection: PEP 3333, and no packet too many."""

import json
import logging
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.wire_count import WireCount
from nebula_mock.wire_writing import WireWriter
from nebula_mock.wsgi_answer import WsgiAnswer
from nebula_schemas import contract
from raw_client import answer_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GET = {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1"}


@dataclass
class App:
    """An application that gives those blocks, and knows whether it was closed.

    An error among the blocks is raised where it stands.
    """

    blocks: Iterable[bytes | Exception]
    headers: tuple[tuple[str, str], ...] = ()
    status: str = "200 OK"
    closed: int = field(default=0, init=False)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "App":
        del environ
        start_response(self.status, list(self.headers))
        return self

    def __iter__(self) -> Iterator[bytes]:
        for block in self.blocks:
            if isinstance(block, Exception):
                raise block
            yield block

    def close(self) -> None:
        self.closed += 1


class Told(WireWriter):
    """A writer that keeps what it was told to send, piece by piece, and sends nothing."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection, stall_s=10)
        self.pieces: list[bytes] = []

    def send(self, data: bytes | memoryview, /) -> None:
        self.pieces.append(bytes(data))
        self.sent_bytes += len(data)


def packets(app: "WSGIApplication", environ: "WSGIEnvironment | None" = None) -> list[bytes]:
    """What is sent of the application's answer, piece by piece."""
    logged: list[int] = []
    with socket.socket() as nobody:
        writer = Told(nobody)
        WsgiAnswer(environ or GET, writer, logged.append).send(app)
    assert [int(piece[9:12]) for piece in writer.pieces if piece.startswith(b"HTTP/1.1 ")] == logged
    return writer.pieces


def test_a_small_answer_is_one_packet() -> None:
    (packet,) = packets(App([b"cat"], (("Content-Length", "3"), ("X-A", "b"))))
    answer = answer_in(packet)
    assert (answer.status, answer.body, answer.headers["X-A"]) == (200, b"cat", "b")
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Server"] == "nebula-mock"
    assert answer.headers["Date"].endswith(" GMT")


def test_a_large_block_is_not_copied_to_its_head() -> None:
    head, block = packets(App([bytes(65_537)], (("Content-Length", "65537"),)))
    assert head.endswith(b"\r\n\r\n")
    assert len(block) == 65_537


@given(st.lists(st.binary(max_size=300), max_size=6), st.booleans())
def test_all_blocks_arrive_with_a_length_and_without(blocks: list[bytes], has_length: bool) -> None:  # noqa: FBT001 - drawn
    whole = b"".join(blocks)
    headers = (("content-length", str(len(whole))),) if has_length else ()
    app = App(blocks, headers)
    answer = answer_in(b"".join(packets(app)))
    assert answer.body == whole
    assert ("Transfer-Encoding" in answer.headers) is not has_length
    assert app.closed == 1


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({**GET, "SERVER_PROTOCOL": "HTTP/1.0"}, "200 OK"),
        ({**GET, "REQUEST_METHOD": "HEAD"}, "200 OK"),
        (GET, "204 No Content"),
        (GET, "304 Not Modified"),
    ],
)
def test_nothing_is_framed_in_chunks_where_nobody_could_read_it(
    environ: "WSGIEnvironment", status: str
) -> None:
    (head,) = packets(App([], status=status), environ)
    assert b"Transfer-Encoding" not in head
    assert head.endswith(b"\r\n\r\n")


def test_the_write_callable_sends_before_the_blocks() -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        del environ
        start_response("200 OK", [("Content-Length", "4")])(b"ab")
        return [b"cd"]

    assert answer_in(b"".join(packets(app))).body == b"abcd"


@pytest.mark.parametrize(
    "error", [ValueError("no"), FileNotFoundError("no file"), ConnectionError("another's")]
)
def test_an_application_that_fails_before_its_head_is_answered_with_500(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where the error is one that a broken connection could raise."""
    app = App([error])
    answer = answer_in(b"".join(packets(app)))
    assert answer.status == 500
    contract().check("errors/any", json.loads(answer.body))
    assert app.closed == 1
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_an_application_that_fails_later_breaks_off_without_a_last_chunk(
    caplog: pytest.LogCaptureFixture,
) -> None:
    raw = b"".join(packets(App([b"cat", ValueError("no")])))
    assert raw.endswith(b"\r\n\r\n3\r\ncat\r\n")
    assert len(caplog.records) == 1


def test_a_body_without_a_start_is_500(caplog: pytest.LogCaptureFixture) -> None:
    assert answer_in(b"".join(packets(lambda *_: [b"cat"]))).status == 500
    assert "start_response" in str(caplog.records[0].exc_info)


def test_a_second_start_needs_an_error(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        del environ
        start_response("200 OK", [])
        start_response("200 OK", [])
        return []

    assert answer_in(b"".join(packets(app))).status == 500
    assert "twice" in str(caplog.records[0].exc_info)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_start_with_an_error_replaces_the_first_until_something_was_sent(
    is_late: bool,  # noqa: FBT001 - a parameter
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        del environ
        write = start_response("200 OK", [])
        if is_late:
            write(b"cat")
        try:
            int("no")
        except ValueError:
            start_response("503 Busy", [("Content-Length", "0")], sys.exc_info())
        return []

    raw = b"".join(packets(app))
    assert raw.startswith(b"HTTP/1.1 200 OK" if is_late else b"HTTP/1.1 503 Busy")
    assert len(caplog.records) == is_late


def test_a_consumer_that_has_left_is_no_failure_of_the_application(caplog: pytest.LogCaptureFixture) -> None:
    app = App([b"cat"], (("Content-Length", "3"),))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.close()
        with pytest.raises(OSError, match="Broken pipe"):
            WsgiAnswer(GET, WireWriter(theirs, stall_s=10), lambda _: None).send(app)
    assert app.closed == 1
    assert not caplog.records


@pytest.mark.parametrize("size", [3, 70_000])
def test_the_bytes_of_the_body_are_counted_without_the_head(size: int) -> None:
    with socket.socket() as nobody:
        writer = Told(nobody)
        writer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        WsgiAnswer(GET, writer, lambda _: None).send(App([bytes(size)], (("Content-Length", str(size)),)))
        assert WireCount(writer).body_bytes == size
