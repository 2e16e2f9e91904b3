"""From the catalogue's JSON files to frozen values.

The files are checked against ``family.schema.json`` by the tests and by
``nebula_schemas.loader``; here only what the schema cannot say is checked (names that refer to
each other), so that this module needs nothing outside the standard library.
"""

import functools
import json
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from nebula_schemas.catalogue.parameters import Parameter
from nebula_schemas.catalogue.values import (
    DIALECTS,
    Catalogue,
    Dialect,
    Family,
    Model,
    Price,
    TaskIdForm,
    VideoRule,
)

# Members of a parameter that say something else than an attribute of the same name.
_RENAMED = {"or_joined", "or_mapped", "required", "allowed", "multipart", "too_large", *DIALECTS}


class CatalogueError(ValueError):
    """A catalogue file contradicts itself; the message says which file, where, and what to do."""


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that ships with this package, as documented; ``in_dialect`` gives the other side."""
    return read_catalogue(resources.files(__package__))


def read_catalogue(folder: Traversable) -> Catalogue:
    """The catalogue held by the ``*.json`` files of ``folder`` (schemas left out).

    Raises:
        CatalogueError: A file is not JSON, lacks a required member, or names something that is
            not there (a price, a frame size table, a parameter), or two files share a model id.
    """
    files = sorted(
        (
            entry
            for entry in folder.iterdir()
            if entry.name.endswith(".json") and ".schema." not in entry.name
        ),
        key=lambda entry: entry.name,
    )
    if not files:
        message = (
            f"{folder}: found no family file, expected at least one *.json. Name the catalogue's folder."
        )
        raise CatalogueError(message)
    by_dialect: dict[Dialect, tuple[Family, ...]] = {}
    for dialect in DIALECTS:
        families = {entry.name: _read_file(entry, dialect) for entry in files}
        _refuse_repeats(families)
        by_dialect[dialect] = tuple(families.values())
    return Catalogue(by_dialect)


def _read_file(entry: Traversable, dialect: Dialect) -> Family:
    try:
        family = _family(json.loads(entry.read_text("utf-8")), dialect)
    except json.JSONDecodeError as error:
        message = f"{entry.name}: not JSON ({error}). Mend the file at that place."
        raise CatalogueError(message) from error
    except KeyError as error:
        message = f"{entry.name}: found no {error}, which the file itself or family.schema.json asks for."
        raise CatalogueError(message) from error
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        message = f"{entry.name}: {type(error).__name__}, {error}. family.schema.json says what is expected."
        raise CatalogueError(message) from error
    if unknown := sorted(_named_parameters(family) - {parameter.name for parameter in family.parameters}):
        message = f"{entry.name}: found no parameter {', '.join(map(repr, unknown))}, which the file names elsewhere."
        raise CatalogueError(message)
    return family


def _refuse_repeats(families: Mapping[str, Family]) -> None:
    """Two files with one model, or with one family name, would hide each other."""
    home: dict[tuple[str, str], str] = {}
    for file, family in families.items():
        things = [*(("model", model.id) for model in family.models), ("family", family.name)]
        for thing in things:
            if thing in home:
                kind, name = thing
                message = f"{kind} {name!r} stands in {home[thing]} and in {file}; keep one."
                raise CatalogueError(message)
            home[thing] = file


def _named_parameters(family: Family) -> set[str]:
    """Every parameter that something else in the family's file refers to."""
    named: set[str | None] = set()
    for model in family.models:
        rule, price = model.video, model.price
        named |= {
            rule.duration,
            rule.size_parameter,
            rule.size_rows,
            rule.size_columns,
            price.times,
            model.tier,
        }
        named |= {rule.fps if isinstance(rule.fps, str) else None, None if price.by == "tier" else price.by}
        named |= {*model.defaults, *model.fixed, *model.form_values}
    for parameter in family.parameters:
        named |= {parameter.part_of, parameter.required_or, *parameter.joined_from, parameter.mapped_from}
        named |= {parameter.ignored_with}
    return {name for name in named if name is not None}


def _family(raw: Mapping[str, Any], dialect: Dialect) -> Family:
    rules = (_in_dialect(entry, dialect) for entry in raw["parameters"])
    parameters = tuple(_parameter(entry) for entry in rules if entry is not None)
    prices = {name: _price(entry) for name, entry in raw["prices"].items()}
    models = (_model(entry, raw, prices) for entry in raw["models"])
    return Family(
        name=raw["family"],
        title=raw["title"],
        delivery=raw["delivery"],
        task_id=TaskIdForm(**raw["task_id"]),
        statuses={dialect: tuple(statuses) for dialect, statuses in raw["lifecycle"].items()},
        prompt_at=raw["prompt"]["at"],
        task_kept_s=raw["retention"]["task_s"],
        url_valid_s=raw["retention"]["url_s"],
        data_uri_valid_s=raw["retention"].get("data_uri_s", 0),
        models=tuple(model for model in models if dialect in model.dialects),
        parameters=parameters,
        frame_sizes=raw.get("frame_sizes", {}),
        wire=raw.get("wire", raw["family"]),
        problems=raw["problems"],
        submit_media=tuple(raw.get("submit_media", ["application/json"])),
        metadata_values=raw.get("metadata_values", {}).get(dialect),
        typed_fields=raw.get("typed_fields", {}).get(dialect, {}),
        result_query=raw.get("result_query", ""),
    )


def _in_dialect(entry: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any] | None:
    """A parameter's entry with what the dialect changes of it; None where the dialect has it not."""
    changes = entry.get(dialect, {})
    return None if changes is None else {**entry, **changes}


def _model(entry: Mapping[str, Any], family: Mapping[str, Any], prices: Mapping[str, Price]) -> Model:
    video = {**family["video"], **entry.get("video", {})}
    rule = _video_rule(video)
    if rule.size_table is not None:
        family["frame_sizes"][rule.size_table]  # a KeyError here names the missing table
    return Model(
        id=entry["id"],
        modes=tuple(entry["modes"]),
        price=prices[entry["price"]],
        video=rule,
        source=entry["source"],
        defaults=entry.get("defaults", {}),
        fixed=entry.get("fixed", {}),
        tier=entry.get("tier"),
        dialects=tuple(entry.get("dialects", DIALECTS)),
        form_values={name: tuple(values) for name, values in entry.get("multipart", {}).items()},
    )


def _video_rule(raw: Mapping[str, Any]) -> VideoRule:
    size, fps = raw["frame_size"], raw["fps"]
    return VideoRule(
        fps=fps["parameter"] if isinstance(fps, dict) else fps,
        duration=raw["duration"],
        size_parameter=size.get("parameter"),
        size_table=size.get("table"),
        size_rows=size.get("rows"),
        size_columns=size.get("columns"),
    )


def _price(raw: Mapping[str, Any]) -> Price:
    usd = raw["usd"] if isinstance(raw["usd"], dict) else {"": raw["usd"]}
    return Price(
        per=raw["per"],
        usd={key: Decimal(amount) for key, amount in usd.items()},
        source=raw["source"],
        by=raw.get("by"),
        times=raw.get("times"),
        billed_as_is=tuple(raw.get("billed_seconds", {}).get("as_is", ())),
        billed_else=raw.get("billed_seconds", {}).get("else", 0),
    )


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    plain: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in raw.items() if key not in _RENAMED
    }
    allowed = raw.get("allowed") or []
    groups = allowed if isinstance(allowed, dict) else {}
    joined, mapped = raw.get("or_joined", {}), raw.get("or_mapped", {})
    required, too_large = raw.get("required", {}), raw.get("too_large", {})
    return Parameter(
        **plain,
        allowed=tuple(value for members in groups.values() for value in members)
        if groups
        else tuple(allowed),
        groups={name: tuple(members) for name, members in groups.items()},
        required_modes=tuple(required.get("modes", ())),
        required_dialects=tuple(required.get("dialects", ())),
        required_or=required.get("or"),
        joined_from=tuple(joined.get("fields", ())),
        joined_with=joined.get("with", ""),
        mapped_from=mapped.get("field"),
        mapped_to=mapped.get("to", {}),
        largest_image=too_large.get("bytes"),
        problem_too_large=too_large.get("problem"),
        in_form=_parameter(_without_form({**raw, **raw["multipart"]})) if "multipart" in raw else None,
    )


def _without_form(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in raw.items() if key != "multipart"}
