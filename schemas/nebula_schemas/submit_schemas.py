"""The schema of a family's submit request, made from the catalogue where no file says it.

A family's own file (``submit/sora.schema.json``) tells in words what the provider documents. Where the
gateway dialect reads a parameter otherwise, and for a family without a file, the catalogue alone
decides: no name and no value is written twice.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nebula_schemas.catalogue import Catalogue, Family, Parameter
from nebula_schemas.problems import problem_table

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}

_FATES: Mapping[str, str] = {
    "default": "Another value becomes the default.",
    "nearest": "A value outside becomes the nearest one inside.",
    "drop": "Another value has no effect.",
    "keep": "Passed on as it is.",
    "reject": "Another value is refused.",
}
_FORM_EXAMPLES: Mapping[str | None, object] = {
    "image": "https://images.example.com/cat.png",
    "remix": "video_69095b4ce0048190893a01510c0c98b0",
}
_TYPE_EXAMPLES: Mapping[str, object] = {"integer": 1, "boolean": True, "string": "text", "array": ["text"]}


def submit_schema(
    models: Catalogue, family: Family, written: Mapping[str, Any] | None, base_uri: str
) -> Mapping[str, Any]:
    """The schema of a JSON submit of ``family``, in the dialect of ``models``.

    Pure. ``written`` is the family's own file, which describes the documented dialect, or None.
    """
    if written is not None and models.dialect == "documented":
        return written
    made = _properties(family)
    if written is None:
        conditions = list(_conditions(models, family))
        return {
            **_head(models, family, base_uri),
            "required": list(_required(models, family)),
            "properties": {"model": _model(family), **_prompt_members(family), **made},
            **({"allOf": conditions} if conditions else {}),
        }
    as_documented = models.in_dialect("documented").family(family.name)
    changed = _names_of(family, others_than=as_documented)
    gone = _names_of(as_documented, others_than=family) - set(made)
    kept = {name: entry for name, entry in written["properties"].items() if name not in gone | changed}
    return {
        **written,
        **_head(models, family, base_uri),
        "required": [name for name in written["required"] if name in _required(models, family)],
        "properties": {**kept, **{name: entry for name, entry in made.items() if name not in kept}},
    }


def form_schema(family: Family, base_uri: str) -> Mapping[str, Any]:
    """The schema of a multipart submit of ``family``, whose values are all text, or a file for an image.

    Pure. It has no address of its own; its references are absolute.
    """
    readable = [one for one in family.parameters if one.type == "string" or "string" in one.accepts]
    root = f"{base_uri}catalogue"
    own = {model.id: model.form_values for model in family.models}
    of_models = {name for values in own.values() for name in values}
    fields = {
        name: _form_field(one, is_open=one.name in of_models)
        for one in readable
        for name in one.names
        if one.part_of is None
    }
    schema: dict[str, Any] = {
        "title": f"{family.title} submit form",
        "description": "The same parameters as fields of a form. A picture may be sent as a file.",
        "type": "object",
        "required": ["model", "prompt"],
        "properties": {"model": _model(family, root), "prompt": _prompt(root), **fields},
    }
    if of_models:  # a model has values of its own: one branch a model
        schema["anyOf"] = [_form_branch(family, model_id, values) for model_id, values in own.items()]
    return schema


def _form_branch(
    family: Family, model_id: str, own: Mapping[str, tuple[int | str, ...]]
) -> Mapping[str, Any]:
    ruled = {name for model in family.models for name in model.form_values}
    allowed = {name: own.get(name, family.parameter(name).allowed) for name in sorted(ruled)}
    fields = {name: {"enum": [str(value) for value in values]} for name, values in allowed.items()}
    return {"properties": {"model": {"const": model_id}, **fields}}


def _form_field(parameter: Parameter, *, is_open: bool) -> Mapping[str, Any]:
    """One field; where it ``is_open``, the model's branch says which values there are."""
    told = _told(parameter.in_form or parameter)
    if parameter.form == "image":
        return {**told, **_FILE}
    field: dict[str, Any] = {
        **told,
        "type": "string",
        "examples": [_as_text(one) for one in told["examples"]],
    }
    if "default" in told:
        field["default"] = _as_text(told["default"])
    if parameter.allowed and not is_open:
        field["enum"] = [str(value) for value in parameter.allowed]
    elif parameter.type == "boolean":
        field["enum"] = ["true", "false"]
    elif parameter.type == "integer":
        field["pattern"] = "^[0-9]{1,9}$"
    return field


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _head(models: Catalogue, family: Family, base_uri: str) -> Mapping[str, Any]:
    return {
        "$schema": _DRAFT,
        "$id": f"{base_uri}submit/{family.name}.schema.json",
        "title": f"{family.title} submit request",
        "description": f"The JSON body of POST /v1/video/generations for {family.title}, as the "
        f"{models.dialect} dialect reads it. Other members are ignored.",
        "type": "object",
    }


def _required(models: Catalogue, family: Family) -> Iterator[str]:
    """The members without which the dialect refuses a submit."""
    yield "model"
    if models.dialect in problem_table()[family.problems["no_prompt"]].answers:
        yield "prompt" if family.prompt_at == "prompt" else "metadata"


def _conditions(models: Catalogue, family: Family) -> Iterator[Mapping[str, Any]]:
    """What only some models need, such as a picture."""
    for parameter in family.parameters:
        wanted = set(parameter.required_modes) if models.dialect in parameter.required_dialects else set()
        those = [model.id for model in family.models if wanted & set(model.modes)]
        names = [*parameter.names, *([parameter.required_or] if parameter.required_or else [])]
        if those:
            yield {
                "if": {"properties": {"model": {"enum": those}}, "required": ["model"]},
                "then": {"anyOf": [{"required": [name]} for name in names]},
            }


def _model(family: Family, root: str = "../catalogue") -> Mapping[str, Any]:
    return {
        "description": "The model id.",
        "type": "string",
        "$ref": f"{root}/{family.name}/model",
        "examples": [family.models[0].id] if family.models else [],
    }


def _prompt(root: str = "../catalogue") -> Mapping[str, Any]:
    return {
        "description": "What the video should show. Blank text is refused.",
        "$ref": f"{root}/forms/text",
        "examples": ["A cute little cat playing in the garden"],
    }


def _prompt_members(family: Family) -> Mapping[str, Any]:
    """Where the prompt stands: at the top, or as a text in ``metadata.content``."""
    if family.prompt_at == "prompt":
        return {"prompt": _prompt()}
    text = {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"const": "text"}, "text": _prompt()},
    }
    sample = [{"type": "text", "text": "A cat in the rain"}]
    content = {
        "description": "The prompt and the reference images, in order.",
        "type": "array",
        "minItems": 1,
        "contains": text,
        "items": {"type": "object", "required": ["type"]},
        "examples": [sample],
    }
    return {
        "metadata": {
            "description": "Holds everything but the model.",
            "type": "object",
            "required": ["content"],
            "properties": {"content": content},
            "examples": [{"content": sample}],
        }
    }


def _properties(family: Family) -> Mapping[str, Any]:
    """Every member at the top of a body that is read, by name."""
    made = {
        name: {**_told(parameter), **_values(family, parameter)}
        for parameter in family.parameters
        for name in _names(parameter)
    }
    typed = {
        name: {
            "description": "Without effect, but its JSON type is checked.",
            "type": expected,
            "examples": [_TYPE_EXAMPLES.get(expected, 1)],
        }
        for name, expected in family.typed_fields.items()
    }
    return {**typed, **made, **_metadata(family)}


def _metadata(family: Family) -> Mapping[str, Any]:
    """Where a family reads parameters from ``metadata`` too (Veo), that member."""
    if family.metadata_values is None:
        return {}
    when = {
        "merged": "They fill in what is not given beside it.",
        "alone": "Read only where none stands beside it.",
    }
    first = next(one.name for one in family.parameters if one.at == "body" and not one.inline)
    return {
        "metadata": {
            "description": f"Values for the parameters. {when[family.metadata_values]}",
            "type": "object",
            "examples": [{first: _told(family.parameter(first))["examples"][0]}],
        }
    }


def _names(parameter: Parameter) -> tuple[str, ...]:
    """Its names at the top of a body."""
    if parameter.at == "metadata":
        return ()
    return parameter.plain if parameter.inline else (*parameter.names, *parameter.alone)


def _names_of(family: Family, *, others_than: Family) -> set[str]:
    """The names of the parameters that the other side has not, or reads otherwise."""
    changed = (parameter for parameter in family.parameters if parameter not in others_than.parameters)
    moved = {"metadata"} if family.metadata_values != others_than.metadata_values else set()
    return {name for parameter in changed for name in _names(parameter)} | set(family.typed_fields) | moved


def _told(parameter: Parameter) -> dict[str, Any]:
    """What is said of a parameter: what becomes of other values, the default, an example, the source."""
    known = [*parameter.allowed, parameter.default, parameter.minimum, _FORM_EXAMPLES.get(parameter.form)]
    example = next((value for value in known if value is not None), _TYPE_EXAMPLES[parameter.type])
    if parameter.type == "array":
        example = [example]
    default = {} if parameter.default is None else {"default": parameter.default}
    return {
        "description": f"{_FATES[parameter.outside]} Source: {parameter.source}.",
        **default,
        "examples": [example],
    }


def _values(family: Family, parameter: Parameter) -> Mapping[str, Any]:
    """The schema of its values, from the catalogue."""
    if parameter.type == "array":
        return {"type": "array", "minItems": 1, "items": {"$ref": "../catalogue/forms/text"}}
    if parameter.form is not None:
        return {"$ref": f"../catalogue/forms/{parameter.form}"}
    return {"$ref": f"../catalogue/{family.name}/values/{parameter.name}"}
