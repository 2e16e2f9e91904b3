"""What a submit asked for, as features: by them it is told which value, field or model is refused now."""

from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.judging.views import Seen
from nebula_schemas.catalogue import DIALECTS, Family, Parameter, catalogue
from nebula_schemas.catalogue.coercion import absent

_LONGEST = 60
UNKNOWN = "an unknown field"
"""Stands for every field that no source names."""


def features_of(seen: Seen) -> frozenset[str]:
    """``model=wan2.5-t2v``, ``duration=10``, ``duration as seconds``, ``prompt``, ``without negative_prompt``.

    A value stands in it where the catalogue lists it; of any other its JSON type alone, so that no text of a request
    is kept.
    """
    if seen.family is None:
        return frozenset()
    media = seen.exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return frozenset({f"content type {media[:_LONGEST] or 'none'}", *_features(seen.family, seen.fields)})


def _features(family: Family, fields: Mapping[str, Any]) -> Iterator[str]:
    yield f"model={str(fields.get('model'))[:_LONGEST]}"
    given = {name for name, value in _flat(fields) if not absent(value)}
    known = _parameters(family)
    for name, value in _flat(fields):
        if name == "model" or absent(value):
            continue
        parameter = known.get(name)
        if parameter is None:
            if name in ("prompt", "metadata"):
                yield name
            else:
                yield f"{name[:_LONGEST]} (unknown field)"
                yield UNKNOWN
            continue
        yield f"{parameter.name}={_told(parameter, value)}"
        if name != parameter.name:
            yield f"{parameter.name} as {name}"
    for parameter in family.parameters:
        if not given & set(parameter.names):
            yield f"without {parameter.name}"


def _flat(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from fields.items()
    metadata = fields.get("metadata")
    if isinstance(metadata, Mapping):
        yield from ((name, value) for name, value in metadata.items() if name not in fields)


def _parameters(family: Family) -> Mapping[str, Parameter]:
    found: dict[str, Parameter] = {}
    for dialect in DIALECTS:
        for parameter in catalogue().in_dialect(dialect).family(family.name).parameters:
            for name in (parameter.name, *parameter.names):
                found.setdefault(name, parameter)
    return found


def _told(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool) or (not isinstance(value, list | dict) and value in parameter.allowed):
        return str(value)[:_LONGEST]
    bounded = parameter.minimum is not None or parameter.maximum is not None
    if bounded and isinstance(value, int) and not isinstance(value, bool):
        inside = (parameter.minimum is None or value >= parameter.minimum) and (
            parameter.maximum is None or value <= parameter.maximum
        )
        return "inside its bounds" if inside else "outside its bounds"
    return f"another {type(value).__name__}"
