"""Whose a result is, and when a task was made: what the checks say of records that no mock of ours would write."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from exchanges import answer_of, answered, submitted
from nebula_contract.judging.judge import judge
from nebula_contract.record.exchange import Answer, Body, Exchange, Film, Request
from nebula_contract.sending.asking import Case
from nebula_contract.sending.target import open_target
from nebula_mock import MockServer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DATE = {"date": format_datetime(NOW, usegmt=True)}
MOCK = {"x-nebula-mock": "0.1.0"}
IDS = tuple(f"video_{digit * 32}" for digit in "ab")
HOUR_S, MINUTE_S = 3600, 60


def _found(exchanges: Sequence[Exchange], code: str) -> tuple[int, int]:
    """How often the check looked, and how often it found something."""
    verdict = judge(exchanges, is_mock=False, only=(code,))
    assert verdict.quarantined == ()
    return verdict.checks[0].looked, verdict.checks[0].broken


def _with_headers(exchange: Exchange, headers: dict[str, str], target_time: float | None = None) -> Exchange:
    assert exchange.answer is not None
    answer = replace(exchange.answer, headers={**exchange.answer.headers, **headers})
    return replace(exchange, answer=answer, target_time=target_time)


def _read(
    created_at: float, headers: dict[str, str], *, times: tuple[float | None, float | None] = (None, None)
) -> list[Exchange]:
    """A submit, and a query a second later that shows when the task was made."""
    made = submitted(answer=answer_of({"task_id": IDS[0], "status": "submitted", "format": "mp4"}))
    body = {
        "task_id": IDS[0],
        "status": "in_progress",
        "format": "mp4",
        "metadata": {"created_at": int(created_at)},
    }
    request = Request("GET", f"/v1/video/generations/{IDS[0]}", "own")
    read = answered(body, request=request, at_s=1.0, until_s=1.0)
    return [_with_headers(made, headers, times[0]), _with_headers(read, headers, times[1])]


@pytest.mark.parametrize("off_s", [-8 * HOUR_S, -HOUR_S, HOUR_S, 24 * HOUR_S])
def test_hours_off_the_date_of_the_answers_is_found(off_s: int) -> None:
    assert _found(_read(NOW.timestamp() + off_s, DATE), "NC330") == (1, 1)


@pytest.mark.parametrize("off_s", [-5 * MINUTE_S, 0, 5 * MINUTE_S])
def test_clocks_that_are_minutes_apart_are_no_finding(off_s: int) -> None:
    assert _found(_read(NOW.timestamp() + off_s, DATE), "NC330") == (1, 0)


def test_a_mock_whose_clock_told_nothing_is_not_judged_by_its_date() -> None:
    """It may stand still, or run a thousand times as fast."""
    assert _found(_read(0x7000_0000, {**DATE, **MOCK}), "NC330") == (0, 0)
    assert _found(_read(0x7000_0000, {}), "NC330") == (0, 0)
    assert _found(_read(0x7000_0000, {"date": "yesterday"}), "NC330") == (0, 0)


def test_the_clock_that_the_run_moves_comes_before_the_date() -> None:
    times = (1_766_361_600.0, 1_766_361_601.0)
    assert _found(_read(times[0], {**DATE, **MOCK}, times=times), "NC330") == (1, 0)
    assert _found(_read(NOW.timestamp(), {**DATE, **MOCK}, times=times), "NC330") == (1, 1)


def test_what_a_mock_says_of_its_clock_is_in_every_exchange() -> None:
    with open_target("mock", seed=1) as target:
        case = Case(target, "moments/1")
        first = case.query("none").exchange
        target.clock.pass_time(90)
        later = case.query("none").exchange
    assert first.target_time is not None
    assert later.target_time == first.target_time + 90


def test_an_account_at_another_mock_begins_at_that_mocks_time() -> None:
    with MockServer() as mock, open_target(mock.url) as target:
        sent = Case(target, "moments/1").query("none").exchange
        assert sent.target_time == pytest.approx(mock.clock.now(), abs=MINUTE_S)


def _film(digest: str) -> Answer:
    film = Film(8, digest, "", 5.0, 832, 480, 120, 24.0, "avc1", has_sound=False)
    return Answer(200, {"content-type": "video/mp4"}, Body(8, digest, film=film))


def _two_tasks(*seeds: int | None, digests: tuple[str, str] = ("one", "one")) -> list[Exchange]:
    """Two tasks of Wan with a result each."""
    found = []
    for place, (seed, digest) in enumerate(zip(seeds, digests, strict=True)):
        task_id = f"0000000{place}-0000-4000-8000-000000000000"
        url = f"https://results.example.com/{place}.mp4"
        body: dict[str, Any] = {"model": "wan2.5-t2v-preview", "prompt": "A boat"}
        body |= {} if seed is None else {"seed": seed}
        made = {"task_id": task_id, "status": "submitted", "format": "mp4"}
        raw = json.dumps(body).encode()
        found += [
            submitted(body=raw, number=3 * place + 1, answer=answer_of(made)),
            answered(
                {"task_id": task_id, "status": "succeeded", "format": "mp4", "url": url},
                number=3 * place + 2,
                request=Request("GET", f"/v1/video/generations/{task_id}", "own"),
            ),
            Exchange(
                3 * place + 3, "x/1", "result", Request("GET", url, "none"), _film(digest), subject=task_id
            ),
        ]
    return found


def test_two_tasks_with_one_video_are_found() -> None:
    assert _found(_two_tasks(None, None), "NC512") == (1, 1)
    assert _found(_two_tasks(1, 2), "NC512") == (1, 1)
    assert _found(_two_tasks(None, None, digests=("one", "other")), "NC512") == (1, 0)


def test_the_same_asked_with_the_same_seed_may_give_the_same_video() -> None:
    assert _found(_two_tasks(7, 7), "NC512") == (1, 0)
