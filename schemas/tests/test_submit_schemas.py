"""Promises of the submit schemas: what they call valid is what the catalogue's reading uses as it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_schemas import Contract, contract
from nebula_schemas.catalogue import DIALECTS, Dialect, prompt_in
from nebula_schemas.catalogue.coercion import WHITE_SPACE, looks_like_image
from nebula_schemas.examples import least_submit
from nebula_schemas.loader import BASE_URI

FAMILIES = [family.name for family in contract().catalogue.families]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
every_family = pytest.mark.parametrize("name", FAMILIES)


def pattern(form: str) -> str:
    """The pattern of a form that values can have."""
    found: str = contract().registry.contents(f"{BASE_URI}catalogue/forms/{form}")["pattern"]
    return found


@given(st.text(st.sampled_from(WHITE_SPACE + "\x1c\x1f\ufeffx") | st.characters(), max_size=4))
def test_a_prompt_is_blank_to_the_schema_where_it_is_blank_to_the_provider(prompt: str) -> None:
    family = contract().catalogue.family("sora")
    body = {"model": "sora-2", "prompt": prompt}
    assert (contract().violations("submit/sora", body) == ()) == (prompt_in(family, body) is not None)


@given(st.from_regex(re.compile(pattern("image").removesuffix("$") + r"\Z", re.ASCII)))
def test_a_valid_picture_is_one_that_is_read(value: str) -> None:
    assert looks_like_image(value)


@every_dialect
@every_family
def test_the_least_submit_is_valid(name: str, dialect: Dialect) -> None:
    spoken = contract().in_dialect(dialect)
    assert spoken.violations(f"submit/{name}", least_submit(spoken.catalogue.family(name))) == ()


@every_family
def test_the_documented_schema_is_the_file_itself(name: str) -> None:
    written = contract().documents[f"submit/{name}"]
    assert written == Contract(contract().catalogue).documents[f"submit/{name}"]
    assert "as the gateway" not in written["description"]


@every_family
def test_the_gateways_schema_has_every_name_it_reads_and_none_that_it_dropped(name: str) -> None:
    spoken = contract().in_dialect("gateway")
    told = set(spoken.documents[f"submit/{name}"]["properties"])
    family = spoken.catalogue.family(name)
    read = {one for rule in family.parameters if rule.at == "body" and not rule.inline for one in rule.names}
    as_documented = contract().catalogue.family(name)
    once = {one for rule in as_documented.parameters if not rule.inline for one in rule.names}
    alone = {one for rule in family.parameters for one in rule.alone}
    assert read | alone <= told
    assert not (once - read - alone) & told


def test_either_dialect_of_a_contract_is_made_once() -> None:
    gateway = contract().in_dialect("gateway")
    assert gateway is contract().in_dialect("gateway")
    assert contract().in_dialect("documented") is contract()
    assert gateway.catalogue.dialect == "gateway"


def test_veo_says_what_its_metadata_does_in_each_dialect() -> None:
    told = {
        dialect: contract()
        .in_dialect(dialect)
        .documents["submit/veo"]["properties"]["metadata"]["description"]
        for dialect in DIALECTS
    }
    assert "fill in" in told["documented"]
    assert "Read only where none stands" in told["gateway"]
