"""Promises of what counts as fetched: a whole answer with the video, taken; nothing that was cut, broke or was partial."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from nebula_mock import MockServer, Settings, create_app
from nebula_mock.core.account import account_of
from nebula_mock.core.ledger import Bill
from nebula_mock.wire_count import WireCount
from raw_client import all_and_end

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
SORA = {"model": "sora-2", "prompt": "A cat"}
WAN = {"model": "wan2.5-t2v-preview", "prompt": "A cat"}
VEO = {"model": "veo-3.0-generate-preview", "prompt": "A cat"}
LARGE = 40_000_000  # bytes of a video; more than sockets hold


def scenario(operation: str, **fault: Any) -> dict[str, Any]:
    """A scenario whose every answer to that operation has a fault."""
    rule = {"name": "broken", "match": {"operation": operation}, "fault": fault}
    return {"description": "Broken.", "rules": [rule]}


def sent(
    mock: MockServer, path: str, method: str = "GET", body: bytes = b"", extra: str = ""
) -> socket.socket:
    """A connection on which a request was sent."""
    host, port = mock.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def answer(mock: MockServer, path: str, method: str = "GET", body: bytes = b"", extra: str = "") -> bytes:
    """The body of an answer, as far as it comes."""
    with sent(mock, path, method, body, extra) as connection:
        return all_and_end(connection)[0].partition(b"\r\n\r\n")[2]


def finished(mock: MockServer, order: dict[str, Any]) -> str:
    """The id of a finished task."""
    task_id = json.loads(answer(mock, GENERATIONS, "POST", json.dumps(order).encode()))["task_id"]
    mock.advance(10)
    return str(task_id)


def bill(mock: MockServer) -> Bill:
    """The account's."""
    return mock.account("sk-test").bill


def result_path(mock: MockServer, task_id: str) -> str:
    """Where the file of a task's result is."""
    found = re.search(rb"/results/[0-9a-f]+/0\.mp4", answer(mock, f"{GENERATIONS}/{task_id}"))
    assert found is not None
    return found[0].decode()


@pytest.mark.parametrize("entries", [1000, 0])
def test_a_download_is_a_fetch_as_soon_as_the_consumer_has_it(entries: int) -> None:
    with MockServer(clock="manual", journal_entries=entries) as mock:
        for number in range(1, 21):
            path = f"{GENERATIONS}/download?id={finished(mock, SORA)}"
            assert bill(mock).wasted == 1
            answer(mock, path)
            assert (bill(mock).fetched, bill(mock).wasted) == (number, 0)
            answer(mock, path)
            assert bill(mock).fetched == number


@pytest.mark.parametrize(
    ("extra", "fetched"),
    [("", 1), ("Range: bytes=0-\r\n", 1), ("Range: bytes=1-\r\n", 0), ("Range: bytes=0-99\r\n", 0)],
)
def test_a_file_is_fetched_by_all_of_it_and_by_no_part(extra: str, fetched: int) -> None:
    with MockServer(clock="manual") as mock:
        path = result_path(mock, finished(mock, WAN))
        assert (bill(mock).fetched, bill(mock).wasted) == (0, 1)
        assert answer(mock, path, extra=extra)
        assert (bill(mock).fetched, bill(mock).wasted) == (fetched, 1 - fetched)


def test_nobody_fetches_by_asking_how_long_a_file_is_or_for_what_it_does_not_have() -> None:
    with MockServer(clock="manual") as mock:
        path = result_path(mock, finished(mock, WAN))
        assert answer(mock, path, "HEAD") == b""
        answer(mock, path, extra="Range: bytes=999999999-\r\n")
        assert bill(mock).fetched == 0


def test_a_query_that_carries_the_video_is_a_fetch_and_no_other() -> None:
    for results, fetched in (("data-uri", 1), ("url", 0)):
        with MockServer(clock="manual", video_results=results) as mock:
            answer(mock, f"{GENERATIONS}/{finished(mock, VEO)}")
            assert bill(mock).fetched == fetched


def test_the_raw_video_of_the_gateway_is_a_fetch() -> None:
    with MockServer(clock="manual", dialect="gateway") as mock:
        task_id = finished(mock, SORA)
        mock.advance(60)
        assert answer(mock, f"/v1/videos/{task_id}/content")
        assert bill(mock).fetched == 1


@pytest.mark.parametrize("entries", [1000, 0])
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "reset"},
        {"fault": "reset", "at_fraction": 0.999},
        {"fault": "empty"},
        {"fault": "truncate", "at_fraction": 0.999},
        {"fault": "truncate", "at_bytes": 0},
        {"fault": "bad-chunk"},
        {"fault": "garbage"},
        {"fault": "problem", "id": "internal"},
    ],
)
def test_an_answer_that_went_wrong_is_no_fetch(fault: dict[str, Any], entries: int) -> None:
    with MockServer(clock="manual", scenario=scenario("download", **fault), journal_entries=entries) as mock:
        answer(mock, f"{GENERATIONS}/download?id={finished(mock, SORA)}")
        assert (bill(mock).charged, bill(mock).fetched, bill(mock).wasted) == (1, 0, 1)


def test_a_cut_behind_the_end_cuts_nothing() -> None:
    with MockServer(clock="manual", scenario=scenario("download", fault="truncate", at_bytes=10**9)) as mock:
        answer(mock, f"{GENERATIONS}/download?id={finished(mock, SORA)}")
        assert bill(mock).fetched == 1


def test_an_answer_that_never_ends_is_no_fetch() -> None:
    with MockServer(clock="manual", scenario=scenario("download", fault="endless")) as mock:
        task_id = finished(mock, SORA)
        with sent(mock, f"{GENERATIONS}/download?id={task_id}") as connection:
            received = 0
            while received < 5_000_000:
                received += len(connection.recv(1_000_000))
        assert bill(mock).fetched == 0


def test_a_stall_before_the_last_bytes_is_no_fetch_until_they_come() -> None:
    rules = scenario("download", fault="stall", at_fraction=0.999, for_s=60)
    with MockServer(clock="manual", scenario=rules) as mock:
        path = f"{GENERATIONS}/download?id={finished(mock, SORA)}"
        with sent(mock, path) as connection:
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            length = int(re.search(rb"Content-Length: ([0-9]+)", head)[1])  # type: ignore[index]
            left = int(length * 0.999) - len(body)
            while left:
                left -= len(connection.recv(left))
            assert bill(mock).fetched == 0
            mock.advance(60)
            all_and_end(connection)
        assert bill(mock).fetched == 1


@pytest.mark.parametrize("entries", [1000, 0])
def test_a_consumer_that_leaves_in_the_middle_fetched_nothing(entries: int) -> None:
    with MockServer(clock="manual", video_size_bytes=LARGE, journal_entries=entries) as mock:
        connection = sent(mock, f"{GENERATIONS}/download?id={finished(mock, SORA)}")
        connection.recv(100_000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        assert bill(mock).fetched == 0


def test_a_fetch_counts_without_a_socket_too() -> None:
    provider = (settings := Settings(clock="manual", journal_entries=0)).provider()
    client = create_app(settings, provider=provider).test_client()
    task_id = client.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    provider.clock.advance(10)
    begun = client.get(f"{GENERATIONS}/download?id={task_id}", headers=KEY, buffered=False)
    next(iter(begun.response))
    assert provider.bill(account_of("sk-test")).fetched == 0
    assert client.get(f"{GENERATIONS}/download?id={task_id}", headers=KEY).data
    assert provider.bill(account_of("sk-test")).fetched == 1


@dataclass
class Wire:
    """A connection of which a test says what it took."""

    sent_bytes: int = 0
    head_bytes: int | None = 0
    broke: OSError | None = None
    is_faulty: bool = False
    before_break: Callable[[], None] | None = None
    before_byte: tuple[int, Callable[[], None]] | None = None

    def finish(self) -> None:
        """Nothing is left to do."""


@pytest.mark.parametrize(("missing", "fetched"), [(0, 1), (1, 0)])
def test_a_last_byte_that_was_not_taken_takes_the_fetch_back(missing: int, fetched: int) -> None:
    provider = (settings := Settings(clock="manual")).provider()
    client = create_app(settings, provider=provider).test_client()
    task_id = client.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    provider.clock.advance(10)
    count = WireCount(wire := Wire())
    path, places = f"{GENERATIONS}/download?id={task_id}", {"nebula_mock.wire": count}
    begun = client.get(path, headers=KEY, buffered=False, environ_overrides=places)
    assert wire.before_byte is not None
    length, before_last = wire.before_byte
    assert length == begun.content_length
    before_last()
    assert provider.bill(account_of("sk-test")).fetched == 1
    wire.sent_bytes = length - missing
    begun.close()
    assert provider.bill(account_of("sk-test")).fetched == fetched


def test_what_is_fetched_after_a_reset_counts_for_no_task_that_has_its_id_by_then() -> None:
    """With a seed the same ids come again; an answer of the time before must not count for them."""
    rules = scenario("download", fault="drip", bytes_per_s=10_000)
    with MockServer(clock="manual", seed=7, scenario=rules) as mock:
        task_id = finished(mock, SORA)
        connection = sent(mock, f"{GENERATIONS}/download?id={task_id}")
        connection.recv(100)
        mock.reset("tasks")
        assert finished(mock, SORA) == task_id
        reader = threading.Thread(target=all_and_end, args=(connection,))
        reader.start()
        while reader.is_alive():
            mock.advance(60)
        connection.close()
        assert (bill(mock).charged, bill(mock).fetched) == (1, 0)
