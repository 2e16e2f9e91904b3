"""Submit bodies: where each family's values go, and ordinary ones to begin with."""

from collections.abc import Mapping
from typing import Any

from nebula_schemas.catalogue import Family, Model, Parameter

IMAGE_URL = "https://images.example.com/cat.png"
AUDIO_URL = "https://media.example.com/rain.mp3"
IMAGE_DATA = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"

REALISTIC_REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "sora": {
        "model": "sora-2",
        "prompt": "A cute little cat playing in the garden",
        "seconds": "4",
        "size": "720x1280",
    },
    "veo": {
        "model": "veo-3.1-fast-generate-preview",
        "prompt": "A lighthouse at dusk, waves below",
        "durationSeconds": 4,
        "aspectRatio": "16:9",
        "resolution": "720p",
    },
    "wan": {
        "model": "wan2.5-t2v-preview",
        "prompt": "A paper boat on a rainy street",
        "duration": 5,
        "size": "832*480",
    },
    "seedance": {
        "model": "doubao-seedance-1-5-pro-251215",
        "metadata": {
            "content": [{"type": "text", "text": "A red fox in fresh snow --rs 480p --ratio 16:9 --dur 5"}]
        },
    },
}
"""One ordinary request a family, the cheapest that its documents show."""

INLINE = "--"
"""Begins the name of an option that stands in the prompt's text (Seedance)."""


def submit_body(family: Family, model: Model, prompt: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A submit of ``model`` with these values.

    Args:
        family: The model's family.
        model: The model.
        prompt: The prompt; for a family whose prompt stands in ``metadata.content``, its text.
        given: Name to value, under any name that the provider reads; a name that begins with ``INLINE`` is an option
            in the prompt's text. What the model must have and is not given is filled in.
    """
    named = {**required_values(family, model, given), **given}
    in_metadata = {name for one in family.parameters if one.at == "metadata" for name in one.names}
    options = {name: value for name, value in named.items() if name.startswith(INLINE)}
    inner = {name: value for name, value in named.items() if name in in_metadata}
    top = {name: value for name, value in named.items() if name not in options and name not in inner}
    if family.prompt_at == "prompt":
        body = {"model": model.id, "prompt": prompt, **top}
        return {**body, "metadata": inner} if inner else body
    text = prompt + "".join(f" {name} {spelt(value)}" for name, value in options.items())
    return {"model": model.id, **top, "metadata": {"content": [{"type": "text", "text": text}], **inner}}


def required_values(family: Family, model: Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each parameter that the model must have and is not given."""
    return {
        one.name: IMAGE_URL
        for one in family.parameters
        if is_required(one, model) and one.name not in given and one.required_or not in given
    }


def is_required(parameter: Parameter, model: Model) -> bool:
    """Whether a submit of the model must give the parameter, or what stands in for it."""
    return bool(set(parameter.required_modes) & set(model.modes))


def spelt(value: object) -> str:
    """A value as it stands behind an inline option."""
    return str(value).lower() if isinstance(value, bool) else str(value)
