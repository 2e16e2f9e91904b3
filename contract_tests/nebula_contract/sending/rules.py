"""Which rules of the catalogue and keywords of the submit schemas the generated inputs know; any other is an error.

A generator that skips a rule it does not know goes on looking complete. This one stops, and names the rule.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import resources
from typing import Any

from nebula_schemas.catalogue import DIALECTS, Family, Parameter, catalogue

KNOWN_RULES = frozenset(
    {
        *(
            "name",
            "type",
            "outside",
            "wrong_type",
            "source",
            "aliases",
            "accepts",
            "rounds",
            "allowed",
            "groups",
        ),
        *("minimum", "maximum", "default", "spellings", "contains", "fold_case", "form", "inline", "modes"),
        *("required_modes", "required_dialects", "required_or", "part_of", "joined_from", "joined_with"),
        *("mapped_from", "mapped_to", "reads", "alone", "plain", "at", "models", "ignored_with"),
        *("zero_is_absent", "problem", "largest_image", "problem_too_large", "in_form"),
    }
)
"""The rules of a parameter that are followed."""

KNOWN_WORDS: Mapping[str, frozenset[str | None]] = {
    "type": frozenset({"integer", "string", "boolean", "array"}),
    "outside": frozenset({"default", "nearest", "drop", "keep", "reject"}),
    "wrong_type": frozenset({"default", "drop", "reject"}),
    "form": frozenset({None, "image", "remix"}),
    "at": frozenset({"body", "metadata"}),
}
"""The words that a rule may be."""

KNOWN_KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$ref", "title", "description", "examples", "x-unit", "type", "enum", "const"),
        *(
            "required",
            "properties",
            "items",
            "minItems",
            "contains",
            "pattern",
            "allOf",
            "anyOf",
            "if",
            "then",
        ),
    }
)
"""The keywords of submit schemas whose meaning the generated bodies keep."""

_NAMED = frozenset({"properties"})
_PLAIN = frozenset({"examples", "enum", "const", "required"})


class UnknownRuleError(ValueError):
    """The catalogue or a schema has a rule that the generated inputs do not know; the message names it."""


def check_catalogue() -> None:
    """Nothing, when every rule of every family is known.

    Raises:
        UnknownRuleError: One is not.
    """
    for dialect in DIALECTS:
        for family in catalogue().in_dialect(dialect).families:
            check_family(family)


def check_family(family: Family) -> None:
    """The same for one family."""
    if family.prompt_at not in {"prompt", "metadata.content"}:
        raise UnknownRuleError(f"{family.name}: found the prompt at {family.prompt_at!r}")
    for parameter in family.parameters:
        check_parameter(parameter, family.name)


def check_parameter(parameter: Parameter, where: str = "") -> None:
    """The same for one parameter; ``where`` names its family in the message."""
    place = f"{where}.{parameter.name}".strip(".")
    for one in fields(parameter):
        if one.name not in KNOWN_RULES:
            raise UnknownRuleError(f"{place}: found the rule {one.name}, which no generated input follows")
    for rule, words in KNOWN_WORDS.items():
        found = getattr(parameter, rule)
        if found not in words:
            expected = ", ".join(sorted(map(str, words)))
            raise UnknownRuleError(f"{place}: found {rule} {found!r}, expected one of {expected}")


def check_schemas() -> None:
    """Nothing, when every keyword of the submit schemas is known.

    Raises:
        UnknownRuleError: One is not.
    """
    for entry in (resources.files("nebula_schemas") / "submit").iterdir():
        if entry.name.endswith(".schema.json") and entry.name != "response.schema.json":
            check_schema(json.loads(entry.read_text("utf-8")), entry.name)


def check_schema(schema: Mapping[str, Any], name: str) -> None:
    """The same for one schema; ``name`` stands in the message."""
    for pointer, keyword in _keywords(schema, ""):
        if keyword not in KNOWN_KEYWORDS:
            raise UnknownRuleError(
                f"{name}{pointer}: found the keyword {keyword}, which no generated input follows"
            )


def _keywords(schema: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, list):
        for place, one in enumerate(schema):
            yield from _keywords(one, f"{at}/{place}")
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        yield f"{at}/{keyword}", keyword
        if keyword in _NAMED:
            for name, one in value.items():
                yield from _keywords(one, f"{at}/{keyword}/{name}")
        elif keyword not in _PLAIN:
            yield from _keywords(value, f"{at}/{keyword}")
