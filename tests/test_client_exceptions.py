"""Promises of docs/reference/client-exceptions.md: it says what the four clients really do."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from client_events import EVENTS, Event
from client_habits import HABITS, Habit, habit_row, mock_for_habits
from exceptions_page import row
from exceptions_seen import Laboratory, laboratory
from http_clients import CLIENTS, Asked, Progress
from nebula_mock import MockServer
from page_text import table
from parcels import in_parcels
from raw_client import all_of, connected
from raw_server import RawServer, answer

PAGE = (Path(__file__).parent.parent / "docs/reference/client-exceptions.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in PAGE.splitlines() if line[:2] == "| "]
CELLS = {line[0]: dict(zip(ROWS[0], line, strict=True)) for line in ROWS[2:] if len(line) == len(ROWS[0])}
GENERATIONS = "/v1/video/generations"
HEADERS = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
SORA = b'{"model":"sora-2","prompt":"A cat"}'
BY_NAME = {client.name: client for client in CLIENTS}


@pytest.fixture(scope="module")
def tried() -> Iterator[Laboratory]:
    with laboratory() as made:
        yield made


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.title.replace("`", ""))
def test_the_page_says_what_each_client_does(tried: Laboratory, event: Event) -> None:
    assert table(tuple(ROWS[0]), [row(tried, event)]).splitlines()[-1] in PAGE.splitlines()


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.title.replace("`", ""))
def test_the_page_says_what_each_client_does_by_itself(habit: Habit) -> None:
    with mock_for_habits() as mock:
        told = table(("step", *BY_NAME), [habit_row(mock, habit)])
    assert told.splitlines()[-1] in PAGE.splitlines()


def test_the_page_names_the_versions_that_were_tried() -> None:
    for client in CLIENTS:
        assert client.packages == () or client.title in PAGE


def error(step: str, client: str) -> str:
    """What a cell says of what is raised, without what it came from."""
    return CELLS[step][client].split("<br>")[0]


def test_requests_cannot_tell_a_reset_in_the_body_from_a_short_one() -> None:
    assert error("`reset at 50%`", "requests") == error("`truncate at 50%`", "requests")
    assert "ChunkedEncodingError" in error("`truncate at 50%`", "requests")


def test_requests_tells_a_refused_connection_from_a_lost_answer_by_the_cause_alone() -> None:
    refused, lost = CELLS["nobody listens"], CELLS["`reset`"]
    assert error("nobody listens", "requests") == error("`reset`", "requests")
    assert refused["requests"] != lost["requests"]
    assert (refused["task"], lost["task"]) == ("none", "one")


@pytest.mark.parametrize("client", BY_NAME)
def test_no_call_raises_for_a_short_body(client: str) -> None:
    assert "call:" not in CELLS["`truncate at 50%`"][client]


def test_only_what_was_not_sent_and_what_was_refused_made_no_task() -> None:
    without = {step for step, cells in CELLS.items() if cells["task"] == "none"}
    assert without == {"nobody listens", "`http 503`"}


def test_without_streaming_a_short_body_raises_the_same_on_the_call() -> None:
    with MockServer() as mock:
        mock.faults.script("any", ["truncate at 50%"] * 2)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{mock.url}{GENERATIONS}/x", headers=HEADERS, timeout=20)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{mock.url}{GENERATIONS}/x", headers=HEADERS, timeout=20)
        mock.faults.verify()


def test_a_limit_of_each_read_does_not_end_what_aiohttp_does_with_a_bad_chunk() -> None:
    """Ten such limits pass; what ends it is the limit of the whole, by its own exception."""
    progress = Progress()
    with MockServer() as mock:
        mock.faults.script("submit", ["bad-chunk"])
        with in_parcels(mock.url, progress.head_is_read) as url:
            asked = Asked("POST", url + GENERATIONS, HEADERS, SORA, read_s=0.03, whole_s=0.3)
            with pytest.raises(TimeoutError) as caught:
                BY_NAME["aiohttp"].ask(asked, progress)
    assert (type(caught.value), progress.stage) == (TimeoutError, "body")


@pytest.mark.parametrize("apart", [True, False])
def test_what_goes_between_changes_no_byte(*, apart: bool) -> None:
    head_is_read = threading.Event()
    head_is_read.set()
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
    expected = answer(200, bytes(range(256)))
    with (
        RawServer(expected) as server,
        in_parcels(server.url, head_is_read if apart else None) as url,
        connected(url) as connection,
    ):
        connection.sendall(request)
        assert all_of(connection) == expected
    assert server.requests == [request]
