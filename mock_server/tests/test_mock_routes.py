"""Promises about paths and methods: what no operation has is an unknown route, in JSON."""

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Settings, create_app
from nebula_schemas import contract

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
NOT_POST = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]
NOT_GET = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]


@pytest.fixture(scope="module")
def task() -> dict[str, str]:
    """The id and the result path of a succeeded Veo task, filled in by the client."""
    return {}


@pytest.fixture(scope="module")
def client(task: dict[str, str]) -> FlaskClient:
    """A consumer of a provider that has that task."""
    clock = ManualClock(1_763_812_800.0)
    opened = create_app(provider=Settings(seed=1).provider(clock)).test_client()
    body = {"model": "veo-3.0-generate-001", "prompt": "A cat", "fps": 1}
    task["id"] = opened.post(GENERATIONS, json=body, headers=KEY).get_json()["task_id"]
    clock.advance(10)
    url = opened.get(f"{GENERATIONS}/{task['id']}", headers=KEY).get_json()["url"]
    task["result"] = url.removeprefix("http://localhost")
    return opened


def unknown(method: str, path: str) -> dict[str, Any]:
    """The body of the answer to an unknown route."""
    shown = path if len(path) <= 200 else f"{path[:200]}... ({len(path)} characters)"
    error = {"message": f"Invalid URL ({method} {shown})", "type": "invalid_request_error"}
    return {"error": {**error, "param": "", "code": ""}}


def seen(answer: TestResponse) -> tuple[int, str | None, Any]:
    """What matters of an answer."""
    return answer.status_code, answer.content_type, answer.get_json(silent=True)


def unknown_route(method: str, path: str) -> tuple[int, str, dict[str, Any]]:
    """What matters of the answer to an unknown route."""
    return 404, "application/json; charset=utf-8", unknown(method, path)


@pytest.mark.proves("endpoints.submit", "errors.unknown-route", "envelope.unknown-route")
@pytest.mark.parametrize("method", [method for method in NOT_POST if method != "HEAD"])
def test_submit_is_post_only(client: FlaskClient, method: str) -> None:
    answer = client.open(GENERATIONS, method=method, headers=KEY)
    assert seen(answer) == unknown_route(method, GENERATIONS)


@pytest.mark.proves("endpoints.query", "endpoints.download", "errors.unknown-route")
@pytest.mark.parametrize("method", NOT_GET)
def test_query_download_and_results_are_get_only(
    client: FlaskClient, task: dict[str, str], method: str
) -> None:
    for path in (f"{GENERATIONS}/{task['id']}", f"{GENERATIONS}/download", task["result"]):
        assert seen(client.open(path, method=method, headers=KEY)) == unknown_route(method, path)


def test_there_is_no_head_of_a_query(client: FlaskClient, task: dict[str, str]) -> None:
    answer = client.head(f"{GENERATIONS}/{task['id']}", headers=KEY)
    assert answer.status_code == 404


def test_there_is_no_head_of_a_submit(client: FlaskClient) -> None:
    answer = client.head(GENERATIONS, headers=KEY)
    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.proves("errors.unknown-route")
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/video", "/v1/videos", "/favicon.ico", "/static/x"])
def test_no_other_path_is_known(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method, headers=KEY)
    assert answer.status_code == 404
    assert method == "HEAD" or seen(answer) == unknown_route(method, path)


@pytest.mark.parametrize(
    "path",
    [
        f"{GENERATIONS}/",
        f"{GENERATIONS}/download/",
        f"{GENERATIONS}/video_1/",
        f"{GENERATIONS}/video_1/content",
        f"{GENERATIONS}//video_1",
        "/v1//video/generations/video_1",
        "/v1/video//generations",
        f"{GENERATIONS}/../generations/video_1",
        f"{GENERATIONS}/./video_1",
        "/V1/video/generations/video_1",
        f"{GENERATIONS};/video_1",
        f"/_Mock{GENERATIONS}",
    ],
)
def test_a_path_is_known_by_its_exact_form(client: FlaskClient, path: str) -> None:
    """No redirect for a slash too many, which would be HTML and would lose the body of a submit."""
    assert seen(client.get(path, headers=KEY)) == unknown_route("GET", path)


def test_a_doubled_slash_at_the_beginning_is_an_unknown_route(client: FlaskClient) -> None:
    answer = client.get(f"/%2F{GENERATIONS[1:]}/video_1", headers=KEY)
    assert answer.get_json() == unknown("GET", f"/{GENERATIONS}/video_1")


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        ("video%2F1", "video/1"),
        ("..%2F..%2Fetc%2Fpasswd", "../../etc/passwd"),
        ("a%2Fdownload", "a/download"),
    ],
)
def test_an_encoded_slash_is_a_slash(client: FlaskClient, encoded: str, decoded: str) -> None:
    answer = client.get(f"{GENERATIONS}/{encoded}", headers=KEY)
    assert seen(answer) == unknown_route("GET", f"{GENERATIONS}/{decoded}")


@pytest.mark.parametrize(
    "task_id", ["%00", "video_1%00", "%ff%fe", "%0d%0aX-Evil:1", "%F0%9F%8E%AC", "a" * 60_000]
)
def test_an_odd_id_is_an_unknown_task(client: FlaskClient, task_id: str) -> None:
    answer = client.get(f"{GENERATIONS}/{task_id}", headers=KEY)
    error = {"message": "Task not found", "type": "not_found", "code": "not_found"}
    assert (answer.status_code, answer.get_json()) == (404, {"error": error})
    assert "X-Evil" not in answer.headers


def test_a_very_long_path_is_told_in_short(client: FlaskClient) -> None:
    answer = client.get("/" + "a" * 60_000)
    assert seen(answer) == unknown_route("GET", "/" + "a" * 60_000)
    assert len(answer.data) < 500


@settings(patient, max_examples=150)
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    st.lists(
        st.text(max_size=8) | st.sampled_from(["v1", "video", "generations", "download", ".."]), max_size=6
    ),
    st.text(max_size=20),
    st.sampled_from([KEY, {}]),
)
def test_any_path_and_query_is_answered_in_json(
    client: FlaskClient, method: str, parts: list[str], query: str, headers: dict[str, str]
) -> None:
    path = "/" + "/".join(parts)
    assume(not path.startswith("/_mock"))
    raw = {"PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": quote(query)}
    answer = client.open("/", method=method, headers=headers, environ_overrides=raw)
    assert answer.status_code in {400, 401, 404}
    contract().check("errors/any", answer.get_json())


@pytest.mark.proves("auth.all-three", "auth.bearer", "errors.documented.401")
@pytest.mark.parametrize(
    "path", [GENERATIONS, f"{GENERATIONS}/video_1", f"{GENERATIONS}/download?id=video_1"]
)
def test_every_operation_asks_for_a_key_first(client: FlaskClient, path: str) -> None:
    method = "POST" if path == GENERATIONS else "GET"
    error = {"message": "Invalid API key", "type": "authentication_error", "code": "invalid_api_key"}
    for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "sk-test"}):
        answer = client.open(path, method=method, headers=headers)
        assert seen(answer) == (401, "application/json; charset=utf-8", {"error": error})
