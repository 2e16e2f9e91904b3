"""A submit body, judged in the provider's order of checks: accepted as what, or refused and why.

Order (SRC): body and model, then the allow-list, then the channel (unknown model), then the fields. A bad prompt for an
unknown model is therefore an unknown model. Bad values are mostly coerced, not refused; the
catalogue says which, and ``nebula_schemas.catalogue`` does it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nebula_mock.core.refusal import RefusalError
from nebula_schemas.catalogue import Catalogue, Dialect, Family, Model, Usage, prompt_in, read_request

_PLACEHOLDER_PROMPT = "视频生成请求"  # what the server sends when Seedance got no content (SRC)
_JSON_TYPE_NAMES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Intake:
    """An accepted submit.

    Attributes:
        family: The family of its model.
        model: Its model.
        prompt: The prompt; for Seedance the texts of ``metadata.content``.
        usage: Every parameter with its fate.
    """

    family: Family
    model: Model
    prompt: str
    usage: Usage


def intake(
    catalogue: Catalogue,
    dialect: Dialect,
    body: Mapping[str, Any],
    refuse_model: Callable[[str, Dialect], None] | None = None,
) -> Intake:
    """What the provider makes of a submit body.

    Pure. ``body`` is any JSON object; ``refuse_model`` raises when the account may not use a model.

    Raises:
        RefusalError: ``missing-model``, ``unknown-model``, ``missing-prompt``, ``missing-content``,
            ``malformed-content``,
            ``missing-image`` or ``wrong-field-type``, whichever check comes first.
    """
    model_id = body.get("model")
    if not isinstance(model_id, str) or not model_id:
        raise RefusalError("missing-model")
    if refuse_model is not None:
        refuse_model(model_id, dialect)
    family = catalogue.family_of_model.get(model_id)
    if family is None:
        raise RefusalError("unknown-model", model=model_id)
    model = family.model(model_id)
    if dialect == "gateway" and family.prompt_at != "prompt":
        body = _with_content(body)
    prompt = _prompt(family, body, dialect)
    usage = read_request(family, model, body)
    _refuse_wrong_types(usage)
    _refuse_missing_fields(family, model, dialect, usage)
    return Intake(family, model, prompt, usage)


def _with_content(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body as Seedance's adaptor reads it: where ``metadata`` is absent the whole body is it (SRC)."""
    metadata = body.get("metadata", body)
    if not isinstance(metadata, dict) or not isinstance(metadata.get("content", []), list):
        raise RefusalError("malformed-content")
    return {**body, "metadata": metadata}


def _prompt(family: Family, body: Mapping[str, Any], dialect: Dialect) -> str:
    given = body.get("prompt")
    if family.prompt_at == "prompt" and given is not None and not isinstance(given, str):
        raise RefusalError("wrong-field-type", field="prompt", expected="string", found=json_type(given))
    prompt = prompt_in(family, body)
    if prompt is None and family.prompt_at != "prompt" and dialect == "gateway":
        return _PLACEHOLDER_PROMPT
    if prompt is None:
        raise RefusalError("missing-prompt" if family.prompt_at == "prompt" else "missing-content")
    return prompt


def _refuse_wrong_types(usage: Usage) -> None:
    for reading in usage.with_outcome("rejected"):
        raise RefusalError(
            "wrong-field-type",
            field=reading.parameter.name,
            expected=reading.parameter.type,
            found=json_type(reading.given),
        )


def _refuse_missing_fields(family: Family, model: Model, dialect: Dialect, usage: Usage) -> None:
    for parameter in family.parameters:
        if dialect not in parameter.required_dialects or not set(parameter.required_modes) & set(model.modes):
            continue
        if parameter.name not in usage.values and parameter.required_or not in usage.values:
            raise RefusalError("missing-image", field=parameter.name, model=model.id)


def json_type(value: object) -> str:
    """The JSON name of a value's type."""
    return _JSON_TYPE_NAMES.get(type(value), type(value).__name__)
