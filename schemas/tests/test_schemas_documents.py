"""Promises of the schema files: well formed, where they say they are, and told in full."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nebula_schemas import contract
from nebula_schemas.loader import BASE_URI, schema_files

DATA = resources.files("nebula_schemas")
DOCUMENTS = sorted(contract().documents)

# Keywords whose subschemas declare members; those under if, then, else, not and contains are conditions
# on members that are declared elsewhere.
DECLARING = ("items", "additionalProperties")
DECLARING_LISTS = ("anyOf", "oneOf", "allOf")

# A member is a quantity when the last word of its name is one of these and an example looks like a number.
QUANTITIES = {
    "at", "count", "duration", "fps", "framespersecond", "height", "price", "progress",
    "resolution", "seconds", "size", "tokens", "usd", "width",
}  # fmt: skip
NUMBER_LIKE = re.compile(r"[0-9.]+([x*][0-9]+|p)?")


def declared(schema: object, pointer: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """JSON pointer, name and schema of every property that is declared at any depth."""
    if not isinstance(schema, dict):
        return
    for name, member in schema.get("properties", {}).items():
        place = f"{pointer}/properties/{name.replace('~', '~0').replace('/', '~1')}"
        yield place, name, member
        yield from declared(member, place)
    for name, member in schema.get("$defs", {}).items():
        yield from declared(member, f"{pointer}/$defs/{name}")
    for keyword in DECLARING:
        yield from declared(schema.get(keyword), f"{pointer}/{keyword}")
    for keyword in DECLARING_LISTS:
        for index, member in enumerate(schema.get(keyword, [])):
            yield from declared(member, f"{pointer}/{keyword}/{index}")


def references(value: object) -> Iterator[str]:
    """Every ``$ref`` in a schema."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from references(member)


def names_a_quantity(name: str) -> bool:
    """Whether the last word of a snake_case or camelCase name is that of a quantity."""
    return re.split(r"_|(?<=[a-z])(?=[A-Z])", name)[-1].lower() in QUANTITIES


def looks_like_a_number(example: object) -> bool:
    """Whether an example is a number or a number in text, such as 720p or 1280x720."""
    if isinstance(example, str):
        return NUMBER_LIKE.fullmatch(example) is not None
    return isinstance(example, int | float) and not isinstance(example, bool)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_valid_2020_12(name: str) -> None:
    document = contract().documents[name]
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_id_is_the_path_of_its_file(name: str) -> None:
    assert contract().documents[name]["$id"] == f"{BASE_URI}{name}.schema.json"


def test_every_schema_file_is_listed() -> None:
    found = {
        f"{folder.name}/{entry.name.removesuffix('.schema.json')}"
        for folder in DATA.iterdir()
        if folder.is_dir()
        for entry in folder.iterdir()
        if entry.name.endswith(".schema.json")
    }
    assert found == {name for name, _ in schema_files()} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_has_a_title_and_a_description(name: str) -> None:
    document = contract().documents[name]
    assert all(document[member].strip() for member in ("title", "description"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_property_has_a_description_and_examples(name: str) -> None:
    untold = [
        pointer
        for pointer, _, member in declared(contract().documents[name])
        if not member.get("description", "").strip() or not member.get("examples")
    ]
    assert untold == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_property_validates_its_own_examples(name: str) -> None:
    models = contract()
    broken = [
        (pointer, example)
        for pointer, _, member in declared(models.documents[name])
        for example in member["examples"]
        if not Draft202012Validator(
            {"$ref": f"{BASE_URI}{name}.schema.json#{pointer}"}, registry=models.registry
        ).is_valid(example)
    ]
    assert broken == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_quantity_has_a_unit(name: str) -> None:
    without_unit = [
        pointer
        for pointer, member_name, member in declared(contract().documents[name])
        if names_a_quantity(member_name)
        and any(map(looks_like_a_number, member["examples"]))
        and not member.get("x-unit", "").strip()
    ]
    assert without_unit == []


def test_a_unit_is_written_in_one_way_only() -> None:
    """No "seconds" in one file and "second" in another."""
    units = {
        member["x-unit"]
        for name in DOCUMENTS
        for _, _, member in declared(contract().documents[name])
        if "x-unit" in member
    }
    assert units == {
        "US dollar",
        "US dollar/second",
        "byte",
        "byte/second",
        "exchange",
        "frame/second",
        "sample",
        "line",
        "percent",
        "pixel",
        "second",
        "second since 1970-01-01T00:00:00Z",
        "token",
        "video",
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    models = contract()
    resolver = models.registry.resolver(f"{BASE_URI}{name}.schema.json")
    for reference in references(models.documents[name]):
        assert resolver.lookup(reference).contents is not None


@pytest.mark.parametrize("family", [family.name for family in contract().catalogue.families])
def test_catalogue_files_are_as_their_schema_says(family: str) -> None:
    raw = json.loads((DATA / "catalogue" / f"{family}.json").read_text("utf-8"))
    assert contract().violations("catalogue/family", raw) == ()


def test_the_error_table_is_as_its_schema_says() -> None:
    raw = json.loads((DATA / "errors" / "table.json").read_text("utf-8"))
    assert contract().violations("errors/table", raw) == ()


def test_allowed_values_stand_in_the_catalogue_alone() -> None:
    """A submit schema refers to the catalogue's values; it does not repeat them."""
    models = contract()
    made = models.registry.contents(f"{BASE_URI}catalogue/sora/values/seconds")
    assert made == {"type": ["integer", "string"], "enum": [4, 8, 12, "4", "8", "12"]}
    assert models.documents["submit/sora"]["properties"]["seconds"]["$ref"].endswith("sora/values/seconds")


def test_an_unknown_schema_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError) as caught:
        contract().violations("submit/nothing", {})
    assert all(name in str(caught.value) for name in ("submit/nothing", *DOCUMENTS))


def test_the_contract_is_made_once() -> None:
    assert contract() is contract()
    assert contract().validator("submit/sora") is contract().validator("submit/sora")
