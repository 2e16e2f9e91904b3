"""Promises of late answers: on the mock's clock, after the operation, released by an advance, let go by a stop."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nebula_mock import MockServer
from nebula_mock.core.task import Task
from under_scenario import FAILING, GENERATIONS, ME, NOON, SORA, opened, post, scenario


class Gate:
    """Counts the tasks that are kept, and lets somebody wait for so many."""

    def __init__(self, mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._kept = threading.Semaphore(0)
        store = mock._provider.store
        add = store.add

        def counting(task: Task) -> Any:
            dropped = add(task)
            self._kept.release()
            return dropped

        monkeypatch.setattr(store, "add", counting)

    def wait_for(self, count: int) -> None:
        """Until so many more tasks are kept."""
        for _ in range(count):
            assert self._kept.acquire(timeout=30)


def test_two_hundred_delayed_requests_are_released_by_one_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {
        "name": "late",
        "match": {"operation": "submit"},
        "delay": {"delay": "uniform", "min_s": 300, "max_s": 600},
    }
    with MockServer(clock="manual", scenario=scenario(rule)) as mock, ThreadPoolExecutor(200) as pool:
        gate = Gate(mock, monkeypatch)
        waiting = [pool.submit(post, mock.url, f"sk-{number}") for number in range(200)]
        gate.wait_for(200)
        mock.advance(299)
        assert not any(one.done() for one in waiting)
        started = time.monotonic()
        mock.advance(301)
        statuses = [one.result() for one in waiting]
        took_s = time.monotonic() - started
    assert statuses == [200] * 200
    assert took_s < 1


def test_a_task_is_kept_before_its_answer_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops waiting for the answer has a task all the same, and it can be found."""
    with MockServer(clock="manual", scenario="late-submit") as mock:
        gate = Gate(mock, monkeypatch)
        with pytest.raises(TimeoutError):
            post(mock.url, "sk-me", timeout=0.2)
        gate.wait_for(1)
        (task,) = mock.account("sk-me").tasks
        mock.advance(10)
        connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
        connection.request("GET", f"{GENERATIONS}/{task.task_id}", headers=ME)
        assert json.loads(connection.getresponse().read())["status"] == "succeeded"
        connection.close()


def test_a_refusal_is_as_late_as_any_other_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    client, provider = opened(scenario({"name": "late", "delay": 5}, FAILING))
    waits: list[float] = []
    monkeypatch.setattr(provider.clock, "wait_until", lambda moment, _since: waits.append(moment))
    client.post(GENERATIONS, json={**SORA, "model": "sora-9"}, headers=ME)
    client.post(GENERATIONS, json=SORA, headers=ME)
    assert waits == [NOON + 5, NOON + 5]


def test_a_delay_passes_on_the_clock_of_the_account() -> None:
    with MockServer(clock="manual", scenario="late-submit") as mock, ThreadPoolExecutor(1) as pool:
        account = mock.account("sk-me")
        clock = account.clock
        waiting = pool.submit(post, mock.url, "sk-me")
        while not waiting.done():  # the request may come after an advance: it then waits from there
            clock.advance(120)
        assert waiting.result() == 200
        assert mock.clock.now() < clock.now()


def test_a_server_that_stops_lets_go_of_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    with MockServer(clock="manual", scenario="late-submit") as mock, ThreadPoolExecutor(1) as pool:
        gate = Gate(mock, monkeypatch)
        waiting = pool.submit(post, mock.url, "sk-me")
        gate.wait_for(1)
        mock.stop()
        with pytest.raises((OSError, http.client.HTTPException)):
            waiting.result(30)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.startswith("Thread-"):
            thread.join(10)
    assert threading.active_count() <= before
