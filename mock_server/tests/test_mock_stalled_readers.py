"""Promises about answers that are read slowly, or not at all."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.runner import Runner
from nebula_mock.wire_writing import WireWriter
from raw_client import all_of, answer_in, asked, at_work, connected, ended

MIB = 1024 * 1024
KEY = b"Host: localhost\r\nAuthorization: Bearer sk-test\r\n"
SORA = b'{"model":"sora-2","prompt":"A cat"}'
SUBMIT = b"POST /v1/video/generations HTTP/1.1\r\n" + KEY + b"Content-Type: application/json\r\n"
SMALL_BUFFER = 16 * 1024


@contextmanager
def serving(stall_s: float) -> Iterator[tuple[str, bytes]]:
    """The address of a server, and a request for a video that no system's buffers hold."""
    clock = ManualClock(1_763_812_800.0)
    set_up = Settings(clock="manual", video_size_bytes=64 * MIB)
    app = create_app(set_up, provider=set_up.provider(clock))
    with Runner(app, limits=ConnectionLimits(stall_s=stall_s)) as runner:
        answer = asked(runner.url, SUBMIT + b"Content-Length: %d\r\n\r\n" % len(SORA) + SORA)
        assert ended(at_work())
        clock.advance(10)
        task_id = json.loads(answer.body)["task_id"].encode()
        yield (
            runner.url,
            b"GET /v1/video/generations/download?id=%b HTTP/1.1\r\n%b\r\n" % (task_id, KEY),
        )


def test_a_download_that_nobody_reads_holds_nobody() -> None:
    with serving(stall_s=0.2) as (url, download), connected(url) as connection:
        connection.sendall(download)
        first = connection.recv(1)
        assert ended(at_work())
        raw = first + all_of(connection)
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert len(body) < 64 * MIB, "it broke off"
        assert asked(url, b"GET /_mock/health HTTP/1.1\r\n" + KEY + b"\r\n").status == 200


def test_a_download_whose_reader_pauses_is_whole() -> None:
    """Each pause is shorter than the limit, all together are longer."""
    with serving(stall_s=1) as (url, download), connected(url) as connection:
        connection.sendall(download)
        raw = bytearray(connection.recv(1))
        for _ in range(6):
            for thread in at_work():
                thread.join(timeout=0.25)
            raw += connection.recv(8 * MIB)
        assert at_work()
        raw += all_of(connection)
    answer = answer_in(bytes(raw))
    assert len(answer.body) == int(answer.headers["Content-Length"]) > 64 * MIB


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: one that writes into a large buffer, one that takes little at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MIB)
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            reader.connect(listener.getsockname())
            writer, _ = listener.accept()
            with writer:
                yield writer, reader


def test_a_line_too_slow_to_empty_the_buffer_is_no_stalled_one(
    line: tuple[socket.socket, socket.socket],
) -> None:
    """The system calls for more only when much of its buffer is free, long after the limit here."""
    writer, reader = line
    ends: list[BaseException] = []

    def write() -> None:
        try:
            WireWriter(writer, stall_s=0.8).write(bytes(64 * MIB))
        except OSError as error:
            ends.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(60):
        reader.recv(SMALL_BUFFER)
        thread.join(timeout=0.03)
    assert ends == []
    reader.close()
    assert ended([thread])
    assert isinstance(ends[0], ConnectionError)


def test_a_line_on_which_nothing_moves_is_a_stalled_one(line: tuple[socket.socket, socket.socket]) -> None:
    writer, _reader = line
    with pytest.raises(TimeoutError):
        WireWriter(writer, stall_s=0.2).write(bytes(64 * MIB))
