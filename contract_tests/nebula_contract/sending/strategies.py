"""Generated submits that are accepted, from the catalogue: as documented, coerced, and with what is ignored.

Each is of one class in the documented dialect and refused by none.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st

from nebula_contract.sending.bodies import IMAGE_URL, submit_body
from nebula_contract.sending.values import documented_values, junk, names_for, other_values, prompts, texts
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Model, Parameter, catalogue, read_value
from nebula_schemas.catalogue.content import ROLES

Label = Literal["accepted", "coerced", "ignored", "rejected"]

_MOST_GIVEN = 5


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
        # What is no text stands aside for its parts.
        values = texts(1) if parameter.joined_from else other_values(family, parameter)
        if values is None:
            continue
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
