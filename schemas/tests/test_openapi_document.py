"""Promises of the OpenAPI document: valid, whole in itself, and nothing in it but what the data say."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from nebula_schemas import contract, problem_table
from nebula_schemas.bundling import bundled
from nebula_schemas.catalogue import DIALECTS, Dialect
from nebula_schemas.examples import refusal_example
from nebula_schemas.openapi import openapi_document
from nebula_schemas.openapi_answers import Operation

HOME = "urn:openapi"
OPERATIONS: tuple[Operation, ...] = ("submit", "query", "download")
DOCUMENTS = {dialect: openapi_document(contract(), dialect) for dialect in DIALECTS}
REGISTRIES = {
    dialect: Registry().with_resource(HOME, DRAFT202012.create_resource(document))
    for dialect, document in DOCUMENTS.items()
}
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
every_operation = pytest.mark.parametrize("operation", OPERATIONS)


def walked(value: Any, pointer: str = "#") -> Iterator[tuple[str, Any]]:
    """Every value at any depth, with its JSON pointer."""
    yield pointer, value
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, member in members:
        yield from walked(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")


def operation_of(dialect: Dialect, operation: Operation) -> Mapping[str, Any]:
    """One operation of a document."""
    every = (entry for path in DOCUMENTS[dialect]["paths"].values() for entry in path.values())
    by_id: dict[str, Mapping[str, Any]] = {entry["operationId"]: entry for entry in every}
    return by_id[operation]


def takes(dialect: Dialect, pointer: str, value: object) -> bool:
    """Whether the schema at a place of the document takes a value."""
    return Draft202012Validator({"$ref": HOME + pointer}, registry=REGISTRIES[dialect]).is_valid(value)


@every_dialect
def test_the_document_is_valid_openapi(dialect: Dialect) -> None:
    errors = [error.message for error in OpenAPIV31SpecValidator(DOCUMENTS[dialect]).iter_errors()]
    assert errors == []
    assert DOCUMENTS[dialect]["openapi"].startswith("3.1.")


@every_dialect
def test_every_schema_in_it_is_valid_2020_12(dialect: Dialect) -> None:
    document = DOCUMENTS[dialect]
    assert document["jsonSchemaDialect"] == "https://json-schema.org/draft/2020-12/schema"
    told = [value for pointer, value in walked(document) if pointer.endswith("/schema")]
    for schema in [*document["components"]["schemas"].values(), *told]:
        Draft202012Validator.check_schema(schema)


@every_dialect
def test_every_reference_leads_into_the_document(dialect: Dialect) -> None:
    resolver = REGISTRIES[dialect].resolver(HOME)
    references = [value for pointer, value in walked(DOCUMENTS[dialect]) if pointer.endswith("/$ref")]
    assert references
    for reference in references:
        assert reference.startswith("#/components/")
        assert resolver.lookup(reference).contents is not None


@every_dialect
def test_no_component_has_an_address_of_its_own_and_every_name_is_legal(dialect: Dialect) -> None:
    pointers = [pointer for pointer, _ in walked(DOCUMENTS[dialect])]
    assert not [pointer for pointer in pointers if pointer.endswith(("/$id", "/$schema"))]
    names = DOCUMENTS[dialect]["components"]["schemas"]
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in names)


@every_dialect
def test_every_example_of_a_body_is_valid(dialect: Dialect) -> None:
    media = [
        (pointer, value)
        for pointer, value in walked(DOCUMENTS[dialect]["paths"])
        if isinstance(value, dict) and "schema" in value and "examples" in value
    ]
    checked = 0
    for pointer, entry in media:
        schema = pointer.replace("#", "#/paths", 1) + "/schema"
        for name, example in entry["examples"].items():
            assert takes(dialect, schema, example["value"]), (pointer, name)
            checked += 1
    assert checked > 100


@every_dialect
def test_every_example_of_a_schema_and_of_a_header_is_valid(dialect: Dialect) -> None:
    document = DOCUMENTS[dialect]
    untrue = [
        (pointer, example)
        for pointer, value in walked(document)
        if isinstance(value, dict) and isinstance(value.get("examples"), list)
        for example in value["examples"]
        if not takes(dialect, pointer, example)
    ]
    assert untrue == []
    for name, header in document["components"]["headers"].items():
        assert takes(dialect, f"#/components/headers/{name}/schema", header["example"])


@every_dialect
@every_operation
def test_every_refusal_of_the_table_stands_under_its_status(dialect: Dialect, operation: Operation) -> None:
    answers = operation_of(dialect, operation)["responses"]
    statuses = {200, 421}  # and the mock's own guard against other hosts
    for problem in problem_table().values():
        if problem.cause == "shadowed" or not {operation, "any"} & set(problem.operations):
            continue
        if (wire := problem.answers.get(dialect)) is not None:
            statuses.add(wire.status)
            (content,) = answers[str(wire.status)]["content"].values()
            assert problem.id in content["examples"]
    assert {int(status) for status in answers} == statuses


@every_dialect
@every_operation
def test_another_code_than_the_tables_is_no_answer(dialect: Dialect, operation: Operation) -> None:
    path, method = next(
        (path, method)
        for path, entry in DOCUMENTS[dialect]["paths"].items()
        for method, found in entry.items()
        if found["operationId"] == operation
    )
    place = f"#/paths/{path.replace('/', '~1')}/{method}/responses/401/content/"
    schema = place + "application~1json; charset=utf-8/schema"
    (content,) = operation_of(dialect, operation)["responses"]["401"]["content"].values()
    body = content["examples"]["missing-key"]["value"]
    invented = {"error": {**body["error"], "code": "invented"}}
    assert (takes(dialect, schema, body), takes(dialect, schema, invented)) == (True, False)


@every_dialect
@every_operation
def test_every_answer_names_the_request_and_the_mock(dialect: Dialect, operation: Operation) -> None:
    for answer in operation_of(dialect, operation)["responses"].values():
        assert set(answer["headers"]) == {"X-Oneapi-Request-Id", "X-Nebula-Mock"}


@every_dialect
def test_a_submit_takes_every_model_of_the_dialect_and_no_other(dialect: Dialect) -> None:
    known = {
        model.id for family in contract().catalogue.in_dialect(dialect).families for model in family.models
    }
    enums = [
        value
        for pointer, value in walked(DOCUMENTS[dialect]["components"]["schemas"])
        if re.fullmatch(r"#/catalogue-[a-z]+-model/enum", pointer)
    ]
    assert {model for enum in enums for model in enum} == known
    assert ("sora-2-pro" in known) == (dialect == "gateway")


@pytest.mark.parametrize(
    ("body", "taken_by"),
    [
        ({"model": "sora-2-pro", "prompt": "A cat"}, ("gateway",)),
        ({"model": "veo-3.0-generate-001", "prompt": "A cat", "durationSeconds": 12}, ("gateway",)),
        ({"model": "wan2.5-t2v-preview", "prompt": "A cat", "duration": 7}, ("gateway",)),
        ({"model": "wan2.5-t2v-preview", "prompt": "A cat", "duration": 5}, DIALECTS),
        ({"model": "wan2.5-i2v-preview", "prompt": "A cat"}, ()),
        (
            {"model": "wan2.5-i2v-preview", "prompt": "A cat", "image": "https://images.example.com/a.png"},
            DIALECTS,
        ),
        ({"model": "wan2.5-i2v-preview", "prompt": "A cat", "image": "https://"}, ()),
        ({"model": "doubao-seedance-1-0-pro-250528"}, ("gateway",)),
        ({"model": "doubao-seedance-1-0-pro-250528", "duration": "5"}, ()),
        ({"model": "sora-2", "prompt": " "}, ()),
        ({"model": "sora-2", "prompt": "A cat", "remix_from_video_id": "cat"}, ("gateway",)),
        ({"model": "sora-2", "prompt": "A cat", "remix_video_id": "cat"}, ("documented",)),
    ],
)
def test_a_submit_is_valid_where_the_dialect_uses_it_as_it_is(
    body: dict[str, Any], taken_by: tuple[Dialect, ...]
) -> None:
    place = "#/paths/~1v1~1video~1generations/post/requestBody/content/application~1json/schema"
    assert tuple(dialect for dialect in DIALECTS if takes(dialect, place, body)) == taken_by


@pytest.mark.parametrize(
    ("model", "size", "taken_by"),
    [
        ("sora-2", "1280x720", DIALECTS),
        ("sora-2", "1792x1024", ()),
        ("sora-2-pro", "1792x1024", ("gateway",)),
        ("sora-2-pro", "1x1", ()),
    ],
)
def test_a_form_takes_the_sizes_of_its_model(model: str, size: str, taken_by: tuple[Dialect, ...]) -> None:
    place = "#/paths/~1v1~1video~1generations/post/requestBody/content/multipart~1form-data/schema"
    form = {"model": model, "prompt": "A cat", "size": size, "seconds": "4"}
    assert tuple(dialect for dialect in DIALECTS if takes(dialect, place, form)) == taken_by


@every_dialect
def test_a_query_has_the_statuses_of_the_dialect(dialect: Dialect) -> None:
    place = "#/paths/~1v1~1video~1generations~1{task_id}/get/responses/200/content/application~1json/schema"
    task_id = "video_" + "0" * 32
    metadata = {"id": task_id, "status": "queued"}
    body = {"task_id": task_id, "status": "unknown", "format": "mp4", "url": "", "metadata": metadata}
    assert takes(dialect, place, body) == (dialect == "gateway")


def test_the_document_is_json_and_the_same_each_time() -> None:
    again = openapi_document(contract().in_dialect("gateway"), "documented")
    assert json.loads(json.dumps(again)) == DOCUMENTS["documented"]


def test_a_new_row_of_the_table_needs_no_fact_for_its_example() -> None:
    row = problem_table()["unknown-model"]
    wire = replace(row.answers["documented"], message="{model} in {somewhere}")
    assert refusal_example(row, wire)["error"]["message"] == "sora-9 in somewhere"


def test_two_schemas_of_one_name_are_refused() -> None:
    base = "https://nebula-video.example/schemas/"
    resources = [(base + path, DRAFT202012.create_resource({})) for path in ("a/b", "a-b")]
    document = {"x": [{"$ref": base + "a/b"}, {"$ref": base + "a-b"}]}
    with pytest.raises(ValueError, match="both come to the component 'a-b'"):
        bundled(document, Registry().with_resources(resources), base)
