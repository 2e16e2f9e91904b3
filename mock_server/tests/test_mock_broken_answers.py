"""Promises of faults on the wire as rules name them: caused by one line, seen by a raw socket, state kept."""

import json
import re
import socket
from decimal import Decimal
from typing import Any

import pytest

from nebula_client import SubmitUncertain, VideoClient
from nebula_mock import MockServer, create_app
from nebula_mock.core.faults import FAULTS
from nebula_mock.journal import Journal
from nebula_mock.settings import Settings
from nebula_schemas import contract
from raw_client import all_and_end, at_work, connected, ended

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
SORA = json.dumps({"model": "sora-2", "prompt": "A cat"}).encode()


def scenario(operation: str, **fault: Any) -> dict[str, Any]:
    """A scenario whose every answer to that operation has a fault."""
    rule = {"name": "broken", "match": {"operation": operation}, "fault": fault}
    return {"description": "Broken.", "rules": [rule]}


def raw(mock: MockServer, method: str, path: str, body: bytes = b"") -> tuple[bytes, bytes, str]:
    """Head, body and end of an answer, as a raw socket sees them."""
    host, port = re.fullmatch(r"http://([^:]+):([0-9]+)", mock.url).groups()  # type: ignore[union-attr]
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + body)
        seen, end = all_and_end(connection)
    top, _, rest = seen.partition(b"\r\n\r\n")
    return top, rest, end


@pytest.mark.parametrize(
    ("fault", "ends"),
    [({"fault": "reset"}, "RST"), ({"fault": "empty"}, "FIN"), ({"fault": "truncate", "at_bytes": 0}, "FIN")],
)
def test_a_lost_answer_keeps_the_task_and_its_price(fault: dict[str, Any], ends: str) -> None:
    """The costliest bug of a paid API: a consumer that sends the submit again pays twice."""
    with MockServer(clock="manual", scenario=scenario("submit", **fault)) as mock:
        _, body, end = raw(mock, "POST", GENERATIONS, SORA)
        assert (body, end) == (b"", ends)
        assert len(mock.tasks) == 1
        mock.advance(10)
        assert mock.account("sk-test").bill.charged_usd == Decimal("0.40")


def test_our_client_does_not_send_a_lost_submit_again() -> None:
    with MockServer(clock="manual", scenario="lost-answer") as mock:
        client = VideoClient(api_key="sk-test", base_url=mock.url, sleep=mock.advance)
        with pytest.raises(SubmitUncertain):
            client.submit("A cat", model="sora-2")
        assert len(mock.tasks) == 1


def finished(mock: MockServer) -> str:
    """The id of a finished task."""
    _, body, _ = raw(mock, "POST", GENERATIONS, SORA)
    mock.advance(10)
    return str(json.loads(body)["task_id"])


@pytest.mark.parametrize("at", [{"at_fraction": 0.5}, {"at_bytes": 4096}])
def test_a_download_breaks_off_where_it_is_told(at: dict[str, float]) -> None:
    with MockServer(clock="manual", scenario=scenario("download", fault="truncate", **at)) as mock:
        path = f"{GENERATIONS}/download?id={finished(mock)}"
        head, body, end = raw(mock, "GET", path)
        length = int(re.search(rb"Content-Length: ([0-9]+)", head)[1])  # type: ignore[index]
        expected = at.get("at_bytes", int(length * at.get("at_fraction", 0)))
        assert (len(body), end) == (expected, "FIN")


def test_garbage_and_bad_chunks_are_what_a_consumer_gets() -> None:
    with MockServer(clock="manual", scenario=scenario("query", fault="garbage")) as mock:
        assert not raw(mock, "GET", f"{GENERATIONS}/x")[0].startswith(b"HTTP")
    with MockServer(clock="manual", scenario=scenario("query", fault="bad-chunk")) as mock:
        assert b"no size" in raw(mock, "GET", f"{GENERATIONS}/x")[1]


@pytest.mark.parametrize("name", ["lost-answer", "truncated-download", "hiccup"])
def test_a_fault_of_the_first_call_leaves_the_second_alone(name: str) -> None:
    with MockServer(clock="manual", scenario=name) as mock:
        raw(mock, "POST", GENERATIONS, SORA)
        task_id = finished(mock)
        raw(mock, "GET", f"{GENERATIONS}/download?id={task_id}")
        head, body, end = raw(mock, "GET", f"{GENERATIONS}/download?id={task_id}")
        assert (head.split()[1], json.loads(body)["success"], end) == (b"200", True, "FIN")


def test_without_a_socket_a_fault_on_the_wire_is_refused_loudly_and_nothing_is_done() -> None:
    provider = Settings(scenario=scenario("submit", fault="reset")).provider()
    journal = Journal()
    client = create_app(provider=provider, journal=journal).test_client()
    answer = client.post(GENERATIONS, data=SORA, content_type="application/json", headers=KEY)
    assert (answer.status_code, answer.content_type) == (501, "application/problem+json")
    assert "nebula-mock serve or MockServer" in answer.get_json()["detail"]
    assert list(provider.store.tasks()) == []
    assert [entry.ended for entry in journal.page().entries()] == ["refused"]


def test_every_kind_has_a_branch_of_the_schema_and_every_branch_a_kind() -> None:
    document = contract().documents["files/fault"]
    assert set(document["properties"]["fault"]["enum"]) == set(FAULTS) == set(document["$defs"])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"fault": "truncat", "at_bytes": 5}, 'Did you mean "truncate"?'),
        ({"fault": "truncate", "at_bytes": 5, "at_fraction": 0.5}, "$.rules[0].fault"),
        ({"fault": "stall", "at_bytes": 5, "for_s": 3601}, "$.rules[0].fault.for_s"),
        ({"fault": "reset", "at_bytes": -1}, "$.rules[0].fault.at_bytes"),
    ],
)
def test_a_fault_that_cannot_be_is_told_by_place(fault: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        Settings(scenario=scenario("query", **fault))


@pytest.mark.parametrize(
    ("fault", "ended", "sent"),
    [
        ({"fault": "reset"}, "reset", 0),
        ({"fault": "empty"}, "cut", 0),
        ({"fault": "truncate", "at_bytes": 1000}, "cut", 1000),
        ({"fault": "reset", "at_bytes": 1000}, "reset", 1000),
    ],
)
def test_the_journal_says_what_was_sent_how_it_ended_and_by_which_rule(
    fault: dict[str, Any], ended: str, sent: int
) -> None:
    with MockServer(clock="manual", scenario=scenario("download", **fault)) as mock:
        raw(mock, "GET", f"{GENERATIONS}/download?id={finished(mock)}")
        (entry,) = mock.journal.entries(operation="download")
        assert (entry.ended, entry.bytes_sent) == (ended, sent)
        assert entry.faults[0]["rules"] == ["broken"]
        assert entry.faults[0]["fault"] == fault["fault"]


def test_the_journal_counts_what_an_endless_body_sent_behind_its_end() -> None:
    with MockServer(clock="manual") as mock:
        mock.faults.script("query", ["endless"])
        with connected(mock.url) as connection:
            head = f"GET {GENERATIONS}/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n\r\n"
            connection.sendall(head.encode())
            taken = 0
            while taken < 1_000_000:
                taken += len(connection.recv(65_536))
        assert ended(at_work())
        (entry,) = mock.journal
        assert entry.ended == "reset"
        assert entry.bytes_sent > 900_000
        assert entry.faults[0]["fault"] == "endless"
