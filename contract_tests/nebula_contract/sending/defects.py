"""Generated submits that are refused: one defect each, or two at once, which shows which is looked for first."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from nebula_contract.sending.bodies import is_required
from nebula_contract.sending.strategies import Generated, Label, documented_bodies, shared_models
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Model, Parameter, catalogue

Body = dict[str, Any]
Problems = Mapping[Dialect, str]

# The provider's order of checks (SRC).
_TYPE, _JSON, _MODEL, _TYPED, _CONTENT, _PROMPT, _VALUE, _UPSTREAM = range(8)
_LETTERS = "abcdefghijklmnopqrstuvwxyz-0123456789"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong.

    Attributes:
        what: In a few words.
        rank: Its place in the provider's order of checks.
        problems: Dialect to the row of the error table that it meets.
        touches: The fields that it changes; two defects of one body touch different ones.
        change: Makes the body wrong.
        raw: Makes its bytes wrong.
        content_type: The type that it is sent as.
    """

    what: str
    rank: int
    problems: Problems
    touches: frozenset[str] = frozenset()
    change: Callable[[Body], Body] = lambda body: body
    raw: Callable[[bytes], bytes] = lambda raw: raw
    content_type: str = "application/json"


def rejected_requests(family: Family) -> st.SearchStrategy[Generated]:
    """Submits that break one rule each."""
    return st.one_of(
        [
            st.builds(_broken, documented_bodies(family, model), st.tuples(defects(family, model)))
            for model in shared_models(family)
        ]
    )


def twice_rejected_requests(family: Family) -> st.SearchStrategy[Generated]:
    """Submits that break two rules of different rank, so that the order of checks decides."""
    found = []
    for model in shared_models(family):
        one = defects(family, model)
        found.append(
            st.builds(_broken, documented_bodies(family, model), st.tuples(one, one).filter(_are_apart))
        )
    return st.one_of(found)


def _are_apart(pair: tuple[Defect, Defect]) -> bool:
    one, other = pair
    return one.rank != other.rank and not one.touches & other.touches


def _broken(body: Body, found: tuple[Defect, ...]) -> Generated:
    for defect in found:
        body = defect.change(body)
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    content_type = "application/json"
    for defect in found:
        raw = defect.raw(raw)
        content_type = defect.content_type if defect.rank == _TYPE else content_type
    in_order = sorted(found, key=lambda one: one.rank)
    problems: dict[Dialect, str] = {}
    for dialect in DIALECTS:
        met = [one.problems[dialect] for one in in_order if dialect in one.problems]
        if met:
            problems[dialect] = met[0]
    what = " + ".join(one.what for one in in_order)
    label: Label = "rejected" if "documented" in problems else "ignored"
    return Generated(label, raw, content_type, problems, what)


def _both(problem_id: str) -> Problems:
    return dict.fromkeys(DIALECTS, problem_id)


def defects(family: Family, model: Model) -> st.SearchStrategy[Defect]:
    """Everything that can be wrong with a submit of the model."""
    fields, prompts = _field_defects(family, model), _prompt_defects(family)
    others = [st.sampled_from(fields), st.sampled_from(fields)] if fields else []
    return st.one_of(
        [st.sampled_from(_WRONG_TYPES), _malformed(), _model_defects(), st.sampled_from(prompts), *others]
    )


_WRONG_TYPES = tuple(
    Defect(f"content type {one or 'none'}", _TYPE, _both("wrong-content-type"), content_type=one)
    for one in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "", "application/jsonp")
)


def _malformed() -> st.SearchStrategy[Defect]:
    cuts = st.integers(0, 10**6).map(lambda at: _bytes_defect("cut", partial(_cut, at)))
    others = st.sampled_from(
        [
            _bytes_defect(what, partial(_instead, given))
            for what, given in (
                ("array", b"[]"),
                ("number", b"5"),
                ("text", b'"text"'),
                ("null", b"null"),
                ("true", b"true"),
                ("two values", b"{} {}"),
                ("single quotes", b"{'model': 'sora-2'}"),
            )
        ]
    )
    return st.one_of(cuts, others)


def _cut(at: int, raw: bytes) -> bytes:
    return raw[: at % max(1, len(raw))]


def _instead(given: bytes, _raw: bytes) -> bytes:
    return given


def _bytes_defect(what: str, raw: Callable[[bytes], bytes]) -> Defect:
    return Defect(f"JSON: {what}", _JSON, _both("malformed-json"), raw=raw)


def _model_defects() -> st.SearchStrategy[Defect]:
    touched = frozenset({"model"})
    missing = st.sampled_from(("", None, 5, [], {}, True)).map(
        lambda bad: Defect(f"model {bad!r}", _MODEL, _both("missing-model"), touched, _with("model", bad))
    )
    absent = st.just(
        Defect("no model", _MODEL, _both("missing-model"), touched, lambda body: _without(body, "model"))
    )
    known = {model for dialect in DIALECTS for model in catalogue().in_dialect(dialect).family_of_model}
    near = st.sampled_from(sorted(known)).flatmap(
        lambda name: st.sampled_from((name.upper(), f"{name} ", f" {name}", f"{name}x", name[:-1]))
    )
    words = st.one_of(st.text(_LETTERS, min_size=1, max_size=30), near).filter(lambda name: name not in known)
    unknown = words.map(
        lambda name: Defect(f"model {name}", _MODEL, _both("unknown-model"), touched, _with("model", name))
    )
    return st.one_of(missing, absent, unknown)


def _prompt_defects(family: Family) -> list[Defect]:
    blank, wrong = family.problems["no_prompt"], family.problems["wrong_type"]
    if family.prompt_at == "prompt":
        touched = frozenset({"prompt"})
        bad: tuple[Any, ...] = (5, True, [], {}, 0)
        return [
            Defect("no prompt", _PROMPT, _both(blank), touched, lambda body: _without(body, "prompt")),
            *(
                Defect(f"prompt {one!r}", _PROMPT, _both(blank), touched, _with("prompt", one))
                for one in ("", "  ", "\n\t", "\u3000", None)
            ),
            *(Defect(f"prompt {one!r}", _PROMPT, _both(wrong), touched, _with("prompt", one)) for one in bad),
        ]
    touched = frozenset({"metadata"})
    empty: tuple[Any, ...] = ({}, {"content": []}, {"content": [{"type": "text", "text": " "}]}, None)
    return [
        Defect(f"metadata {one!r}", _PROMPT, {"documented": blank}, touched, _with("metadata", one))
        for one in empty
    ]


def _field_defects(family: Family, model: Model) -> list[Defect]:
    """Values that are refused, by their type or by themselves."""
    found = [one for parameter in family.parameters for one in _value_defects(family, parameter)]
    found += [_missing(one) for one in family.parameters if is_required(one, model)]
    return [*found, *_typed_field_defects(family), *_content_defects(family)]


def _value_defects(family: Family, parameter: Parameter) -> list[Defect]:
    touched = frozenset({parameter.name, *parameter.names, parameter.required_or or parameter.name})
    rules: dict[Dialect, Parameter] = {
        dialect: one
        for dialect in DIALECTS
        for one in catalogue().in_dialect(dialect).family(family.name).parameters
        if one.name == parameter.name
    }
    refusing: Problems = {
        dialect: family.problems["wrong_type"] for dialect, one in rules.items() if one.wrong_type == "reject"
    }
    found = [
        Defect(f"{parameter.name} {value!r}", _VALUE, refusing, touched, _with(parameter.name, value))
        for value in _OF_ANOTHER_TYPE[parameter.type]
        if refusing
    ]
    for value in _OUTSIDE.get(parameter.form or parameter.type, ()):
        problems: Problems = {
            dialect: one.problem for dialect, one in rules.items() if one.outside == "reject" and one.problem
        }
        if problems:
            given = [value] if parameter.type == "array" else value
            found.append(
                Defect(
                    f"{parameter.name} {given!r}", _UPSTREAM, problems, touched, _with(parameter.name, given)
                )
            )
    return found


_OF_ANOTHER_TYPE: Mapping[str, tuple[Any, ...]] = {
    "integer": ("five", "5", 5.5, True, [], {}),
    "boolean": ("true", 1, "yes", [], {}),
    "string": (5, True, [], {}, 1.5),
    "array": ("text", 5, {}, [5], [{}], True),
}
_OUTSIDE: Mapping[str, tuple[Any, ...]] = {
    "integer": (61, 10**6, -1),
    "image": ("not a picture", "ftp://images.example.com/cat.png", "data:text/plain;base64,AAAA"),
}


def _missing(parameter: Parameter) -> Defect:
    names = {*parameter.names, parameter.required_or or parameter.name}

    def change(body: Body) -> Body:
        return {name: value for name, value in body.items() if name not in names}

    problems: Problems = {one: "missing-image" for one in DIALECTS if one in parameter.required_dialects}
    return Defect(f"no {parameter.name}", _UPSTREAM, problems, frozenset(names), change)


def _typed_field_defects(family: Family) -> list[Defect]:
    found = []
    for dialect in DIALECTS:
        other = catalogue().in_dialect(dialect).family(family.name)
        for name, expected in other.typed_fields.items():
            value = "five" if expected in {"integer", "number"} else 5
            problems: Problems = {dialect: other.problems["wrong_type"]}
            found.append(Defect(f"{name} {value!r}", _TYPED, problems, frozenset({name}), _with(name, value)))
    return found


def _content_defects(family: Family) -> list[Defect]:
    if family.prompt_at == "prompt":
        return []
    wrong, touched = family.problems["wrong_type"], frozenset({"metadata"})
    text = {"type": "text", "text": "A cat"}
    shapes = [
        Defect(
            f"content {one!r}",
            _CONTENT,
            {"gateway": wrong, "documented": "missing-content"},
            touched,
            _with("metadata", {"content": one}),
        )
        for one in ("A cat", 5, {"type": "text"}, ["A cat"])
    ]
    items = [
        Defect(
            f"item {one!r}",
            _UPSTREAM,
            _both("content-item"),
            touched,
            _with("metadata", {"content": [text, one]}),
        )
        for one in (
            {"type": "video"},
            {"type": "image_url"},
            {"type": "image_url", "image_url": {"url": "no url"}},
            {
                "type": "image_url",
                "image_url": {"url": "https://images.example.com/cat.png"},
                "role": "background",
            },
            {},
        )
    ]
    return [*shapes, *items]


def _with(name: str, value: Any) -> Callable[[Body], Body]:
    return lambda body: {**body, name: value}


def _without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}
