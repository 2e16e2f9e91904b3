"""Secrets go out of what is kept, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.record.redaction import HIDDEN, kept_header, redacted, redacted_url
from nebula_contract.record.reducing import body_of

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


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"url":"https://a.example/r.mp4?Expires=1\u0026Signature=CANARYSIGNATURE"}',
        rb'{"url":"https:\/\/a.example\/r.mp4?Expires=1&Signature=CANARYSIGNATURE"}',
        rb'{"url":"HTTPS://a.example/r.mp4?Expires=1&Signature=CANARYSIGNATURE"}',
        rb'{"url":"https://a.example/r.mp4?Expires\u003d1\u0026Signature\u003dCANARYSIGNATURE" cut',
    ],
)
def test_an_escape_hides_no_signature(raw: bytes) -> None:
    assert "CANARYSIGNATURE" not in repr(body_of(raw, "application/json"))


def test_a_relative_location_keeps_no_signature() -> None:
    kept = kept_header("location", "/r/x.mp4?Expires=1&Signature=CANARYSIGNATURE")
    assert kept.startswith("/r/x.mp4?redacted=")
    assert "CANARYSIGNATURE" not in kept
