"""Promises of clocks over the admin API and in tests: one for everyone, or one of an account's own."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import ManualClock, MockServer, Settings, create_app
from nebula_mock.core.clock import ClockError
from nebula_mock.core.clocks import Clocks

CLOCK, ADVANCE = "/_mock/clock", "/_mock/clock/advance"
GENERATIONS = "/v1/video/generations"
OWN, OTHER = {"Authorization": "Bearer sk-own"}, {"Authorization": "Bearer sk-other"}
SORA = {"model": "sora-2", "prompt": "A cat"}


@pytest.fixture
def client() -> FlaskClient:
    """A consumer of a provider whose clock stands still."""
    return create_app(provider=Settings().provider(ManualClock(1_763_812_800.0))).test_client()


def submitted(client: FlaskClient, key: dict[str, str]) -> str:
    """The id of a new task."""
    return str(client.post(GENERATIONS, json=SORA, headers=key).get_json()["task_id"])


def status(client: FlaskClient, task_id: str, key: dict[str, str]) -> str:
    """The status of a task."""
    return str(client.get(f"{GENERATIONS}/{task_id}", headers=key).get_json()["status"])


def test_an_advance_says_what_it_changed_also_where_it_jumps_over_stages(client: FlaskClient) -> None:
    mine, yours = submitted(client, OWN), submitted(client, OTHER)
    first = client.post(ADVANCE, json={"seconds": 1}).get_json()["changed"]
    second = client.post(ADVANCE, json={"seconds": 600}).get_json()["changed"]
    assert first == []
    assert [(one["task_id"], one["before"], one["after"]) for one in second] == [
        (mine, "waiting", "succeeded"),
        (yours, "waiting", "succeeded"),
    ]


def test_an_account_may_live_by_a_clock_of_its_own(client: FlaskClient) -> None:
    """It starts as the server's is; from there each goes its own way."""
    client.patch(f"{CLOCK}?account=sk-own", json={"mode": "manual"})
    mine, yours = submitted(client, OWN), submitted(client, OTHER)
    changed = client.post(f"{ADVANCE}?account=sk-own", json={"seconds": 60}).get_json()["changed"]
    assert [one["task_id"] for one in changed] == [mine]
    assert (status(client, mine, OWN), status(client, yours, OTHER)) == ("succeeded", "queued")
    assert client.post(ADVANCE, json={"seconds": 60}).get_json()["changed"][0]["task_id"] == yours


def test_a_clock_of_its_own_is_given_back_only_where_time_does_not_fall(client: FlaskClient) -> None:
    path = f"{CLOCK}?account=sk-own"
    client.patch(path, json={"mode": "manual"})
    client.post(f"{ADVANCE}?account=sk-own", json={"seconds": 60})
    refused = client.delete(path, json={})
    assert (refused.status_code, "60.000 s behind" in refused.get_json()["detail"]) == (409, True)
    client.post(ADVANCE, json={"seconds": 60})
    assert client.delete(path, json={}).get_json() == client.get(CLOCK).get_json()
    client.post(ADVANCE, json={"seconds": 5})
    assert client.get(path).get_json() == client.get(CLOCK).get_json()


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("PATCH", CLOCK, {"mode": "frozen"}, '$.mode: found "frozen", expected one of "real", "manual"'),
        ("PATCH", CLOCK, {"mode": "manual", "speed": 5}, "expected anything but"),
        ("PATCH", CLOCK, {"mode": "real", "speed": 0}, "$.speed: found 0"),
        ("PATCH", CLOCK, {"mode": "real", "sped": 2}, 'Did you mean "speed"?'),
        ("PATCH", CLOCK, {}, "found no 'mode'"),
        ("DELETE", CLOCK, {}, "expected ?account=KEY"),
        ("POST", ADVANCE, {"seconds": 1, "hours": 1}, 'found the member "hours"'),
    ],
)
def test_a_change_that_cannot_be_is_told_and_changes_nothing(
    client: FlaskClient, method: str, path: str, body: dict[str, Any], told: str
) -> None:
    before = client.get(CLOCK).get_json()
    answer = client.open(path, method=method, json=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert told in answer.get_json()["detail"]
    assert client.get(CLOCK).get_json() == before


def test_an_account_without_a_clock_of_its_own_cannot_be_advanced_alone(client: FlaskClient) -> None:
    answer = client.post(f"{ADVANCE}?account=sk-own", json={"seconds": 1})
    assert (answer.status_code, "PATCH /_mock/clock?account=KEY" in answer.get_json()["detail"]) == (
        409,
        True,
    )


def test_a_running_server_changes_from_real_to_manual_and_back() -> None:
    client = create_app(Settings()).test_client()
    changes = [{"mode": "manual"}, {"mode": "real", "speed": 60}, {"mode": "real"}]
    modes = [client.patch(CLOCK, json=change).get_json()["mode"] for change in changes]
    assert modes == ["manual", "scaled", "real"]


def test_a_test_moves_one_account_alone() -> None:
    with MockServer(clock="manual") as mock:
        own, other = mock.account("sk-own"), mock.account("sk-other")
        before = other._provider.now(other._id)
        own.advance(60)
        assert (own.clock.now() - before, mock.clock.now() - before) == (60, 0)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 100))))
def test_clocks_of_accounts_are_independent(steps: list[tuple[str, int]]) -> None:
    clocks = Clocks(ManualClock(0.0))
    moved = {"a": 0, "b": 0}
    for account, seconds in steps:
        clocks.give(account).advance(seconds)
        moved[account] += seconds
    assert {account: clocks.of(account).now() for account in moved} == moved
    assert clocks.shared.now() == 0


def test_a_clock_is_taken_back_only_where_time_does_not_fall() -> None:
    clocks = Clocks(ManualClock(0.0))
    clocks.give("a")
    clocks.take_back("a")
    assert clocks.of("a") is clocks.shared
    clocks.take_back("a")
    clocks.give("a").advance(1)
    with pytest.raises(ClockError, match="behind the account's own"):
        clocks.take_back("a")
