"""The model catalogue as frozen values; standard library only, so the client may import it.

The JSON files beside this module hold every model id, allowed value, default, coercion, price and
id form, each with its source. ``family.schema.json`` describes their vocabulary. Adding a model is
an edit of one of those files.
"""

from nebula_schemas.catalogue.coercion import Reading, read_value
from nebula_schemas.catalogue.content import all_content_items, content_item_problem
from nebula_schemas.catalogue.film import FilmFacts, film_facts
from nebula_schemas.catalogue.parameters import Parameter
from nebula_schemas.catalogue.pricing import price_usd, tokens
from nebula_schemas.catalogue.reading import CatalogueError, catalogue, read_catalogue
from nebula_schemas.catalogue.request import Usage, prompt_in, read_request
from nebula_schemas.catalogue.values import DIALECTS, Catalogue, Dialect, Family, Model, Price, TaskIdForm

__all__ = [
    "DIALECTS",
    "Catalogue",
    "CatalogueError",
    "Dialect",
    "Family",
    "FilmFacts",
    "Model",
    "Parameter",
    "Price",
    "Reading",
    "TaskIdForm",
    "Usage",
    "all_content_items",
    "catalogue",
    "content_item_problem",
    "film_facts",
    "price_usd",
    "prompt_in",
    "read_catalogue",
    "read_request",
    "read_value",
    "tokens",
]
