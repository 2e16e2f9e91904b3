"""A family that exists in a catalogue file alone: every room knows it from there, and nothing else was touched."""

import json
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.provider import Provider
from nebula_schemas import Contract
from nebula_schemas.catalogue import DIALECTS, Catalogue, Dialect, read_catalogue
from nebula_schemas.openapi import openapi_document

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-new"}
MODEL = "lumen-1-preview"
PACKAGE = resources.files("nebula_schemas.catalogue")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture(scope="module", params=["beside the others", "alone"])
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A catalogue with a made-up fifth family that answers as Wan does, and one with nothing else."""
    folder: Path = tmp_path_factory.mktemp("catalogue")
    if request.param == "beside the others":
        for entry in PACKAGE.iterdir():
            if entry.name.endswith(".json") and ".schema." not in entry.name:
                (folder / entry.name).write_text(entry.read_text("utf-8"), "utf-8")
    (folder / "lumen.json").write_text(json.dumps(lumen()), "utf-8")
    return read_catalogue(folder)


def lumen() -> dict[str, Any]:
    """The family's file: Wan's, with ids, values and a price of its own."""
    made: dict[str, Any] = json.loads((PACKAGE / "wan.json").read_text("utf-8"))
    made |= {
        "family": "lumen",
        "title": "Lumen 1",
        "wire": "wan",
        "task_id": {
            "template": "lumen_{hex:24}",
            "pattern": "^lumen_[0-9a-f]{24}$",
            "example": "lumen_" + "0" * 24,
        },
        "models": [
            {
                "id": MODEL,
                "modes": ["i2v"],
                "price": "standard",
                "tier": "resolution",
                "source": "INF: made up",
            }
        ],
    }
    made["prices"]["standard"]["usd"] = {"480p": "0.50", "720p": "0.75", "1080p": "1.25"}
    for parameter in made["parameters"]:
        if parameter["name"] == "duration":
            parameter |= {"allowed": [3, 6], "default": 3}
            del parameter["gateway"]
        if parameter["name"] == "size":
            parameter["modes"] = ["t2v"]
    return made


def consumer(models: Catalogue, dialect: Dialect) -> tuple[FlaskClient, ManualClock, Provider]:
    """A consumer of a provider with that catalogue."""
    clock = ManualClock(1_763_812_800.0)
    settings = Settings(dialect=dialect, clock="manual", models=models)
    provider = settings.provider(clock)
    return create_app(settings, provider=provider).test_client(), clock, provider


def test_the_file_is_as_the_schema_of_families_says(models: Catalogue) -> None:
    assert Contract(models).violations("catalogue/family", lumen()) == ()


@every_dialect
def test_a_task_of_it_goes_all_the_way(models: Catalogue, dialect: Dialect) -> None:
    """Length and frame size coerced as its file says, the result as long and as large, and the bill right."""
    client, clock, provider = consumer(models, dialect)
    keeps = Contract(models).in_dialect(dialect)
    body = {"model": MODEL, "prompt": "A cat", "image": "https://images.example.com/cat.png"}
    asked = {**body, "duration": 99, "resolution": "480P"}
    answer = client.post(GENERATIONS, json=asked, headers=KEY).get_json()
    keeps.check("submit/response", answer)
    task_id = answer["task_id"]
    assert task_id.startswith("lumen_")
    seen = []
    for _ in range(10):
        found = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
        keeps.check("query/response", found)
        seen.append(found["status"])
        clock.advance(3)
    assert (seen[0], seen[-1]) == ({"documented": "submitted", "gateway": "unknown"}[dialect], "succeeded")
    film = client.get(found["url"].removeprefix("http://localhost")).data
    (task,) = provider.store.tasks()
    assert (task.film.width, task.film.height, task.film.duration_s) == (832, 480, 3)
    assert film[4:8] == b"ftyp"
    assert (832).to_bytes(2, "big") + (480).to_bytes(2, "big") in film[:2000]
    assert provider.ledger()[0].charged_usd == Decimal("1.50")


@every_dialect
def test_its_submit_schema_is_made_from_its_file(models: Catalogue, dialect: Dialect) -> None:
    keeps = Contract(models).in_dialect(dialect)
    schema = keeps.documents["submit/lumen"]
    Draft202012Validator.check_schema(schema)
    body = {"model": MODEL, "prompt": "A cat", "image": "https://images.example.com/cat.png", "duration": 6}
    broken = [
        {**body, "duration": 5},
        {**body, "prompt": " "},
        {**body, "model": "wan2.5-t2v-preview"},
        {**body, "resolution": "4k"},
        {name: value for name, value in body.items() if name != "image"},
    ]
    assert keeps.violations("submit/lumen", body) == ()
    assert [bool(keeps.violations("submit/lumen", one)) for one in broken] == [True] * len(broken)


@every_dialect
def test_the_document_names_it(models: Catalogue, dialect: Dialect) -> None:
    client, _, _ = consumer(models, dialect)
    document = client.get("/_mock/openapi.json").get_json()
    assert document == openapi_document(Contract(models), dialect)
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    schemas = document["components"]["schemas"]
    assert schemas["catalogue-lumen-model"] == {"enum": [MODEL]}
    assert schemas["catalogue-lumen-values-duration"]["enum"] == [3, 6]
    examples = document["paths"][GENERATIONS]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ]
    assert examples["lumen-least"]["value"]["model"] == MODEL


def test_a_request_without_its_picture_is_refused(models: Catalogue) -> None:
    client, _, _ = consumer(models, "documented")
    answer = client.post(GENERATIONS, json={"model": MODEL, "prompt": "A cat"}, headers=KEY)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (
        400,
        f"image is required for {MODEL}",
    )
