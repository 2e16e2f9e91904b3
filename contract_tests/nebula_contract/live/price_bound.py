"""What a submit may cost at the most, from its bytes alone: so that a plan cannot say less than it asks for.

The price is that of the values in effect. Where a provider that does not keep the contract could read another value
than the documented one, the bound is the dearest video that is documented for the model, or for all of them.
"""

import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from nebula_schemas.catalogue import (
    DIALECTS,
    Dialect,
    Family,
    Model,
    Parameter,
    catalogue,
    price_usd,
    prompt_in,
    read_request,
)

_TOO_SHORT_FOR_A_MODEL = 16
"""Bytes: no body of that length can name a model and a value, whoever reads it."""

_CHOSEN_BY_THE_PROVIDER = "adaptive"
_OWN_MEMBERS = frozenset({"model", "prompt", "metadata", "content"})


def bound_usd(body: bytes) -> Decimal:
    """The most that a submit of these bytes costs if it is accepted, whatever the provider makes of them."""
    fields = _object_in(body)
    if fields is None:
        return _dearest_default() if len(body) <= _TOO_SHORT_FOR_A_MODEL else _dearest_of_all()
    named = [(dialect, family) for dialect in DIALECTS if (family := _family_of(fields, dialect)) is not None]
    if not named:
        return max(_of_every_model(fields), default=_dearest_of_all())
    return max(_of_model(dialect, family, fields["model"], fields) for dialect, family in named)


def _family_of(fields: Mapping[str, Any], dialect: Dialect) -> Family | None:
    model = fields.get("model")
    return catalogue().in_dialect(dialect).family_of_model.get(model) if isinstance(model, str) else None


def _of_every_model(fields: Mapping[str, Any]) -> Iterator[Decimal]:
    for dialect in DIALECTS:
        for family in catalogue().in_dialect(dialect).families:
            for model in family.models:
                yield _of_model(dialect, family, model.id, fields)


def _of_model(dialect: Dialect, family: Family, model_id: str, fields: Mapping[str, Any]) -> Decimal:
    model = family.model(model_id)
    if not _is_plain(family, model, fields):
        return dearest_usd(dialect, family.name, model_id)
    return price_usd(family, model, read_request(family, model, fields).values)


def _is_plain(family: Family, model: Model, fields: Mapping[str, Any]) -> bool:
    """Whether every reader finds the same values: each known, documented, and given once."""
    metadata = fields.get("metadata")
    inner = metadata if isinstance(metadata, dict) else {}
    if "metadata" in fields and (family.prompt_at == "prompt" or not isinstance(metadata, dict)):
        return False
    given = [name for name in (*fields, *inner) if name not in _OWN_MEMBERS]
    known = {name: parameter.name for parameter in family.parameters for name in parameter.names}
    if any(name not in known for name in given):
        return False
    prompt = prompt_in(family, fields) or ""
    inline = [
        parameter.name
        for parameter in family.parameters
        for name in parameter.inline
        if f"--{name} " in f"{prompt} "
    ]
    if prompt.count("--") != len(inline):
        return False
    found = [*(known[name] for name in given), *inline]
    if len(found) != len(set(found)):
        return False
    telling = {parameter.name for parameter in telling_parameters(family, model)}
    readings = read_request(family, model, fields).readings
    return all(
        reading.outcome in {"accepted", "defaulted"} and reading.used != _CHOSEN_BY_THE_PROVIDER
        for reading in readings
        if reading.parameter.name in telling
    ) and not any(reading.parameter.part_of in telling for reading in readings if reading.given is not None)


def telling_parameters(family: Family, model: Model) -> tuple[Parameter, ...]:
    """The parameters of a model that its price depends on, in catalogue order."""
    rule, price = model.video, model.price
    by = None if price.by == "tier" else price.by
    fps = rule.fps if isinstance(rule.fps, str) and price.per == "million_tokens" else None
    sizes = (rule.size_parameter, rule.size_rows, rule.size_columns) if price.per == "million_tokens" else ()
    names = {rule.duration, by, price.times, model.tier, fps, *sizes} - {None}
    return tuple(
        parameter
        for parameter in family.parameters
        if parameter.name in names and parameter.belongs_to(model.modes, model.id)
    )


def documented_values(parameter: Parameter) -> Sequence[Any]:
    """The values that are documented; of a range its ends."""
    if parameter.allowed:
        return parameter.allowed
    if parameter.type == "boolean":
        return (False, True)
    return tuple(value for value in (parameter.minimum, parameter.maximum) if value is not None)


def every_price(family: Family, model: Model) -> Iterator[tuple[Decimal, Mapping[str, Any]]]:
    """The price of each documented way to ask for a video, with the values that it depends on."""
    telling = [one for one in telling_parameters(family, model) if one.name not in model.fixed]
    base = read_request(family, model, {"model": model.id}).values
    for values in itertools.product(*map(documented_values, telling)):
        chosen = dict(zip((one.name for one in telling), values, strict=True))
        yield price_usd(family, model, {**base, **chosen}), chosen


@functools.cache
def dearest_usd(dialect: Dialect, family_name: str, model_id: str) -> Decimal:
    """The dearest video that is documented for a model."""
    family = catalogue().in_dialect(dialect).family(family_name)
    return max(price for price, _ in every_price(family, family.model(model_id)))


@functools.cache
def _dearest_of_all() -> Decimal:
    return max(
        dearest_usd(dialect, family.name, model.id)
        for dialect in DIALECTS
        for family in catalogue().in_dialect(dialect).families
        for model in family.models
    )


@functools.cache
def _dearest_default() -> Decimal:
    return max(_of_every_model({}))


def _object_in(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object of a body that every reader reads alike; None where there is none."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name.casefold() for name, _ in pairs]
    if len(set(names)) != len(names):
        message = "a member twice"
        raise ValueError(message)
    return dict(pairs)


def _no_constant(word: str) -> Any:
    raise ValueError(word)
