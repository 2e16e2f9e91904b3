"""Promises about keys: an account a key, the same refusal for every wrong one, and no key kept."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.account import Keyring, account_of
from nebula_mock.core.refusal import RefusalError
from nebula_mock.settings import Settings, SettingsError

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

OPEN = Keyring.of(())
NAMED = Keyring.of(("sk-one", "mock-two"))

printable = "".join(map(chr, range(0x21, 0x7F)))
keys = st.text(printable, min_size=1, max_size=200).map(lambda tail: f"sk-{tail}")
headers = (
    st.none()
    | st.text()
    | st.text(st.characters(categories=["Cs", "Cc", "Zs", "Lo"]))
    | st.text(printable + " \t\r\n", max_size=300).map(lambda text: f"Bearer {text}")
    | st.from_regex(r"(?i:bearer|basic|token)[ \t]*sk-.*")
)


def refusal(keyring: Keyring, header: str | None) -> tuple[str, Mapping[str, object]]:
    """Why a header is refused, as everything that an answer could tell."""
    with pytest.raises(RefusalError) as caught:
        keyring.account(header)
    return caught.value.problem_id, dict(caught.value.facts)


def verdict(keyring: Keyring, header: str | None) -> str:
    """The account behind a header, or the problem with it; anything else is an error."""
    try:
        return keyring.account(header)
    except RefusalError as error:
        return error.problem_id


@patient
@given(headers)
def test_any_header_is_an_account_or_a_refusal(header: str | None) -> None:
    for keyring in (OPEN, NAMED):
        assert re.fullmatch(r"[0-9a-f]{16}|missing-key|invalid-key", verdict(keyring, header))


@patient
@given(keys)
def test_every_sk_key_is_an_account_when_none_are_named(key: str) -> None:
    assert OPEN.account(f"Bearer {key}") == account_of(key)


@patient
@given(st.lists(keys, unique=True, min_size=2))
def test_another_key_is_another_account(many: list[str]) -> None:
    assert len({OPEN.account(f"Bearer {key}") for key in many}) == len(many)


@patient
@given(st.lists(keys, unique=True, min_size=1), keys)
def test_only_named_keys_are_accounts_when_some_are_named(named: list[str], other: str) -> None:
    keyring = Keyring.of(named)
    assert [keyring.account(f"Bearer {key}") for key in named] == [account_of(key) for key in named]
    if other not in named:
        assert refusal(keyring, f"Bearer {other}") == ("invalid-key", {})


def test_a_named_key_may_have_any_form() -> None:
    assert NAMED.account("Bearer mock-two") == account_of("mock-two")


@pytest.mark.parametrize("header", [None, "", " ", "\t "])
def test_no_header_is_a_missing_key(header: str | None) -> None:
    assert refusal(OPEN, header) == refusal(NAMED, header) == ("missing-key", {})


@pytest.mark.parametrize(
    "header",
    [
        "sk-one",
        "Bearer",
        "Bearer ",
        "Bearer  sk-one",
        "Bearer sk-one ",
        "bearer sk-one",
        "Basic sk-one",
        "Bearer sk-one\n",
        "Bearer sk-three",
        "Bearer sk-ключ",
        "Bearer sk-" + "x" * 254,
    ],
)
def test_unknown_and_malformed_keys_get_the_same_answer(header: str) -> None:
    assert refusal(NAMED, header) == ("invalid-key", {})


@pytest.mark.parametrize("header", ["Bearer mock-two", "Bearer sk-", "Bearer SK-one"])
def test_only_sk_keys_are_accounts_when_none_are_named(header: str) -> None:
    assert refusal(OPEN, header) == ("invalid-key", {})


def test_the_longest_key_that_is_read_has_256_characters() -> None:
    key = "sk-" + "x" * 253
    assert OPEN.account(f"Bearer {key}") == account_of(key)
    assert refusal(OPEN, f"Bearer {key}x") == ("invalid-key", {})


@patient
@given(keys)
def test_no_key_can_be_read_from_a_keyring_or_an_account(key: str) -> None:
    assert key not in repr(Keyring.of([key]))
    assert key not in account_of(key)


@pytest.mark.parametrize("key", ["two words", "sk-one ", "sk-" + "x" * 254, "sk-ключ"])
def test_a_key_that_no_request_can_carry_is_refused_when_it_is_named(key: str) -> None:
    with pytest.raises(SettingsError):
        Settings(keys=(key,))
