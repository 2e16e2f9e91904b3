"""Promises under many consumers at once: each sees its own tasks, and a seed decides all the same."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from nebula_mock import ManualClock, MockServer, Settings, create_app

GENERATIONS = "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat"}
KEYS = ("sk-one", "sk-two")
CLIENTS = 64


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A server whose clock stands still."""
    with MockServer(clock="manual", seed=1, video_size_bytes=300_000) as started:
        yield started


def exchange(mock: MockServer, method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
    """Status and body of one exchange on a connection of its own."""
    connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_64_consumers_of_two_accounts_see_their_own_tasks_and_no_others(mock: MockServer) -> None:
    together = Barrier(CLIENTS)

    def consume(number: int) -> list[tuple[int, str]]:
        key, other = KEYS[number % 2], KEYS[1 - number % 2]
        together.wait(timeout=30)
        task_id = exchange(mock, "POST", GENERATIONS, key, SORA)[1]["task_id"]
        own = exchange(mock, "GET", f"{GENERATIONS}/{task_id}", key)
        foreign = exchange(mock, "GET", f"{GENERATIONS}/{task_id}", other)
        return [(own[0], own[1]["task_id"]), (foreign[0], task_id)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        seen = list(pool.map(consume, range(CLIENTS)))
    ids = {task.task_id for task in mock.tasks}
    assert len(ids) == CLIENTS
    assert {own for own, _ in seen} == {(200, task_id) for task_id in ids}
    assert {foreign for _, foreign in seen} == {(404, task_id) for task_id in ids}


def test_64_downloads_at_once_are_64_whole_videos(mock: MockServer) -> None:
    task_id = exchange(mock, "POST", GENERATIONS, "sk-one", SORA)[1]["task_id"]
    mock.advance(10)
    path = f"{GENERATIONS}/download?id={task_id}"
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda _: exchange(mock, "GET", path, "sk-one"), range(CLIENTS)))
    assert answers[0][1]["size"] == 300_000
    assert answers == [(200, answers[0][1])] * CLIENTS


def test_a_clock_that_moves_under_polling_never_shows_a_task_going_back(mock: MockServer) -> None:
    task_id = exchange(mock, "POST", GENERATIONS, "sk-one", SORA)[1]["task_id"]

    def poll(_: int) -> list[int]:
        bodies = (exchange(mock, "GET", f"{GENERATIONS}/{task_id}", "sk-one")[1] for _ in range(20))
        return [body["metadata"]["progress"] for body in bodies]

    with ThreadPoolExecutor(8) as pool:
        polls = [pool.submit(poll, number) for number in range(8)]
        for _ in range(50):
            mock.advance(0.25)
    assert all(seen == sorted(seen) for seen in (future.result() for future in polls))


def ids_of_a_run(workers: int) -> dict[str, set[str]]:
    """The ids of 200 tasks of two accounts, submitted by that many threads, with seed 7."""
    provider = Settings(seed=7).provider(ManualClock(1_763_812_800.0))
    app = create_app(provider=provider)

    def submit(number: int) -> None:
        headers = {"Authorization": f"Bearer {KEYS[number % 2]}"}
        assert app.test_client().post(GENERATIONS, json=SORA, headers=headers).status_code == 200

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(submit, range(200)))
    ids: dict[str, set[str]] = {}
    for task in provider.store.tasks():
        ids.setdefault(task.account, set()).add(task.task_id)
    return ids


def test_32_threads_get_the_ids_that_one_thread_gets() -> None:
    """Which thread gets which is theirs to settle; an account's ids are decided by the seed alone."""
    alone = ids_of_a_run(1)
    assert sorted(map(len, alone.values())) == [100, 100]
    assert ids_of_a_run(32) == alone
