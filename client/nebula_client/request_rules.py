"""From a call's arguments to the body of a submit, by the catalogue's rules."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from nebula_client.errors import ConfigurationError
from nebula_schemas.catalogue import Family, Model, catalogue, film_facts, price_usd, read_request


def submit_body(prompt: str | None, model: str | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body of a submit.

    Parameters go out under the names they were given. For Seedance, whose requests are one text
    with options inside, the prompt and the parameters are written into ``metadata.content``; a
    caller that passes ``metadata`` has done so already and is left alone.

    Raises:
        ConfigurationError: The model is empty, the prompt is missing or blank, or one of them is no text.
    """
    for name, value in (("model", model), ("prompt", prompt)):
        if not isinstance(value, str | None):
            message = f"{name}: found {repr(value)[:80]}, expected text. Nothing was sent."
            raise ConfigurationError(message)
    if model is None or not model.strip():
        message = "model is empty; name one, such as sora-2."
        raise ConfigurationError(message)
    given = {name: value for name, value in parameters.items() if value is not None}
    _refuse_what_is_no_json(given)
    family = catalogue().family_of_model.get(model)
    if family is not None and family.prompt_at == "metadata.content" and "metadata" not in given:
        return {"model": model, "metadata": _content(family, _not_blank(prompt), given)}
    body = {"model": model, **given}
    if prompt is not None or "metadata" not in given:
        body["prompt"] = _not_blank(prompt)
    return body


def _refuse_what_is_no_json(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            message = (
                f"{name}: found {type(value).__name__} that JSON cannot hold ({error}); nothing was sent."
            )
            raise ConfigurationError(message) from error


def _not_blank(prompt: str | None) -> str:
    if prompt is None or not prompt.strip():
        message = "The prompt is missing or blank; say what the video should show."
        raise ConfigurationError(message)
    return prompt


def _content(family: Family, prompt: str, given: Mapping[str, Any]) -> dict[str, Any]:
    options = [rule for rule in family.parameters if rule.inline]
    inline = {name: rule.inline[0] for rule in options for name in (rule.name, *rule.inline)}
    beside = [rule.name for rule in family.parameters if rule.at == "metadata"]
    known = {*inline, *beside, "image"}
    if unknown := sorted(set(given) - known):
        message = f"{', '.join(unknown)}: unknown to this family; it knows {', '.join(sorted(known))}."
        raise ConfigurationError(message)
    written = "".join(
        f" --{inline[name]} {_spelled(value)}" for name, value in given.items() if name in inline
    )
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt + written}]
    if "image" in given:
        content.append({"type": "image_url", "image_url": {"url": given["image"]}, "role": "first_frame"})
    return {"content": content, **{name: given[name] for name in beside if name in given}}


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def expected(body: Mapping[str, Any]) -> tuple[Decimal, int] | None:
    """What a submit body comes to: price in US dollars if it succeeds, and number of videos.

    None for a model the catalogue does not know, and for values it says the provider rejects.
    """
    family = catalogue().family_of_model.get(body["model"])
    if family is None:
        return None
    model = family.model(body["model"])
    usage = read_request(family, model, body)
    if usage.with_outcome("rejected"):
        return None
    values = usage.values
    return price_usd(family, model, values), film_facts(family, model, values).count


def plain_names(model_id: str) -> Mapping[str, str]:
    """Words of every model to the one parameter that model has for them.

    The words are ``seconds``, ``size``, ``resolution``, ``ratio``, ``fps`` and ``image``; a word
    the model has no parameter for is left out. Empty for a model the catalogue does not know.
    """
    family = catalogue().family_of_model.get(model_id)
    if family is None:
        return {}
    model = family.model(model_id)
    rule = model.video
    names = {
        "seconds": rule.duration,
        "size": rule.size_parameter,
        "resolution": rule.size_rows,
        "ratio": rule.size_columns,
        "fps": rule.fps if isinstance(rule.fps, str) else None,
        "image": _image_parameter(family, model),
    }
    return {word: name for word, name in names.items() if name is not None}


def _image_parameter(family: Family, model: Model) -> str | None:
    images = [parameter.name for parameter in family.parameters if parameter.form == "image"]
    if not {"i2v", "first-last", "reference"} & set(model.modes):
        return None
    return images[0] if images else "image"


def paths_for(path: Path, count: int) -> tuple[Path, ...]:
    """One file name a video: the name itself, then ``name-2.mp4``, ``name-3.mp4`` ..."""
    if not path.name:
        return (path,)  # no file name to number; that it is no file is told where it is checked
    more = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, count + 1))
    return (path, *more)
