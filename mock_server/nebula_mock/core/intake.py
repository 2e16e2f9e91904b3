"""A submit body, judged in the provider's order of checks: accepted as what, or refused and why.

Order (SRC): body and model, then the allow-list, then the channel (unknown model), then the fields, then the
balance, then the upstream. A bad prompt for an unknown model is therefore an unknown model, and an image that
only the upstream refuses is refused after an empty balance. Bad values are mostly coerced, not refused; the
catalogue says which, and ``nebula_schemas.catalogue`` does it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nebula_mock.core.refusal import RefusalError
from nebula_schemas.catalogue import (
    Catalogue,
    Dialect,
    Family,
    Model,
    Usage,
    all_content_items,
    content_item_problem,
    prompt_in,
    read_request,
)
from nebula_schemas.problems import problem_table

FORM, JSON = "multipart/form-data", "application/json"

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
class Submitted:
    """A submit body as it came over the wire.

    Attributes:
        fields: Any JSON object, or the fields of a form.
        media_type: ``application/json`` or ``multipart/form-data``.
    """

    fields: Mapping[str, Any]
    media_type: str = JSON

    @property
    def is_form(self) -> bool:
        """Whether it is a multipart form, whose values are all text."""
        return self.media_type == FORM


@dataclass(frozen=True, slots=True)
class Intake:
    """A submit that passes every check of the gateway.

    Attributes:
        family: The family of its model.
        model: Its model.
        prompt: The prompt; for Seedance the texts of ``metadata.content``.
        usage: Every parameter with its fate.
        upstream_refusal: Why the upstream will refuse it, once the balance was checked; or None.
    """

    family: Family
    model: Model
    prompt: str
    usage: Usage
    upstream_refusal: RefusalError | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameter values in effect.

        The default stands in for a value that only the upstream will refuse: the balance is checked before.
        """
        refused = [reading.parameter for reading in self.usage.with_outcome("rejected")]
        stand_ins = {rule.name: rule.default for rule in refused if rule.default is not None}
        return {**stand_ins, **self.usage.values}


def intake(
    catalogue: Catalogue,
    submitted: Submitted,
    refuse_model: Callable[[str, Dialect], None] | None = None,
) -> Intake:
    """What the provider makes of a submit body, in the dialect of ``catalogue``.

    Pure. ``refuse_model`` raises when the account may not use a model.

    Raises:
        RefusalError: ``missing-model``, ``unknown-model``, ``form-not-read``, ``missing-prompt`` and its kin,
            ``malformed-content``, ``wrong-field-type``, ``wrong-json-type`` or ``invalid-size``, whichever
            check comes first.
    """
    model_id = submitted.fields.get("model")
    if not isinstance(model_id, str) or not model_id:
        raise RefusalError("missing-model")
    if refuse_model is not None:
        refuse_model(model_id, catalogue.dialect)
    family = catalogue.family_of_model.get(model_id)
    if family is None:
        raise RefusalError("unknown-model", model=model_id)
    try:
        return _of_family(catalogue.dialect, family, family.model(model_id), submitted)
    except RefusalError as refusal:
        raise refusal.of_family(family.name) from None


def _of_family(dialect: Dialect, family: Family, model: Model, submitted: Submitted) -> Intake:
    if submitted.media_type not in family.submit_media:
        raise RefusalError("form-not-read")
    body = submitted.fields
    _refuse_typed_fields(family, body)
    if dialect == "gateway" and family.prompt_at != "prompt":
        body = _with_content(body)
    prompt = _prompt(family, body, dialect, is_form=submitted.is_form)
    usage = read_request(family, model, body, form=submitted.is_form)
    refusals = [
        *_rejected_values(family, usage),
        *_missing_fields(family, model, dialect, usage),
        *_unusable_items(family, body),
    ]
    by_upstream = [refusal for refusal in refusals if problem_table()[refusal.problem_id].by_upstream]
    for refusal in refusals:
        if refusal not in by_upstream:
            raise refusal
    first = by_upstream[0].of_family(family.name) if by_upstream else None
    return Intake(family, model, prompt, usage, first)


def _refuse_typed_fields(family: Family, body: Mapping[str, Any]) -> None:
    """Refuse fields that are read for their JSON type alone (SRC, Seedance)."""
    for name, expected in family.typed_fields.items():
        given = body.get(name)
        found = json_type(given)
        if given is not None and found != expected and (found, expected) != ("integer", "number"):
            raise RefusalError(family.problems["wrong_type"], field=name, expected=expected, found=found)


def _with_content(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body as Seedance's adaptor reads it: where ``metadata`` is absent the whole body is it (SRC)."""
    given = body.get("metadata")
    metadata = body if given is None else given
    content = metadata.get("content") if isinstance(metadata, dict) else ""
    if content is not None and (
        not isinstance(content, list) or not all(isinstance(item, dict) for item in content)
    ):
        raise RefusalError("malformed-content")
    return {**body, "metadata": metadata}


def _unusable_items(family: Family, body: Mapping[str, Any]) -> list[RefusalError]:
    """Items of ``metadata.content`` that the upstream refuses, by form; nothing is fetched."""
    if family.prompt_at == "prompt":
        return []
    items = all_content_items(body)
    reasons = ((index, content_item_problem(item)) for index, item in enumerate(items))
    return [RefusalError("content-item", index=index, expected=told) for index, told in reasons if told]


def _prompt(family: Family, body: Mapping[str, Any], dialect: Dialect, *, is_form: bool) -> str:
    given = body.get("prompt")
    if family.prompt_at == "prompt" and given is not None and not isinstance(given, str):
        row = family.problems["wrong_type"]
        raise RefusalError(row, field="prompt", expected="string", found=json_type(given))
    prompt = prompt_in(family, body)
    if prompt is None and family.prompt_at != "prompt" and dialect == "gateway":
        return _PLACEHOLDER_PROMPT
    if prompt is None:
        raise RefusalError("missing-prompt-field" if is_form else family.problems["no_prompt"])
    return prompt


def _rejected_values(family: Family, usage: Usage) -> list[RefusalError]:
    return [
        RefusalError(
            reading.problem or family.problems["wrong_type"],
            field=reading.parameter.name,
            expected=reading.parameter.type,
            found=json_type(reading.given),
        )
        for reading in usage.with_outcome("rejected")
    ]


def _missing_fields(family: Family, model: Model, dialect: Dialect, usage: Usage) -> list[RefusalError]:
    given = {reading.parameter.name for reading in usage.readings if reading.given is not None}
    return [
        RefusalError("missing-image", field=parameter.name, model=model.id)
        for parameter in family.parameters
        if dialect in parameter.required_dialects and set(parameter.required_modes) & set(model.modes)
        if parameter.name not in given and parameter.required_or not in usage.values
    ]


def json_type(value: object) -> str:
    """The JSON name of a value's type."""
    return _JSON_TYPE_NAMES.get(type(value), type(value).__name__)
