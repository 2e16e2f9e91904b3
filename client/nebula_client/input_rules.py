"""What the provider would make of a submit's values, told before a byte of it is sent.

A request is seldom refused for a bad value: seven seconds become four, are made and are billed. So
the catalogue's rules, which the offline provider acts on too, are asked first. A value that would be
refused is an error; one that would be changed or dropped is a warning, or with ``strict`` an error.
"""

import json
import warnings
from collections.abc import Mapping
from typing import Any

from nebula_client.errors import ConfigurationError
from nebula_schemas.catalogue import Family, Model, Parameter, Reading, Usage, catalogue, read_request

_LONGEST_VALUE = 80
_MOST_LISTED = 12
_DIALECT = "documented"


class ChangedValueWarning(UserWarning):
    """A value of a submit is not used as given, and is billed as it is used; the message names both values."""


def check_inputs(body: Mapping[str, Any], *, strict: bool, stacklevel: int) -> None:
    """Check the values of a submit body by the rules of its model's family.

    A model the catalogue does not know is not checked: it may be newer than this client.

    Args:
        body: The body that is to be sent.
        strict: Whether a value that would be changed or dropped is an error.
        stacklevel: Frames between this function and the caller whose line a warning names.

    Raises:
        ConfigurationError: A required value is missing, or one would be refused, or is not used as given and
            ``strict`` is set. Nothing was sent.
    """
    family = catalogue().family_of_model.get(body["model"])
    if family is None:
        return
    model = family.model(body["model"])
    usage = read_request(family, model, body)
    refused = [
        *_missing(family, model, usage),
        *(
            f"{_name(reading)}: found {_shown(reading.given)}, {_expected(reading.parameter)}"
            for reading in usage.with_outcome("rejected")
        ),
    ]
    changed = [*map(_changed, usage.with_outcome("coerced")), *map(_dropped, _given(usage, body))]
    if refused or (strict and changed):
        told = "; ".join(refused or changed)
        raise ConfigurationError(f"{body['model']}: {told}. Nothing was sent.")
    for what in changed:
        warnings.warn(f"{body['model']}: {what}.", ChangedValueWarning, stacklevel=stacklevel + 1)


def _missing(family: Family, model: Model, usage: Usage) -> list[str]:
    given = {reading.parameter.name for reading in usage.readings if reading.given is not None}
    return [
        f"{rule.name}: found nothing, expected one, which this model needs"
        for rule in family.parameters
        if _DIALECT in rule.required_dialects and set(rule.required_modes) & set(model.modes)
        if rule.name not in given and rule.required_or not in usage.values
    ]


def _given(usage: Usage, body: Mapping[str, Any]) -> list[Reading]:
    """The values without effect that were given as such, not read from another field that has one."""
    return [
        reading
        for reading in usage.with_outcome("ignored")
        if reading.parameter.mapped_from is None or any(name in body for name in reading.parameter.names)
    ]


def _changed(reading: Reading) -> str:
    used = "nothing" if reading.used is None else _shown(reading.used)
    return f"{_name(reading)}: found {_shown(reading.given)}, the provider uses {used}; {_expected(reading.parameter)}"


def _dropped(reading: Reading) -> str:
    used = "" if reading.used is None else f", which uses {_shown(reading.used)}"
    return f"{_name(reading)}: found {_shown(reading.given)}, which has no effect on this model{used}"


def _name(reading: Reading) -> str:
    return reading.parameter.name


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}... ({len(text)} characters)"


def _expected(rule: Parameter) -> str:
    """What a value of the parameter should be, in the catalogue's own terms."""
    if rule.allowed:
        listed = ", ".join(map(_shown, rule.allowed[:_MOST_LISTED]))
        return f"expected {listed}{', ...' if len(rule.allowed) > _MOST_LISTED else ''}"
    if rule.minimum is not None or rule.maximum is not None:
        low = "" if rule.minimum is None else f" from {rule.minimum}"
        high = "" if rule.maximum is None else f" to {rule.maximum}"
        return f"expected {rule.type}{low}{high}"
    if rule.form is not None:
        return {
            "image": "expected an image: URL, data URI or base64",
            "remix": "expected the id of a finished task",
        }[rule.form]
    return f"expected {rule.type}"
