"""Promises that hold for any request body at all."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nebula_schemas.catalogue import catalogue, film_facts, price_usd, read_request
from nebula_schemas.catalogue.request import Usage

unhurried = settings(deadline=None, max_examples=150)

SORA = "sora-2"
VEO = "veo-3.1-generate-preview"
PICTURE = "https://images.example.com/cat.png"

MODELS = sorted(catalogue().family_of_model)
FIELDS = sorted(
    {
        name
        for family in catalogue().families
        for parameter in family.parameters
        for name in (*parameter.names, *parameter.inline)
    }
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.integers(-2, 15)
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["", "5", "8", "yes", "720p", "4k", "1280*720", "1280x720", "16:9", PICTURE, "video_1"])
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
inline_texts = st.lists(
    st.sampled_from(["A cat", "--dur", "--rs", "10", "720p", "--ratio 9:16", "--seed", "--fps  30", "\n"])
    | st.text(max_size=8)
).map(" ".join)
contents = st.lists(
    st.fixed_dictionaries({"type": st.just("text"), "text": inline_texts | json_values}) | json_values
)
bodies = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(), json_values, max_size=8
) | st.fixed_dictionaries({"metadata": st.fixed_dictionaries({"content": contents}) | json_values})


def read(model_id: str, body: dict[str, Any]) -> Usage:
    """The body as the provider reads it for that model."""
    family = catalogue().family_of_model[model_id]
    return read_request(family, family.model(model_id), body)


@unhurried
@given(st.sampled_from(MODELS), bodies)
def test_no_body_at_all_makes_the_reader_raise(model_id: str, body: dict[str, Any]) -> None:
    usage = read(model_id, body)
    names = [reading.parameter.name for reading in usage.readings]
    assert len(names) == len(set(names))
    assert usage.values == {r.parameter.name: r.used for r in usage.readings if r.used is not None}


@unhurried
@given(st.sampled_from(MODELS), bodies)
@example(VEO, {"fps": 240, "sampleCount": 4, "durationSeconds": 8})
def test_every_body_that_is_not_rejected_has_a_film_and_a_price(model_id: str, body: dict[str, Any]) -> None:
    family = catalogue().family_of_model[model_id]
    model = family.model(model_id)
    usage = read_request(family, model, body)
    if not usage.with_outcome("rejected"):
        film = film_facts(family, model, usage.values)
        assert min(film.width, film.height, film.fps, film.duration_s, film.count) > 0
        assert price_usd(family, model, usage.values) > 0


@unhurried
@given(st.sampled_from(MODELS), bodies)
def test_a_fixed_parameter_is_beyond_the_callers_reach(model_id: str, body: dict[str, Any]) -> None:
    model = catalogue().family_of_model[model_id].model(model_id)
    values = read(model_id, body).values
    assert {name: values[name] for name in model.fixed} == model.fixed


@pytest.mark.proves("sora.unknown-fields")
@unhurried
@given(st.text(), json_values)
def test_fields_that_are_no_parameters_are_left_out(name: str, value: object) -> None:
    body = {"prompt": "A cat"} if name in FIELDS else {"prompt": "A cat", name: value}
    assert read(SORA, body) == read(SORA, {"prompt": "A cat"})
