"""Promises of tasks over the admin API: what will become of each, what it does next, and no secret."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.core.account import account_of
from nebula_mock.core.lifecycle import TRANSITIONS, Polls
from nebula_mock.core.next_change import ByPolls, ByTime, next_change
from nebula_mock.core.task import Task
from nebula_mock.provider import Provider
from nebula_schemas import contract

NOON = 1_763_812_800.0
TASKS, GENERATIONS = "/_mock/tasks", "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
SORA = {"model": "sora-2", "prompt": "A cat"}


def opened(**changes: Any) -> tuple[Provider, FlaskClient]:
    """A provider whose clock stands at noon, and a consumer of it."""
    provider = (made := Settings(**changes)).provider(ManualClock(NOON))
    return provider, create_app(made, provider=provider).test_client()


def told(client: FlaskClient, task_id: str, query: str = "") -> Any:
    """What is told of a task, which is as its schema says."""
    body = client.get(f"{TASKS}/{task_id}{query}").get_json()
    assert contract().violations("admin/task", body) == ()
    return body


def listed(client: FlaskClient, query: str = "") -> Any:
    """A page of tasks, which is as its schema says."""
    body = client.get(f"{TASKS}{query}").get_json()
    assert contract().violations("admin/tasks", body) == ()
    return body


def ids(client: FlaskClient, query: str = "") -> list[str]:
    """The ids on a page."""
    return [one["task_id"] for one in listed(client, query)["tasks"]]


def test_a_task_is_told_with_its_plan_and_its_next_change() -> None:
    provider, client = opened()
    task = provider.submit(account_of("sk-test"), SORA)
    provider.clock.advance(0.5)
    assert told(client, task.task_id) == {
        "task_id": task.task_id,
        "account": account_of("sk-test"),
        "family": "sora",
        "model": "sora-2",
        "prompt": "A cat",
        "parameters": {"seconds": 4, "size": "720x1280"},
        "remix_of": None,
        "price_usd": "0.40",
        "submitted_at": NOON,
        "stage": "waiting",
        "progress_percent": 4,
        "plan": {
            "waiting_s": 2.0,
            "running_s": 8.0,
            "is_endless": False,
            "polls": None,
            "failure": None,
        },
        "polls": None,
        "next_change": {"stage": "running", "at": NOON + 2, "in_s": 1.5},
        "ended_at": None,
        "fetched": False,
    }


def test_a_task_that_has_ended_changes_no_more() -> None:
    provider, client = opened()
    task = provider.submit(account_of("sk-test"), SORA)
    provider.clock.advance(60)
    assert client.get(f"{GENERATIONS}/download?id={task.task_id}", headers=KEY).data
    found = told(client, task.task_id)
    assert (found["stage"], found["next_change"], found["ended_at"]) == ("succeeded", None, NOON + 10)
    assert found["fetched"]


def test_a_task_that_moves_by_queries_is_told_by_queries() -> None:
    provider, client = opened(plan=Plan(polls=Polls(1, 2), failure=Failure("no", "policy")))
    task = provider.submit(account_of("sk-test"), SORA)
    seen = []
    for _ in range(5):
        found = told(client, task.task_id)
        seen.append((found["polls"], found["stage"], found["next_change"]))
        client.get(f"{GENERATIONS}/{task.task_id}", headers=KEY)
    assert seen == [
        (0, "waiting", {"stage": "running", "after_polls": 2}),
        (1, "waiting", {"stage": "running", "after_polls": 1}),
        (2, "running", {"stage": "failed", "after_polls": 2}),
        (3, "running", {"stage": "failed", "after_polls": 1}),
        (4, "failed", None),
    ]
    assert found["plan"]["failure"] == {"message": "no", "code": "policy"}
    assert (found["plan"]["waiting_s"], found["plan"]["polls"]) == (None, {"waiting": 1, "running": 2})


def test_to_look_moves_nothing() -> None:
    provider, client = opened(plan=Plan(polls=Polls(1, 1)))
    task = provider.submit(account_of("sk-test"), SORA)
    assert len({str(told(client, task.task_id)) for _ in range(5)}) == 1
    assert len({str(listed(client)) for _ in range(5)}) == 1


def test_no_secret_is_told() -> None:
    provider, client = opened(keys=("sk-another-key-0123456789", "sk-test"))
    prompt = "Write sk-another-key-0123456789 and sk-0123456789abcdefghijklmn on a wall"
    task = provider.submit(account_of("sk-test"), {**SORA, "prompt": prompt})
    for path in (TASKS, f"{TASKS}/{task.task_id}"):
        text = client.get(path).text
        assert task.result_token not in text
        assert "sk-another-key-0123456789" not in text
        assert "sk-0123456789abcdefghijklmn" not in text
    assert "Write" in told(client, task.task_id)["prompt"]


def test_filters_leave_the_tasks_that_are_meant() -> None:
    provider, client = opened()
    mine, yours = account_of("sk-mine"), account_of("sk-yours")
    old = provider.submit(mine, SORA).task_id
    provider.clock.advance(5)
    wan = provider.submit(mine, {"model": "wan2.5-t2v-preview", "prompt": "A dog"}).task_id
    other = provider.submit(yours, SORA).task_id
    assert ids(client) == [old, wan, other]
    assert ids(client, "?account=sk-mine") == [old, wan]
    assert ids(client, "?account=sk-nobody") == []
    assert ids(client, "?stage=running") == [old]
    assert ids(client, "?stage=waiting&model=sora-2") == [other]
    assert ids(client, "?stage=failed") == []
    assert ids(client, "?model=sora") == []


def test_pages_follow_each_other_and_leave_nothing_out() -> None:
    provider, client = opened()
    every = [provider.submit(account_of("sk-test"), SORA).task_id for _ in range(103)]
    assert (len(ids(client)), listed(client)["next_offset"], listed(client)["total"]) == (100, 100, 103)
    found, offset = [], 0
    while offset is not None:
        page = listed(client, f"?limit=25&offset={offset}")
        found += [one["task_id"] for one in page["tasks"]]
        offset = page["next_offset"]
    assert found == every
    assert listed(client, "?offset=500") == {"tasks": [], "total": 103, "next_offset": None}
    assert len(ids(client, "?limit=1000")) == 103


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "limit: found '0', expected a whole number from 1 to 1000"),
        ("limit=1001", "limit: found '1001', expected a whole number from 1 to 1000"),
        ("limit=ten", "limit: found 'ten', expected a whole number from 1 to 1000"),
        ("offset=-1", "offset: found '-1', expected a whole number from 0 to 1000000000"),
        ("offset=%C2%B2", "offset: found '\xb2', expected a whole number from 0 to 1000000000"),
        ("stage=queued", "stage: found 'queued', expected one of waiting, running, succeeded, failed"),
        ("page=2", "found the parameter 'page', expected account, limit, model, offset, stage"),
        ("limit=1&limit=2", "limit: found it 2 times, expected it once"),
        ("account=", "account: found no key that can be sent, expected ?account=KEY, such as sk-test"),
    ],
)
def test_a_question_that_cannot_be_is_a_problem(query: str, detail: str) -> None:
    answer = opened()[1].get(f"{TASKS}?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["detail"] == detail


@pytest.mark.parametrize("path", ["video_1", "video_1?account=sk-test", "a/b", "%00"])
def test_an_unknown_task_is_a_problem_that_says_what_to_do(path: str) -> None:
    answer = opened()[1].get(f"{TASKS}/{path}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "GET /_mock/tasks lists those that are" in answer.get_json()["detail"]


def test_another_accounts_task_is_unknown_to_who_asks_for_one_account() -> None:
    provider, client = opened()
    task_id = provider.submit(account_of("sk-mine"), SORA).task_id
    assert told(client, task_id, "?account=sk-mine")["task_id"] == task_id
    assert client.get(f"{TASKS}/{task_id}?account=sk-yours").status_code == 404


def test_an_id_of_two_accounts_asks_for_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, client = opened()
    monkeypatch.setattr("nebula_mock.core.task.task_id_for", lambda *_, **__: "video_1")
    for key in ("sk-mine", "sk-yours"):
        provider.submit(account_of(key), SORA)
    answer = client.get(f"{TASKS}/video_1")
    assert (answer.status_code, "?account=KEY" in answer.get_json()["detail"]) == (400, True)
    assert told(client, "video_1", "?account=sk-yours")["account"] == account_of("sk-yours")


seconds = st.one_of(st.just(0.0), st.floats(0.001, 1e6), st.integers(0, 100).map(float))
plans = st.builds(
    Plan,
    waiting_s=seconds,
    running_s=seconds,
    failure=st.sampled_from([None, Failure("no")]),
    is_endless=st.booleans(),
    polls=st.none() | st.builds(Polls, st.integers(0, 5), st.integers(0, 5)),
)


def planned(plan: Plan) -> Task:
    """A task with that plan."""
    return Settings(plan=plan, seed=1).provider(ManualClock(NOON)).submit("a", SORA)


@given(plans, st.floats(0, 3e6), st.integers(0, 12))
def test_what_is_foretold_happens_and_nothing_before(plan: Plan, later: float, polls: int) -> None:
    task, now = planned(plan), NOON + later
    stage = task.observed_at(now, polls).stage
    change = next_change(task, now, polls)
    if change is None:
        assert task.observed_at(now + 1e12, polls + 10**6).stage == stage
        return
    assert change.stage != stage
    assert change.stage in TRANSITIONS[stage] or plan.running_s == 0 or plan.polls is not None
    if isinstance(change, ByPolls):
        assert task.observed_at(now, polls + change.after_polls).stage == change.stage
        assert task.observed_at(now, polls + change.after_polls - 1).stage == stage
    else:
        assert isinstance(change, ByTime)
        assert task.observed_at(change.at).stage == change.stage
        assert task.observed_at(now + change.in_s).stage == change.stage
        assert (
            task.observed_at(now + change.in_s * 0.999).stage == stage or change.in_s < 1e-2
        )  # a float of now is no finer


@given(plans.filter(lambda plan: plan.polls is None), st.floats(0, 2e6))
def test_an_advance_by_what_is_foretold_reaches_it(plan: Plan, later: float) -> None:
    task, clock = planned(plan), ManualClock(NOON)
    clock.advance(later)
    while isinstance(change := next_change(task, clock.now()), ByTime):
        clock.advance(change.in_s)
        assert task.observed_at(clock.now()).stage == change.stage
    assert plan.is_endless or task.observed_at(clock.now()).is_terminal
