"""Generated submits that are refused: one defect each, or two at once, which shows which is looked for first."""

import json
from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st

from nebula_contract.sending.defect import JSON_TEXT, MODEL, TYPE, Body, Defect, both, with_value, without
from nebula_contract.sending.strategies import Generated, Label, documented_bodies, shared_models
from nebula_contract.sending.wrong_fields import field_defects, prompt_defects
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Model, catalogue

_LETTERS = "abcdefghijklmnopqrstuvwxyz-0123456789"


def rejected_requests(family: Family) -> st.SearchStrategy[Generated]:
    """Submits that break one rule each."""
    return st.one_of(
        [
            st.builds(broken_by, documented_bodies(family, model), st.tuples(defects(family, model)))
            for model in shared_models(family)
        ]
    )


def twice_rejected_requests(family: Family) -> st.SearchStrategy[Generated]:
    """Submits that break two rules of different rank, so that the order of checks decides."""
    found = []
    for model in shared_models(family):
        one = defects(family, model)
        found.append(
            st.builds(broken_by, documented_bodies(family, model), st.tuples(one, one).filter(_are_apart))
        )
    return st.one_of(found)


def _are_apart(pair: tuple[Defect, Defect]) -> bool:
    one, other = pair
    return one.rank != other.rank and not one.touches & other.touches


def broken_by(body: Body, found: tuple[Defect, ...]) -> Generated:
    """The submit of a body with these defects, with the refusal that each dialect gives."""
    for defect in found:
        body = defect.change(body)
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    content_type = "application/json"
    for defect in found:
        raw = defect.raw(raw)
        content_type = defect.content_type if defect.rank == TYPE else content_type
    in_order = sorted(found, key=lambda one: one.rank)
    problems: dict[Dialect, str] = {}
    for dialect in DIALECTS:
        met = [one.problems[dialect] for one in in_order if dialect in one.problems]
        if met:
            problems[dialect] = met[0]
    what = " + ".join(one.what for one in in_order)
    label: Label = "rejected" if "documented" in problems else "ignored"
    return Generated(label, raw, content_type, problems, what)


def defects(family: Family, model: Model) -> st.SearchStrategy[Defect]:
    """Everything that can be wrong with a submit of the model."""
    fields, prompts = field_defects(family, model), prompt_defects(family)
    others = [st.sampled_from(fields), st.sampled_from(fields)] if fields else []
    return st.one_of(
        [st.sampled_from(WRONG_TYPES), _malformed(), _model_defects(), st.sampled_from(prompts), *others]
    )


WRONG_TYPES = tuple(
    Defect(f"content type {one or 'none'}", TYPE, both("wrong-content-type"), content_type=one)
    for one in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "", "application/jsonp")
)
"""Content types that are not read."""


def _malformed() -> st.SearchStrategy[Defect]:
    cuts = st.integers(0, 10**6).map(lambda at: bytes_defect("cut", partial(_cut, at)))
    others = st.sampled_from(
        [
            bytes_defect(what, partial(_instead, given))
            for what, given in (
                ("array", b"[]"),
                ("number", b"5"),
                ("text", b'"text"'),
                ("null", b"null"),
                ("true", b"true"),
                ("two values", b"{} {}"),
                ("single quotes", b"{'model': 'sora-2'}"),
            )
        ]
    )
    return st.one_of(cuts, others)


def _cut(at: int, raw: bytes) -> bytes:
    return raw[: at % max(1, len(raw))]


def _instead(given: bytes, _raw: bytes) -> bytes:
    return given


def bytes_defect(what: str, raw: Callable[[bytes], bytes]) -> Defect:
    """A body that is no JSON object."""
    return Defect(f"JSON: {what}", JSON_TEXT, both("malformed-json"), raw=raw)


def _model_defects() -> st.SearchStrategy[Defect]:
    touched = frozenset({"model"})
    missing = st.sampled_from(("", None, 5, [], {}, True)).map(
        lambda bad: Defect(f"model {bad!r}", MODEL, both("missing-model"), touched, with_value("model", bad))
    )
    absent = st.just(
        Defect("no model", MODEL, both("missing-model"), touched, lambda body: without(body, "model"))
    )
    known = {model for dialect in DIALECTS for model in catalogue().in_dialect(dialect).family_of_model}
    near = st.sampled_from(sorted(known)).flatmap(
        lambda name: st.sampled_from((name.upper(), f"{name} ", f" {name}", f"{name}x", name[:-1]))
    )
    words = st.one_of(st.text(_LETTERS, min_size=1, max_size=30), near).filter(lambda name: name not in known)
    unknown = words.map(
        lambda name: Defect(f"model {name}", MODEL, both("unknown-model"), touched, with_value("model", name))
    )
    return st.one_of(missing, absent, unknown)
