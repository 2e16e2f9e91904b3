"""Promises of the served and the printed OpenAPI document, and that answers are as it says."""

import json
import subprocess
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Settings, create_app
from nebula_schemas import contract
from nebula_schemas.catalogue import DIALECTS, Dialect
from nebula_schemas.examples import least_submit
from nebula_schemas.openapi import openapi_document

OPENAPI, GENERATIONS = "/_mock/openapi.json", "/v1/video/generations"
HOME = "urn:openapi"
KEY = {"Authorization": "Bearer sk-test"}
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def consumer(dialect: Dialect) -> tuple[FlaskClient, ManualClock]:
    """A consumer of a provider of that dialect, and the provider's clock."""
    clock = ManualClock(1_763_812_800.0)
    settings = Settings(dialect=dialect, clock="manual")
    return create_app(settings, provider=settings.provider(clock)).test_client(), clock


def check_told(document: dict[str, Any], path: str, method: str, answer: TestResponse) -> None:
    """Assert that the document has this answer: its status, its media type as it is, its body, its headers."""
    told = document["paths"][path][method]["responses"][str(answer.status_code)]
    assert list(told["content"]) == [answer.content_type]
    registry: Registry[Any] = Registry().with_resource(HOME, DRAFT202012.create_resource(document))
    names = (
        "paths",
        path,
        method,
        "responses",
        str(answer.status_code),
        "content",
        *told["content"],
        "schema",
    )
    pointer = "".join(f"/{name.replace('/', '~1')}" for name in names)
    validator = Draft202012Validator({"$ref": f"{HOME}#{pointer}"}, registry=registry)
    assert [error.message for error in validator.iter_errors(answer.get_json())] == []
    for name in told["headers"]:
        pattern = document["components"]["headers"][name]["schema"]
        assert Draft202012Validator(pattern).is_valid(answer.headers[name])


@every_dialect
def test_a_server_gives_the_document_of_its_own_dialect(dialect: Dialect) -> None:
    client, _ = consumer(dialect)
    answer = client.get(OPENAPI)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json() == openapi_document(contract(), dialect)


@every_dialect
def test_either_document_may_be_asked_for(dialect: Dialect) -> None:
    for own in DIALECTS:
        answer = consumer(own)[0].get(f"{OPENAPI}?dialect={dialect}")
        assert answer.get_json()["info"]["x-nebula-dialect"] == dialect


@pytest.mark.parametrize("asked", ["", "klingon", "Gateway"])
def test_another_dialect_is_a_problem(asked: str) -> None:
    answer = consumer("documented")[0].get(f"{OPENAPI}?dialect={asked}")
    detail = f"dialect: found {asked!r}, expected documented or gateway"
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail}
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json() == body


def test_the_document_is_behind_the_admin_token() -> None:
    client = create_app(Settings(admin_token="t0ken")).test_client()
    assert client.get(OPENAPI).status_code == 401
    assert client.get(OPENAPI, headers={"X-Nebula-Admin-Token": "t0ken"}).status_code == 200


@pytest.mark.parametrize("options", [[], ["--dialect", "documented"], ["--dialect", "gateway"]])
def test_the_command_prints_the_document_indented(options: list[str]) -> None:
    code = f"from nebula_mock.cli import main; main(['openapi', *{options}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    dialect: Dialect = "gateway" if "gateway" in options else "documented"
    printed = openapi_document(contract(), dialect, server_url="http://127.0.0.1:8383")
    assert (json.loads(done.stdout), done.stderr) == (printed, "")
    assert done.stdout.startswith('{\n  "openapi": "3.1.')


@every_dialect
@pytest.mark.parametrize("family", [family.name for family in contract().catalogue.families])
def test_answers_on_the_way_of_a_task_are_as_the_document_says(dialect: Dialect, family: str) -> None:
    client, clock = consumer(dialect)
    document = client.get(OPENAPI).get_json()
    body = least_submit(contract().in_dialect(dialect).catalogue.family(family))
    submitted = client.post(GENERATIONS, json=body, headers=KEY)
    check_told(document, GENERATIONS, "post", submitted)
    task_id = submitted.get_json()["task_id"]
    for _ in range(9):
        seen = client.get(f"{GENERATIONS}/{task_id}", headers=KEY)
        check_told(document, f"{GENERATIONS}/{{task_id}}", "get", seen)
        loaded = client.get(f"{GENERATIONS}/download?id={task_id}", headers=KEY)
        check_told(document, f"{GENERATIONS}/download", "get", loaded)
        clock.advance(3)
    assert seen.get_json()["status"] == "succeeded"
    assert loaded.status_code == (200 if family == "sora" else 502)


@every_dialect
@pytest.mark.parametrize(
    "sent",
    [
        {"json": {}},
        {"data": b"{"},
        {"data": b"{}", "content_type": "text/plain"},
        {"json": {"model": "sora-9", "prompt": "A cat"}},
        {"json": {"model": "sora-2"}},
        {"json": {"model": "wan2.5-i2v-preview", "prompt": "A cat"}},
        {"json": {"model": "wan2.5-t2v-preview", "prompt": "A cat", "seed": "1"}},
        {"json": {"model": "doubao-seedance-1-0-pro-250528", "metadata": 5}},
        {
            "data": {"model": "sora-2", "prompt": "A cat", "size": "1x1"},
            "content_type": "multipart/form-data",
        },
        {"data": {"model": "veo-3.0-generate-001"}, "content_type": "multipart/form-data"},
        {"json": {}, "headers": {"Authorization": "Basic x"}},
    ],
)
def test_refusals_are_as_the_document_says(dialect: Dialect, sent: dict[str, Any]) -> None:
    client, _ = consumer(dialect)
    answer = client.post(GENERATIONS, **{"headers": KEY, "content_type": "application/json", **sent})
    check_told(client.get(OPENAPI).get_json(), GENERATIONS, "post", answer)
    assert "error" in answer.get_json() or "code" in answer.get_json()
