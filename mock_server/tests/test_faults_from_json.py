"""Promises of faults read from JSON: every setting arrives, and what is left out has the default that the schema tells."""

from dataclasses import fields
from typing import Any

import pytest

from nebula_mock.core.faults import FAULTS, fault_from
from nebula_mock.core.faults.broken_answer import BROKEN_ANSWERS
from nebula_schemas import contract

KINDS = contract().documents["files/fault"]["$defs"]
SETTINGS = {"id": "problem_id", "done": "is_done"}


def settings_of(kind: str) -> dict[str, Any]:
    """An example of every setting of a fault."""
    rules = KINDS[kind]["properties"]
    return {name: rule["examples"][-1] for name, rule in rules.items() if name != "fault"}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_setting_of_the_schema_arrives_under_its_name(kind: str) -> None:
    given = settings_of(kind)
    made: Any = fault_from({"fault": kind, **given})
    assert made.kind == kind
    if kind in BROKEN_ANSWERS:
        assert made.settings == given
    else:
        assert {SETTINGS.get(name, name): one for name, one in given.items()} == {
            one.name: getattr(made, one.name)
            for one in fields(made)
            if one.name in {SETTINGS.get(name, name) for name in given}
        }


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_needs_no_setting(kind: str) -> None:
    assert fault_from({"fault": kind}).kind == kind
    assert contract().violations("files/fault", {"fault": kind}) == ()
