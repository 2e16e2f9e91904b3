"""Promises of faults on the wire that add bytes or withhold them: which bytes, and when, as a raw socket sees them."""

import re
import socket

import pytest

from nebula_mock import MockServer
from nebula_mock.core.clock import ManualClock
from nebula_mock.core.faults.on_the_wire import BadChunk, Endless, Garbage, Paced, WireFault
from raw_client import all_and_end, connected
from raw_exchange import GENERATIONS, submitted

BODY = bytes(range(256)) * 40  # 10,240 bytes
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10240\r\nServer: any\r\n\r\n"
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nServer: any\r\n\r\n"
FILLER = b"1000\r\n" + b" " * 4096 + b"\r\n"
GIBIBYTE = 1 << 30


class Sent:
    """An outlet that keeps what is sent, up to a size, and counts it; time passes when somebody waits."""

    def __init__(self, kept_bytes: int = 1 << 20) -> None:
        self.kept = bytearray()
        self.bytes = 0
        self.waits: list[tuple[int, float]] = []  # the bytes before each, and until when
        self.end_was: str | None = None
        self._most = kept_bytes

    def send(self, data: bytes | memoryview) -> None:
        self.bytes += len(data)
        if self.bytes <= self._most:
            self.kept += data

    def reset(self) -> None:
        self._end("RST")

    def end(self) -> None:
        self._end("FIN")

    def now(self) -> float:
        return self.waits[-1][1] if self.waits else 0.0

    def wait_until(self, moment: float) -> None:
        self.waits.append((self.bytes, moment))

    def _end(self, how: str) -> None:
        self.end_was = how
        raise ConnectionAbortedError(how)


def sent(fault: WireFault, *blocks: bytes, head: bytes = HEAD) -> Sent:
    """What goes out of an answer in those blocks."""
    out = Sent()
    try:
        fault.head(out, head)
        for block in blocks:
            fault.body(out, memoryview(block))
        fault.finish(out)
    except ConnectionAbortedError:
        pass
    return out


def in_blocks(size: int) -> list[bytes]:
    """The body in blocks of that many bytes."""
    return [BODY[at : at + size] for at in range(0, len(BODY), size)]


def test_garbage_is_these_bytes_and_no_other() -> None:
    out = sent(Garbage(), BODY)
    assert (bytes(out.kept), out.end_was) == (bytes(range(128, 256)) * 2, "FIN")


@pytest.mark.parametrize("size", [1, 777, len(BODY)])
def test_a_bad_chunk_is_the_second_and_nothing_follows(size: int) -> None:
    out = sent(BadChunk(), *in_blocks(size))
    expected = CHUNKED_HEAD + b"%x\r\n" % size + BODY[:size] + b"\r\nno size\r\n"
    assert (bytes(out.kept), out.end_was) == (expected, "FIN")


@pytest.mark.parametrize("blocks", [[], [b""], [b"", BODY]])
def test_a_block_without_bytes_is_no_chunk_which_would_end_the_body_in_order(blocks: list[bytes]) -> None:
    out = sent(BadChunk(), *blocks)
    assert b"\r\n0\r\n" not in out.kept
    assert bytes(out.kept).endswith(b"\r\nno size\r\n")
    assert out.end_was == "FIN"


@pytest.mark.parametrize("size", [777, len(BODY)])
def test_an_endless_body_is_the_body_and_then_spaces_in_chunks(size: int) -> None:
    out = sent(Endless(), *in_blocks(size))
    begin = CHUNKED_HEAD + b"".join(b"%x\r\n%b\r\n" % (len(block), block) for block in in_blocks(size))
    spaces = (1 << 20) - len(begin)
    assert bytes(out.kept) == begin + FILLER * (spaces // len(FILLER))


def test_what_is_called_endless_ends_after_a_gibibyte_without_a_last_chunk() -> None:
    out = sent(Endless())
    assert out.bytes == len(CHUNKED_HEAD) + GIBIBYTE // 4096 * len(FILLER)
    assert out.end_was == "FIN"


@pytest.mark.parametrize("size", [1, 777, len(BODY)])
@pytest.mark.parametrize(("rate", "piece"), [(10, 10), (1000, 1), (500, 999), (100_000, 16_384)])
def test_a_pace_waits_after_each_piece_as_long_as_its_bytes_take(rate: int, piece: int, size: int) -> None:
    """However the body comes: the n-th wait is behind n whole pieces, and ends when they are due."""
    out = sent(Paced(rate, piece), *in_blocks(size))
    assert bytes(out.kept) == HEAD + BODY
    whole = range(1, len(BODY) // piece + 1)
    assert [before - len(HEAD) for before, _ in out.waits] == [number * piece for number in whole]
    assert [until for _, until in out.waits] == pytest.approx([number * piece / rate for number in whole])


def received(connection: socket.socket, size: int) -> bytes:
    """Exactly that many bytes."""
    raw = b""
    while len(raw) < size:
        more = connection.recv(size - len(raw))
        assert more, f"the end after {len(raw)} bytes, expected {size}"
        raw += more
    return raw


def head_of(connection: socket.socket) -> bytes:
    """The head of an answer, to the byte."""
    raw = b""
    while not raw.endswith(b"\r\n\r\n"):
        raw += received(connection, 1)
    return raw


def asked(mock: MockServer, path: str) -> socket.socket:
    """A connection on which a GET was sent."""
    connection = connected(mock.url)
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n\r\n".encode()
    )
    return connection


@pytest.mark.parametrize(
    ("step", "piece", "every_s"),
    [
        ("drip", 10, 0.05),
        ("drip 2000/s", 100, 0.05),
        ({"fault": "drip", "bytes_per_s": 1, "piece_bytes": 7}, 7, 7),
        ("bandwidth", 16_384, 0.16384),
        ("bandwidth 8192/s", 16_384, 2),
    ],
)
def test_a_step_of_a_pace_lets_one_piece_go_for_each_time_that_the_clock_moves(
    step: str | dict[str, object], piece: int, every_s: float
) -> None:
    """Nothing goes early: when the server stops, what was still waiting was never sent."""
    with MockServer(clock="manual", video_size_bytes=60_000, seed=1) as mock:
        path = f"{GENERATIONS}/download?id={submitted(mock)}"
        mock.advance(10)
        with asked(mock, path) as plain:
            whole = all_and_end(plain)[0].partition(b"\r\n\r\n")[2]
        mock.faults.script("download", [step])
        with asked(mock, path) as connection:
            assert f"Content-Length: {len(whole)}".encode() in head_of(connection)
            assert received(connection, piece) == whole[:piece]
            for number in (1, 2, 3):
                mock.advance(every_s + 0.00001)  # seconds since the epoch are not finer than that
                assert received(connection, piece) == whole[number * piece : (number + 1) * piece]
            mock.stop()
            assert all_and_end(connection)[0] == b""


def test_the_steps_that_break_the_form_of_an_answer_do_it_to_the_byte() -> None:
    with MockServer(clock="manual") as mock:
        path = f"{GENERATIONS}/{submitted(mock)}"
        mock.faults.script("query", ["ok", "bad-chunk", "garbage"])
        raw, ends = [], []
        for _ in range(3):
            with asked(mock, path) as connection:
                found, end = all_and_end(connection)
                raw.append(found)
                ends.append(end)
    head, _, body = raw[0].partition(b"\r\n\r\n")
    bad_head, _, bad_body = raw[1].partition(b"\r\n\r\n")
    assert ends == ["FIN", "FIN", "FIN"]
    assert bad_body == b"%x\r\n%b\r\nno size\r\n" % (len(body), body)
    assert names_in(bad_head) == [
        b"Transfer-Encoding" if name == b"Content-Length" else name for name in names_in(head)
    ]
    assert raw[2] == bytes(range(128, 256)) * 2


def names_in(head: bytes) -> list[bytes]:
    """The names of its headers, in order."""
    return re.findall(rb"\r\n([A-Za-z0-9-]+):", head)


def test_a_step_of_an_endless_body_sends_the_body_and_then_spaces() -> None:
    with MockServer(clock="manual") as mock:
        path = f"{GENERATIONS}/{submitted(mock)}"
        with asked(mock, path) as plain:
            body = all_and_end(plain)[0].partition(b"\r\n\r\n")[2]
        mock.faults.script("query", ["endless"])
        with asked(mock, path) as connection:
            assert b"Transfer-Encoding: chunked" in head_of(connection)
            begin = b"%x\r\n%b\r\n" % (len(body), body)
            assert received(connection, len(begin)) == begin
            assert received(connection, 200 * len(FILLER)) == FILLER * 200


def test_a_pace_begins_with_the_head_and_a_clock_that_stood_still_before_counts_nothing() -> None:
    clock = ManualClock(1000.0)
    out = Sent()
    out.now = clock.now  # type: ignore[method-assign]
    fault = Paced(10, 10)
    fault.head(out, HEAD)
    fault.body(out, memoryview(BODY)[:10])
    assert out.waits == [(len(HEAD) + 10, 1001.0)]
