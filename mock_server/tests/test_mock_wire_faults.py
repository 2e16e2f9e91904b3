"""Promises of faults on the wire: a raw socket sees exactly what each kind says, byte by byte."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_mock.core.clock import Clock, ManualClock
from nebula_mock.core.faults.on_the_wire import (
    WRITER,
    BadChunk,
    Empty,
    Endless,
    Garbage,
    Paced,
    Position,
    Reset,
    Stall,
    Truncate,
    WireFault,
)
from nebula_mock.runner import Runner
from nebula_mock.wire_count import WireCount
from nebula_mock.wire_writing import WireWriter
from raw_client import all_and_end

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = bytes(range(256)) * 40  # 10,240 bytes
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
PIECE = 777  # the body comes from the application in pieces of this many bytes


@dataclass
class Bad:
    """An application whose every answer has one fault, and the writer of the last one."""

    fault: WireFault | None
    clock: Clock
    writer: WireWriter | None = None
    count: WireCount | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        self.writer, self.count = environ[WRITER], WireCount.of(environ)
        if self.fault is not None:
            self.writer.misbehave(self.fault, self.clock)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
        return (BODY[at : at + PIECE] for at in range(0, len(BODY), PIECE))


@dataclass(frozen=True)
class Seen:
    """What a raw socket saw: the head, the body, and how it ended."""

    head: bytes
    body: bytes
    end: str


def read_all(connection: socket.socket) -> Seen:
    """Everything until the other side ends, and whether with FIN or RST."""
    raw, end = all_and_end(connection)
    head, _, body = raw.partition(b"\r\n\r\n")
    return Seen(head, body, end)


@contextmanager
def asked(fault: WireFault | None, clock: Clock | None = None) -> Iterator[tuple[socket.socket, Bad]]:
    """A connection on which a request was sent to a server whose answers have that fault."""
    app = Bad(fault, clock or ManualClock(0.0))
    with (
        Runner(app) as runner,
        socket.create_connection((runner.host, runner.port), timeout=20) as connection,
    ):
        connection.sendall(REQUEST)
        yield connection, app
        app.clock.interrupt()


def seen(fault: WireFault | None) -> Seen:
    """What a raw socket sees of an answer with that fault."""
    with asked(fault) as (connection, _):
        return read_all(connection)


def test_without_a_fault_everything_arrives() -> None:
    found = seen(None)
    assert (found.body, found.end) == (BODY, "FIN")
    assert f"Content-Length: {len(BODY)}".encode() in found.head


def test_a_base_fault_changes_nothing() -> None:
    assert (seen(WireFault()).body, seen(WireFault()).end) == (BODY, "FIN")


def test_a_reset_before_any_byte() -> None:
    assert seen(Reset()) == Seen(b"", b"", "RST")


def test_an_empty_answer_ends_in_order_without_a_byte() -> None:
    assert seen(Empty()) == Seen(b"", b"", "FIN")


@pytest.mark.parametrize("at", [0, 1, 776, 777, 778, 5000, len(BODY) - 1])
def test_a_truncated_body_has_exactly_the_bytes_before_the_cut(at: int) -> None:
    found = seen(Truncate(Position(at)))
    assert (found.body, found.end) == (BODY[:at], "FIN")
    assert f"Content-Length: {len(BODY)}".encode() in found.head


@pytest.mark.parametrize(("fraction", "at"), [(0.0, 0), (0.5, 5120), (0.999, 10229)])
def test_a_cut_may_be_said_as_a_share_of_the_body(fraction: float, at: int) -> None:
    assert seen(Truncate(Position(fraction=fraction))).body == BODY[:at]


@pytest.mark.parametrize("at", [0, 1000, 5000])
def test_a_reset_in_the_body_comes_after_exactly_those_bytes(at: int) -> None:
    """What was sent before may be thrown away by the reset; what arrives is a prefix, and the writer knows."""
    with asked(Reset(Position(at))) as (connection, app):
        found = read_all(connection)
        assert found.end == "RST"
        assert BODY[:at].startswith(found.body)
        assert app.writer is not None
        assert app.count is not None
        assert (app.count.body_bytes, type(app.writer.broke)) == (at, ConnectionResetError)


def test_garbage_is_no_http() -> None:
    found = seen(Garbage())
    assert not found.head.startswith(b"HTTP/")
    assert (len(found.head), found.end) == (256, "FIN")


def test_a_bad_chunk_follows_a_good_one() -> None:
    found = seen(BadChunk())
    assert b"Transfer-Encoding: chunked" in found.head
    assert b"Content-Length" not in found.head
    size, _, rest = found.body.partition(b"\r\n")
    length = int(size, 16)
    assert (rest[:length], rest[length:], found.end) == (BODY[:length], b"\r\nno size\r\n", "FIN")


def test_a_stall_stops_at_its_byte_until_the_clock_says_so() -> None:
    clock = ManualClock(0.0)
    with asked(Stall(Position(1000), 600), clock) as (connection, _):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        first = receive(connection, 1000)
        connection.setblocking(False)  # noqa: FBT003 - the socket's own name
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        connection.settimeout(20)
        clock.advance(600)
        assert first + read_rest(connection) == BODY


def receive(connection: socket.socket, size: int) -> bytes:
    """Exactly that many bytes."""
    raw = b""
    while len(raw) < size:
        raw += connection.recv(size - len(raw))
    return raw


def read_rest(connection: socket.socket) -> bytes:
    """Everything until the end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_drip_is_freed_by_one_jump_of_the_clock() -> None:
    """10,240 bytes at 10 a second: seventeen minutes, over in one advance."""
    clock = ManualClock(0.0)
    with asked(Paced(10, 10), clock) as (connection, _):
        while b"\r\n\r\n" not in connection.recv(65536, socket.MSG_PEEK):
            pass
        clock.advance(1025)
        assert read_all(connection).body == BODY


def test_a_narrow_band_takes_its_time_by_the_clock() -> None:
    clock = Clock(time.monotonic, 0.0, 1000.0)
    with asked(Paced(100_000, 1024), clock) as (connection, _):
        began = clock.now()
        assert read_all(connection).body == BODY
        assert clock.now() - began >= 0.09


def test_an_endless_body_goes_on_until_nobody_takes_it() -> None:
    with asked(Endless()) as (connection, app):
        raw = receive(connection, 3_000_000)
        assert raw.count(b"1000\r\n") > 500
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        assert app.writer is not None


def test_a_stop_of_the_clock_ends_who_waits() -> None:
    with asked(Stall(Position(10), 3600)) as (connection, app):
        connection.recv(1)
        found: list[Seen] = []
        reader = threading.Thread(target=lambda: found.append(read_all(connection)))
        reader.start()
        while reader.is_alive():  # the server may not have come to its wait yet
            app.clock.interrupt()
            reader.join(0.001)
        assert found[0].body.endswith(BODY[:10])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(BODY) + 10), st.lists(st.integers(1, 3000), min_size=1))
def test_a_cut_is_exact_however_the_body_comes(at: int, sizes: list[int]) -> None:
    class Collected:
        """An outlet that keeps what is sent."""

        def __init__(self) -> None:
            self.sent = b""

        def send(self, data: bytes | memoryview) -> None:
            self.sent += bytes(data)

        def reset(self) -> None:
            raise ConnectionAbortedError

        end = reset

        def now(self) -> float:
            return 0.0

        def wait_until(self, moment: float) -> None:
            """No time passes here."""

    out, fault = Collected(), Truncate(Position(at))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10240\r\n\r\n"
    sent_at = 0
    try:
        fault.head(out, head)
        for number in range(len(BODY)):
            size = sizes[number % len(sizes)]
            if sent_at >= len(BODY):
                break
            fault.body(out, memoryview(BODY)[sent_at : sent_at + size])
            sent_at += size
        fault.finish(out)
    except ConnectionAbortedError:
        pass
    assert out.sent == head + BODY[:at]


def test_sixteen_threads_of_mixed_faults_leave_the_server_as_it_was() -> None:
    """Every outcome exact, and the next ordinary request is answered."""
    faults: list[tuple[Callable[[], WireFault], str]] = [
        (WireFault, "FIN"),
        (Reset, "RST"),
        (lambda: Truncate(Position(100)), "FIN"),
        (Empty, "FIN"),
        (lambda: Reset(Position(500)), "RST"),
    ]

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        which = int(environ["PATH_INFO"].strip("/") or 0)
        environ[WRITER].misbehave(faults[which][0](), ManualClock(0.0))
        start_response("200 OK", [("Content-Length", str(len(BODY)))])
        return [BODY]

    wrong: list[tuple[int, str]] = []
    with Runner(app) as runner:

        def ask(first: int) -> None:
            for number in range(25):
                which = (first + number) % len(faults)
                with socket.create_connection((runner.host, runner.port), timeout=20) as connection:
                    connection.sendall(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % which)
                    end = read_all(connection).end
                    if end != faults[which][1]:
                        wrong.append((which, end))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with socket.create_connection((runner.host, runner.port), timeout=20) as connection:
            connection.sendall(REQUEST)
            assert read_all(connection).body == BODY
    assert wrong == []
