"""A rule or keyword that no generated input follows stops the run before anything is sent, and is named."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from nebula_contract.sending.rules import (
    UnknownRuleError,
    check_catalogue,
    check_family,
    check_parameter,
    check_schema,
    check_schemas,
)
from nebula_contract.sending.spread import documented_values, value_outside
from nebula_contract.sending.values import documented_values as strategy_of
from nebula_schemas.catalogue import Parameter, catalogue

PARAMETER = catalogue().family("sora").parameter("seconds")


def test_everything_of_the_catalogue_and_the_schemas_is_known() -> None:
    check_catalogue()
    check_schemas()


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("type", "number"),
        ("outside", "round-up"),
        ("wrong_type", "keep"),
        ("form", "audio"),
        ("at", "header"),
    ],
)
def test_unknown_word_of_a_rule_is_named(rule: str, word: str) -> None:
    changes: dict[str, Any] = {rule: word}
    with pytest.raises(UnknownRuleError, match=f"sora.seconds: found {rule} '{word}'"):
        check_parameter(replace(PARAMETER, **changes), "sora")


def test_new_rule_of_a_parameter_is_named() -> None:
    @dataclass(frozen=True)
    class Stricter(Parameter):
        step: int = 2

    with pytest.raises(UnknownRuleError, match="seconds: found the rule step"):
        check_parameter(Stricter("seconds", "integer", "default", "default", "DOC"))


def test_prompt_at_an_unknown_place_is_named() -> None:
    changes: dict[str, Any] = {"prompt_at": "messages"}
    with pytest.raises(UnknownRuleError, match="'messages'"):
        check_family(replace(catalogue().family("sora"), **changes))


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "object", "unevaluatedProperties": False}, "/unevaluatedProperties"),
        ({"properties": {"a": {"type": "string", "format": "uri"}}}, "/properties/a/format"),
        ({"allOf": [{"if": {}, "else": {}}]}, "/allOf/0/else"),
    ],
)
def test_unknown_keyword_of_a_schema_is_named_with_its_place(schema: dict[str, Any], place: str) -> None:
    with pytest.raises(UnknownRuleError, match=f"new{place}"):
        check_schema(schema, "new")


def test_property_that_is_called_like_a_keyword_is_none() -> None:
    check_schema({"properties": {"format": {"examples": [{"maximum": 1}]}}}, "new")


@pytest.mark.parametrize("of", [documented_values, strategy_of])
def test_value_of_an_unknown_form_is_no_guess(of: Callable[[Parameter], object]) -> None:
    changes: dict[str, Any] = {"form": "audio", "allowed": ()}
    with pytest.raises(UnknownRuleError, match="audio"):
        of(replace(catalogue().family("sora").parameter("user"), **changes))


def test_value_outside_by_an_unknown_rule_is_no_guess() -> None:
    changes: dict[str, Any] = {"outside": "round-up"}
    with pytest.raises(UnknownRuleError, match="round-up"):
        value_outside(replace(PARAMETER, **changes))
