"""Secrets go out of what is kept, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.record.redaction import HIDDEN, redacted, redacted_url

KEY = "sk-0123456789abcdef"


@pytest.mark.parametrize(
    "text", [KEY, f"Bearer {KEY}", f"key={KEY}", f"({KEY})", f"https://h/{KEY}/x", f"_{KEY}"]
)
def test_key_is_hidden_wherever_it_stands(text: str) -> None:
    assert KEY not in redacted(text)


@pytest.mark.parametrize(
    "text", ["task-0123456789", "the desk-lamp", "https://h/task-1234/1.mp4", "risk-averse"]
)
def test_word_that_ends_as_a_key_begins_is_none(text: str) -> None:
    assert redacted(text) == text


def test_keys_of_the_run_are_hidden_whatever_their_form() -> None:
    assert redacted("xx-odd-one-yy", ["odd-one"]) == f"xx-{HIDDEN}-yy"


def test_credentials_in_a_url_are_hidden_with_and_without_a_query() -> None:
    assert redacted_url("https://user:secret@h/1.mp4") == f"https://{HIDDEN}@h/1.mp4"
    assert "secret" not in redacted_url("https://user:secret@h/1.mp4?a=secret")


@given(st.text(max_size=60))
def test_any_text_can_be_a_url(text: str) -> None:
    redacted_url(text)
    redacted_url(f"http://[{text}?a=b")


@given(st.text("abc=&%1", min_size=1, max_size=20), st.text("abc=&%1", min_size=1, max_size=20))
def test_two_urls_are_equal_when_they_were(one: str, other: str) -> None:
    hidden = [redacted_url(f"https://h/1.mp4?{query}") for query in (one, other)]
    assert (hidden[0] == hidden[1]) == (one == other)
    assert redacted_url(hidden[0]) == hidden[0]
