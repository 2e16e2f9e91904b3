"""Promises of scenarios over HTTP: chosen for all, for one account, for one request; told, and never leaking."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from nebula_mock import AccountRules, MockServer, Plan, Settings
from nebula_mock.settings import SettingsError
from under_scenario import FAILING, GENERATIONS, ME, SORA, opened, post, scenario

SCENARIO = "/_mock/scenario"
YOU = {"Authorization": "Bearer sk-you"}
CANARY = "canary+4711"


def test_a_rule_answers_in_place_of_the_operation() -> None:
    client, provider = opened(scenario(FAILING))
    statuses = [client.post(GENERATIONS, json=SORA, headers=ME).status_code for _ in range(3)]
    assert statuses == [200, 500, 200]
    assert len(provider.store) == 2
    assert provider.ledger()[0].refused == {"server-error": 1}


def test_a_fault_is_worded_in_the_dialect_of_the_account() -> None:
    rule = {"name": "busy", "fault": {"fault": "problem", "id": "rate-limited", "retry_after_s": 4.2}}
    client, _ = opened(scenario(rule), accounts={"sk-gate": AccountRules(dialect="gateway")})
    mine = client.post(GENERATIONS, json=SORA, headers=ME)
    theirs = client.post(GENERATIONS, json=SORA, headers={"Authorization": "Bearer sk-gate"})
    assert (mine.status_code, mine.get_json()["error"]["message"]) == (
        429,
        "Rate limit reached, try again later",
    )
    assert theirs.get_json()["message"].startswith("当前分组上游负载已饱和")
    assert (mine.headers["Retry-After"], theirs.headers["Retry-After"]) == ("5", "5")


@pytest.mark.parametrize("operation", ["query", "download"])
def test_queries_and_downloads_are_matched_by_their_task(operation: str) -> None:
    rule = {
        "name": "storms",
        "match": {"operation": operation, "prompt": "storm", "model": "sora-*"},
        "fault": {"fault": "problem", "id": "server-error"},
    }
    client, _ = opened(scenario(rule), plan=Plan(0, 0))
    statuses = []
    for prompt in ("A storm", "A cat"):
        task_id = client.post(GENERATIONS, json={**SORA, "prompt": prompt}, headers=ME).get_json()["task_id"]
        path = f"{GENERATIONS}/{task_id}" if operation == "query" else f"{GENERATIONS}/download?id={task_id}"
        statuses.append(client.get(path, headers=ME).status_code)
    assert statuses == [500, 200]


def test_a_limit_of_requests_is_a_429_that_says_when_to_ask_again() -> None:
    """A window of ten minutes, in milliseconds."""
    client, provider = opened({"description": "x", "limits": {"requests": {"most": 3, "per_s": 600}}})
    clock = provider.clock
    statuses = []
    for _ in range(5):
        answer = client.get(f"{GENERATIONS}/video_1", headers=ME)
        statuses.append(answer.status_code)
        clock.advance(60)
    assert statuses == [404, 404, 404, 429, 429]
    assert (answer.headers["Retry-After"], answer.get_json()["error"]["message"]) == (
        "360",
        "Rate limit reached, try again later",
    )
    assert client.get(f"{GENERATIONS}/video_1", headers=YOU).status_code == 404
    clock.advance(300)
    assert client.get(f"{GENERATIONS}/video_1", headers=ME).status_code == 404


def test_a_time_window_opens_and_closes_by_the_clock() -> None:
    rule = {
        "name": "outage",
        "match": {"from_s": 60, "to_s": 660},
        "fault": {"fault": "problem", "id": "server-error"},
    }
    client, provider = opened(scenario(rule))
    statuses = []
    for seconds in (0, 59.5, 0.5, 599, 1):
        provider.clock.advance(seconds)
        statuses.append(client.post(GENERATIONS, json=SORA, headers=ME).status_code)
    assert statuses == [200, 200, 500, 500, 200]


def test_a_window_counts_from_when_an_account_came_under_the_scenario() -> None:
    client, provider = opened()
    provider.clock.advance(1000)
    rule = {"name": "outage", "match": {"to_s": 60}, "fault": {"fault": "problem", "id": "server-error"}}
    client.put(f"{SCENARIO}?account=sk-me", json=scenario(rule))
    first = client.post(GENERATIONS, json=SORA, headers=ME).status_code
    provider.clock.advance(60)
    assert (first, client.post(GENERATIONS, json=SORA, headers=ME).status_code) == (500, 200)


def test_a_window_counts_on_the_clock_of_the_account_however_far_ahead_it_is() -> None:
    with MockServer(clock="manual") as mock:
        account = mock.account("sk-me")
        account.advance(1000)
        rule = {"name": "outage", "match": {"to_s": 60}, "fault": {"fault": "problem", "id": "server-error"}}
        mock.use(scenario(rule))
        first = post(mock.url, "sk-me")
        account.advance(60)
        assert (first, post(mock.url, "sk-me"), post(mock.url, "sk-you")) == (500, 200, 500)
        assert mock.scenario.fired() == {"outage": 2}


def test_an_account_whose_key_the_dialect_of_the_scenario_cannot_read_is_refused() -> None:
    with pytest.raises(SettingsError, match="a key that the gateway dialect cannot read"):
        Settings(scenario="gateway", accounts={"sk-a-b": AccountRules()})


def test_what_is_said_of_an_account_comes_before_the_scenario_and_that_before_the_server() -> None:
    everything = {
        "description": "x",
        "dialect": "gateway",
        "balance_usd": "0.00",
        "limits": {"most_running": 1},
    }
    rules = {
        "sk-me": AccountRules(dialect="documented", balance_usd=Decimal(5)),
        "sk-you": AccountRules(most_running=2),
    }
    _, provider = opened(everything, balance_usd=Decimal(9), accounts=rules)
    mine, yours, others = (
        provider.rules_of(provider_account(key)) for key in ("sk-me", "sk-you", "sk-other")
    )
    assert (mine.dialect, mine.balance_usd, mine.most_running) == ("documented", Decimal(5), 1)
    assert (yours.dialect, yours.balance_usd, yours.most_running) == ("gateway", Decimal(0), 2)
    assert (others.dialect, others.balance_usd, others.most_running) == ("gateway", Decimal(0), 1)


def test_what_a_scenario_says_nothing_about_stays_as_the_server_is_set_up() -> None:
    _, provider = opened(
        scenario(), plan=Plan(1, 2), balance_usd=Decimal(9), dialect="gateway", video_size_bytes=200_000
    )
    task = provider.submit("a", SORA)
    assert (task.plan, provider.dialect, provider.rules_of("a").balance_usd) == (
        Plan(1, 2),
        "gateway",
        Decimal(9),
    )
    assert provider.film(task, 0).length == 200_000


def provider_account(key: str) -> str:
    """The account of a key."""
    from nebula_mock.core.account import account_of

    return account_of(key)


def test_a_scenario_of_one_account_is_no_others() -> None:
    client, _ = opened("happy")
    chosen = client.put(f"{SCENARIO}?account=sk-me", json={"preset": "broke"}).get_json()
    statuses = [client.post(GENERATIONS, json=SORA, headers=who).status_code for who in (ME, YOU)]
    assert (chosen["name"], chosen["of"], statuses) == ("broke", "account", [403, 200])
    assert client.get(SCENARIO).get_json()["name"] == "happy"
    given_up = client.delete(f"{SCENARIO}?account=sk-me", json={}).get_json()
    assert (given_up["name"], given_up["of"]) == ("happy", "server")
    assert client.post(GENERATIONS, json=SORA, headers=ME).status_code == 200


def test_the_server_goes_back_to_the_scenario_it_was_started_with() -> None:
    client, _ = opened("slow")
    assert client.put(SCENARIO, json={"preset": "instant"}).get_json()["name"] == "instant"
    assert client.get("/_mock/health").get_json()["scenario"] == "instant"
    assert client.delete(SCENARIO, json={}).get_json()["name"] == "slow"


def test_the_scenario_tells_how_often_each_rule_fired() -> None:
    client, _ = opened()
    told = {"description": "x", "rules": [{"name": "late", "match": {"nth": [1, 3]}, "delay": 0}]}
    assert client.put(SCENARIO, json=told).get_json()["fired"] == {"late": 0}
    for who in (ME, ME, ME, YOU):
        client.post(GENERATIONS, json=SORA, headers=who)
    seen = client.get(SCENARIO).get_json()
    assert (seen["fired"], seen["scenario"], seen["problem"]) == ({"late": 3}, told, None)
    assert client.get(f"{SCENARIO}?account=sk-you").get_json()["fired"] == {"late": 1}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"preset": "slwo"}, "$.preset: found 'slwo', expected the name of a preset. Did you mean slow?"),
        ({"preset": 1}, "$.preset: found 1, expected type string"),
        ({"preset": "slow", "rules": []}, 'found the member "rules"'),
        ({}, "body, $: found no 'description'"),
        ({"description": "x", "ruls": []}, 'Did you mean "rules"?'),
        (
            scenario({"name": "a", "delay": 1}, {"name": "a", "delay": 1}),
            '$.rules[1].name: found "a" a second time',
        ),
    ],
)
def test_a_scenario_that_is_none_is_told_and_changes_nothing(body: Any, told: str) -> None:
    client, _ = opened("slow")
    answer = client.put(SCENARIO, json=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert told in answer.get_json()["detail"]
    assert client.get(SCENARIO).get_json()["name"] == "slow"


def test_a_request_may_ask_for_a_preset_for_itself_alone() -> None:
    client, provider = opened("happy")
    asked = {**ME, "X-Nebula-Scenario": "policy-refusal"}
    first = client.post(GENERATIONS, json=SORA, headers=asked).get_json()["task_id"]
    second = client.post(GENERATIONS, json=SORA, headers=ME).get_json()["task_id"]
    provider.clock.advance(10)
    statuses = [
        client.get(f"{GENERATIONS}/{one}", headers=ME).get_json()["status"] for one in (first, second)
    ]
    assert statuses == ["failed", "succeeded"]


def test_a_preset_for_one_request_may_change_its_dialect() -> None:
    client, _ = opened()
    asked = {**ME, "X-Nebula-Scenario": "gateway"}
    bad = {"model": "sora-9", "prompt": "A cat"}
    missing = [client.get(f"{GENERATIONS}/video_1", headers=headers).status_code for headers in (asked, ME)]
    assert missing == [400, 404]
    assert "code" in client.post(GENERATIONS, json=bad, headers=asked).text


@pytest.mark.parametrize("path", [GENERATIONS, "/v1/videos", f"{GENERATIONS}/download?id=1"])
def test_an_unknown_preset_is_answered_with_the_nearest(path: str) -> None:
    client, provider = opened()
    answer = client.post(path, json=SORA, headers={**ME, "X-Nebula-Scenario": "flakey"})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["detail"].endswith("Did you mean flaky?")
    assert len(provider.store) == 0


def test_what_one_request_asks_for_reaches_no_other() -> None:
    """Sixteen consumers at once, every second request with a header."""
    client, provider = opened("instant")
    headers = [{**ME, "X-Nebula-Scenario": "policy-refusal"} if n % 2 else ME for n in range(400)]

    def submitted(sent: dict[str, str]) -> str:
        answer = client.application.test_client().post(GENERATIONS, json=SORA, headers=sent)
        return str(answer.get_json()["task_id"])

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(submitted, headers))
    failed = {task.task_id for task in provider.store.tasks() if task.plan.failure is not None}
    assert failed == {task_id for n, task_id in enumerate(made) if n % 2}


def test_a_key_in_a_rule_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rule = {"name": "mine", "match": {"account": CANARY}, "delay": 0}
    client, provider = opened(scenario(rule), keys=(CANARY,))
    broken = [
        {**scenario(rule), "ruls": 1},
        scenario({**rule, "match": {"account": f"{CANARY} x"}}),
        scenario({**rule, "match": {"account": [CANARY]}}),
        scenario({**rule, "match": {"account": CANARY, "acount": 1}}),
        scenario({"name": "none", "match": {"account": CANARY}}),
        scenario({**rule, "delay": {"delay": "uniform", "min_s": 2, "max_s": 1}}),
    ]
    answers = [client.put(SCENARIO, json=body) for body in broken]
    assert [answer.status_code for answer in answers] == [400] * len(broken)
    seen = client.put(SCENARIO, json=scenario(rule))
    asked = client.get(f"{GENERATIONS}/1", headers={**ME, "X-Nebula-Scenario": f"sk-{CANARY}"})
    client.post(GENERATIONS, json=SORA, headers={"Authorization": f"Bearer {CANARY}"})
    assert client.get(SCENARIO).get_json()["fired"] == {"mine": 1}
    assert seen.get_json()["scenario"]["rules"][0]["match"] == {"account": "***"}
    shown = [answer.text for answer in (*answers, seen, asked, client.get(SCENARIO))]
    everything = "".join(
        [
            *shown,
            caplog.text,
            repr(provider.plays.in_force().scenario),
            repr(Settings(scenario=scenario(rule))),
        ]
    )
    assert "canary" not in everything
