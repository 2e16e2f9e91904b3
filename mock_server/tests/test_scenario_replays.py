"""Promises of replays: a recorded task is made again by its times, so polling at any speed sees where it stood."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from nebula_mock import MockServer
from nebula_mock.core.lifecycle import Failure, Plan, observed
from nebula_mock.core.progress import told_at
from nebula_mock.core.replays import Made, Replay
from nebula_mock.scenario_files import ScenarioError, scenario_in
from under_scenario import GENERATIONS, ME, SORA, opened

VEO = "veo-3.1-fast-generate-preview"
YOU = {"Authorization": "Bearer sk-you"}
SLOW, QUICK, FAILED = (
    {"model": "sora-2", "waiting_s": 20, "running_s": 100},
    {"model": "sora-2", "waiting_s": 1, "running_s": 2},
    {"model": "sora-2", "waiting_s": 5, "running_s": 5, "failure": "capacity"},
)


def scenario(*replays: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A scenario of replays, with tasks that are over at once when they are used up."""
    return {
        "description": "x",
        "lifecycle": {"default": {"timing": "instant"}},
        "replays": list(replays),
        **members,
    }


def submitted(client: Any, key: dict[str, str] = ME, **fields: Any) -> str:
    """The id of a new task."""
    answer = client.post(GENERATIONS, json={**SORA, **fields}, headers=key)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["task_id"])


def read(client: Any, task_id: str, key: dict[str, str] = ME) -> dict[str, Any]:
    """What a query says."""
    body: dict[str, Any] = client.get(f"{GENERATIONS}/{task_id}", headers=key).get_json()
    return body


def statuses(client: Any, *task_ids: str) -> list[str]:
    """Where tasks stand."""
    return [read(client, one)["status"] for one in task_ids]


def rising() -> st.SearchStrategy[tuple[tuple[float, int], ...]]:
    """Points as the schema and its checks let them be."""
    moments = st.lists(st.floats(0, 500), min_size=1, max_size=8, unique=True).map(sorted)
    return moments.flatmap(
        lambda at: (
            st.lists(st.integers(0, 99), min_size=len(at), max_size=len(at))
            .map(sorted)
            .map(lambda percents: tuple(zip(at, percents, strict=True)))
        )
    )


@given(rising(), st.lists(st.floats(0, 600), max_size=20).map(sorted))
def test_progress_is_told_as_recorded_and_never_falls(
    points: tuple[tuple[float, int], ...], moments: list[float]
) -> None:
    assert [told_at(points, at_s) for at_s, _ in points] == [percent for _, percent in points]
    told = [told_at(points, at_s) for at_s in moments]
    assert all(before <= after for before, after in pairwise(told))
    assert all(0 <= percent <= points[-1][1] for percent in told)


@given(rising(), st.floats(0, 300), st.floats(0, 300), st.booleans(), st.lists(st.floats(0, 700)).map(sorted))
def test_progress_of_a_replay_is_whole_at_success_alone_and_stands_after_a_failure(
    points: tuple[tuple[float, int], ...],
    waiting_s: float,
    running_s: float,
    fails: bool,  # noqa: FBT001
    moments: list[float],
) -> None:
    plan = Plan(waiting_s, running_s, Failure("refused") if fails else None, points=points)
    seen = [observed(plan, 0.0, at) for at in moments]
    assert all(before.progress_percent <= after.progress_percent for before, after in pairwise(seen))
    assert all((one.progress_percent == 100) == (one.stage == "succeeded") for one in seen)
    assert {one.progress_percent for one in seen if one.stage == "failed"} <= {points[-1][1]}


@given(
    st.floats(0, 100),
    st.floats(0, 200),
    st.lists(st.floats(0, 50), min_size=1, max_size=12),
)
def test_a_replayed_task_stands_where_its_times_say_at_any_rhythm(
    waiting_s: float, running_s: float, pauses: list[float]
) -> None:
    waiting_s, running_s = round(waiting_s, 3), round(running_s, 3)
    recorded = {"model": "sora-2", "waiting_s": waiting_s, "running_s": running_s}
    client, provider = opened(scenario(recorded))
    task_id, elapsed = submitted(client), 0.0
    for pause in (round(one, 3) for one in pauses):
        provider.clock.advance(pause)
        elapsed = round(elapsed + pause, 6)
        expected = (
            "queued"
            if elapsed < waiting_s
            else "in_progress"
            if elapsed < round(waiting_s + running_s, 6)
            else "succeeded"
        )
        assert statuses(client, task_id, task_id) == [expected] * 2


def test_submits_take_replays_in_their_order_and_then_fare_as_the_rest_says() -> None:
    client, provider = opened(scenario(SLOW, QUICK, FAILED))
    tasks = [submitted(client) for _ in range(4)]
    provider.clock.advance(10)
    assert statuses(client, *tasks) == ["queued", "succeeded", "failed", "succeeded"]
    assert read(client, tasks[2])["error"]["message"] == "The upstream has no capacity left"
    provider.clock.advance(110)
    assert statuses(client, tasks[0]) == ["succeeded"]


def test_a_replay_is_for_the_model_and_the_values_that_are_in_effect() -> None:
    """The sixteen is coerced to four, which is what the record had."""
    long = {**SLOW, "values": {"seconds": 8}}
    wide = {**SLOW, "values": {"seconds": 4, "size": "1280x720"}}
    other = {**SLOW, "model": VEO}
    client, _ = opened(scenario(long, wide, other))
    asked: list[dict[str, Any]] = [
        {},
        {"seconds": "8"},
        {"seconds": "8"},
        {"seconds": "16", "size": "1280x720"},
        {"model": VEO},
    ]
    tasks = [submitted(client, **fields) for fields in asked]
    assert statuses(client, *tasks) == ["succeeded", "queued", "succeeded", "queued", "queued"]


def test_a_truth_is_no_number() -> None:
    wanted = Replay(Made("x", {"count": 1, "audio": True}), Plan())
    assert wanted.fits(Made("x", {"count": 1, "audio": True, "seed": 3}))
    assert not wanted.fits(Made("x", {"count": True, "audio": True}))
    assert not wanted.fits(Made("x", {"count": 1, "audio": 1}))
    assert not wanted.fits(Made("x", {"audio": True}))


def test_a_refused_submit_takes_no_replay() -> None:
    """A consumer that tries again gets what was recorded for it."""
    once = {
        "name": "once",
        "match": {"operation": "submit", "nth": 1},
        "fault": {"fault": "problem", "id": "server-error"},
    }
    client, _ = opened(scenario(SLOW, rules=[once]))
    assert client.post(GENERATIONS, json=SORA, headers=ME).status_code == 500
    assert client.post(GENERATIONS, json={"model": "sora-2"}, headers=ME).status_code == 400
    assert statuses(client, submitted(client)) == ["queued"]


def test_each_account_takes_replays_for_itself() -> None:
    client, _ = opened(scenario(SLOW))
    mine, yours = submitted(client), submitted(client, YOU)
    assert read(client, mine)["status"] == read(client, yours, YOU)["status"] == "queued"
    assert statuses(client, submitted(client)) == ["succeeded"]


@pytest.mark.parametrize("whose", [None, "sk-me"])
def test_a_reset_gives_replays_back(whose: str | None) -> None:
    with MockServer(clock="manual", scenario=scenario(SLOW)) as mock:
        client = Client(mock.app)
        first = submitted(client)
        if whose is None:
            mock.reset("scenario")
        else:
            mock.account(whose).reset("scenario")
        second, third = submitted(client), submitted(client)
        assert statuses(client, first, second, third) == ["queued", "queued", "succeeded"]


def test_a_remix_takes_the_replay_of_a_remix_alone() -> None:
    client, _ = opened(scenario({**SLOW, "remix": True}))
    source = submitted(client)
    assert statuses(client, source) == ["succeeded"]
    remix = submitted(client, remix_from_video_id=source)
    assert statuses(client, remix, submitted(client)) == ["queued", "succeeded"]


@given(st.lists(st.floats(0.5, 20), min_size=1, max_size=10))
def test_the_gateway_tells_a_replay_as_it_was_seen_without_a_round_of_its_own(pauses: list[float]) -> None:
    recorded = {**SLOW, "unknown_s": 11}
    client, provider = opened(scenario(recorded, dialect="gateway"))
    task_id, elapsed = submitted(client), 0.0
    for pause in (round(one, 3) for one in pauses):
        provider.clock.advance(pause)
        elapsed = round(elapsed + pause, 6)
        words = ((11, "unknown"), (20, "queued"), (120, "in_progress"), (float("inf"), "succeeded"))
        assert statuses(client, task_id) == [next(word for until, word in words if elapsed < until)]


def test_recorded_progress_is_what_a_query_tells() -> None:
    client, provider = opened(scenario({**SLOW, "progress": [[10, 4], [30, 40], [80, 90]]}))
    task_id = submitted(client)
    told = []
    for seconds in (0, 5, 5, 10, 10, 25, 25, 30, 10):
        provider.clock.advance(seconds)
        told.append(read(client, task_id)["metadata"]["progress"])
    assert told == [0, 2, 4, 22, 40, 65, 90, 90, 100]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"waiting_s": -1}, "$.replays[0].waiting_s: found -1, expected at least 0"),
        ({"model": 1}, "$.replays[0].model: found 1, expected"),
        ({"values": {"seconds": None}}, "$.replays[0].values.seconds: found null"),
        ({"progress": [[1, 100]]}, "$.replays[0].progress[0][1]: found 100, expected at most 99"),
        ({"progress": [[1]]}, "$.replays[0].progress[0]"),
        ({"progress": [[5, 1], [5, 2]]}, "$.replays[0].progress[1]: found 5 s and 2 % after 5 s and 1 %"),
        ({"progress": [[5, 9], [6, 2]]}, "expected later seconds, and no less progress"),
        ({"unknown_s": 121}, "$.replays[0].unknown_s: found 121, expected at most 120, when the task ends"),
        ({"failure": "capacitty"}, 'Did you mean "capacity"?'),
        ({"runing_s": 1}, "runing_s"),
    ],
)
def test_a_bad_replay_is_told_by_place_found_and_expected(members: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_in(json.loads(json.dumps(scenario({**SLOW, **members}))), "file")
    assert told in str(caught.value)


def test_a_replay_that_says_no_more_than_its_times_can_be_used() -> None:
    made = scenario_in(scenario(SLOW), "file")
    assert made.replays == (Replay(Made("sora-2"), Plan(20, 100, unknown_s=0.0)),)
