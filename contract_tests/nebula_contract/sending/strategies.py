"""Generated submits that are accepted, from the catalogue: as documented, coerced, and with what is ignored.

Each is of one class in the documented dialect and refused by none. Values of a parameter come from its rules alone.
"""

import json
import string
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st

from nebula_contract.sending.bodies import AUDIO_URL, IMAGE_DATA, IMAGE_URL, INLINE, submit_body
from nebula_contract.sending.rules import UnknownRuleError
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Model, Parameter, catalogue, read_value
from nebula_schemas.catalogue.coercion import WHITE_SPACE
from nebula_schemas.catalogue.content import ROLES

Label = Literal["accepted", "coerced", "ignored", "rejected"]

_LONGEST_PROMPT, _LARGEST = 200, 2**31 - 1
_MOST_GIVEN = 5
_MANY = 10**6


@dataclass(frozen=True, slots=True)
class Generated:
    """One submit, and what it is meant to be.

    Attributes:
        label: Its class, in the documented dialect.
        body: The bytes to send.
        content_type: Their type; empty for none.
        problems: Dialect to the row of the error table that it meets; a dialect that accepts it is left out.
        what: In a few words, what is special.
    """

    label: Label
    body: bytes
    content_type: str = "application/json"
    problems: Mapping[Dialect, str] = field(default_factory=dict)
    what: str = ""


# Any text at all would do; a list of letters is drawn from without the second it takes to read all of Unicode.
_LETTERS = (
    string.ascii_letters
    + string.digits
    + string.punctuation
    + " \t\n\r\x00\x1c\x1f\x7f\x85\xa0\xad\u200b\u200d\u2028\u202e\u3000\ufeff\ufffd\uffff"
    + "\u0301\u0327\u05d0\u0634\u0939\u4eff\u732b\u30cd\uac00\xdf\xe9\xf1\u0130\u0131\u01c5\u2126\u212b"
    + "\U0001f98a\U0001f30c\U0001f468\U0001f3fd\U00010400\U000e0041\U0010ffff"
)


def texts(least: int = 0, most: int = 20) -> st.SearchStrategy[str]:
    """Texts of letters from everywhere, among them those that are easily lost on the way."""
    return st.text(_LETTERS, min_size=least, max_size=most)


prompts: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(
        ("A cat", "猫", "🦊🌌", "a\u0301\u200d", "\u202eright to left", "x" * 3000, "\x1c", '"', "\\n")
    ),
    texts(1, _LONGEST_PROMPT).filter(lambda text: bool(text.strip(WHITE_SPACE)) and INLINE not in text),
)
"""Any text that is not blank; without two dashes, which begin an option of Seedance."""

junk: st.SearchStrategy[Any] = st.one_of(
    texts(),
    st.integers(-_MANY, _MANY),
    st.sampled_from((10**30, -1, 0, 1e308, 7.6, 0.5, "08", " 8", "8.0", "NaN", [None], [[]], {"a": 1})),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
)
"""A value no document promises anything about."""


def spellings_of(body: Mapping[str, Any]) -> st.SearchStrategy[bytes]:
    """The same JSON in other letters: compact, with escapes, indented, in another order."""
    return st.sampled_from(_WRITERS).map(lambda write: write(body).encode("utf-8", "surrogatepass"))


_WRITERS: tuple[Callable[[Any], str], ...] = (
    lambda body: json.dumps(body, ensure_ascii=False),
    lambda body: json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    json.dumps,
    lambda body: json.dumps(body, indent=2, sort_keys=True),
    lambda body: json.dumps(dict(reversed(body.items())), ensure_ascii=False),
)


def shared_models(family: Family) -> tuple[Model, ...]:
    """The family's models that every dialect has."""
    others = [catalogue().in_dialect(one).family(family.name).models for one in DIALECTS]
    ids = set.intersection(*({model.id for model in models} for models in others))
    return tuple(model for model in family.models if model.id in ids)


def _in_dialects(family: Family, parameter: Parameter) -> list[Parameter]:
    """The parameter as each dialect has it."""
    families = (catalogue().in_dialect(one).family(family.name) for one in DIALECTS)
    return [one for other in families for one in other.parameters if one.name == parameter.name]


def names_of(parameter: Parameter) -> tuple[str, ...]:
    """Every name under which the documented dialect reads it, as ``submit_body`` takes them."""
    if parameter.inline:
        return (*(f"{INLINE}{name}" for name in parameter.inline), *parameter.plain)
    return parameter.names


def names_for(family: Family, parameter: Parameter, value: object) -> st.SearchStrategy[str]:
    """The names under which ``value`` can be given: not those whose JSON type some dialect checks, of another type."""
    typed = {name: kind for one in DIALECTS for name, kind in _typed_fields(family, one).items()}
    names = [one for one in names_of(parameter) if one not in typed or _is_number(value, typed[one])]
    return st.sampled_from(names)


def _typed_fields(family: Family, dialect: Dialect) -> Mapping[str, str]:
    return catalogue().in_dialect(dialect).family(family.name).typed_fields


def _is_number(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (kind == "number" and isinstance(value, float))


def documented_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values that a document promises, in every documented type and spelling."""
    if parameter.form == "image":
        pictures = st.sampled_from([IMAGE_URL, IMAGE_DATA, "http://images.example.com/a/b.jpg?x=1"])
        return pictures.map(lambda one: [one]) if parameter.type == "array" else pictures
    if parameter.allowed:
        plain: st.SearchStrategy[Any] = st.sampled_from(parameter.allowed)
        folded = plain.map(str).map(str.upper) if parameter.fold_case else plain
        others = st.sampled_from([*parameter.spellings]) if parameter.spellings else plain
        return st.one_of(plain, _as_text(parameter, plain), folded, others)
    if parameter.type == "integer":
        numbers = st.integers(
            parameter.minimum or 0, _LARGEST if parameter.maximum is None else parameter.maximum
        )
        return st.one_of(numbers, _as_text(parameter, numbers))
    if parameter.type == "boolean":
        spelt = st.sampled_from(
            ["true", "false", "yes", "no", "1", "0"] if "string" in parameter.accepts else [True]
        )
        counted = st.sampled_from([0, 1] if "number" in parameter.accepts else [False])
        return st.one_of(st.booleans(), spelt, counted)
    if parameter.type == "string" and parameter.form is None:
        return st.just(AUDIO_URL) if parameter.name.endswith("_url") else texts(1)
    raise UnknownRuleError(f"{parameter.name}: found type {parameter.type} in the form {parameter.form}")


def _as_text(parameter: Parameter, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values.map(str) if "string" in parameter.accepts else values


def other_values(family: Family, parameter: Parameter) -> st.SearchStrategy[Any] | None:
    """Values outside the documented ones that no dialect refuses; None where there are none."""
    rules = _in_dialects(family, parameter)
    if parameter.form == "remix":
        return st.text("abcdefgh-", min_size=1, max_size=12)  # without the form of an id it is dropped
    strict = [one for one in rules if one.outside == "reject"]
    if any(one.wrong_type == "reject" for one in rules):
        if parameter.form == "image" or parameter.type in {"boolean", "array"}:
            return None
        if parameter.type == "string":
            return texts(1)
        low = max((one.minimum or 0 for one in strict), default=-_MANY)
        return st.integers(low, min((one.maximum or _MANY for one in strict), default=_MANY))
    words = st.text("abcxyz_0189.", min_size=1, max_size=12)  # an inline option ends at white space
    return words if parameter.inline else junk


def _meets(parameter: Parameter, fates: Collection[str], value: object) -> bool:
    """Whether the documented dialect makes one of those of a value of the parameter."""
    return read_value(parameter, value).outcome in fates


def _fits(parameter: Parameter, model: Model) -> bool:
    return (
        parameter.form != "remix"
        and parameter.part_of is None
        and parameter.name not in model.fixed
        and parameter.belongs_to(model.modes, model.id)
    )


@st.composite
def accepted_requests(draw: st.DrawFn, family: Family) -> Generated:
    """Submits exactly as documented, for any model of the family, under any documented name."""
    model = draw(st.sampled_from(shared_models(family)))
    body = draw(documented_bodies(family, model))
    return Generated("accepted", draw(spellings_of(body)))


@st.composite
def documented_bodies(draw: st.DrawFn, family: Family, model: Model) -> dict[str, Any]:
    """Bodies exactly as documented."""
    fitting = [one for one in family.parameters if _fits(one, model)]
    chosen = draw(st.lists(st.sampled_from(fitting), max_size=_MOST_GIVEN, unique_by=lambda one: one.name))
    given = {}
    for parameter in chosen:
        if not any(parameter.ignored_with == other.name for other in chosen):
            value = draw(documented_values(parameter))
            given[draw(names_for(family, parameter, value))] = value
    body = submit_body(family, model, draw(prompts), given)
    if family.prompt_at != "prompt":
        body["metadata"]["content"] += draw(_pictures)
    is_inside = draw(st.booleans()) if family.metadata_values is not None else False
    if is_inside and given:
        return {**_without(body, given), "metadata": given}  # they may stand there as well
    return body


_pictures: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        lambda url, role: {
            "type": "image_url",
            "image_url": {"url": url},
            **({"role": role} if role else {}),
        },
        st.sampled_from((IMAGE_URL, "https://images.example.com/b.jpg?sig=1")),
        st.sampled_from((None, *ROLES)),
    ),
    max_size=2,
)


def _without(body: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@st.composite
def coerced_requests(draw: st.DrawFn, family: Family) -> Generated:
    """Submits with a value that the provider replaces by another."""
    model = draw(st.sampled_from(shared_models(family)))
    open_to_it = [
        one
        for one in family.parameters
        if _fits(one, model) and one.outside in {"default", "nearest"} and one.at == "body"
    ]
    parameters = draw(
        st.lists(st.sampled_from(open_to_it), min_size=1, max_size=3, unique_by=lambda one: one.name)
    )
    given: dict[str, Any] = {}
    for parameter in parameters:
        values = other_values(family, parameter)
        if values is None:
            continue
        if parameter.joined_from:  # what is no text stands aside for its parts
            values = values.filter(lambda one: isinstance(one, str))
        value = draw(values.filter(partial(_meets, parameter, {"coerced"})))
        given[draw(names_for(family, parameter, value))] = value
    body = submit_body(family, model, draw(prompts), given)
    label: Label = "coerced" if given else "accepted"
    return Generated(label, draw(spellings_of(body)), what=" ".join(given))


@st.composite
def ignored_requests(draw: st.DrawFn, family: Family) -> Generated:
    """Submits with fields that have no effect: unknown ones, those of other families, values that are dropped."""
    model = draw(st.sampled_from(shared_models(family)))
    without_effect = draw(
        st.dictionaries(st.sampled_from(foreign_names(family)), junk, min_size=1, max_size=4)
    )
    dropped = [
        one for one in family.parameters if one.outside == "drop" and one.at == "body" and not one.inline
    ]
    some = (
        st.lists(st.sampled_from(dropped), max_size=2, unique_by=lambda one: one.name)
        if dropped
        else st.just([])
    )
    for parameter in draw(some):
        values = other_values(family, parameter)
        if values is not None:
            without_effect[parameter.name] = draw(
                values.filter(partial(_meets, parameter, {"ignored", "defaulted"}))
            )
    body = {**draw(documented_bodies(family, model)), **without_effect}
    return Generated("ignored", draw(spellings_of(body)), what=" ".join(without_effect))


def foreign_names(family: Family) -> list[str]:
    """Names at the top of a body that no dialect of the family reads: of other families, and of nobody."""
    own = {"model", "prompt", "metadata", "content"}
    others: dict[str, None] = dict.fromkeys(("no_such_field", "Seconds", "x-option", "негде", "__proto__"))
    for dialect in DIALECTS:
        for one in catalogue().in_dialect(dialect).families:
            names = {name for parameter in one.parameters for name in (*parameter.names, *parameter.aliases)}
            plain = {
                name for parameter in one.parameters for name in (*parameter.plain, *parameter.joined_from)
            }
            if one.name == family.name:
                mapped = {parameter.mapped_from for parameter in one.parameters if parameter.mapped_from}
                own |= names | plain | mapped | set(one.typed_fields) | {"alone"}
                own |= {name for parameter in one.parameters for name in parameter.alone}
            others |= dict.fromkeys(sorted(names | plain))
    return [name for name in others if name not in own]
