"""Promises of waiting: when it asks, what it survives, how it ends. No test here sleeps."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client import (
    BrokenContractError,
    ConfigurationError,
    PollSchedule,
    RefusedError,
    Task,
    TaskFailed,
    UnreachableError,
    VideoClient,
    WaitTimeoutError,
)
from nebula_mock import Failure, MockServer, Plan
from scripted import Answer, Reply, Scripted

TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"
PICTURE = "https://images.example.com/cat.png"
EVEN = PollSchedule(first_s=2, growth=1, longest_s=2, jitter=0)

BLIP: Reply = requests.ConnectionError("reset")


class Clock:
    """Time that moves when somebody sleeps."""

    def __init__(self) -> None:
        """Start at an odd moment, as a monotonic clock does."""
        self.now = 1024.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.pauses.append(seconds)
        self.now += seconds


def told(status: str, **members: Any) -> Answer:
    """A query answer."""
    return Answer(200, json.dumps({"task_id": TASK_ID, "status": status, **members}).encode(), "request-1")


def refused(status: int) -> Answer:
    """A refusal."""
    return Answer(status, b'{"error": {"message": "no", "type": "t", "code": "c"}}', "request-1")


@pytest.fixture
def clock() -> Clock:
    """A clock that records the pauses."""
    return Clock()


@pytest.fixture
def provider() -> Scripted:
    """Answers by script."""
    return Scripted()


@pytest.fixture
def client(clock: Clock, provider: Scripted) -> Iterator[VideoClient]:
    """A client on that clock, without jitter."""
    with VideoClient(
        "sk-test",
        "http://127.0.0.1:9",
        schedule=EVEN,
        sleep=clock.sleep,
        monotonic=lambda: clock.now,
        random=lambda: 0.5,
        adapter=provider,
    ) as client:
        yield client


@pytest.fixture
def polls(provider: Scripted) -> Callable[..., list[Any]]:
    """Scripts the answers to polls, the last one for ever; gives the paths that were asked for."""

    def script(*replies: Reply) -> list[Any]:
        provider.script(*replies)
        return provider.requests

    return script


Script = Callable[..., list[Any]]


def test_the_first_poll_is_sent_at_once(client: VideoClient, clock: Clock, polls: Script) -> None:
    asked = polls(told("succeeded"))
    assert client.wait(TASK_ID).status == "succeeded"
    assert [request.path_url for request in asked] == [f"/v1/video/generations/{TASK_ID}"]
    assert clock.pauses == []


def test_pauses_grow_to_the_longest() -> None:
    schedule = PollSchedule()
    pauses = list(itertools.islice(schedule.pauses(lambda: 0.5), 8))
    assert pauses == [2, 3, 4.5, 6.75, 10.125, 15, 15, 15]


@pytest.mark.parametrize(("draw", "pauses"), [(0.0, [1.5, 3, 6, 6]), (1.0, [2.5, 5, 10, 10])])
def test_jitter_varies_a_pause_either_way(draw: float, pauses: list[float]) -> None:
    schedule = PollSchedule(first_s=2, growth=2, longest_s=8, jitter=0.25)
    assert list(itertools.islice(schedule.pauses(lambda: draw), 4)) == pauses


@settings(deadline=None)
@given(
    st.floats(0.001, 100),
    st.floats(1, 10),
    st.floats(0, 1000),
    st.floats(0, 1),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_no_pause_leaves_its_bounds(
    first_s: float, growth: float, more_s: float, jitter: float, draws: list[float]
) -> None:
    schedule = PollSchedule(first_s, growth, first_s + more_s, jitter)
    pauses = list(itertools.islice(schedule.pauses(iter(draws).__next__), len(draws)))
    assert all(0 <= pause <= (first_s + more_s) * (1 + jitter) * (1 + 1e-9) for pause in pauses)
    assert pauses[0] >= first_s * (1 - jitter) * (1 - 1e-9)


@pytest.mark.parametrize(
    "numbers",
    [
        {"first_s": 0},
        {"first_s": -1},
        {"first_s": 20},
        {"longest_s": float("inf")},
        {"first_s": float("nan")},
        {"growth": 0.9},
        {"growth": float("nan")},
        {"jitter": -0.1},
        {"jitter": 1.1},
    ],
)
def test_a_schedule_that_cannot_work_is_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(numbers))}.*: found .*, expected "):
        PollSchedule(**numbers)


def test_a_wait_makes_exactly_the_scheduled_pauses(
    client: VideoClient, clock: Clock, polls: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter([0.5, 0.0, 1.0])
    schedule = PollSchedule(first_s=2, growth=2, longest_s=16, jitter=0.25)
    drawn = replace(client._retries, random=draws.__next__)
    monkeypatch.setattr(client, "_waiting", replace(client._waiting, schedule=schedule, retries=drawn))
    polls(*[told("in_progress")] * 3, told("succeeded"))
    client.wait(TASK_ID)
    assert clock.pauses == [2, 3, 10]


def test_the_last_poll_is_sent_at_the_deadline(client: VideoClient, clock: Clock, polls: Script) -> None:
    """The last pause is cut short, so that a task that ends just in time is seen."""
    asked = polls(told("in_progress"))
    with pytest.raises(WaitTimeoutError) as caught:
        client.wait(TASK_ID, timeout_s=5)
    assert (clock.pauses, len(asked)) == ([2, 2, 1], 4)
    error = caught.value
    assert (error.task_id, error.last_status, error.waited_s, error.polls) == (TASK_ID, "in_progress", 5.0, 4)


def test_a_timeout_says_how_to_resume(client: VideoClient, polls: Script) -> None:
    polls(told("in_progress"))
    with pytest.raises(WaitTimeoutError) as caught:
        client.wait(TASK_ID, timeout_s=4)
    assert str(caught.value) == (
        f'Task {TASK_ID} is still "in_progress" after 4 s and 3 polls. It continues at the provider; '
        f'call wait("{TASK_ID}") to resume, or allow more with timeout_s.'
    )


def test_a_wait_of_no_time_asks_once(client: VideoClient, clock: Clock, polls: Script) -> None:
    asked = polls(told("queued"))
    with pytest.raises(WaitTimeoutError):
        client.wait(TASK_ID, timeout_s=0)
    assert (len(asked), clock.pauses) == (1, [])


@pytest.mark.parametrize("timeout_s", [-1, float("nan"), float("-inf")])
def test_a_wait_for_no_time_that_can_be_is_refused(
    client: VideoClient, polls: Script, timeout_s: float
) -> None:
    """No elapsed time is ever as long as NaN."""
    asked = polls(*[told("in_progress")] * 2000, told("succeeded"))
    with pytest.raises(ConfigurationError, match=f"timeout_s: found {timeout_s}, expected"):
        client.wait(TASK_ID, timeout_s=timeout_s)
    assert asked == []


def test_a_wait_may_be_as_long_as_it_takes(client: VideoClient, clock: Clock, polls: Script) -> None:
    polls(*[told("in_progress")] * 1000, told("succeeded"))
    assert client.wait(TASK_ID, timeout_s=float("inf")).status == "succeeded"
    assert clock.pauses == [2] * 1000


def test_a_wait_can_be_resumed(client: VideoClient, polls: Script) -> None:
    polls(told("queued"), told("queued"), told("in_progress"), told("succeeded"))
    with pytest.raises(WaitTimeoutError):
        client.wait(TASK_ID, timeout_s=2)
    assert client.wait(TASK_ID).status == "succeeded"


@pytest.mark.parametrize(
    "blip",
    [BLIP, refused(429), refused(500), refused(502), refused(503)],
    ids=["lost", "429", "500", "502", "503"],
)
def test_nine_blips_in_a_row_are_survived(client: VideoClient, polls: Script, blip: Reply) -> None:
    asked = polls(*[blip] * 9, told("queued"), *[blip] * 9, told("succeeded"))
    assert client.wait(TASK_ID).status == "succeeded"
    assert len(asked) == 20


@pytest.mark.parametrize(
    ("blip", "error"),
    [(BLIP, UnreachableError), (refused(429), RefusedError), (refused(503), RefusedError)],
    ids=["lost", "429", "503"],
)
def test_ten_blips_in_a_row_end_the_wait(
    client: VideoClient, polls: Script, blip: Reply, error: type[Exception]
) -> None:
    asked = polls(told("queued"), blip)
    with pytest.raises(error):
        client.wait(TASK_ID)
    assert len(asked) == 11


def test_blips_do_not_stretch_the_deadline(client: VideoClient, clock: Clock, polls: Script) -> None:
    asked = polls(told("queued"), BLIP)
    with pytest.raises(WaitTimeoutError) as caught:
        client.wait(TASK_ID, timeout_s=7)
    assert (clock.pauses, len(asked), caught.value.last_status) == ([2, 2, 2, 1], 5, "queued")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 410])
def test_a_refusal_that_will_not_change_ends_the_wait_at_once(
    client: VideoClient, clock: Clock, polls: Script, status: int
) -> None:
    polls(refused(status))
    with pytest.raises(RefusedError) as caught:
        client.wait(TASK_ID)
    assert (caught.value.status, caught.value.operation, clock.pauses) == (status, "query", [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"text"',
        b'{"task_id": "another", "status": "queued"}',
        b'{"status": "queued"}',
        f'{{"task_id": "{TASK_ID}"}}'.encode(),
        f'{{"task_id": "{TASK_ID}", "status": 5}}'.encode(),
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=[
        "empty",
        "html",
        "array",
        "text",
        "other-id",
        "no-id",
        "no-status",
        "number-status",
        "deep",
        "not-utf8",
    ],
)
def test_an_answer_that_breaks_the_contract_is_told_with_the_task(
    client: VideoClient, polls: Script, body: bytes
) -> None:
    polls(Answer(200, body, None))
    with pytest.raises(BrokenContractError) as caught:
        client.wait(TASK_ID)
    assert (caught.value.operation, caught.value.task_id) == ("query", TASK_ID)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_breaks_the_contract(client: VideoClient, polls: Script, number: str) -> None:
    """The command would print it as it came, and its reader would fail instead."""
    body = f'{{"task_id": "{TASK_ID}", "status": "queued", "metadata": {{"progress": {number}}}}}'
    polls(Answer(200, body.encode(), None))
    with pytest.raises(BrokenContractError):
        client.query(TASK_ID)


def test_an_unknown_status_is_not_the_end(client: VideoClient, polls: Script) -> None:
    """The gateway says "unknown" for a while; a later version may say anything."""
    polls(told("unknown"), told("paused"), told("succeeded"))
    assert client.wait(TASK_ID).status == "succeeded"


def test_every_answered_poll_is_reported_with_its_number(client: VideoClient, polls: Script) -> None:
    seen: list[tuple[str, int]] = []

    def remember(task: Task, count: int) -> None:
        seen.append((task.status, count))

    polls(told("queued"), BLIP, told("in_progress"), told("succeeded"))
    client.wait(TASK_ID, on_update=remember)
    assert seen == [("queued", 1), ("in_progress", 3), ("succeeded", 4)]


def test_an_interrupt_during_a_pause_passes_through(
    client: VideoClient, polls: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    polls(told("queued"))
    monkeypatch.setattr(
        client, "_waiting", replace(client._waiting, retries=replace(client._retries, sleep=interrupted))
    )
    with pytest.raises(KeyboardInterrupt):
        client.wait(TASK_ID)


@pytest.mark.parametrize(
    "task_id", ["", "a b", "a/b", "../admin", "a?b", "a#b", "a%2fb", "é", "a\n", "x" * 513]
)
def test_an_id_that_could_lead_elsewhere_is_never_sent(
    client: VideoClient, polls: Script, task_id: str
) -> None:
    asked = polls(told("queued"))
    with pytest.raises(ConfigurationError, match="expected 1 to 512 letters"):
        client.query(task_id)
    assert asked == []


@pytest.mark.parametrize("task_id", [".", ".."])
def test_dots_are_no_id(client: VideoClient, polls: Script, task_id: str) -> None:
    """An id comes from the provider's answer; it must not choose which path the key is sent to."""
    asked = polls(told("queued"))
    with pytest.raises(ConfigurationError):
        client.query(task_id)
    assert asked == []


@pytest.mark.parametrize(
    ("model", "parameters", "code"),
    [
        ("sora-2", {}, 400),
        ("veo-3.1-generate-preview", {}, 400),
        ("wan2.5-t2v-preview", {}, "policy"),
        ("wan2.5-i2v-preview", {"image": PICTURE}, "policy"),
        ("doubao-seedance-1-0-pro-250528", {}, 400),
    ],
)
def test_a_failed_task_raises_with_the_reason(
    model: str, parameters: dict[str, Any], code: int | str
) -> None:
    """Wan's page has the reason in metadata.output alone, with the upstream's own code."""
    plan = Plan(failure=Failure("The prompt shows a dog.", "policy"))
    with (
        MockServer(clock="manual", plan=plan) as mock,
        VideoClient("sk-test", mock.url, sleep=mock.advance, monotonic=mock.clock.now) as client,
    ):
        submission = client.submit("A cat", model=model, **parameters)
        with pytest.raises(TaskFailed) as caught:
            client.wait(submission.task_id)
    error = caught.value.task.error
    assert error is not None
    assert (error.message, error.code) == ("The prompt shows a dog.", code)
    assert "The prompt shows a dog." in str(caught.value)


def test_against_a_provider_the_pauses_are_those_of_the_schedule() -> None:
    pauses: list[float] = []
    with MockServer(clock="manual", plan=Plan(waiting_s=2, running_s=8)) as mock:

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            mock.advance(seconds)

        with VideoClient(
            "sk-test", mock.url, sleep=sleep, monotonic=mock.clock.now, random=lambda: 0.5
        ) as client:
            client.wait(client.submit("A cat", model="sora-2").task_id)
    assert pauses == [2, 3, 4.5, 6.75]
