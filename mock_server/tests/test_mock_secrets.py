"""Promises about keys and tokens: they are in no log record, no answer and no repr."""

import http.client
import json
import logging
from collections.abc import Iterator

import pytest

from nebula_mock import MockServer, Settings, create_app

KEY, TOKEN = "sk-canary-4711-0815", "canary-token-4711"
CANARY = "canary"
GENERATIONS = "/v1/video/generations"
SORA = json.dumps({"model": "sora-2", "prompt": "A cat", "user": KEY}).encode()


@pytest.fixture
def mock(caplog: pytest.LogCaptureFixture) -> Iterator[MockServer]:
    """A server with a key and a token, everything it logs captured."""
    caplog.set_level(logging.DEBUG)
    with MockServer(clock="manual", keys=(KEY,), admin_token=TOKEN) as started:
        yield started


def exchange(
    mock: MockServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str]:
    """Status, and all text of the answer: headers and body."""
    connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **named})
        answer = connection.getresponse()
        return answer.status, f"{answer.headers}{answer.read().decode()}"
    finally:
        connection.close()


REQUESTS = [
    ("POST", GENERATIONS, SORA, {"Authorization": f"Bearer {KEY}"}, 200),
    ("POST", GENERATIONS, SORA, {"Authorization": f"Bearer {KEY}-wrong"}, 401),
    ("POST", GENERATIONS, SORA, {"Authorization": f"Basic {KEY}"}, 401),
    ("POST", GENERATIONS, KEY.encode(), {"Authorization": f"Bearer {KEY}"}, 400),
    ("GET", f"{GENERATIONS}/video_1?key={KEY}", None, {"Authorization": f"Bearer {KEY}"}, 404),
    ("GET", f"{GENERATIONS}/download?id={KEY}", None, {"Authorization": f"Bearer {KEY}"}, 404),
    ("GET", f"{GENERATIONS}/download?api_key={KEY}", None, {"Authorization": f"Bearer {KEY}"}, 400),
    ("GET", f"{GENERATIONS}/{KEY}", None, {"Authorization": f"Bearer {KEY}"}, 404),
    ("GET", f"/{KEY}", None, {}, 404),
    (
        "POST",
        GENERATIONS,
        SORA.replace(b"sora-2", KEY.encode()),
        {"Authorization": f"Bearer {KEY}"},
        503,
    ),
    ("DELETE", GENERATIONS, None, {"Authorization": f"Bearer {KEY}"}, 404),
    ("GET", "/_mock/health", None, {"X_Nebula_Admin_Token": TOKEN}, 200),
    ("GET", "/_mock/health", None, {"X_Nebula_Admin_Token": f"{TOKEN}-wrong"}, 401),
    ("POST", "/_mock/clock/advance", b'{"seconds": "x"}', {"X_Nebula_Admin_Token": TOKEN}, 400),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), REQUESTS)
def test_no_answer_and_no_log_record_tells_a_key(
    mock: MockServer,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
) -> None:
    found, text = exchange(mock, method, path, body, **headers)
    assert found == status
    assert caplog.records, "a request leaves a line"
    assert CANARY not in text + "".join(str(vars(record)) for record in caplog.records)


def test_a_bug_does_not_tell_a_key_either(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(keys=(KEY,), admin_token=TOKEN)
    provider = settings.provider()
    monkeypatch.delattr(provider, "store")
    client = create_app(settings, provider=provider).test_client()
    answer = client.get(f"{GENERATIONS}/video_1", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 500
    assert CANARY not in caplog.text + answer.text


def test_no_repr_tells_a_key(mock: MockServer) -> None:
    exchange(mock, "POST", GENERATIONS, b'{"model":"sora-2","prompt":"A"}', Authorization=f"Bearer {KEY}")
    shown = [mock, mock.settings, mock.settings.keyring, mock.tasks, mock.clock, vars(mock)]
    assert len(mock.tasks) == 1
    assert CANARY not in "".join(map(repr, shown))


def test_a_line_is_logged_a_request_without_its_query(
    mock: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    exchange(mock, "GET", f"{GENERATIONS}/download?id=video_1", Authorization=f"Bearer {KEY}")
    exchange(mock, "PUT", "/%D0%BA?x=1")
    lines = [record.getMessage() for record in caplog.records if record.name == "nebula_mock.access"]
    assert lines == [f"GET {GENERATIONS}/download 404", "PUT /%D0%BA 404"]


@pytest.mark.parametrize("text", ["\x1b[31m", "\x07", "\x08", "\x7f"])
def test_no_control_character_of_a_request_reaches_the_log(
    mock: MockServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "_validate_path", lambda *_: None)
    exchange(mock, "GET", f"/{text}")
    lines = [record.getMessage() for record in caplog.records if record.name == "nebula_mock.access"]
    assert len(lines) == 1
    assert lines[0].isprintable()
