"""Promises of a reset: what it forgets, what it leaves, for whom, and that a seeded run comes again after it."""

import json
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_mock import AccountRules, ManualClock, MockServer, Settings, create_app, normalised
from nebula_mock.core.account import account_of
from nebula_mock.journal import Journal
from nebula_mock.provider import Provider
from nebula_mock.reset_scopes import SCOPES, ScopeError
from nebula_schemas import contract

NOON = 1_763_812_800.0
RESET, GENERATIONS = "/_mock/reset", "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat"}
OWN, OTHER = account_of("sk-own"), account_of("sk-other")
ONCE = {
    "description": "The first query of an account fails.",
    "rules": [
        {"name": "once", "match": {"operation": "query"}, "times": 1, "fault": {"fault": "problem", "id": "internal"}}
    ],
}  # fmt: skip


class Mock:
    """A provider whose clock stands at noon, its journal, and a consumer of both."""

    def __init__(self, **changes: Any) -> None:
        made = Settings(**changes)
        self.provider: Provider = made.provider(ManualClock(NOON))
        self.journal: Journal = made.started_journal()
        self.client: FlaskClient = create_app(
            made, provider=self.provider, journal=self.journal
        ).test_client()

    def submit(self, key: str = "sk-own") -> str:
        """The id of a new task."""
        answer = self.client.post(GENERATIONS, json=SORA, headers={"Authorization": f"Bearer {key}"})
        return str(answer.get_json()["task_id"])

    def status(self, task_id: str, key: str = "sk-own") -> int:
        """Of the answer to a query."""
        path = f"{GENERATIONS}/{task_id}"
        return self.client.get(path, headers={"Authorization": f"Bearer {key}"}).status_code

    def reset(self, scope: str, query: str = "", **more: Any) -> Any:
        """What a reset says that it did, which is as its schema says."""
        answer = self.client.post(f"{RESET}{query}", json={"scope": scope, **more})
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        assert contract().violations("admin/reset-done", body) == ()
        return body


def test_tasks_are_forgotten_with_all_that_was_counted_of_them() -> None:
    mock = Mock(most_tasks=2)
    for _ in range(3):
        task_id = mock.submit()
    mock.client.post(GENERATIONS, json={}, headers={"Authorization": "Bearer sk-own"})
    assert mock.reset("tasks") == {"scope": "tasks", "account": None, "reset": {"tasks": 2}}
    assert (mock.status(task_id), mock.provider.ledger(), mock.provider.dropped) == (404, (), 0)
    assert mock.client.get("/_mock/tasks").get_json()["total"] == 0


@pytest.mark.parametrize("said", [{"query": "?account=sk-own"}, {"account": "sk-own"}])
def test_the_tasks_of_one_account_are_forgotten_and_no_others(said: dict[str, str]) -> None:
    mock = Mock()
    mine, yours = mock.submit(), mock.submit("sk-other")
    assert mock.reset("tasks", **said) == {"scope": "tasks", "account": OWN, "reset": {"tasks": 1}}
    assert (mock.status(mine), mock.status(yours, "sk-other")) == (404, 200)
    assert [bill.account for bill in mock.provider.ledger()] == [OTHER]


def test_after_a_reset_the_ids_of_a_seeded_run_come_again() -> None:
    mock = Mock(seed=7)
    first = [mock.submit() for _ in range(3)]
    assert mock.reset("tasks", "?account=sk-own")["reset"] == {"tasks": 3}
    assert [mock.submit() for _ in range(3)] == first


def test_the_queries_of_a_forgotten_task_do_not_count_for_the_next_of_its_id() -> None:
    mock = Mock(seed=7, scenario="by-polls")
    plan = mock.provider.store
    task_id = mock.submit()
    for _ in range(4):
        mock.status(task_id)
    mock.reset("tasks")
    assert mock.submit() == task_id
    (task,) = plan.tasks()
    assert mock.provider.books.polls.of(task) == 0


def test_the_journal_is_forgotten_and_numbers_go_on() -> None:
    mock = Mock()
    for key in ("sk-own", "sk-other"):
        mock.submit(key)
    assert mock.reset("journal", "?account=sk-own")["reset"] == {"journal": 1}
    assert [entry.account for entry in mock.journal.page().entries()] == [OTHER]
    assert mock.reset("journal")["reset"] == {"journal": 1}
    mock.submit()
    assert [entry.seq for entry in mock.journal.page().entries()] == [3]


def test_rules_fire_again_after_a_reset_of_faults() -> None:
    mock = Mock(scenario=ONCE)
    mine, yours = mock.submit(), mock.submit("sk-other")
    assert [mock.status(mine) for _ in range(2)] == [500, 200]
    assert [mock.status(yours, "sk-other") for _ in range(2)] == [500, 200]
    assert mock.reset("faults", "?account=sk-own")["reset"] == {"faults": {"scripts": 0, "fired": 1}}
    assert [mock.status(mine), mock.status(yours, "sk-other")] == [500, 200]
    assert mock.reset("faults")["reset"] == {"faults": {"scripts": 0, "fired": 2}}
    assert [mock.status(mine), mock.status(yours, "sk-other")] == [500, 500]
    assert mock.provider.plays.in_force().name == mock.reset("scenario")["reset"]["scenario"]


def test_scripts_are_forgotten_by_a_reset_of_faults_everyones_or_one_accounts() -> None:
    mock = Mock()
    for address in ("/_mock/faults", "/_mock/faults?account=sk-own", "/_mock/faults?account=sk-other"):
        mock.client.post(address, json={"operation": "query", "steps": ["http 503"]})
    assert mock.reset("faults", "?account=sk-own")["reset"]["faults"] == {"scripts": 1, "fired": 0}
    assert mock.reset("faults")["reset"]["faults"] == {"scripts": 2, "fired": 0}
    assert mock.status(mock.submit()) == 200


def test_rules_of_a_scenario_that_a_request_asks_for_fire_again_too() -> None:
    mock = Mock()
    headers = {"Authorization": "Bearer sk-own", "X-Nebula-Scenario": "rate-limited"}
    path = f"{GENERATIONS}/{mock.submit()}"

    def admitted() -> int:
        count = 0
        while mock.client.get(path, headers=headers).status_code == 200:
            count += 1
        return count

    before = admitted()
    assert (before > 0, admitted()) == (True, 0)
    mock.reset("faults", "?account=sk-own")
    assert admitted() == before


def test_the_scenario_of_the_start_is_in_force_again() -> None:
    mock = Mock(scenario=ONCE)
    task_id = mock.submit()
    for query, name in (("", "slow"), ("?account=sk-own", "instant"), ("?account=sk-other", "flaky")):
        mock.client.put(f"/_mock/scenario{query}", json={"preset": name})
    assert mock.reset("scenario", "?account=sk-own")["reset"] == {"scenario": "slow"}
    plays = mock.provider.plays
    assert [plays.in_force(one).name for one in (None, OWN, OTHER)] == ["slow", "slow", "flaky"]
    mock.reset("scenario")
    assert not plays.has_own(OTHER)
    assert [mock.status(task_id) for _ in range(2)] == [500, 200]
    mock.reset("scenario", "?account=sk-own")
    assert [mock.status(task_id) for _ in range(2)] == [500, 200]


def test_all_is_everything_and_the_rules_of_accounts() -> None:
    mock = Mock(accounts={"sk-own": AccountRules(most_running=1)})
    mock.submit()
    for key in ("sk-own", "sk-other"):
        mock.client.patch(f"/_mock/accounts?account={key}", json={"standing": "banned"})
    found = mock.reset("all", account="sk-own")["reset"]
    clock = {"mode": "manual", "now": NOON, "speed": None}
    none = {"scripts": 0, "fired": 0}
    told = {"tasks": 1, "journal": 1, "faults": none, "clock": clock, "scenario": "default", "accounts": 1}
    assert found == told
    rules = mock.provider.rulebook
    assert (rules.of(OWN), rules.of(OTHER).standing) == (AccountRules(most_running=1), "banned")
    assert mock.reset("all")["reset"] == {**told, "tasks": 0, "journal": 0}
    assert mock.provider.rulebook.of(OTHER) == AccountRules()


def test_a_scope_leaves_what_is_not_its_own() -> None:
    mock = Mock(scenario=ONCE)
    for scope in ("journal", "faults", "clock", "scenario"):
        task_id = mock.submit()
        mock.reset(scope)
        mock.reset("faults")
        assert [mock.status(task_id) for _ in range(2)] == [500, 200]
    mock.client.put("/_mock/scenario", json={"preset": "slow"})
    mock.provider.clock.advance(5)
    assert mock.reset("tasks")["reset"] == {"tasks": 4}
    assert (mock.provider.plays.in_force().name, mock.provider.clock.now()) == ("slow", NOON + 5)
    assert len(mock.journal) > 0


@pytest.mark.parametrize(
    ("query", "body", "status", "detail"),
    [
        ("", {}, 400, "body, $: found no 'scope', expected the members 'scope'."),
        ("", {"scope": "task"}, 400, 'body, $.scope: found "task", expected one of "all", "tasks", "journal"'),
        ("", {"scope": "task"}, 400, 'Did you mean "tasks"?'),
        ("", {"scope": "all", "acount": "sk-a"}, 400, 'Did you mean "account"?'),
        ("", {"scope": "all", "account": ""}, 400, "body, $.account: found"),
        ("?account=sk-own", {"scope": "all", "account": "sk-other"}, 400,
         "account: found one in the query string and another in the body, expected one of them"),
        ("?account=", {"scope": "all"}, 400, "account: found no key that can be sent"),
        ("?scope=all", {"scope": "all"}, 400, "found the parameter 'scope', expected account"),
    ],
)  # fmt: skip
def test_a_reset_that_cannot_be_is_a_problem_and_resets_nothing(
    query: str, body: dict[str, Any], status: int, detail: str
) -> None:
    mock = Mock()
    task_id = mock.submit()
    answer = mock.client.post(f"{RESET}{query}", json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert detail in answer.get_json()["detail"]
    assert "sk-o" not in answer.text
    assert mock.status(task_id) == 200


def test_the_same_account_may_be_said_twice() -> None:
    mock = Mock()
    mock.submit()
    assert mock.reset("tasks", "?account=sk-own", account="sk-own")["reset"] == {"tasks": 1}


def test_a_test_resets_everyone_or_one_account() -> None:
    with MockServer(clock="manual") as mock:
        for key in ("sk-own", "sk-other"):
            mock._provider.submit(account_of(key), SORA)
        assert mock.account("sk-own").reset("tasks") == {"tasks": 1}
        assert list(mock.reset()) == ["tasks", "journal", "faults", "clock", "scenario", "accounts"]
        assert mock.tasks == ()
        with pytest.raises(ScopeError, match="found 'task', expected one of all, tasks"):
            mock.reset("task")


def test_the_scopes_are_those_of_the_schema() -> None:
    assert contract().documents["admin/reset"]["properties"]["scope"]["enum"] == list(SCOPES)


def test_a_submit_at_the_moment_of_a_reset_is_before_or_after_it() -> None:
    """Nothing of a task is left where the task is gone, nor gone where it is there."""
    mock = Mock(seed=7)
    provider = mock.provider
    stop = threading.Event()

    def submit(account: str) -> None:
        while not stop.is_set():
            provider.submit(account, SORA)

    threads = [threading.Thread(target=submit, args=(account,)) for account in "abc"]
    for thread in threads:
        thread.start()
    for _ in range(200):
        provider.forget_tasks()
    stop.set()
    for thread in threads:
        thread.join(10)
    for account in "abc":
        kept = [task.task_id for task in provider.store.tasks_of(account)]
        fresh = Settings(seed=7).provider(ManualClock(NOON))
        assert kept == [fresh.submit(account, SORA).task_id for _ in kept]


steps = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(["sk-own", "sk-other"])),
    st.tuples(st.just("query"), st.integers(0, 5)),
    st.tuples(st.just("download"), st.integers(0, 5)),
    st.tuples(st.just("advance"), st.sampled_from([1, 5, 60])),
)


def run(client: FlaskClient, todo: list[tuple[str, Any]]) -> list[bytes]:
    """The bodies of what is answered."""
    bodies, ids = [], ["video_1"]
    for what, how in todo:
        key = how if what == "submit" else "sk-own"
        headers = {"Authorization": f"Bearer {key}"}
        if what == "advance":
            answer = client.post("/_mock/clock/advance", json={"seconds": how})
        elif what == "submit":
            answer = client.post(GENERATIONS, json=SORA, headers=headers)
            ids.append(json.loads(answer.data).get("task_id", "none"))
        else:
            of = ids[how % len(ids)]
            path = f"{GENERATIONS}/download?id={of}" if what == "download" else f"{GENERATIONS}/{of}"
            answer = client.get(path, headers=headers)
        bodies.append(answer.data.replace(answer.headers["X-Oneapi-Request-Id"].encode(), b""))
    return bodies


@pytest.mark.parametrize("scenario", [None, "flaky", "by-polls", "rate-limited"])
@settings(max_examples=15)
@given(st.lists(steps, max_size=12), st.lists(steps, max_size=12))
def test_after_a_reset_of_all_a_seeded_run_comes_again_byte_by_byte(
    scenario: str | None, before: list[tuple[str, Any]], todo: list[tuple[str, Any]]
) -> None:
    chosen = Settings(seed=7, clock="manual", scenario=scenario, video_size_bytes=40_000)
    fresh, used = chosen.started_journal(), chosen.started_journal()
    expected = run(create_app(chosen, journal=fresh).test_client(), todo)
    client = create_app(chosen, journal=used).test_client()
    run(client, before)
    client.patch("/_mock/clock?account=sk-own", json={"mode": "real"})
    client.put("/_mock/scenario", json={"preset": "outage"})
    client.post(RESET, json={"scope": "all"})
    assert run(client, todo) == expected
    assert normalised(used.page().entries()) == normalised(fresh.page().entries())
