"""Promises about a submit body: judged in the provider's order, the first reason is the one given."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.intake import Intake, Submitted, intake, json_type
from nebula_mock.core.refusal import RefusalError
from nebula_mock.video.film import FilmSpec
from nebula_schemas.catalogue import Family, Model, catalogue, film_facts, price_usd

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

MODELS = [(family, model) for family in catalogue().families for model in family.models]
FIELDS = sorted(
    {name for family in catalogue().families for parameter in family.parameters for name in parameter.names}
    | {"prompt", "metadata", "model", "content", "n"}
)
INLINE = [name for parameter in catalogue().family("seedance").parameters for name in parameter.inline]
REFUSALS = {
    "missing-model",
    "unknown-model",
    "missing-prompt",
    "missing-content",
    "missing-image",
    "wrong-field-type",
}
I2V, T2V = "wan2.5-i2v-preview", "wan2.5-t2v-preview"
LITE = "doubao-seedance-1-0-lite-t2v-250428"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
tempting = (
    json_values
    | st.integers(-5, 2**40)
    | st.integers(-20, 20).map(str)
    | st.sampled_from(
        ["720p", "4K", "9:16", "1280x720", "1280*720", "video_1", "true", "data:image/png;base64,aGk="]
    )
    | st.sampled_from([0, -1, 10**400, 1e308, -0.0])
)
texts = st.text().map(lambda text: {"type": "text", "text": text})
content = st.fixed_dictionaries({"content": st.lists(texts | json_values, max_size=3) | json_values})


options = st.lists(
    st.tuples(st.sampled_from(INLINE), tempting.map(str) | st.sampled_from(["480p", "9:16", "10", "30"]))
).map(lambda pairs: " ".join(f"--{name} {value}" for name, value in pairs))


def outcome(body: dict[str, Any]) -> Intake | str:
    """What a body is taken for, or the problem with it."""
    try:
        taken = intake(catalogue(), Submitted(body))
    except RefusalError as error:
        return error.problem_id
    return taken.upstream_refusal.problem_id if taken.upstream_refusal else taken


def refusal(body: dict[str, Any]) -> tuple[str, dict[str, object]]:
    """Why a body is refused, with the facts of the answer."""
    try:
        found = intake(catalogue(), Submitted(body)).upstream_refusal
    except RefusalError as error:
        found = error
    assert found is not None
    return found.problem_id, dict(found.facts)


@pytest.mark.parametrize("model", [None, "", 5, True, [], ["sora-2"], {"id": "sora-2"}, 1.5])
def test_a_model_that_is_no_text_is_a_missing_model(model: Any) -> None:
    """Before anything else is looked at: the prompt here is wrong too."""
    assert refusal({"model": model, "prompt": 5}) == ("missing-model", {})
    assert refusal({}) == ("missing-model", {})


@pytest.mark.parametrize("prompt", [{}, {"prompt": 5}, {"prompt": ""}, {"prompt": "A cat", "seconds": []}])
def test_an_unknown_model_comes_before_a_bad_prompt(prompt: dict[str, Any]) -> None:
    assert refusal({"model": "sora-3", **prompt}) == ("unknown-model", {"model": "sora-3"})


@pytest.mark.parametrize("near", ["Sora-2", " sora-2", "sora-2\n", "sora", "sora-2-pro", "veo-2", "{model}"])
def test_a_model_is_known_by_its_exact_name(near: str) -> None:
    assert refusal({"model": near, "prompt": "A cat"}) == ("unknown-model", {"model": near})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"model": T2V, "duration": "5"}, ("missing-prompt", {})),
        ({"model": T2V, "prompt": None, "seed": "1"}, ("missing-prompt", {})),
        ({"model": T2V, "prompt": " \t\n\u3000", "seed": "1"}, ("missing-prompt", {})),
        (
            {"model": T2V, "prompt": ["A cat"], "seed": "1"},
            ("wrong-field-type", {"field": "prompt", "expected": "string", "found": "array"}),
        ),
        (
            {"model": I2V, "prompt": "A cat", "seed": "1"},
            ("wrong-field-type", {"field": "seed", "expected": "integer", "found": "string"}),
        ),
        ({"model": I2V, "prompt": "A cat"}, ("missing-image", {"field": "image", "model": I2V})),
        ({"model": I2V, "prompt": "A cat", "image": ""}, ("missing-image", {"field": "image", "model": I2V})),
        ({"model": LITE}, ("missing-content", {})),
        ({"model": LITE, "prompt": "A cat"}, ("missing-content", {})),
        ({"model": LITE, "metadata": {"content": []}}, ("missing-content", {})),
        ({"model": LITE, "metadata": {"content": [{"type": "text", "text": " "}]}}, ("missing-content", {})),
    ],
)
def test_the_first_reason_in_the_providers_order_is_given(
    body: dict[str, Any], expected: tuple[str, dict[str, object]]
) -> None:
    """The prompt, then the types, then the missing fields; each body here but the last has two faults."""
    assert refusal(body) == expected


def test_a_long_fact_is_cut_and_its_length_told() -> None:
    assert refusal({"model": "x" * 10_000}) == (
        "unknown-model",
        {"model": "x" * 200 + "... (10000 characters)"},
    )


@patient
@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), tempting | content, max_size=8))
def test_any_body_is_taken_or_refused_by_a_row_of_the_table(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    taken = outcome(body)
    assert isinstance(taken, Intake) or taken in REFUSALS
    assert repr(body) == repr(before), "a body is read, not changed"


@patient
@given(st.sampled_from(MODELS), st.dictionaries(st.sampled_from(FIELDS), tempting), options)
def test_what_is_taken_can_be_filmed_and_priced(
    entry: tuple[Family, Model], junk: dict[str, Any], option: str
) -> None:
    """However odd the values, an accepted task is one whose video can be made."""
    family, model = entry
    metadata = {"content": [{"type": "text", "text": f"A cat {option}"}]}
    taken = outcome({**junk, "model": model.id, "prompt": "A cat", "metadata": metadata})
    if not isinstance(taken, Intake):
        assert taken in {"wrong-field-type", "missing-image", "image-format", "image-size"}
        return
    film = film_facts(family, model, taken.usage.values)
    assert FilmSpec(film.width, film.height, film.fps, film.duration_s).frames > 0
    assert 1 <= film.count <= 4
    assert price_usd(family, model, taken.usage.values) > 0


@pytest.mark.parametrize("images", [[], [""], [None]])
def test_an_image_to_video_model_needs_an_image(images: list[Any]) -> None:
    body = {"model": I2V, "prompt": "A cat", "images": images}
    assert refusal(body) == ("missing-image", {"field": "image", "model": I2V})


@pytest.mark.parametrize("given_image", [{"image": "https://a.example/cat.png"}, {"images": ["aGVsbG8="]}])
def test_an_image_under_either_name_will_do(given_image: dict[str, Any]) -> None:
    taken = intake(catalogue(), Submitted({"model": I2V, "prompt": "A cat", **given_image}))
    assert (taken.family.name, taken.model.id, taken.prompt) == ("wan", I2V, "A cat")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "boolean"),
        (1, "integer"),
        (1.0, "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
        (None, "null"),
    ],
)
def test_a_type_has_its_json_name(value: object, name: str) -> None:
    assert json_type(value) == name
