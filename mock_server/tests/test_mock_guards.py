"""Promises about who may speak to the server: known Host names, other origins for the provider's routes only."""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import Settings, create_app

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

GENERATIONS = "/v1/video/generations"
HEALTH, ADVANCE = "/_mock/health", "/_mock/clock/advance"
KEY = {"Authorization": "Bearer sk-test"}
FOREIGN = "https://evil.example"
PROBLEM = "application/problem+json"
PATHS = [GENERATIONS, f"{GENERATIONS}/video_1", f"{GENERATIONS}/download", "/results/x/0.mp4", "/", HEALTH]

any_path = pytest.mark.parametrize("path", PATHS)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A consumer of a provider that answers to one more name."""
    settings_ = Settings(clock="manual", allowed_hosts=("Mock.Example",))
    return create_app(settings_).test_client()


@pytest.fixture(scope="module")
def guarded() -> FlaskClient:
    """A consumer of a provider whose admin API asks for a token."""
    return create_app(Settings(clock="manual", admin_token="s3cret")).test_client()


def advanced(client: FlaskClient, **headers: str) -> TestResponse:
    """The answer to an advance of the clock by nothing, with those headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(ADVANCE, json={"seconds": 0}, headers=named)


def check_problem(answer: TestResponse, status: int, title: str, detail: str) -> None:
    """Assert that an answer is that problem document (RFC 9457), and nothing but it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    assert (answer.status_code, answer.content_type, answer.get_json()) == (status, PROBLEM, body)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost:8383",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:8383",
        "mock.example",
        "MOCK.EXAMPLE:80",
    ],
)
def test_a_loopback_name_or_an_allowed_one_is_answered(client: FlaskClient, host: str) -> None:
    assert client.get(HEALTH, headers={"Host": host}).status_code == 200


STRANGERS = [
    ("evil.example", "evil.example"),
    ("evil.example:8383", "evil.example"),
    ("localhost.evil.example", "localhost.evil.example"),
    ("127.0.0.1.evil.example", "127.0.0.1.evil.example"),
    ("127.0.0.2", "127.0.0.2"),
    ("0.0.0.0:8383", "0.0.0.0"),  # noqa: S104 - a Host that is refused, not an address to bind
    ("[::2]", "[::2]"),
    ("[::]:8383", "[::]"),
    ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"),
    ("localhost.", "localhost."),
    ("local host", "local host"),
    ("localhost,evil.example", "localhost,evil.example"),
    ("user@localhost", "user@localhost"),
    ("evil.example#localhost", "evil.example#localhost"),
    ("x" * 5000, "x" * 100),
]


@any_path
@pytest.mark.parametrize(("host", "shown"), STRANGERS, ids=[host[:30] for host, _ in STRANGERS])
def test_any_other_host_is_misdirected_whatever_the_path(
    client: FlaskClient, path: str, host: str, shown: str
) -> None:
    """A page on the web can have its own name resolve to 127.0.0.1; only the Host header tells."""
    answer = client.get(path, headers={**KEY, "Host": host})
    expected = "expected one of 127.0.0.1, [::1], localhost, mock.example"
    hint = "If this name is yours, start the server with --allow-host NAME."
    check_problem(answer, 421, "Misdirected Request", f"found Host {shown!r}, {expected}. {hint}")


@settings(patient, max_examples=100)
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), min_size=1))
def test_a_host_of_any_other_letters_is_refused_in_json(client: FlaskClient, host: str) -> None:
    assume(host.partition(":")[0].lower() not in {"localhost", "127.0.0.1", "mock.example", "["})
    answer = client.get(HEALTH, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.content_type) in {(421, PROBLEM), (400, PROBLEM)}


@pytest.mark.parametrize("path", [HEALTH, GENERATIONS])
def test_a_request_without_a_host_is_bad(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=KEY, environ_overrides={"HTTP_HOST": ""})
    check_problem(answer, 400, "Bad Request", "found no Host header, which HTTP/1.1 requires")


@pytest.mark.parametrize(
    "host",
    ["localhost:80@evil.example", "localhost:evil.example", "[::1].evil.example", "[::1", "localhost:1:2"],
)
def test_a_known_name_with_something_else_behind_it_is_no_known_name(client: FlaskClient, host: str) -> None:
    assert client.get(HEALTH, headers={"Host": host}).status_code in {400, 421}


@pytest.mark.parametrize("path", [GENERATIONS, f"{GENERATIONS}/video_1", f"{GENERATIONS}/download?id=x"])
def test_a_preflight_is_answered_without_a_key(client: FlaskClient, path: str) -> None:
    asked = {
        "Origin": FOREIGN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.options(path, headers=asked)
    found = {name: value for name, value in answer.headers if name.startswith("Access-Control-")}
    assert (answer.status_code, answer.data) == (204, b"")
    assert found == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Nebula-Scenario",
        "Access-Control-Max-Age": "600",
        "Access-Control-Expose-Headers": "X-Oneapi-Request-Id, X-Nebula-Mock, Content-Length, Retry-After",
    }


@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://localhost"])
def test_pages_of_any_origin_may_read_what_the_provider_answers(client: FlaskClient, origin: str) -> None:
    """Refusals too, since a browser hides an error that it may not read."""
    for headers in (KEY, {}):
        answer = client.get(f"{GENERATIONS}/video_1", headers={**headers, "Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "X-Oneapi-Request-Id" in answer.headers["Access-Control-Expose-Headers"]


@any_path
def test_no_cross_origin_header_is_sent_to_who_is_no_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=KEY)
    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118


def test_an_options_that_is_no_preflight_is_an_unknown_route(client: FlaskClient) -> None:
    answer = client.options(GENERATIONS, headers={"Origin": FOREIGN})
    assert (answer.status_code, answer.get_json()["error"]["type"]) == (404, "invalid_request_error")


def test_a_private_network_preflight_is_not_granted(client: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    answer = client.options(GENERATIONS, headers={"Origin": FOREIGN, **asked})
    assert "Access-Control-Allow-Private-Network" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", [HEALTH, ADVANCE, "/_mock/never"])
@pytest.mark.parametrize(
    "origin",
    [FOREIGN, "null", "", "http://localhost:1", "https://localhost", "http://localhost.evil.example"],
)
def test_pages_of_other_origins_get_nothing_of_the_admin_api(
    client: FlaskClient, method: str, path: str, origin: str
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = client.open(path, method=method, headers=headers, content_type="application/json")
    check_problem(answer, 403, "Forbidden", "the admin API is closed to pages of other origins")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_pages_of_other_sites_get_nothing_of_the_admin_api(client: FlaskClient, site: str) -> None:
    """A browser sends this even where it sends no Origin, as with an image or a link."""
    for answer in (
        client.get(HEALTH, headers={"Sec-Fetch-Site": site}),
        advanced(client, Sec_Fetch_Site=site),
    ):
        check_problem(answer, 403, "Forbidden", "the admin API is closed to pages of other sites")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:8383", "Host": "127.0.0.1:8383"},
        {"Origin": "http://[::1]:8383", "Host": "[::1]:8383"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_page_of_the_mock_itself_may_use_the_admin_api(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = advanced(client, **headers)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
    ],
)
def test_what_changes_something_must_be_sent_as_json(client: FlaskClient, content_type: str | None) -> None:
    """No plain HTML form can send JSON, so no page can post here without a preflight."""
    answer = client.post(ADVANCE, data=b'{"seconds": 60}', content_type=content_type)
    check_problem(answer, 415, "Unsupported Media Type", "send Content-Type: application/json")


@pytest.mark.parametrize("token", [None, "", "wrong", "s3cre", "s3crett", "S3CRET", "Bearer s3cret", "ü"])
@pytest.mark.parametrize("path", [HEALTH, "/_mock/clock", "/_mock/never", ADVANCE])
def test_without_the_token_no_admin_route_says_anything(
    guarded: FlaskClient, path: str, token: str | None
) -> None:
    headers = {} if token is None else {"X-Nebula-Admin-Token": token}
    for answer in (guarded.get(path, headers=headers), guarded.post(path, json={}, headers=headers)):
        check_problem(answer, 401, "Unauthorized", "send the admin token in X-Nebula-Admin-Token")


def test_with_the_token_the_admin_api_answers(guarded: FlaskClient) -> None:
    assert advanced(guarded, X_Nebula_Admin_Token="s3cret").status_code == 200


def test_the_token_does_not_open_the_admin_api_to_other_origins(guarded: FlaskClient) -> None:
    assert advanced(guarded, X_Nebula_Admin_Token="s3cret", Origin=FOREIGN).status_code == 403


def test_the_token_is_no_key_and_a_key_no_token(guarded: FlaskClient) -> None:
    assert guarded.get(f"{GENERATIONS}/x", headers={"X-Nebula-Admin-Token": "s3cret"}).status_code == 401
    assert guarded.get(HEALTH, headers=KEY).status_code == 401
