"""Generated inputs, from the catalogue: requests as documented, coerced, and refused.

Each class is audited by the schemas as oracle: what is called documented validates, what is called
refused does not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from nebula_schemas.catalogue import Family, Model, Parameter

IMAGE_URL = "https://images.example.com/cat.png"
AUDIO_URL = "https://media.example.com/rain.mp3"
IMAGE_DATA = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"

_LONGEST_PROMPT = 200
_NO_UPPER_BOUND = 2**31 - 1

prompts: st.SearchStrategy[str] = st.text(min_size=1, max_size=_LONGEST_PROMPT).filter(
    lambda text: bool(text.strip()) and "--" not in text
)
"""Any text that is not blank; without two dashes, which begin an option of Seedance."""

junk: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.just([]),
    st.just({}),
    st.none(),
)
"""A value no document promises anything about."""


def documented_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values that a document promises for one parameter, in every documented type."""
    if parameter.allowed:
        values = st.sampled_from(parameter.allowed)
        return st.one_of(values, values.map(str)) if parameter.rounds else values
    if parameter.form == "image" and parameter.type == "string":
        return st.sampled_from([IMAGE_URL, IMAGE_DATA])
    by_type: Mapping[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(parameter.minimum or 0, parameter.maximum or _NO_UPPER_BOUND),
        "boolean": st.booleans(),
        "array": st.just([IMAGE_URL]),
        "string": st.text(min_size=1, max_size=20),
    }
    is_url = parameter.name.endswith("_url")
    return st.just(AUDIO_URL) if is_url else by_type[parameter.type]


@st.composite
def documented_requests(draw: st.DrawFn, family: Family) -> dict[str, Any]:
    """Submit bodies exactly as documented, for any model of the family."""
    model = draw(st.sampled_from(family.models))
    given = draw(st.fixed_dictionaries({}, optional=_parameters(family, model)))
    return _body(family, model, draw(prompts), given)


def _parameters(family: Family, model: Model) -> dict[str, st.SearchStrategy[Any]]:
    strategies: dict[str, st.SearchStrategy[Any]] = {}
    for parameter in family.parameters:
        # A remake needs a finished task and a part needs its other half: cases of their own.
        is_alone = parameter.form != "remix" and parameter.part_of is None
        if is_alone and parameter.belongs_to(model.modes, model.id):
            names = () if parameter.inline else parameter.aliases
            strategies |= dict.fromkeys((parameter.name, *names), documented_values(parameter))
    return strategies


def _body(family: Family, model: Model, prompt: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if family.prompt_at == "metadata.content":
        inline = {parameter.name: parameter.inline[0] for parameter in family.parameters if parameter.inline}
        options = "".join(
            f" --{inline[name]} {json.dumps(v).strip(chr(34))}" for name, v in given.items() if name in inline
        )
        content = [{"type": "text", "text": prompt + options}]
        beside = {name: value for name, value in given.items() if name not in inline}
        return {"model": model.id, "metadata": {"content": content, **beside}}
    body = {"model": model.id, "prompt": prompt, **given}
    for parameter in family.parameters:
        if set(parameter.required_modes) & set(model.modes) and parameter.name not in body:
            body[parameter.name] = IMAGE_URL
    return body


@st.composite
def coerced_requests(draw: st.DrawFn, family: Family) -> dict[str, Any]:
    """Bodies whose values nobody promises anything about, for parameters that never refuse one."""
    model = draw(st.sampled_from(family.models))
    forgiving = {
        name: junk
        for parameter in family.parameters
        if "reject" not in (parameter.outside, parameter.wrong_type)
        if not parameter.inline and parameter.at == "body"
        for name in parameter.names
    }
    return _body(family, model, draw(prompts), draw(st.fixed_dictionaries({}, optional=forgiving)))


@dataclass(frozen=True, slots=True)
class Refused:
    """A body that the provider must refuse.

    Attributes:
        problem_id: The row of the error table.
        body: The bytes to send.
    """

    problem_id: str
    body: bytes


def refused_requests(family: Family) -> st.SearchStrategy[Refused]:
    """Submit bodies that break one rule each, with the row of the error table they meet."""
    return documented_requests(family).flatmap(lambda body: st.one_of(_refusals(family, body)))


def _refusals(family: Family, body: dict[str, Any]) -> list[st.SearchStrategy[Refused]]:
    whole = json.dumps(body).encode()
    bad_models: list[Any] = ["", None, 5, [], {}]
    no_model = [_without(body, "model"), *({**body, "model": bad} for bad in bad_models)]
    cuts = st.integers(0, len(whole) - 1).map(lambda at: Refused("malformed-json", whole[:at]))
    return [
        cuts,
        st.sampled_from([b"[]", b"5", b'"text"', b"null", b"true"]).map(
            lambda raw: Refused("malformed-json", raw)
        ),
        _one_of("missing-model", no_model),
        st.uuids().map(lambda word: _refused("unknown-model", {**body, "model": f"no-such-model-{word}"})),
        *_prompt_refusals(family, body),
    ]


def _prompt_refusals(family: Family, body: dict[str, Any]) -> list[st.SearchStrategy[Refused]]:
    if family.prompt_at != "prompt":
        empty = [_without(body, "metadata"), {**body, "metadata": {}}, {**body, "metadata": {"content": []}}]
        return [_one_of(family.problems["no_prompt"], empty)]
    blank = [_without(body, "prompt"), *({**body, "prompt": bad} for bad in ("", "  ", "\n\t", None))]
    bad_prompts: list[Any] = [5, True, [], {}]
    wrong = [{**body, "prompt": bad} for bad in bad_prompts]
    return [_one_of(family.problems["no_prompt"], blank), _one_of(family.problems["wrong_type"], wrong)]


def _one_of(problem_id: str, bodies: list[dict[str, Any]]) -> st.SearchStrategy[Refused]:
    return st.sampled_from(bodies).map(lambda body: _refused(problem_id, body))


def _refused(problem_id: str, body: dict[str, Any]) -> Refused:
    return Refused(problem_id, json.dumps(body).encode())


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
