"""Promises of the admin API as a whole: the table has every route, and every body is valid by the schema it names."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from nebula_mock import Settings, create_app
from nebula_schemas import contract
from nebula_schemas.admin_routes import PROBLEM, AdminRoute, admin_routes

KEY = "sk-test"
GENERATIONS = "/v1/video/generations"
ROUTES = admin_routes()
NAMES = [f"{route.method} {route.path}" for route in ROUTES]

BODIES: dict[str, list[Any]] = {
    "PATCH /_mock/clock": [{"mode": "manual"}, {"mode": "real", "speed": 2}],
    "POST /_mock/clock/advance": [{"seconds": 60}],
    "PUT /_mock/scenario": [
        {"preset": "flaky"},
        {"description": "Mine.", "rules": [{"name": "a", "delay": 1}]},
    ],
    "POST /_mock/faults": [{"operation": "query", "steps": ["ok", {"fault": "reset"}]}],
    "POST /_mock/journal/verify": [
        {"match": {"operation": "submit"}},
        {"match": {"status": 418}, "count": 2},
    ],
    "PUT /_mock/accounts": [{"balance_usd": "5"}, {}],
    "PATCH /_mock/accounts": [{"dialect": "gateway"}],
    "POST /_mock/reset": [{"scope": "tasks"}, {"scope": "all"}],
}


@pytest.fixture(scope="module")
def app() -> Flask:
    """A server with a task, a script and an exchange."""
    return create_app(Settings(clock="manual", accounts={}))


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A consumer of it; the clock stands again after each test."""
    made = app.test_client()
    yield made
    made.patch("/_mock/clock", json={"mode": "manual"})


def address(client: FlaskClient, route: AdminRoute) -> str:
    """A path at which the route answers: ids are those of something that is there."""
    if route.path == "/_mock/faults/ID":
        made = client.post("/_mock/faults", json={"operation": "any", "steps": ["ok"]}).get_json()
        return f"/_mock/faults/{made['id']}"
    if route.path == "/_mock/tasks/ID":
        client.post("/_mock/reset", json={"scope": "faults"})
        headers = {"Authorization": f"Bearer {KEY}"}
        made = client.post(
            GENERATIONS, json={"model": "sora-2", "prompt": "A cat"}, headers=headers
        ).get_json()
        return f"/_mock/tasks/{made['task_id']}"
    needs_account = route.path == "/_mock/accounts" and route.method != "GET"
    is_shared_clock = (route.method, route.path) == ("DELETE", "/_mock/clock")
    return f"{route.path}?account={KEY}" if needs_account or is_shared_clock else route.path


def is_valid_by_one(value: Any, schemas: tuple[str, ...]) -> bool:
    """Whether a value is valid by exactly one of them."""
    return [contract().violations(name, value) for name in schemas].count(()) == 1


def test_the_table_has_exactly_the_routes_that_are_served(app: Flask) -> None:
    served = {
        (method, rule.rule.replace("<script_id>", "ID").replace("<path:task_id>", "ID"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/_mock") and method not in {"HEAD", "OPTIONS"}
    }
    assert served == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_bodies_are_valid_by_the_schemas_that_the_table_names(client: FlaskClient, route: AdminRoute) -> None:
    bodies = BODIES.get(f"{route.method} {route.path}", [None])
    assert (bodies == [None]) == (route.body == ())
    for body in bodies:
        if body is not None:
            assert is_valid_by_one(body, route.body)
        kwargs = {"content_type": "application/json"} if body is None else {"json": body}
        answer = client.open(address(client, route), method=route.method, **kwargs)
        assert (answer.status_code, answer.content_type) == (route.status, "application/json"), answer.data
        assert not route.answer or is_valid_by_one(answer.get_json(), route.answer), answer.get_json()


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if one.body], ids=lambda one: f"{one.method} {one.path}"
)
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"nothing": 1}', b"\xff", b"null"])
def test_a_wrong_body_is_a_problem_by_its_schema(client: FlaskClient, route: AdminRoute, body: bytes) -> None:
    answer = client.open(
        address(client, route), method=route.method, data=body, content_type="application/json"
    )
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert contract().violations(PROBLEM, answer.get_json()) == ()


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_page_of_another_origin_gets_a_problem_and_changes_nothing(
    client: FlaskClient, route: AdminRoute
) -> None:
    before = client.get("/_mock/faults").get_json()
    for headers in ({"Origin": "https://a.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.open(route.path, method=route.method, json={}, headers=headers)
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
        assert contract().violations(PROBLEM, answer.get_json()) == ()
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.get("/_mock/faults").get_json() == before


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if one.method != "GET"], ids=lambda one: f"{one.method} {one.path}"
)
def test_what_changes_something_must_be_json(client: FlaskClient, route: AdminRoute) -> None:
    answer = client.open(route.path, method=route.method, data="a=b", content_type="text/plain")
    assert answer.status_code == 415
    assert contract().violations(PROBLEM, answer.get_json()) == ()
