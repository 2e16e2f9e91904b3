"""Promises of every answer, good or bad: JSON that names the request and says that a mock gave it."""

import json
import logging
import re
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest
from flask import Request
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from nebula_mock import Settings, create_app
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.answers import encoded, refusal_reply
from nebula_mock.http.rendering import rendered
from nebula_mock.http.request_ids import new_request_id
from nebula_schemas import Problem, contract, problem_table
from nebula_schemas.catalogue import Dialect
from nebula_schemas.version import VERSION

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
SORA = {"model": "sora-2", "prompt": "A cat"}
ODD_FACT = '{"path":"/v1/{task_id}"} 任务'  # braces in a fact are not placeholders

texts = st.text(st.characters(categories=["L", "N", "P", "Z", "Cc", "Cs", "So"]))
bodies = st.dictionaries(st.text(), texts | st.integers() | st.booleans() | st.none() | st.lists(texts))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A consumer of a provider with an admin token."""
    return create_app(Settings(clock="manual", admin_token="t")).test_client()


REQUESTS = [
    ("POST", GENERATIONS, KEY, 200),
    ("POST", GENERATIONS, {}, 401),
    ("GET", f"{GENERATIONS}/video_never", KEY, 404),
    ("GET", f"{GENERATIONS}/download", KEY, 400),
    ("GET", "/results/unknown/0.mp4", {}, 404),
    ("PATCH", GENERATIONS, KEY, 404),
    ("GET", "/favicon.ico", {}, 404),
    ("OPTIONS", GENERATIONS, {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}, 204),
    ("GET", GENERATIONS, {**KEY, "Host": "a.example"}, 421),
    ("GET", "/_mock/health", {"X-Nebula-Admin-Token": "t"}, 200),
    ("GET", "/_mock/health", {}, 401),
    ("GET", "/_mock/health", {"Origin": "https://a.example"}, 403),
    ("GET", "/_mock/never", {"X-Nebula-Admin-Token": "t"}, 404),
    ("POST", "/_mock/clock/advance", {"X-Nebula-Admin-Token": "t"}, 400),
]


@pytest.mark.proves("auth.request-id")
@pytest.mark.parametrize(("method", "path", "headers", "status"), REQUESTS)
def test_every_answer_names_its_request_and_the_mock(
    client: FlaskClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    json_body = SORA if method == "POST" else None
    answer = client.open(path, method=method, headers=headers, json=json_body)
    assert answer.status_code == status
    assert re.fullmatch(r"[0-9]{20}[A-Za-z0-9]{8}", answer.headers["X-Oneapi-Request-Id"])
    assert answer.headers["X-Nebula-Mock"] == VERSION


def test_no_two_answers_have_the_same_request_id(client: FlaskClient) -> None:
    ids = {client.get("/").headers["X-Oneapi-Request-Id"] for _ in range(200)}
    assert len(ids) == 200


@patient
@given(st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bound must be naive
def test_a_request_id_begins_with_the_time_of_the_request(now: datetime) -> None:
    request_id = new_request_id(now)
    assert datetime.strptime(request_id[:20], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC) == now
    assert re.fullmatch("[A-Za-z0-9]{8}", request_id[20:])


def _character(pair: re.Match[str]) -> str:
    high, low = map(ord, pair[0])
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


@patient
@given(bodies)
@example({"a": "\ud83d\ude00"})
def test_a_body_is_compact_json_in_utf_8(body: dict[str, Any]) -> None:
    """A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD, a pair its character; all else is sent as itself."""
    expected = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    paired = re.sub("[\ud800-\udbff][\udc00-\udfff]", _character, expected)
    sent = encoded(body).decode("utf-8")
    assert sent == re.sub("[\ud800-\udfff]", "\ufffd", paired)
    assert json.loads(sent).keys() == body.keys()


ROWS = [(problem, dialect) for problem in problem_table().values() for dialect in problem.answers]


@pytest.mark.parametrize(("problem", "dialect"), ROWS, ids=[f"{row.id}-{name}" for row, name in ROWS])
def test_every_row_of_the_error_table_can_be_answered(problem: Problem, dialect: Dialect) -> None:
    row = problem.answers[dialect]
    named = [name for _, name, _, _ in Formatter().parse(f"{row.message}{row.details or ''}") if name]
    facts = dict.fromkeys(set(named) - {"request_id"}, ODD_FACT)
    reply = refusal_reply(dialect, RefusalError(problem.id, **facts), "20251122-x")
    answer = rendered(reply, Request(EnvironBuilder().get_environ()))
    body = answer.get_json()
    contract().check(f"errors/{row.envelope}", body)
    told = body if row.envelope == "e2" else body["error"]
    assert (answer.status_code, answer.content_type) == (row.status, "application/json; charset=utf-8")
    assert told["message"] == row.message.format(**facts, request_id="20251122-x")
    assert (told.get("type"), told.get("code")) == (row.type, row.code)


def test_a_message_that_tells_the_request_id_tells_that_of_the_header(client: FlaskClient) -> None:
    answer = client.post(GENERATIONS, json={**SORA, "model": "sora-3"}, headers=KEY)
    request_id = answer.headers["X-Oneapi-Request-Id"]
    assert answer.get_json()["error"]["message"].endswith(f" (request id: {request_id})")


@pytest.mark.proves("errors.documented.500")
def test_a_bug_of_the_mock_is_told_in_the_log_and_not_in_the_answer(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Settings().provider()
    monkeypatch.delattr(provider, "store")
    answer = create_app(provider=provider).test_client().post(GENERATIONS, json=SORA, headers=KEY)
    request_id = answer.headers["X-Oneapi-Request-Id"]
    message = f"Internal error (request id: {request_id})"
    error = {"message": message, "type": "server_error", "code": "internal_error"}
    assert (answer.status_code, answer.get_json()) == (500, {"error": error})
    assert caplog.messages == [f"internal error, request id {request_id}"]
    assert caplog.records[0].levelno == logging.ERROR
