"""Promises of faults in the life of a task: what a query shows, what is charged, and what stays as it was."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from nebula_mock import MockServer
from nebula_schemas.catalogue import DIALECTS, Dialect
from raw_exchange import GENERATIONS, VEO, downloaded, exchange, queried, submitted

LONG = 300


@pytest.fixture(params=DIALECTS)
def mock(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A mock of each dialect; every fault that a test scripts is met."""
    dialect: Dialect = request.param
    with MockServer(clock="manual", dialect=dialect, video_size_bytes=1) as started:
        yield started
        started.faults.verify()


def status(mock: MockServer, task_id: str) -> str:
    """What a query says."""
    return str(queried(mock, task_id).json()["status"])


def test_a_finished_task_can_run_again_and_be_finished_after_all(mock: MockServer) -> None:
    task_id = submitted(mock)
    mock.advance(LONG)
    mock.faults.script("query", ["ok", "backwards", "ok"])
    assert [status(mock, task_id) for _ in range(3)] == ["succeeded", "in_progress", "succeeded"]


def test_a_running_task_can_wait_again(mock: MockServer) -> None:
    lifecycle = {"default": {"timing": "fixed", "waiting_s": 2, "running_s": 60}}
    mock.use({"description": "A minute.", "lifecycle": lifecycle})
    task_id = submitted(mock)
    mock.advance(30)  # the gateway's poller came round at least fifteen seconds after the submit
    before = queried(mock, task_id).json()
    mock.faults.script("query", ["backwards"])
    after = queried(mock, task_id).json()
    assert (before["status"], after["status"]) == ("in_progress", "queued")
    assert after["metadata"]["progress"] < before["metadata"]["progress"]


def test_an_end_can_change_both_ways(mock: MockServer) -> None:
    task_id = submitted(mock, VEO)
    mock.advance(LONG)
    mock.faults.script("query", ["terminal-changes"])
    changed = queried(mock, task_id).json()
    assert (changed["status"], bool(changed.get("url"))) == ("failed", False)
    assert changed["error"]["message"]
    assert queried(mock, task_id).json()["url"]
    mock.use({"description": "All fail.", "outcomes": [{"outcome": "failed", "failure": "policy-refusal"}]})
    failed = submitted(mock, VEO)
    mock.advance(LONG)
    mock.faults.script("query", ["terminal-changes"])
    assert queried(mock, failed).json()["url"]
    assert status(mock, failed) == "failed"


def test_a_task_never_finishes_for_one_query_or_for_ever(mock: MockServer) -> None:
    task_id = submitted(mock)
    mock.advance(LONG)
    mock.faults.script("query", ["never-finishing"])
    shown = queried(mock, task_id).json()
    assert (shown["status"], shown["metadata"]["progress"]) == ("in_progress", 99)
    assert status(mock, task_id) == "succeeded"
    mock.faults.script("submit", ["never-finishing"])
    endless = submitted(mock)
    mock.advance(365 * 86_400)
    assert status(mock, endless) == "in_progress"
    assert downloaded(mock, endless).status == 502
    assert mock.account("sk-test").bill.running == 1


def test_a_double_charge_is_on_the_bill_and_on_no_answer(mock: MockServer) -> None:
    plain = submitted(mock)
    mock.advance(LONG)
    price = mock.account("sk-test").bill.charged_usd
    mock.faults.script("submit", ["double-charge"])
    twice = submitted(mock)
    mock.advance(LONG)
    assert price > 0
    assert mock.account("sk-test").bill.charged_usd == 3 * price
    assert mock.account("sk-test").bill.charged == 2
    assert queried(mock, plain).json().keys() == queried(mock, twice).json().keys()


def test_a_double_charge_of_a_task_that_fails_is_none(mock: MockServer) -> None:
    mock.use({"description": "All fail.", "outcomes": [{"outcome": "failed", "failure": "policy-refusal"}]})
    mock.faults.script("submit", ["double-charge"])
    submitted(mock)
    mock.advance(LONG)
    assert mock.account("sk-test").bill.charged_usd == Decimal(0)


@pytest.mark.parametrize("step", ["lost-answer", "reset", "empty", "http 504 done", "stall at 0 for 0"])
def test_a_lost_answer_leaves_a_task_that_runs_and_is_charged(mock: MockServer, step: str) -> None:
    mock.faults.script("submit", [step])
    seen = exchange(mock, "POST", GENERATIONS, {"model": "sora-2", "prompt": "A cat"})
    assert step.startswith("stall") or b"task_id" not in seen.body
    mock.advance(LONG)
    bill = mock.account("sk-test").bill
    assert (bill.submitted, bill.charged, bill.charged_usd > 0) == (1, 1, True)
