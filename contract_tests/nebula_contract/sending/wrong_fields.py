"""What is wrong with a field of a submit, from the catalogue: prompts, types, values that are refused, content."""

from collections.abc import Mapping
from typing import Any

from nebula_contract.sending.bodies import is_required
from nebula_contract.sending.defect import (
    CONTENT,
    PROMPT,
    TYPED,
    UPSTREAM,
    VALUE,
    Body,
    Defect,
    Problems,
    both,
    with_value,
    without,
)
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Model, Parameter, catalogue


def prompt_defects(family: Family) -> list[Defect]:
    """No prompt, a blank one, one that is no text."""
    blank, wrong = family.problems["no_prompt"], family.problems["wrong_type"]
    if family.prompt_at == "prompt":
        touched = frozenset({"prompt"})
        bad: tuple[Any, ...] = (5, True, [], {}, 0)
        return [
            Defect("no prompt", PROMPT, both(blank), touched, lambda body: without(body, "prompt")),
            *(
                Defect(f"prompt {one!r}", PROMPT, both(blank), touched, with_value("prompt", one))
                for one in ("", "  ", "\n\t", "\u3000", None)
            ),
            *(
                Defect(f"prompt {one!r}", PROMPT, both(wrong), touched, with_value("prompt", one))
                for one in bad
            ),
        ]
    touched = frozenset({"metadata"})
    empty: tuple[Any, ...] = ({}, {"content": []}, {"content": [{"type": "text", "text": " "}]}, None)
    return [
        Defect(f"metadata {one!r}", PROMPT, {"documented": blank}, touched, with_value("metadata", one))
        for one in empty
    ]


def field_defects(family: Family, model: Model) -> list[Defect]:
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
        Defect(f"{parameter.name} {value!r}", VALUE, refusing, touched, with_value(parameter.name, value))
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
                    f"{parameter.name} {given!r}",
                    UPSTREAM,
                    problems,
                    touched,
                    with_value(parameter.name, given),
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
    return Defect(f"no {parameter.name}", UPSTREAM, problems, frozenset(names), change)


def _typed_field_defects(family: Family) -> list[Defect]:
    found = []
    for dialect in DIALECTS:
        other = catalogue().in_dialect(dialect).family(family.name)
        for name, expected in other.typed_fields.items():
            value = "five" if expected in {"integer", "number"} else 5
            problems: Problems = {dialect: other.problems["wrong_type"]}
            found.append(
                Defect(f"{name} {value!r}", TYPED, problems, frozenset({name}), with_value(name, value))
            )
    return found


def _content_defects(family: Family) -> list[Defect]:
    if family.prompt_at == "prompt":
        return []
    wrong, touched = family.problems["wrong_type"], frozenset({"metadata"})
    text = {"type": "text", "text": "A cat"}
    shapes = [
        Defect(
            f"content {one!r}",
            CONTENT,
            {"gateway": wrong, "documented": "missing-content"},
            touched,
            with_value("metadata", {"content": one}),
        )
        for one in ("A cat", 5, {"type": "text"}, ["A cat"])
    ]
    items = [
        Defect(
            f"item {one!r}",
            UPSTREAM,
            both("content-item"),
            touched,
            with_value("metadata", {"content": [text, one]}),
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
