"""Promises of the admin API: what the server is, and a clock that can be moved."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Settings, create_app
from nebula_schemas.version import VERSION

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

NOON = 1_763_812_800.0
CLOCK, ADVANCE = "/_mock/clock", "/_mock/clock/advance"
KEY = {"Authorization": "Bearer sk-test"}


@pytest.fixture
def client() -> FlaskClient:
    """A consumer of a provider whose clock stands at noon."""
    return create_app(provider=Settings().provider(ManualClock(NOON))).test_client()


@pytest.fixture(scope="module")
def shared() -> FlaskClient:
    """One for many requests that change nothing."""
    return create_app(Settings(clock="manual")).test_client()


def check_problem(answer: TestResponse, status: int, title: str, detail: str) -> None:
    """Assert that an answer is that problem document (RFC 9457), and nothing but it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    assert (answer.status_code, answer.get_json()) == (status, body)
    assert answer.content_type == "application/problem+json"


def test_health_tells_what_answers(client: FlaskClient) -> None:
    answer = client.get("/_mock/health")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json() == {
        "status": "ok",
        "version": VERSION,
        "runner": "werkzeug",
        "dialect": "documented",
        "scenario": "default",
        "clock": {"mode": "manual", "now": NOON, "speed": None},
        "tasks": {"kept": 0, "dropped": 0},
    }


@pytest.mark.parametrize(("speed", "mode"), [(1.0, "real"), (60.0, "scaled")])
def test_the_clock_tells_how_time_passes(speed: float, mode: str) -> None:
    found = create_app(Settings(speed=speed)).test_client().get(CLOCK).get_json()
    assert (found["mode"], found["speed"]) == (mode, speed)


@pytest.mark.parametrize("seconds", [0, 60, 0.5, 1e6])
def test_an_advance_answers_with_the_new_time(client: FlaskClient, seconds: float) -> None:
    answer = client.post(ADVANCE, json={"seconds": seconds})
    moved = {"mode": "manual", "now": NOON + seconds, "speed": None}
    assert (answer.status_code, answer.get_json()) == (200, {**moved, "changed": []})
    assert client.get(CLOCK).get_json() == moved


def test_an_advance_moves_the_tasks(client: FlaskClient) -> None:
    body = {"model": "sora-2", "prompt": "A cat"}
    task_id = client.post("/v1/video/generations", json=body, headers=KEY).get_json()["task_id"]
    seen = []
    for _ in range(3):
        seen.append(client.get(f"/v1/video/generations/{task_id}", headers=KEY).get_json()["status"])
        client.post(ADVANCE, json={"seconds": 5})
    assert seen == ["queued", "in_progress", "succeeded"]


@pytest.mark.parametrize(("speed", "mode"), [(1.0, "real"), (60.0, "scaled")])
def test_only_a_manual_clock_can_be_moved(speed: float, mode: str) -> None:
    answer = create_app(Settings(speed=speed)).test_client().post(ADVANCE, json={"seconds": 1})
    way_out = 'start the server with --clock manual, or PATCH /_mock/clock {"mode": "manual"} first'
    check_problem(answer, 409, "Conflict", f"the clock is {mode}; to advance it {way_out}")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "$: found no 'seconds', expected the members 'seconds'."),
        ({"seconds": None}, "$.seconds: found null, expected type number."),
        ({"seconds": "60"}, '$.seconds: found "60", expected type number.'),
        ({"seconds": True}, "$.seconds: found true, expected type number."),
        ({"seconds": [1]}, "$.seconds: found [1], expected type number."),
    ],
)
def test_an_advance_says_by_how_much(client: FlaskClient, body: dict[str, Any], told: str) -> None:
    check_problem(client.post(ADVANCE, json=body), 400, "Bad Request", f"body, {told}")


@pytest.mark.parametrize(("seconds", "shown"), [("-1", "-1"), ("-0.5", "-0.5"), ("1e999", "inf")])
def test_time_does_not_run_back_nor_end(client: FlaskClient, seconds: str, shown: str) -> None:
    answer = client.post(ADVANCE, data=f'{{"seconds":{seconds}}}', content_type="application/json")
    expected = "expected a finite number of at least 0: clocks never run back"
    check_problem(answer, 400, "Bad Request", f"$.seconds: found {shown} seconds, {expected}")
    assert client.get(CLOCK).get_json()["now"] == NOON


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"seconds":NaN}', "NaN is not JSON"),
        (b"[60]", "expected a JSON object at the top"),
        (b"\xff", "not UTF-8 at byte 0"),
    ],
)
def test_an_advance_that_is_no_json_object_is_a_problem(client: FlaskClient, raw: bytes, reason: str) -> None:
    check_problem(client.post(ADVANCE, data=raw, content_type="application/json"), 400, "Bad Request", reason)


def test_an_advance_by_more_than_a_float_holds_is_a_problem(client: FlaskClient) -> None:
    answer = client.post(ADVANCE, data=b'{"seconds":1' + b"0" * 400 + b"}", content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("model", ["wan2.5-t2v-preview", "doubao-seedance-1-0-lite-t2v-250428"])
def test_no_advance_breaks_the_provider_for_good(client: FlaskClient, model: str) -> None:
    client.post(ADVANCE, json={"seconds": 1e300})
    content = {"content": [{"type": "text", "text": "A cat"}]}
    body = {"model": model, "prompt": "A cat", "metadata": content}
    submitted = client.post("/v1/video/generations", json=body, headers=KEY)
    task_id = submitted.get_json().get("task_id")
    queried = client.get(f"/v1/video/generations/{task_id}", headers=KEY)
    assert (submitted.status_code, queried.status_code) == (200, 200)


def test_an_admin_body_over_the_limit_is_too_large(client: FlaskClient) -> None:
    answer = client.post(ADVANCE, data=b" " * (32 * 1024 * 1024 + 1), content_type="application/json")
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_mock"),
        ("GET", "/_mock/"),
        ("GET", "/_mock/never"),
        ("GET", ADVANCE),
        ("PATCH", "/_mock/health"),
        ("OPTIONS", CLOCK),
        ("GET", "/_mock//health"),
    ],
)
def test_what_is_no_admin_route_is_a_problem(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method, content_type="application/json")
    check_problem(answer, 404, "Not Found", f"no admin route {method} {path}")


@settings(patient, max_examples=80)
@given(st.binary() | st.recursive(st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_any_body_that_is_no_advance_is_a_problem(shared: FlaskClient, raw: bytes) -> None:
    assume(b'"seconds"' not in raw)
    answer = shared.post(ADVANCE, data=raw, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_a_get_changes_nothing(client: FlaskClient) -> None:
    for path in ("/_mock/health", CLOCK, f"{ADVANCE}?seconds=60"):
        client.get(path)
    assert client.get(CLOCK).get_json()["now"] == NOON


def test_an_encoded_admin_body_is_refused_and_moves_nothing(client: FlaskClient) -> None:
    body, headers = gzip.compress(b'{"seconds":60}'), {"Content-Encoding": "gzip"}
    answer = client.post(ADVANCE, data=body, content_type="application/json", headers=headers)
    detail = "found an encoded body, gzip; expected it as it is"
    check_problem(answer, 415, "Unsupported Media Type", detail)
    assert client.get(CLOCK).get_json()["now"] == NOON
