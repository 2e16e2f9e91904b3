"""Promises of trying again: what, how often, after which pauses, and from one budget."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, NewConnectionError

from nebula_client import (
    ConfigurationError,
    NebulaError,
    RefusedError,
    SubmitUncertain,
    UnreachableError,
    VideoClient,
)
from nebula_client.budget import CAPACITY, COSTS, RetryBudget
from nebula_client.retries import Backoff
from scripted import Answer, Reply, Scripted, told

TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"
QUEUED = told({"task_id": TASK_ID, "status": "queued"})
TAKEN = told({"task_id": TASK_ID})
LOST = requests.ConnectionError("reset")
# As requests tells of a port where nobody listens.
NOBODY = requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]

Connect = Callable[..., tuple[VideoClient, Scripted, list[float]]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A client of a provider with those replies, and the pauses it makes."""
    with ExitStack() as stack:

        def connected(*replies: Reply, **options: Any) -> tuple[VideoClient, Scripted, list[float]]:
            provider, pauses = Scripted(*replies), list[float]()
            options = {"sleep": pauses.append, "random": lambda: 0.0, **options}
            client = VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, **options)
            return stack.enter_context(client), provider, pauses

        yield connected


@pytest.mark.parametrize(
    "blip", [LOST, Answer(500, b""), Answer(503, b"{}"), Answer(200, b"<html>")], ids=str
)
def test_a_query_survives_a_burst_of_blips(
    connect: Connect, caplog: pytest.LogCaptureFixture, blip: Reply
) -> None:
    client, provider, pauses = connect(*[blip] * 5, QUEUED)
    assert client.query(TASK_ID).status == "queued"
    assert (len(provider.requests), pauses) == (6, [0.5, 1, 2, 4, 8])
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 5


def test_blips_that_do_not_end_are_told_with_the_number_of_attempts(connect: Connect) -> None:
    client, provider, _ = connect(Answer(500, b""))
    with pytest.raises(RefusedError) as caught:
        client.query(TASK_ID)
    assert (caught.value.attempts, len(provider.requests), caught.value.task_id) == (6, 6, TASK_ID)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_how_often_a_query_is_tried_again_is_a_setting(connect: Connect, retries: int) -> None:
    client, provider, _ = connect(LOST, request_retries=retries)
    with pytest.raises(UnreachableError):
        client.query(TASK_ID)
    assert len(provider.requests) == retries + 1


@pytest.mark.parametrize("retries", [-1, 1.5, True, "3", None])
def test_a_number_of_retries_that_is_none_is_refused(connect: Connect, retries: object) -> None:
    with pytest.raises(ConfigurationError, match="request_retries: found"):
        connect(QUEUED, request_retries=retries)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 501])
def test_what_will_not_change_is_not_asked_for_again(connect: Connect, status: int) -> None:
    client, provider, _ = connect(Answer(status, b"{}"))
    with pytest.raises(RefusedError):
        client.query(TASK_ID)
    assert len(provider.requests) == (6 if status == 501 else 1)


def test_nobody_there_is_told_after_three_attempts(connect: Connect) -> None:
    client, provider, pauses = connect(NOBODY)
    for call in (lambda: client.query(TASK_ID), lambda: client.submit("A cat", model="sora-2")):
        with pytest.raises(UnreachableError, match="after 3 attempts") as caught:
            call()
        assert caught.value.was_sent is False
    assert (len(provider.requests), pauses) == (6, [0.5, 1.0] * 2)


RETRY = {"Retry-After": "3"}


@pytest.mark.parametrize(
    ("reply", "pauses"),
    [
        (Answer(429, b"{}", headers=RETRY), [3, 3]),
        (Answer(503, b"{}", headers=RETRY), [3, 3]),
        (Answer(429, b"{}"), [0, 0]),
    ],
    ids=["429 after 3", "503 after 3", "429"],
)
def test_a_submit_that_was_refused_with_a_time_to_come_back_is_sent_again_with_the_same_key(
    connect: Connect, reply: Answer, pauses: list[float]
) -> None:
    client, provider, slept = connect(reply, reply, TAKEN)
    made = client.submit("A cat", model="sora-2")
    keys = {request.headers["Idempotency-Key"] for request in provider.requests}
    assert (keys, slept, len(provider.requests)) == ({made.idempotency_key}, pauses, 3)


@pytest.mark.parametrize(
    "reply",
    [
        LOST,
        requests.ReadTimeout("slow"),
        Answer(500, b"{}"),
        Answer(502, b""),
        Answer(408, b"{}"),
        Answer(200, b""),
    ],
    ids=str,
)
def test_a_submit_whose_outcome_is_not_known_is_sent_once(connect: Connect, reply: Reply) -> None:
    client, provider, slept = connect(reply, TAKEN)
    with pytest.raises(SubmitUncertain) as caught:
        client.submit("A cat", model="sora-2")
    assert (len(provider.requests), slept, caught.value.attempts) == (1, [], 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_submit_that_was_refused_for_good_is_sent_once(connect: Connect, status: int) -> None:
    client, provider, _ = connect(Answer(status, b'{"code": "no"}'), TAKEN)
    with pytest.raises(RefusedError) as caught:
        client.submit("A cat", model="sora-2")
    assert len(provider.requests) == 1
    assert caught.value.idempotency_key == provider.requests[0].headers["Idempotency-Key"]


def test_an_outcome_that_is_not_known_after_a_refusal_ends_the_trying(connect: Connect) -> None:
    client, provider, _ = connect(Answer(429, b"{}"), LOST, TAKEN)
    with pytest.raises(SubmitUncertain):
        client.submit("A cat", model="sora-2")
    assert len(provider.requests) == 2


@pytest.mark.parametrize("key", ["order-17", "x" * 255, "!~"])
def test_the_callers_idempotency_key_wins(connect: Connect, key: str) -> None:
    client, provider, _ = connect(TAKEN)
    assert client.submit("A cat", model="sora-2", idempotency_key=key).idempotency_key == key
    assert provider.requests[0].headers["Idempotency-Key"] == key


@pytest.mark.parametrize("key", ["", " ", "a b", "a\r\nX: 1", "é", "x" * 256, 5])
def test_an_idempotency_key_that_no_header_can_carry_is_refused(connect: Connect, key: Any) -> None:
    client, provider, _ = connect(TAKEN)
    with pytest.raises(ConfigurationError, match="idempotency_key: found"):
        client.submit("A cat", model="sora-2", idempotency_key=key)
    assert provider.requests == []


def test_all_calls_of_a_client_draw_from_one_budget(connect: Connect) -> None:
    """A hundred tasks would else multiply the trouble of a provider that browns out."""
    client, provider, _ = connect(Answer(500, b""))
    errors: list[NebulaError] = []
    for _ in range(20):
        with pytest.raises(RefusedError) as caught:
            client.query(TASK_ID)
        errors.append(caught.value)
    retries = len(provider.requests) - 20
    assert retries == CAPACITY // COSTS["transient"]
    assert "retry budget is used up" in errors[-1].__notes__[0]


def test_a_wait_pays_for_no_retry_that_it_does_not_make(connect: Connect) -> None:
    client, _, _ = connect(Answer(429, b"{}", headers={"Retry-After": "3600"}))
    for _ in range(3):
        with pytest.raises(RefusedError):
            client.wait(TASK_ID)
    assert client._retries.budget.left == CAPACITY


@given(st.lists(st.tuples(st.sampled_from(["transient", "throttled", "success"]), st.integers(0, 3))))
def test_a_budget_never_leaves_its_bounds_and_pays_exactly(deals: list[tuple[Any, int]]) -> None:
    budget = RetryBudget(40)
    purses = [budget.call() for _ in range(4)]
    last = [0] * 4
    left = 40
    for what, which in deals:
        if what == "success":
            left = min(40, left + (last[which] or 1))
            last[which] = 0
            purses[which].succeeded()
        else:
            can = left >= COSTS[what]
            if can:
                last[which] = COSTS[what]
                left -= COSTS[what]
            assert purses[which].pay(what) == can
        assert budget.left == left
        assert 0 <= left <= 40


@given(st.integers(1, 200), st.floats(0, 1), st.sampled_from(["transient", "throttled"]))
def test_a_pause_grows_to_its_longest(tried: int, draw: float, trouble: Any) -> None:
    pause = Backoff(5).pause_s(tried, trouble, lambda: draw)
    whole = min(8.0, (1.0 if trouble == "throttled" else 0.5) * 2.0 ** min(tried - 1, 64))
    assert pause == pytest.approx(whole * draw if trouble == "throttled" else whole * (1 - 0.25 * draw))
