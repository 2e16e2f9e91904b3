"""Which tasks a run makes and follows: every model, and every value of every parameter, in pairs.

Values come from the catalogue. A rule that this module does not know is an error that names it, so that a new one is
not silently left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.bodies import IMAGE_URL, INLINE, submit_body
from nebula_contract.sending.covering import covering_rows
from nebula_contract.sending.rules import UnknownRuleError
from nebula_schemas.catalogue import DIALECTS, Family, Model, Parameter, catalogue

Option = tuple[str, Any] | None
"""A name as it is sent with its value; None for not given."""

PROMPTS: Mapping[str, str] = {
    "plain": "A cute little cat playing in the garden",
    "chinese": "一只小猫在花园里玩耍",
    "emoji": "A fox 🦊 under the aurora 🌌, café style",
    "right-to-left": "قطة صغيرة تلعب في الحديقة",
    "quoted": 'She says "run!" \\ and they run;\n\tcut to <black> & 100% done',
    "long": "A train crosses a bridge in the rain, seen from above. " * 40,
}
"""What is asked for, by what is special in it."""

RHYTHMS: Mapping[str, tuple[float, ...]] = {
    "second by second": (0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2),
    "as documented": (0, 0, 3, 3, 3, 4, 5),
    "half seconds": (0.5, 0.5, 0, 0.5, 1.5, 2.5, 0, 0.5, 2.5),
    "late": (1, 0, 8, 0, 0, 1, 10),
}
"""Seconds before each poll, from submit; the last pause grows from there on."""

_PROMPTS, _RHYTHMS = tuple(PROMPTS.values()), tuple(RHYTHMS.values())
_MOST_COUNTED = 8  # values of a range that are all tried
_OWNERS: tuple[Credential, ...] = ("own", "second")


@dataclass(frozen=True, slots=True)
class Planned:
    """One task to make and follow.

    Attributes:
        family: Its family, as documented.
        body: The submit.
        owner: Whose it is.
        rhythm: When it is asked for.
        number: Its place among those of its family, from 1.
    """

    family: Family
    body: Mapping[str, Any]
    owner: Credential
    rhythm: tuple[float, ...]
    number: int


def planned_tasks(family: Family, seed: int, most: int | None) -> list[Planned]:
    """The family's tasks, at most so many, those that show most first."""
    models = every_model(family)
    factors: dict[str, Sequence[object]] = {
        " model": models,
        " owner": _OWNERS,
    }
    for parameter in family.parameters:
        if parameter.form != "remix" and parameter.part_of is None:
            factors[parameter.name] = tuple(options_of(parameter))
    rows = covering_rows(factors, seed, most)
    return [_planned(family, row, number) for number, row in enumerate(rows, 1)]


def every_model(family: Family) -> tuple[Model, ...]:
    """The family's models in any dialect."""
    found: dict[str, Model] = {}
    for dialect in DIALECTS:
        for model in catalogue().in_dialect(dialect).family(family.name).models:
            found.setdefault(model.id, model)
    return tuple(found.values())


def _planned(family: Family, row: Mapping[str, Any], number: int) -> Planned:
    given = dict(option for name, option in row.items() if not name.startswith(" ") and option is not None)
    joined = next((one for one in family.parameters if one.joined_from and _JOINED in given), None)
    if joined is not None:
        parts = given.pop(_JOINED).split(joined.joined_with)
        given |= dict(zip(joined.joined_from, map(int, parts), strict=True))
    prompt = _PROMPTS[number % len(_PROMPTS)]
    body = submit_body(family, row[" model"], prompt, given)
    return Planned(family, body, row[" owner"], _RHYTHMS[number % len(_RHYTHMS)], number)


_JOINED = "width and height"


def options_of(parameter: Parameter) -> Iterator[Option]:
    """What a task is asked for with: nothing, each documented value, each other name, one value outside.

    Raises:
        UnknownRuleError: The parameter has a form or a rule that is not known here.
    """
    name = f"{INLINE}{parameter.inline[0]}" if parameter.inline else parameter.name
    values = documented_values(parameter)
    yield None
    for place, value in enumerate(values):
        yield name, str(value) if parameter.rounds and place % 2 == 0 else value
    telling = values[-1]
    for alias in other_names(parameter):
        yield alias, telling
    if parameter.joined_from:
        yield _JOINED, telling
    if (outside := value_outside(parameter)) is not None:
        yield name, outside


def other_names(parameter: Parameter) -> tuple[str, ...]:
    """Every name but the first, in any dialect's reading."""
    if parameter.inline:
        return (*(f"{INLINE}{one}" for one in parameter.inline[1:]), *parameter.plain)
    return tuple(
        one for one in dict.fromkeys((*parameter.names, *parameter.aliases)) if one != parameter.name
    )


def documented_values(parameter: Parameter) -> tuple[Any, ...]:
    """Values that a document promises, all of them where they can be counted; the last is not the default.

    Raises:
        UnknownRuleError: Of a type or form that is not known here.
    """
    if parameter.allowed:
        return tuple(sorted(parameter.allowed, key=lambda value: value != parameter.default))
    if parameter.form == "image":
        return (IMAGE_URL,) if parameter.type == "string" else ([IMAGE_URL],)
    if parameter.form is not None:
        raise UnknownRuleError(
            f"{parameter.name}: found the form {parameter.form!r}, expected image or remix"
        )
    if parameter.type == "integer":
        low, high = parameter.minimum or 0, parameter.maximum
        counted = high is not None and high - low < _MOST_COUNTED
        return tuple(range(low, high + 1)) if counted and high is not None else (low, low + 29)
    if parameter.type == "boolean":
        return (False, True)
    if parameter.type == "string":
        return (_TEXTS.get(parameter.name.rpartition("_")[2], "viewer-1"),)
    raise UnknownRuleError(f"{parameter.name}: found the type {parameter.type!r} without a form")


_TEXTS = {"url": "https://media.example.com/rain.mp3"}


def value_outside(parameter: Parameter) -> Any:
    """A value that is not among the documented ones and does not refuse the request; None where there is none.

    Raises:
        UnknownRuleError: What becomes of it is not known here.
    """
    if parameter.outside not in {"default", "nearest", "drop", "keep", "reject"}:
        raise UnknownRuleError(f"{parameter.name}: found outside {parameter.outside!r}")
    if parameter.outside in {"keep", "reject", "drop"}:
        return None
    if parameter.type == "integer":
        numbers = [one for one in parameter.allowed if isinstance(one, int)]
        top = max(numbers, default=parameter.maximum)
        return None if top is None else top + 1
    return "another" if parameter.type == "string" and parameter.allowed else None
