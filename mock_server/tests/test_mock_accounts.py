"""Promises of accounts with rules of their own: a dialect each, from a file or over the admin API."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import AccountRules, ManualClock, MockServer, Settings, create_app
from nebula_mock.account_files import read_accounts, rules_as_json, rules_from
from nebula_mock.core.account import account_of
from nebula_mock.core.rules import STANDINGS, RulesError
from nebula_mock.json_files import JsonFileError
from nebula_mock.settings import SettingsError
from nebula_schemas import contract

GENERATIONS, ACCOUNTS = "/v1/video/generations", "/_mock/accounts"
SORA = {"model": "sora-2", "prompt": "A cat"}
GATEWAY = AccountRules(dialect="gateway")

money = st.none() | st.decimals(0, 10**6, places=2).map(lambda amount: f"{amount:f}")
any_rules = st.fixed_dictionaries(
    {},
    optional={
        "standing": st.sampled_from(STANDINGS),
        "models": st.lists(st.sampled_from(["sora-2", "veo-3.0-generate-001"]), unique=True),
        "balance_usd": money,
        "most_running": st.none() | st.integers(1, 100),
        "dialect": st.sampled_from([None, "documented", "gateway"]),
        "video_results": st.sampled_from([None, "url", "data-uri"]),
    },
)


def client_of(**settings: Any) -> FlaskClient:
    """A consumer of a provider without a socket."""
    made = Settings(clock="manual", **settings)
    return create_app(made, provider=made.provider(ManualClock(1_763_812_800.0))).test_client()


def statuses(client: FlaskClient, *authorizations: str) -> list[int]:
    """The HTTP status of a query for an unknown task, by Authorization header."""
    answers = (client.get(f"{GENERATIONS}/x", headers={"Authorization": one}) for one in authorizations)
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("server", "own", "server_status", "own_status"),
    [("documented", "gateway", 404, 400), ("gateway", "documented", 400, 404)],
)
def test_an_account_is_answered_in_its_own_dialect(
    server: Any, own: Any, server_status: int, own_status: int
) -> None:
    client = client_of(dialect=server, accounts={"sk-own": AccountRules(dialect=own)})
    assert statuses(client, "Bearer sk-own", "Bearer sk-other") == [own_status, server_status]


def test_a_key_is_read_in_the_dialect_of_its_account() -> None:
    """The gateway lets the prefixes be left out; the documents do not."""
    client = client_of(accounts={"sk-own": GATEWAY})
    assert statuses(client, "sk-own", "own", "Bearer own", "sk-other", "other") == [400, 400, 400, 401, 401]
    client = client_of(dialect="gateway", accounts={"sk-my-key": AccountRules(dialect="documented")})
    assert statuses(client, "Bearer sk-my-key", "sk-my-key", "Bearer sk-your-key") == [404, 403, 403]


def test_refusals_before_the_account_is_known_are_the_servers() -> None:
    client = client_of(accounts={"sk-own": GATEWAY})
    assert client.get(f"{GENERATIONS}/x").get_json()["error"]["code"] == "invalid_api_key"


def test_dialects_do_not_leak_from_one_request_to_the_next() -> None:
    client = client_of(accounts={"sk-own": GATEWAY})
    assert statuses(client, *["Bearer sk-own", "Bearer sk-other"] * 3) == [400, 404] * 3


def test_rules_are_replaced_changed_and_forgotten_while_the_server_runs() -> None:
    client = client_of()
    path = f"{ACCOUNTS}?account=sk-own"
    before = client.get(path).get_json()
    put = client.put(path, json={"balance_usd": "5.00", "dialect": "gateway"}).get_json()
    patched = client.patch(path, json={"standing": "disabled"}).get_json()
    assert (put["rules"]["balance_usd"], put["left_usd"], put["dialect_in_force"]) == (
        "5.00",
        "5.00",
        "gateway",
    )
    assert (patched["rules"]["balance_usd"], patched["rules"]["standing"]) == ("5.00", "disabled")
    assert statuses(client, "Bearer sk-own") == [401]
    assert client.get(ACCOUNTS).get_json() == {"accounts": [patched]}
    assert client.delete(path, json={}).get_json() == client.get(path).get_json() == before
    assert client.get(ACCOUNTS).get_json() == {"accounts": []}


def test_a_balance_is_what_is_left_after_what_was_charged() -> None:
    settings = Settings(clock="manual")
    clock = ManualClock(1_763_812_800.0)
    client = create_app(settings, provider=settings.provider(clock)).test_client()
    path, key = f"{ACCOUNTS}?account=sk-own", {"Authorization": "Bearer sk-own"}
    client.put(path, json={"balance_usd": "0.50"})
    assert client.post(GENERATIONS, json=SORA, headers=key).status_code == 200
    clock.advance(10)
    told = client.get(path).get_json()
    assert (told["spent_usd"], told["left_usd"]) == ("0.40", "0.10")
    assert client.post(GENERATIONS, json=SORA, headers=key).status_code == 403
    client.patch(path, json={"balance_usd": "1.00"})
    assert client.post(GENERATIONS, json=SORA, headers=key).status_code == 200


@given(any_rules)
def test_rules_survive_the_way_to_json_and_back(rules: dict[str, Any]) -> None:
    made = rules_from(rules)
    told = rules_as_json(made)
    assert contract().violations("files/account-rules", told) == ()
    assert rules_from(told) == made
    assert rules.items() <= told.items()


BAD_REQUESTS = [
    ("put", "", {}, "account: found no key that can be sent"),
    ("put", "?account=", {}, "account: found no key that can be sent"),
    ("put", "?account=two%20words", {}, "account: found no key that can be sent"),
    ("delete", "", {}, "account: found no key that can be sent"),
    ("put", "?account=own", {}, "account: found a key that is never accepted"),
    ("put", "?account=sk-my-key", {"dialect": "gateway"}, "the gateway dialect cannot read"),
    ("put", "?account=sk-own", {"standing": "happy"}, "$.standing: found"),
    ("put", "?account=sk-own", {"standng": "enabled"}, 'Did you mean "standing"?'),
    ("put", "?account=sk-own", {"balance_usd": 5}, "$.balance_usd: found 5, expected type string or null"),
    ("put", "?account=sk-own", {"balance_usd": "-5"}, "$.balance_usd: found"),
    ("put", "?account=sk-own", {"most_running": 0}, "$.most_running: found 0, expected at least 1"),
    ("patch", "?account=sk-own", {"models": ["a", "a"]}, "$.models: found"),
    ("put", "?account=sk-own", [], "expected a JSON object at the top"),
]


@pytest.mark.parametrize(("method", "query", "body", "told"), BAD_REQUESTS)
def test_a_bad_change_is_told_and_changes_nothing(method: str, query: str, body: Any, told: str) -> None:
    client = client_of()
    answer = client.open(ACCOUNTS + query, method=method.upper(), json=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert told in answer.get_json()["detail"]
    assert client.get(ACCOUNTS).get_json() == {"accounts": []}


def test_a_change_over_a_mebibyte_is_not_read() -> None:
    body = json.dumps({"models": ["x" * 1_100_000]})
    answer = client_of().put(f"{ACCOUNTS}?account=sk-own", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


def test_answers_about_accounts_name_no_key() -> None:
    client = client_of(accounts={"sk-canary": GATEWAY})
    texts = [client.get(ACCOUNTS).text, client.get(f"{ACCOUNTS}?account=sk-canary").text]
    texts.append(client.put(f"{ACCOUNTS}?account=sk-canary", json={"models": "sk-canary"}).text)
    assert all("canary" not in text for text in texts)
    assert account_of("sk-canary") in texts[0]


def written(folder: Path, value: object) -> Path:
    """A file with that JSON value, or that text."""
    file = folder / "accounts.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return file


def test_a_file_tells_accounts_and_their_rules(tmp_path: Path) -> None:
    entries = [{"key": "sk-a", "balance_usd": "0.50"}, {"key": "sk-b", "dialect": "gateway"}]
    found = read_accounts(written(tmp_path, {"accounts": entries}))
    assert found == {"sk-a": rules_from({"balance_usd": "0.50"}), "sk-b": GATEWAY}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{", "accounts.json: not JSON that is read: Expecting property name"),
        ("", "accounts.json: not JSON that is read: Expecting value"),
        ('{"accounts": [], "accounts": []}', "the member 'accounts' stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ([], "accounts.json, $: found [], expected type object."),
        ({}, "accounts.json, $: found no 'accounts', expected the members 'accounts'."),
        ({"accounts": ["sk-secret"]}, 'accounts.json, $.accounts[0]: found "sk-***", expected type object.'),
        (
            {"accounts": [{"key": "two words"}]},
            "accounts.json, $.accounts[0].key: found ***, expected text that",
        ),
        ({"accounts": [{"key": "sk-a", "standing": "disable"}]}, 'Did you mean "disabled"?'),
        ({"accounts": [{"key": "sk-a", "balance": "5"}]}, 'Did you mean "balance_usd"?'),
        (
            {"accounts": [{"key": "sk-a"}, {"key": "sk-a"}]},
            "$.accounts[1].key: found a key that stands above",
        ),
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_used_is_told_by_place_and_without_a_key(
    tmp_path: Path, value: object, told: str
) -> None:
    with pytest.raises(JsonFileError, match=re.escape(told)) as caught:
        read_accounts(written(tmp_path, value))
    assert "secret" not in str(caught.value)
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize("name", ["nothing.json", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(JsonFileError, match="cannot be read"):
        read_accounts(tmp_path / name)


def test_a_file_over_a_mebibyte_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(JsonFileError, match="found over 1048576 bytes"):
        read_accounts(written(tmp_path, " " * 1_048_577))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"accounts": {"sk-my-key": GATEWAY}}, "accounts: found a key that the gateway dialect cannot read"),
        ({"accounts": {"mine": AccountRules()}}, "accounts: found a key that is never accepted"),
        (
            {"accounts": {"sk-a": AccountRules()}, "keys": ("sk-b",)},
            "accounts: found a key that is not among the accepted ones",
        ),
    ],
)
def test_rules_for_a_key_that_can_never_come_are_refused(settings: dict[str, Any], told: str) -> None:
    """Else the rules would silently not apply."""
    with pytest.raises(SettingsError, match=f"^{told}"):
        Settings(**settings)


def test_a_test_sees_and_changes_one_account_of_its_mock() -> None:
    with MockServer(clock="manual") as mock:
        mine, other = mock.account("sk-mine"), mock.account("sk-other")
        mine.change(balance_usd=Decimal("0.50"), dialect="gateway")
        key = {"Authorization": "Bearer sk-mine"}
        answers = [requests.post(mock.url + GENERATIONS, json=SORA, headers=key, timeout=10)]
        mock.advance(10)
        answers.append(requests.post(mock.url + GENERATIONS, json=SORA, headers=key, timeout=10))
    assert [answer.status_code for answer in answers] == [200, 403]
    assert (len(mine.tasks), len(other.tasks), str(mine.bill.charged_usd)) == (1, 0, "0.40")
    assert (mine.rules.dialect, other.rules) == ("gateway", AccountRules())
    assert "sk-mine" not in repr(mine)


def test_a_change_that_cannot_work_changes_nothing() -> None:
    mine = MockServer().account("sk-mine")
    with pytest.raises(RulesError, match=r"^standing: found 'happy'"):
        mine.change(standing="happy")
    with pytest.raises(TypeError):
        mine.change(standng="enabled")
    assert mine.rules == AccountRules()
