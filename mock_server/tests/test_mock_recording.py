"""Promises of recording over real sockets: when an entry is there, what was sent, how it ended."""

import http.client
import json
import logging
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from nebula_mock import MockServer, Settings, create_app
from nebula_mock.http.exchange import current_exchange
from nebula_mock.runner import Runner

GENERATIONS = "/v1/video/generations"
SORA = b'{"model": "sora-2", "prompt": "A cat"}'
HEADERS = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
TIMES = 200


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A server whose videos are larger than what sockets hold."""
    with MockServer(clock="manual", video_size_bytes=40_000_000) as started:
        yield started


def exchange(url: str, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body, on a connection of its own."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, HEADERS)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def raw_request(url: str, path: str) -> socket.socket:
    """A connection on which a request was sent."""
    host, port = url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer sk-test\r\n\r\n"
    connection.sendall(request.encode())
    return connection


def finished(mock: MockServer) -> str:
    """The id of a task that has succeeded."""
    task_id: str = json.loads(exchange(mock.url, "POST", GENERATIONS, SORA)[1])["task_id"]
    mock.advance(10)
    return task_id


def test_an_entry_is_there_as_soon_as_the_answer_is(mock: MockServer) -> None:
    for number in range(TIMES):
        before = mock._journal.page().next_seq
        status, body = exchange(mock.url, "GET", f"{GENERATIONS}/video_{number}")
        entries = list(mock._journal.page(since=before).entries())
        assert [(one.task_id, one.status) for one in entries] == [(f"video_{number}", status)]
        assert (entries[0].bytes_sent, entries[0].ended) == (len(body), "complete")


def test_an_entry_is_there_as_soon_as_the_last_byte_of_a_stream_is() -> None:
    with MockServer(clock="manual", video_size_bytes=200_000) as mock:
        task_id = finished(mock)
        for _ in range(TIMES // 4):
            before = mock._journal.page().next_seq
            _, body = exchange(mock.url, "GET", f"{GENERATIONS}/download?id={task_id}")
            (one,) = mock._journal.page(since=before).entries()
            assert (one.operation, one.bytes_sent, one.ended) == ("download", len(body), "complete")


def ended(mock: MockServer, before: int) -> Any:
    """The entry of an exchange that the server is ending."""
    while not (entries := list(mock._journal.page(since=before).entries())):
        pass
    return entries[0]


def test_a_consumer_that_resets_in_the_middle_is_told_with_the_bytes_sent(mock: MockServer) -> None:
    task_id = finished(mock)
    before = mock._journal.page().next_seq
    connection = raw_request(mock.url, f"{GENERATIONS}/download?id={task_id}")
    received = 0
    while received < 100_000:
        received += len(connection.recv(100_000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    one = ended(mock, before)
    assert (one.ended, one.status, one.task_id) == ("reset", 200, task_id)
    assert 90_000 < one.bytes_sent < one.response_body.size


def test_a_stream_that_breaks_off_is_cut_where_it_broke() -> None:
    app = create_app(Settings(), journal=(journal := Settings().started_journal()))

    @app.get("/half")
    def half() -> Any:
        from flask import Response

        def blocks() -> Iterator[bytes]:
            yield b"x" * 1000
            message = "broken on purpose"
            raise OSError(message)

        current_exchange().faults.append({"fault": "half"})
        answer = Response(blocks())
        answer.content_length = 2000
        return answer

    with Runner(app) as runner:
        connection = raw_request(runner.url, "/half")
        received = b""
        while block := connection.recv(1000):
            received += block
        connection.close()
    (one,) = journal.page().entries()
    assert received.endswith(b"\r\n\r\n" + b"x" * 1000)
    assert (one.ended, one.bytes_sent, one.faults) == ("cut", 1000, ({"fault": "half"},))


def test_a_stream_that_ends_early_is_cut() -> None:
    app = create_app(Settings(), journal=(journal := Settings().started_journal()))

    @app.get("/short")
    def short() -> Any:
        from flask import Response

        answer = Response(iter([b"abc"]))
        answer.content_length = 10
        return answer

    assert app.test_client().get("/short").data == b"abc"
    (one,) = journal.page().entries()
    assert (one.ended, one.bytes_sent) == ("cut", 3)


def test_who_breaks_an_answer_says_how_it_ended() -> None:
    app = create_app(Settings(), journal=(journal := Settings().started_journal()))

    @app.get("/reset")
    def reset() -> str:
        current_exchange().ended = "reset"
        return "x"

    app.test_client().get("/reset")
    (one,) = journal.page().entries()
    assert one.ended == "reset"


def test_a_body_without_a_length_is_complete_at_its_end() -> None:
    app = create_app(Settings(), journal=(journal := Settings().started_journal()))

    @app.get("/chunks")
    def chunks() -> Any:
        from flask import Response

        return Response(iter([b"abc", b"de"]))

    with Runner(app) as runner:
        assert exchange(runner.url, "GET", "/chunks") == (200, b"abcde")
        (one,) = journal.page().entries()
    assert one.ended == "complete"


def test_the_100_continue_is_no_part_of_the_body(mock: MockServer) -> None:
    before = mock._journal.page().next_seq
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = (
            f"POST {GENERATIONS} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer sk-test\r\n"
            f"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {len(SORA)}\r\n\r\n"
        )
        connection.sendall(head.encode() + SORA)
        received = b""
        while block := connection.recv(4096):
            received += block
    one = ended(mock, before)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
    assert one.bytes_sent == len(received.rpartition(b"\r\n\r\n")[2])


def test_what_is_no_request_has_no_entry_and_is_counted(mock: MockServer) -> None:
    before = mock._journal.page().next_seq
    counted = mock._journal.refused_early
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        while connection.recv(4096):
            pass
    assert mock._journal.refused_early == counted + 1
    assert mock._journal.page().next_seq == before
    body = json.loads(exchange(mock.url, "GET", "/_mock/journal?limit=0")[1])
    assert body["refused_early"] == counted + 1


def test_a_request_of_another_web_site_is_told_too(
    mock: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    before = mock._journal.page().next_seq
    connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=30)
    connection.request("GET", f"{GENERATIONS}/x", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 421
    connection.close()
    (one,) = mock._journal.page(since=before).entries()
    assert (one.status, one.operation, one.account) == (421, "query", None)
