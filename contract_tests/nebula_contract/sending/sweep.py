"""What must not be left to chance: every single defect once, the order of checks pair by pair, every odd value once.

Drawn inputs come on top of these; a rule that nothing drawn happened to break would else go unseen. Purposes as in
``inputs``.
"""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

from nebula_contract.sending.asking import as_json
from nebula_contract.sending.bodies import required_values, submit_body
from nebula_contract.sending.defect import Body, Defect, both, with_value, without
from nebula_contract.sending.defects import WRONG_TYPES, broken_by, bytes_defect
from nebula_contract.sending.strategies import Generated
from nebula_contract.sending.wrong_fields import field_defects, prompt_defects
from nebula_schemas.catalogue import DIALECTS, Family, Model, Parameter, catalogue

_ODD: tuple[Any, ...] = (7, "odd", True, 99.5, [], {"a": 1}, "", None)
_UNKNOWN = {"style": "noir", "n": 3, "x_unknown": {"a": [1]}, "webhook": "https://hooks.example.com/"}
_MODEL_TOUCHES = frozenset({"model"})


def every_defect(family: Family) -> Iterator[Generated]:
    """An ordinary body of each model with one thing wrong, each thing once; models that share one are not asked twice."""
    seen: set[str] = set()
    for model in _models(family):
        ordinary = _ordinary(family, model)
        for defect in (
            *WRONG_TYPES,
            *_malformed(),
            *_model(),
            *prompt_defects(family),
            *field_defects(family, model),
        ):
            if defect.what not in seen:
                seen.add(defect.what)
                yield broken_by(ordinary, (defect,))


def every_order(family: Family) -> Iterator[Generated]:
    """Two things wrong at once, of each two places in the order of checks, so that the first must be told."""
    model = _models(family)[0]
    by_rank: dict[int, Defect] = {}
    for defect in (
        *WRONG_TYPES,
        *_malformed(),
        *_model(),
        *prompt_defects(family),
        *field_defects(family, model),
    ):
        if defect.problems.keys() == set(DIALECTS):
            by_rank.setdefault(defect.rank, defect)
    ordinary = _ordinary(family, model)
    for one, other in itertools.combinations([by_rank[rank] for rank in sorted(by_rank)], 2):
        if not one.touches & other.touches:
            yield broken_by(ordinary, (one, other))


def every_odd_value(family: Family) -> Iterator[Generated]:
    """Every parameter that no dialect refuses a value of, with odd values; and fields that nobody knows."""
    model = _models(family)[0]
    ordinary = _ordinary(family, model)
    for name, value in _UNKNOWN.items():
        yield Generated("ignored", as_json({**ordinary, name: value}), what=f"unknown field {name}")
    for parameter in family.parameters:
        if (
            parameter.inline
            or parameter.at != "body"
            or parameter.form == "remix"
            or _refuses(family, parameter)
        ):
            continue
        for value in _ODD:
            body = {**without(ordinary, parameter.name), parameter.name: value}
            yield Generated("coerced", as_json(body), what=f"{parameter.name} {value!r}")


def _refuses(family: Family, parameter: Parameter) -> bool:
    """Whether some dialect refuses a value of it."""
    rules = (
        one
        for dialect in DIALECTS
        for one in catalogue().in_dialect(dialect).family(family.name).parameters
        if one.name == parameter.name
    )
    return any("reject" in (one.outside, one.wrong_type) for one in rules)


def _models(family: Family) -> tuple[Model, ...]:
    """Models that every dialect knows."""
    return tuple(model for model in family.models if set(model.dialects) == set(DIALECTS))


def _ordinary(family: Family, model: Model) -> Body:
    return submit_body(family, model, "A lighthouse at dusk", required_values(family, model, {}))


def _malformed() -> tuple[Defect, ...]:
    given = (b"", b"{", b"[]", b"null", b'"text"', b'{"model": "sora-2"', b"{'model': 'sora-2'}", b"\xff\xfe")
    return tuple(bytes_defect(f"bytes {one!r}", partial(_instead, one)) for one in given)


def _instead(given: bytes, _raw: bytes) -> bytes:
    return given


def _model() -> tuple[Defect, ...]:
    none: tuple[Any, ...] = ("", None, 5, [], {})
    missing = [
        Defect(f"model {bad!r}", 2, both("missing-model"), _MODEL_TOUCHES, with_value("model", bad))
        for bad in none
    ]
    gone = Defect("no model", 2, both("missing-model"), _MODEL_TOUCHES, lambda body: without(body, "model"))
    unknown = [
        Defect(f"model {name}", 2, both("unknown-model"), _MODEL_TOUCHES, with_value("model", name))
        for name in ("no-such-model", "SORA-2", "sora-2 ", "gpt-4o", "sora")
    ]
    return (*missing, gone, *unknown)
