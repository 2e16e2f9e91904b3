"""What a task costs live, in US dollars, from the catalogue. Decimal throughout, never float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nebula_schemas.catalogue.film import film_facts
from nebula_schemas.catalogue.values import Family, Model

# Upstream's formula for Seedance: tokens = width x height x fps x seconds / 1024.
_PIXELS_PER_TOKEN = 1024
_MILLION = 1_000_000


def tokens(family: Family, model: Model, values: Mapping[str, Any]) -> int:
    """The output tokens of a task, as Seedance counts them."""
    film = film_facts(family, model, values)
    return film.width * film.height * film.fps * film.duration_s // _PIXELS_PER_TOKEN


def price_usd(family: Family, model: Model, values: Mapping[str, Any]) -> Decimal:
    """The price of one succeeded task, in US dollars.

    Pure. ``values`` are those of ``read_request``. A failed task costs nothing (DOC, SRC).
    """
    price = model.price
    unit = price.usd[_price_key(family, model, values)]
    if price.per == "second":
        amount = unit * price.billed_seconds(values[model.video.duration])
    else:
        amount = unit * tokens(family, model, values) / _MILLION
    return amount * values[price.times] if price.times else amount


def _price_key(family: Family, model: Model, values: Mapping[str, Any]) -> str:
    by = model.price.by
    if by is None:
        return ""
    if by == "tier":
        name = model.tier or ""
        value = values[name]
        return family.parameter(name).group_of(value) or value
    value = values[by]
    return str(value).lower() if isinstance(value, bool) else str(value)
