"""Every example file is used: the valid ones are valid, the others are not for the reason in their name."""

import json
from pathlib import Path

import pytest

import nebula_schemas
from nebula_schemas import contract

DATA = Path(nebula_schemas.__file__).parent
VALID = sorted(DATA.glob("*/examples/*/valid/*.json"))
INVALID = sorted(DATA.glob("*/examples/*/invalid/*.json"))


def schema_of(example: Path) -> str:
    """The schema an example file belongs to, such as ``submit/sora``."""
    return f"{example.parents[3].name}/{example.parents[1].name}"


def label(example: Path) -> str:
    """Schema and file name, for the test's id."""
    return f"{schema_of(example)}/{example.stem}"


@pytest.mark.parametrize("example", VALID, ids=label)
def test_a_valid_example_is_valid(example: Path) -> None:
    assert contract().violations(schema_of(example), json.loads(example.read_text("utf-8"))) == ()


@pytest.mark.parametrize("example", INVALID, ids=label)
def test_an_invalid_example_breaks_the_rule_it_is_named_after(example: Path) -> None:
    found = contract().violations(schema_of(example), json.loads(example.read_text("utf-8")))
    assert found[0].keyword == example.stem.partition("-")[0]


@pytest.mark.parametrize("name", sorted(contract().documents))
def test_every_schema_has_examples_of_both_kinds(name: str) -> None:
    assert name in {schema_of(example) for example in VALID}
    assert name in {schema_of(example) for example in INVALID}


def test_no_example_is_left_over() -> None:
    """A file in a misspelt folder, or of a schema that is gone, would be checked by nobody."""
    files = {path for path in DATA.glob("*/examples/**/*") if path.is_file()}
    assert files == {*VALID, *INVALID}
    assert {schema_of(example) for example in files} == set(contract().documents)
