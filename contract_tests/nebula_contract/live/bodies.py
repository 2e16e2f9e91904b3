"""Submit bodies of a plan, as documented: each value that the price depends on is given in words."""

import json
from collections.abc import Mapping
from typing import Any

from nebula_contract.live.price_bound import every_price
from nebula_schemas.catalogue import Family, Model, catalogue


def cheapest_body(family: Family, prompt: str) -> str:
    """The body of the cheapest documented video of a family, made from words alone."""
    ways = [
        (price, str(model.id), json.dumps(values, sort_keys=True), model, values)
        for model in models_without_picture(family)
        for price, values in every_price(family, model)
    ]
    _, _, _, model, values = min(ways, key=lambda way: way[:3])
    return body_text(family, model, prompt, values)


def models_without_picture(family: Family) -> list[Model]:
    """The models that both dialects have and that need no picture."""
    gateway = catalogue().in_dialect("gateway").family(family.name)
    both = {model.id for model in gateway.models}
    return [model for model in family.models if model.id in both and "t2v" in model.modes]


def body_text(family: Family, model: Model, prompt: str, values: Mapping[str, Any]) -> str:
    """A submit's body, as documented, each value given in words."""
    if family.prompt_at == "prompt":
        return json.dumps({"model": model.id, "prompt": prompt, **values})
    inline = {one.name: one.inline[0] for one in family.parameters if one.inline}
    options = "".join(f" --{inline[name]} {value}" for name, value in values.items())
    return json.dumps(
        {"model": model.id, "metadata": {"content": [{"type": "text", "text": prompt + options}]}}
    )
