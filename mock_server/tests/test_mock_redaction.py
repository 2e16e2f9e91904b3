"""Promises of redaction: nothing that looks like a live key survives, wherever it stood."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import Settings, create_app
from nebula_mock.body_summaries import body_summary
from nebula_mock.redaction import hidden, is_secret_name, redacted_text
from nebula_mock.redactor import Redactor

GENERATIONS = "/v1/video/generations"
CANARY = "canary8c1d5e7a"  # what of a key must not be found anywhere
KEY = f"sk-live-{CANARY}-0123"
TOKEN = f"tok-{CANARY}-4567"
BEARER = {"Authorization": f"Bearer {KEY}"}
PLAIN = Redactor()

NAMES = (
    "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "api-key", "x-goog-api-key",
    "X-Nebula-Admin-Token", "X-My-Secret", "password", "apiKey", "access_token", "X-Amz-Signature",
    "OSSAccessKeyId", "x-goog-credential", "sig",
)  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, *map(str.upper, NAMES)])
def test_what_goes_by_a_secret_name_is_hidden(name: str) -> None:
    assert is_secret_name(name)
    assert PLAIN.headers([(name, CANARY)]) == ((name, "***"),)
    assert CANARY not in PLAIN.query(f"a=1&{name}={CANARY}&b=2")
    assert CANARY not in json.dumps(PLAIN.value({"a": [{name: CANARY}], "b": {name: [CANARY]}}))
    for text in (
        f'{{"{name}": "{CANARY}"}}', f'{{"x":1,"{name}":"{CANARY}', f"x={CANARY}&{name}={CANARY}"[3 + len(CANARY):],
        f'curl -H "{name}: {CANARY}" https://x.example', f"https://x.example/a?{name}={CANARY}&b=1",
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{CANARY}\r\n--b',
        f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: text/plain\r\n\r\n{CANARY}\r\n--b',
    ):  # fmt: skip
        assert CANARY not in redacted_text(text), text


@pytest.mark.parametrize(
    "text",
    [
        KEY, f"a {KEY}, b", f"Bearer {CANARY}-0123456789", f"Basic {CANARY}0123456789", f"https://me:{CANARY}@x.example/",
        f"https://{CANARY}@x.example/", f"AIza{CANARY}0123456789", f"ghp_{CANARY}0123456789", f"AKIA{CANARY}".upper(),
        f"eyJhbGciOiJI.eyJ{CANARY}.c2lnbmF0", f"/results/{'0' * 22}{'c' * 14}{'0' * 4}/0.mp4",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    shown = redacted_text(text)
    assert CANARY not in shown.lower()
    assert "c" * 14 not in shown
    assert "***" in shown
    assert PLAIN.headers([("X-Note", text)]) == (("X-Note", shown),)


@pytest.mark.parametrize(
    "text", ["A cat in the garden", "video_69095b4ce0048190893a01510c0c98b0", "application/json", "http://x.example/a?b=c", ""]
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted_text(text) == text
    assert PLAIN.value({"a": [text, 1, None, True, 0.5]}) == {"a": [text, 1, None, True, 0.5]}
    assert PLAIN.query("id=video_1&x=%20y&z") == "id=video_1&x=%20y&z"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("Bearer sk-0123456789012345678901", "Bearer ***8901"), ("Bearer sk-short", "Bearer ***"), ("0" * 16 + "abcd", "***abcd"),
        ("0" * 15 + "abcd", "***"), ("Basic dXNlcjpwYXNz", "Basic ***"), ("", "***"), ("session=abc; other=def", "***=def"),
    ],
)  # fmt: skip
def test_of_a_secret_only_its_scheme_and_with_20_characters_its_end_is_shown(secret: str, shown: str) -> None:
    assert hidden(secret) == shown


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_surroundings_let_a_key_through(before: str, after: str) -> None:
    value = {"prompt": f"{before}{KEY} {after}", f"n{KEY}": [before + KEY]}
    assert CANARY not in json.dumps(PLAIN.value(value))
    for ascii_only in (True, False):
        try:
            raw = json.dumps(value, ensure_ascii=ascii_only).encode()
        except UnicodeEncodeError:  # a lone surrogate cannot be sent as itself
            continue
        for media_type in ("application/json", "text/plain"):
            assert CANARY not in repr(body_summary(raw, media_type, PLAIN))


@given(st.integers(0, 6000), st.integers(0, 6000))
def test_no_cut_leaves_half_a_key(before: int, after: int) -> None:
    raw = b"x" * before + f' "{KEY}" '.encode() + b"y" * after
    summary = body_summary(raw, "text/plain", PLAIN)
    kept = f"{summary.head}{summary.tail}"
    assert not any(part in kept for part in (CANARY, CANARY[:6], CANARY[-6:]))


def test_escapes_do_not_hide_a_key() -> None:
    raw = f'{{"prompt": "\\u0073k-live-{CANARY}", "n": "a\\nsk-{CANARY}", "\\u006bey": "{CANARY}"}}'.encode()
    assert CANARY not in repr(body_summary(raw, "application/json", PLAIN))
    for padding in (b"x" * 20_000, b""):
        for body in (raw[:-1] + padding, b'{"x": "' + padding + b'", ' + raw[1:]):
            assert CANARY not in repr(body_summary(body, "application/json", PLAIN))
    assert CANARY not in PLAIN.query(f"x=%73k-{CANARY}&%6bey={CANARY}&sk-{CANARY}")


@given(st.text(alphabet="abc-", min_size=6, max_size=20))
def test_a_known_secret_is_hidden_whatever_it_looks_like(secret: str) -> None:
    redactor = Redactor.knowing([secret, secret + "x"]).of_request(f"Bearer {secret}y")
    for text in (secret, secret + "x", secret + "y"):
        assert secret not in redactor.text(f"0 {text} 1")
    assert secret not in repr(redactor)


@pytest.mark.parametrize(
    "unit", ["key", "sk-", '"', "eyJ", "://", "a=", "bearer ", "x", 'name="key"\r\n', "token:", 'key":"\\']
)
def test_no_text_makes_a_pattern_go_back_and_forth(unit: str) -> None:
    """Hundreds of kilobytes, over which a pattern without bounds would not come to an end."""
    text = unit * (200_000 // len(unit))
    assert len(redacted_text(text)) <= len(text) + 3 * len(text) // len(unit)


REQUESTS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", GENERATIONS, {"model": "sora-2", "prompt": f"Say {KEY}", "api_key": CANARY, "user": f"https://u:{CANARY}@x/"}, {}),
    ("POST", GENERATIONS, {"model": KEY, "prompt": "A cat"}, {}),
    ("POST", f"{GENERATIONS}?token={CANARY}&x={KEY}", {"model": "sora-2", "prompt": "x" * 20_000 + KEY}, {}),
    ("GET", f"{GENERATIONS}/{KEY}", None, {}),
    ("GET", f"{GENERATIONS}/download?id={KEY}", None, {}),
    ("GET", f"/nothing/{KEY}", None, {"X-Api-Key": CANARY, "Cookie": f"a={CANARY}; b={CANARY}-0123", "X-Note": KEY}),
    ("GET", f"{GENERATIONS}/x", None, {"Authorization": f"Basic {KEY}"}),
    ("GET", f"{GENERATIONS}/x", None, {"Authorization": KEY}),
    (KEY.upper(), GENERATIONS, None, {"X-Nebula-Admin-Token": TOKEN, "Referer": f"https://x.example/?key={CANARY}"}),
    ("GET", f"{GENERATIONS}/x", None, {"X-Note": TOKEN}),
    ("GET", f"{GENERATIONS}/my-{CANARY}", None, {"Authorization": f"Bearer my-{CANARY}"}),
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["documented", "gateway"])
def test_no_canary_survives_in_journal_file_log_or_repr(
    dialect: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "journal.jsonl"
    settings = Settings(dialect=dialect, admin_token=TOKEN, journal_file=path)
    journal = settings.started_journal()
    client = create_app(settings, journal=journal).test_client()
    for method, target, body, headers in REQUESTS:
        client.open(target, method=method, json=body, headers={**BEARER, **headers}).get_data()
    page = journal.page()
    assert len(page.lines) == len(REQUESTS)
    shown = client.get("/_mock/journal", headers={"X-Nebula-Admin-Token": TOKEN}).get_data(as_text=True)
    everything = [
        shown, path.read_text("ascii"), caplog.text, repr(page), repr(list(page.entries())), repr(vars(journal)),
        repr(client.application.wsgi_app), repr(settings),
    ]  # fmt: skip
    assert [CANARY in text.lower() for text in everything] == [False] * len(everything)
