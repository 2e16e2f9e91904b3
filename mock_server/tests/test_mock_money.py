"""Accounts and money: who is let in, what is refused for lack of balance, what is charged and when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import AccountRules, Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.core.account import account_of
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.rules import RulesError
from nebula_mock.provider import Provider
from nebula_schemas import contract

GENERATIONS = "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat", "seconds": "4"}  # $0.40
ME = account_of("sk-me")
KEY = {"Authorization": "Bearer sk-me"}


def opened(**settings: Any) -> Provider:
    """A provider whose clock stands still."""
    made = Settings(clock="manual", **settings)
    return made.provider(ManualClock(1_763_812_800.0))


def advance(provider: Provider, seconds: float) -> None:
    """Let time pass."""
    provider.clock.advance(seconds)


def refusal(act: Callable[[], object]) -> str | None:
    """The row that refuses, or None."""
    try:
        act()
    except RefusalError as refused:
        return refused.problem_id
    return None


def test_a_task_is_charged_when_it_succeeds_and_not_before() -> None:
    provider = opened()
    provider.submit(ME, SORA)
    before = provider.bill(ME)
    advance(provider, 10)
    after = provider.bill(ME)
    assert (before.running_usd, before.charged_usd) == (Decimal("0.40"), Decimal(0))
    assert (after.running_usd, after.charged_usd, after.charged) == (Decimal(0), Decimal("0.40"), 1)


def test_a_failed_task_costs_nothing() -> None:
    provider = opened(plan=Plan(failure=Failure("no")))
    provider.submit(ME, SORA)
    advance(provider, 10)
    own = provider.bill(ME)
    assert (own.submitted, own.failed_for_free, own.charged_usd) == (1, 1, Decimal(0))


def test_a_submit_that_the_balance_does_not_cover_is_refused() -> None:
    """A dollar pays for two tasks of forty cents; what runs is not charged yet and does not count."""
    provider = opened(balance_usd=Decimal("1.00"))
    for _ in range(2):
        provider.submit(ME, SORA)
        advance(provider, 10)
    assert refusal(lambda: provider.submit(ME, SORA)) == "quota-not-enough"
    assert provider.bill(ME).refused == {"quota-not-enough": 1}
    assert refusal(lambda: provider.submit("another", SORA)) is None


@given(st.decimals(0, 10, places=2), st.lists(st.sampled_from(["4", "8", "12"]), max_size=8))
def test_no_balance_is_overdrawn_when_tasks_follow_each_other(balance: Decimal, lengths: list[str]) -> None:
    provider = opened(balance_usd=balance)
    for seconds in lengths:
        refusal(lambda seconds=seconds: provider.submit(ME, {**SORA, "seconds": seconds}))  # type: ignore[misc]
        advance(provider, 10)
    own = provider.bill(ME)
    assert own.charged_usd <= balance
    assert own.submitted + own.refused.get("quota-not-enough", 0) == len(lengths)


def test_a_bad_prompt_comes_before_an_empty_balance_and_an_unknown_model_before_both() -> None:
    """The provider's order of checks (SRC)."""
    provider = opened(balance_usd=Decimal(0))
    assert refusal(lambda: provider.submit(ME, {**SORA, "prompt": " "})) == "missing-prompt"
    assert refusal(lambda: provider.submit(ME, {"model": "sora-9", "prompt": " "})) == "unknown-model"
    assert refusal(lambda: provider.submit(ME, SORA)) == "quota-not-enough"


@pytest.mark.parametrize(
    ("model", "fields", "row"),
    [
        ("wan2.5-i2v-preview", {}, "missing-image"),
        ("wan2.5-i2v-preview", {"image": "a cat"}, "image-format"),
        ("wan2.5-i2v-preview", {"image": "A" * 6_700_000}, "image-size"),
        ("wan2.5-t2v-preview", {"duration": -1}, "upstream-refused"),
        ("wan2.5-t2v-preview", {"duration": 61}, "upstream-refused"),
        ("sora-2", {"remix_video_id": "video_1"}, "remix-unknown"),
    ],
)
def test_what_the_upstream_refuses_is_refused_after_the_balance(
    model: str, fields: dict[str, Any], row: str
) -> None:
    """The upstream is asked last (SRC)."""
    body = {"model": model, "prompt": "A cat", **fields}
    rich, poor = (opened(dialect="gateway", balance_usd=Decimal(usd)) for usd in (10, 0))
    refusals = [refusal(lambda: provider.submit(ME, body)) for provider in (rich, poor)]  # noqa: B023
    assert refusals == [row, "quota-not-enough"]
    assert rich.bill(ME).submitted == 0


def test_many_submits_at_once_stay_within_what_may_run() -> None:
    provider = opened(accounts={"sk-me": AccountRules(most_running=3)})
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: refusal(lambda: provider.submit(ME, SORA)), range(64)))
    assert answers.count(None) == 3
    assert answers.count("too-many-running") == 61
    advance(provider, 10)
    assert refusal(lambda: provider.submit(ME, SORA)) is None


@pytest.mark.parametrize(
    ("dialect", "standing", "message"),
    [
        ("documented", "disabled", "Invalid API key"),
        ("gateway", "disabled", "该令牌状态不可用"),
        ("gateway", "expired", "该令牌已过期"),
        ("gateway", "exhausted", "该令牌额度已用尽"),
    ],
)
def test_a_key_that_is_not_enabled_is_refused_everywhere(dialect: Any, standing: Any, message: str) -> None:
    settings = Settings(dialect=dialect, accounts={"sk-me": AccountRules(standing=standing)})
    client = create_app(settings).test_client()
    answers = [
        client.post(GENERATIONS, json=SORA, headers=KEY),
        client.get(f"{GENERATIONS}/x", headers=KEY),
        client.get(f"{GENERATIONS}/download?id=x", headers=KEY),
    ]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert all(answer.get_json()["error"]["message"].startswith(message) for answer in answers)


def test_a_key_bound_to_some_models_may_use_no_other() -> None:
    provider = opened(accounts={"sk-me": AccountRules(models=("sora-2",))})
    assert refusal(lambda: provider.submit(ME, SORA)) is None
    veo = {"model": "veo-3.0-generate-001", "prompt": "A cat"}
    assert refusal(lambda: provider.submit(ME, veo)) == "model-not-allowed"
    assert refusal(lambda: provider.submit(ME, {**veo, "model": "sora-9"})) == "model-not-allowed"


@pytest.mark.parametrize(("dialect", "answer"), [("documented", None), ("gateway", "model-not-allowed")])
def test_the_gateway_refuses_a_bound_key_on_queries_too(dialect: Any, answer: str | None) -> None:
    """Its queries carry no model, and no model is not an allowed one (SRC)."""
    provider = opened(dialect=dialect, accounts={"sk-me": AccountRules(models=("sora-2",))})
    assert refusal(lambda: provider.admit(ME, is_submit=False)) == answer


def test_the_ledger_is_told_in_decimal_text_and_names_no_key() -> None:
    app = create_app(Settings(clock="manual"))
    client = app.test_client()
    client.post(GENERATIONS, json=SORA, headers=KEY)
    client.post(GENERATIONS, json={"model": "sora-2"}, headers=KEY)
    body = client.get("/_mock/ledger").get_json()
    assert body == {
        "accounts": [
            {
                "account": ME,
                "submitted": 1,
                "running": 1,
                "charged": 0,
                "failed_for_free": 0,
                "charged_usd": "0",
                "running_usd": "0.40",
                "live_usd": "0.40",
                "fetched": 0,
                "wasted": 0,
                "wasted_usd": "0",
                "repeated": 0,
                "repeated_usd": "0",
                "refused": {"missing-prompt": 1},
            }
        ]
    }
    assert contract().violations("admin/ledger", body) == ()
    assert client.get("/_mock/ledger?account=sk-me").get_json() == body
    assert client.get("/_mock/ledger?account=sk-you").get_json()["accounts"][0]["submitted"] == 0


@pytest.mark.parametrize(
    "rules",
    [
        {"standing": "happy"},
        {"models": "sora-2"},
        {"balance_usd": 5.0},
        {"balance_usd": Decimal(-1)},
        {"balance_usd": Decimal("NaN")},
        {"most_running": 0},
        {"most_running": True},
    ],
)
def test_rules_that_cannot_work_are_refused_with_their_name(rules: dict[str, Any]) -> None:
    ((name, _),) = rules.items()
    with pytest.raises(RulesError, match=f"^{name}: found .+, expected "):
        AccountRules(**rules)


@pytest.mark.parametrize(
    ("raw", "content_type", "row"),
    [
        (b"{", "application/json", "malformed-json"),
        (b"{}", "text/plain", "wrong-content-type"),
        (b"{}", "application/json", "missing-model"),
        (b"--b", "multipart/form-data; boundary=b", "broken-form"),
    ],
)
def test_every_refused_submit_stands_in_the_ledger(raw: bytes, content_type: str, row: str) -> None:
    client = create_app(Settings(clock="manual")).test_client()
    client.post(GENERATIONS, data=raw, content_type=content_type, headers=KEY)
    (own,) = client.get("/_mock/ledger").get_json()["accounts"]
    assert (own["account"], own["refused"]) == (ME, {row: 1})


def test_a_submit_with_an_expired_key_stands_in_the_ledger_and_a_query_does_not() -> None:
    client = create_app(Settings(accounts={"sk-me": AccountRules(standing="expired")})).test_client()
    client.post(GENERATIONS, json=SORA, headers=KEY)
    client.get(f"{GENERATIONS}/x", headers=KEY)
    (own,) = client.get("/_mock/ledger").get_json()["accounts"]
    assert own["refused"] == {"key-expired": 1}
