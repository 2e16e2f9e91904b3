"""Promises of what is told of faults: when they happened, of whose doing, and without secrets."""

import json
import socket
from typing import Any

import pytest
import requests

from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter
from nebula_mock.script_reading import ScriptError, script_in
from raw_client import all_and_end, connected
from raw_exchange import GENERATIONS, SORA, exchange, queried, submitted

UNIFORM = {"delay": {"delay": "uniform", "min_s": 1, "max_s": 3000}}


def asked(mock: MockServer, path: str, method: str = "GET") -> socket.socket:
    """A connection on which a request was sent."""
    connection = connected(mock.url)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n\r\n"
    connection.sendall(head.encode())
    return connection


@pytest.mark.parametrize("step", ["stall at 50%", "drip 10/s"])
def test_an_answer_that_is_still_being_sent_is_not_in_the_journal(step: str) -> None:
    with MockServer(clock="manual") as mock:
        path = f"{GENERATIONS}/{submitted(mock)}"
        mock.faults.script("query", [step])
        with asked(mock, path) as connection:
            received = b""
            while not received.partition(b"\r\n\r\n")[
                2
            ]:  # the wait has begun when something of the body is seen
                received += connection.recv(65_536)
            assert [entry.operation for entry in mock.journal] == ["submit"]
            mock.advance(3600)
            _, end = all_and_end(connection)
            (*_, entry) = mock.journal
            assert (end, entry.operation, entry.ended) == ("FIN", "query", "complete")
            assert entry.response_body is not None
            assert entry.bytes_sent == entry.response_body.size
            assert entry.response_body.members["task_id"] in path


def test_an_answer_that_is_cut_while_it_stalls_is_told_with_what_was_sent() -> None:
    with MockServer(clock="manual") as mock:
        path = f"{GENERATIONS}/{submitted(mock)}"
        mock.faults.script("query", ["stall at 100"])
        with asked(mock, path) as connection:
            connection.recv(65_536)
            mock.reset("clock")
            all_and_end(connection)
        (*_, entry) = mock.journal
        assert (entry.ended, entry.bytes_sent) == ("cut", 100)


def test_what_is_drawn_for_a_step_follows_from_the_script_alone() -> None:
    """However often was asked before, and whoever else has a script."""

    def delay(*, before: int, other: bool) -> Any:
        with MockServer(clock="manual", seed=7) as mock:
            task_id = submitted(mock)
            if other:
                mock.account("sk-zzz").faults.script("query", ["ok"])
            for _ in range(before):
                queried(mock, task_id)
            mock.account("sk-test").faults.script("query", [UNIFORM])
            with asked(mock, f"{GENERATIONS}/{task_id}") as connection:
                while not mock.account("sk-test").faults.met.are_met:
                    pass
                mock.advance(3600)
                all_and_end(connection)
            (*_, entry) = mock.journal
            return entry.faults[0]["delay_s"]

    assert delay(before=0, other=False) == delay(before=3, other=True) > 1


def test_what_cannot_be_done_is_said_at_once_and_its_step_waits_for_the_next_request() -> None:
    mock = MockServer(clock="manual")
    script = mock.faults.script("submit", [{"delay": 600, "fault": {"fault": "reset"}}])
    with requests.Session() as session:
        session.mount("http://", AppAdapter(mock.app))
        answer = session.post(
            f"http://localhost{GENERATIONS}", json=SORA, headers={"Authorization": "Bearer sk-test"}
        )
    assert answer.status_code == 501
    assert (script.completed, mock.tasks) == (False, ())
    with pytest.raises(AssertionError, match="0 of 1 step met a request"):
        mock.faults.verify()


@pytest.mark.parametrize(
    "step",
    [
        "redirect http://u:sk-0123456789abcdefghij@127.0.0.1/?api_key=sk-0123456789abcdefghij",
        {"fault": "extra-field", "name": "api_key", "value": "sk-0123456789abcdefghij"},
        {"fault": "redirect", "to": "https://a.example/sk-0123456789abcdefghij"},
    ],
)
def test_a_key_in_a_step_is_told_nowhere(step: Any) -> None:
    with MockServer() as mock:
        made = exchange(mock, "POST", "/_mock/faults", {"operation": "query", "steps": [step]})
        seen = exchange(mock, "GET", "/_mock/faults")
        assert made.status == 201
        for text in (
            made.body.decode(),
            seen.body.decode(),
            mock.faults.met.in_words(),
            repr(list(mock.faults)),
        ):
            assert "0123456789" not in text


def test_a_script_of_two_accounts_is_none() -> None:
    value = {"operation": "query", "steps": ["ok"], "match": {"account": "sk-two"}}
    with pytest.raises(ScriptError, match=r"\$\.match\.account: found another account"):
        script_in(value, "0123456789abcdef")


def test_a_redirect_is_no_refusal_on_the_bill_and_an_error_is_one() -> None:
    with MockServer() as mock:
        mock.faults.script("submit", ["redirect", "http 503", "html-page", "http 503 done"])
        for _ in range(4):
            exchange(mock, "POST", GENERATIONS, SORA)
        bill = mock.account("sk-test").bill
        assert (bill.refused, bill.submitted) == ({"server-error": 2}, 1)


@pytest.mark.parametrize("step", ["bad-chunk", "endless"])
def test_an_answer_without_a_body_has_no_fault_of_the_body(step: str) -> None:
    with MockServer(clock="manual") as mock:
        task_id = submitted(mock, {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat"})
        mock.advance(60)
        path = json.loads(queried(mock, task_id).body)["url"].removeprefix(mock.url)
        mock.faults.script("result", [step])
        with asked(mock, path, "HEAD") as connection:
            raw, end = all_and_end(connection)
        assert (raw.partition(b"\r\n\r\n")[2], end) == (b"", "FIN")
        assert not mock.faults.met.are_met
