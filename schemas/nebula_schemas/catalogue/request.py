"""A whole submit request, read as the provider reads it: every parameter with its fate.

Pure, and the same for everyone: the mock acts on it, the contract suite expects it, the client
prices with it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nebula_schemas.catalogue.coercion import WHITE_SPACE, Outcome, Reading, absent, read_value
from nebula_schemas.catalogue.content import content_items
from nebula_schemas.catalogue.parameters import Parameter
from nebula_schemas.catalogue.values import Family, Model

# Seedance writes its options into the prompt: "a cat --rs 720p --dur 5".
_LARGEST_PART = 10**6  # pixels; a larger width or height is no frame size, and may have thousands of digits
_INLINE_OPTION = re.compile(r"--([A-Za-z]+)[ \t]+([^\s]+)")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a submit request comes to.

    Attributes:
        readings: One for every parameter that was given or has a value in effect.
        values: Parameter name to the value in effect; parameters without a value are left out.
    """

    readings: tuple[Reading, ...]
    values: Mapping[str, Any]

    def with_outcome(self, outcome: str) -> tuple[Reading, ...]:
        """The readings with that outcome, in catalogue order."""
        return tuple(reading for reading in self.readings if reading.outcome == outcome)


def prompt_in(family: Family, body: Mapping[str, Any]) -> str | None:
    """The prompt of a submit body, or None when it has none.

    For Seedance that is every ``text`` of ``metadata.content``, joined by a line break. Blank
    counts as none. The type of ``prompt`` itself is not judged here: anything but text is None.
    """
    if family.prompt_at == "prompt":
        prompt = body.get("prompt")
    else:
        prompt = "\n".join(item["text"] for item in content_items(body) if _is_text(item))
    return prompt if isinstance(prompt, str) and prompt.strip(WHITE_SPACE) else None


def _is_text(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "text" and isinstance(item.get("text"), str)


def read_request(family: Family, model: Model, body: Mapping[str, Any], *, form: bool = False) -> Usage:
    """Every parameter of ``body`` as the provider reads it for that model.

    Pure. ``body`` is any JSON object, or the fields of a multipart form (``form``), all text; fields
    that are no parameters are left out, as the provider leaves them out. In which dialect, the
    catalogue says that ``family`` is from.
    """
    given_by_name = dict(_given_values(family, body))
    readings = []
    for listed in family.parameters:
        parameter = _form_rule(model, listed) if form else listed
        name, value = parameter.name, given_by_name.get(parameter.name)
        if (
            (value, parameter.default) == (None, None)
            and name not in model.fixed
            and name not in model.defaults
        ):
            continue  # neither given nor used, as most are
        reading = _reading(model, parameter, value)
        if reading.given is not None or reading.used is not None:
            readings.append(reading)
    if any(reading.parameter.form == "remix" and reading.used is not None for reading in readings):
        readings = [_left_out_of_a_remake(model, reading) for reading in readings]
    given = {reading.parameter.name for reading in readings if reading.given is not None}
    readings = [_beside(given, model, reading) for reading in readings]
    values = {reading.parameter.name: reading.used for reading in readings if reading.used is not None}
    return Usage(tuple(readings), values)


def _form_rule(model: Model, parameter: Parameter) -> Parameter:
    rule = parameter.in_form or parameter
    allowed = model.form_values.get(parameter.name)
    return rule if allowed is None else replace(rule, allowed=allowed)


def _reading(model: Model, parameter: Parameter, given: object) -> Reading:
    if parameter.name in model.fixed:
        used = model.fixed[parameter.name]
        outcome: Outcome = "defaulted" if given is None else "accepted" if given == used else "ignored"
        return Reading(parameter, given, used, outcome)
    if not parameter.belongs_to(model.modes, model.id):
        return _of_wrong_type(parameter, given) or Reading(parameter, given, None, "ignored")
    return read_value(parameter, given, default=model.defaults.get(parameter.name))


def _of_wrong_type(parameter: Parameter, given: object) -> Reading | None:
    """The rejection of a value whose type alone is read, since its field has no effect here; or None."""
    reading = read_value(parameter, given)
    return reading if reading.outcome == "rejected" and reading.problem is None else None


def _left_out_of_a_remake(model: Model, reading: Reading) -> Reading:
    """A remake keeps the prompt and what it remakes; everything else has no effect (DOC, SRC)."""
    is_kept = reading.parameter.form == "remix" or reading.given is None
    return reading if is_kept else _without_effect(model, reading)


def _beside(given: Collection[str], model: Model, reading: Reading) -> Reading:
    """A parameter has no effect where the one is given that silences it."""
    is_silenced = reading.given is not None and reading.parameter.ignored_with in given
    return _without_effect(model, reading) if is_silenced else reading


def _without_effect(model: Model, reading: Reading) -> Reading:
    parameter = reading.parameter
    if reading.outcome == "rejected":  # the type is read before the effect
        return reading
    return Reading(parameter, reading.given, model.defaults.get(parameter.name, parameter.default), "ignored")


def _given_values(family: Family, body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    present = {name: value for name, value in body.items() if not absent(value)}
    own = body.get("metadata")
    metadata = (
        {name: value for name, value in own.items() if not absent(value)} if isinstance(own, dict) else {}
    )
    is_bare = not any(name in present for parameter in family.parameters for name in parameter.names)
    inline: Mapping[str, str] | None = None  # read when a parameter asks for it: few families have any
    for parameter in family.parameters:
        if parameter.inline:
            if inline is None:
                options = _INLINE_OPTION.findall(prompt_in(family, body) or "")
                inline = {name: value for name, value in dict(options).items() if not absent(value)}
            given = _first(inline, parameter.inline)
            given = _first(present, parameter.plain) if given is None else given
        elif parameter.at == "metadata":
            given = _first(metadata, parameter.names) if metadata else None
        else:
            given = _first(present, parameter.names)
            if given is None and is_bare and parameter.alone:
                given = _first(present, parameter.alone)
            if given is None and metadata and _reads_metadata(family, is_bare=is_bare):
                given = _first(metadata, (*parameter.names, *parameter.alone))
        if given is None or _stands_aside(parameter, given):
            given = _stand_in(parameter, body)
        if given is not None:
            yield parameter.name, given


def _first(present: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first value of those names, or None."""
    for name in names:  # a generator takes twice as long, and every submit has many
        if name in present:
            return present[name]
    return None


def _reads_metadata(family: Family, *, is_bare: bool) -> bool:
    return family.metadata_values == "merged" or (family.metadata_values == "alone" and is_bare)


def _stands_aside(parameter: Parameter, given: object) -> bool:
    """A ``size`` that is no text does not keep ``width`` and ``height`` from being read (SRC)."""
    return bool(parameter.joined_from) and not isinstance(given, str)


def _is_size(part: Any) -> bool:
    """Whether a width or height is a whole number of pixels, written as 1280 or 1280.0."""
    if not isinstance(part, int | float) or isinstance(part, bool):
        return False
    return abs(part) < _LARGEST_PART and part == int(part)


def _stand_in(parameter: Parameter, body: Mapping[str, Any]) -> object:
    """The value that other fields give to a parameter that was not given itself."""
    if parameter.joined_from:
        parts: list[Any] = [body.get(name) for name in parameter.joined_from]
        if all(_is_size(part) for part in parts):
            return parameter.joined_with.join(str(int(part)) for part in parts)
    if parameter.mapped_from is not None:
        key = body.get(parameter.mapped_from)
        return parameter.mapped_to.get(key.lower(), key) if isinstance(key, str) else None
    return None
