"""Promises of every model: measurable films, prices to the cent, ids that tell the family."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_schemas import contract
from nebula_schemas.catalogue import (
    Family,
    FilmFacts,
    Model,
    catalogue,
    film_facts,
    price_usd,
    read_request,
    tokens,
)
from nebula_schemas.loader import BASE_URI

unhurried = settings(deadline=None)

MODELS = sorted(catalogue().family_of_model)
FAMILIES = [family.name for family in catalogue().families]
VEO, VEO_FAST = "veo-3.1-generate-preview", "veo-3.1-fast-generate-preview"
T2V, I2V = "wan2.5-t2v-preview", "wan2.5-i2v-preview"
LITE, PRO = "doubao-seedance-1-0-lite-t2v-250428", "doubao-seedance-1-0-pro-250528"
LOUD, SILENT = "doubao-seedance-1-5-pro-251215", "doubao-seedance-1-5-pro-251215-noAudio"


def model_of(model_id: str) -> tuple[Family, Model]:
    """Family and model of an id."""
    family = catalogue().family_of_model[model_id]
    return family, family.model(model_id)


def values_of(model_id: str, **fields: Any) -> dict[str, Any]:
    """The values in effect when these are asked for, Seedance's as options in the text."""
    family, model = model_of(model_id)
    options = "".join(f" --{name} {value}" for name, value in fields.items())
    content = {"metadata": {"content": [{"type": "text", "text": f"A cat{options}"}]}}
    body = content if family.prompt_at == "metadata.content" else {"prompt": "A cat", **fields}
    return dict(read_request(family, model, body).values)


def combinations(model_id: str) -> Iterator[dict[str, Any]]:
    """Every combination of the model's allowed values."""
    family, _ = model_of(model_id)
    least = values_of(model_id)
    choices = {p.name: p.allowed for p in family.parameters if p.allowed and p.name in least}
    for chosen in itertools.product(*choices.values()):
        yield least | dict(zip(choices, chosen, strict=True))


@pytest.mark.parametrize("model_id", MODELS)
def test_every_combination_of_values_has_a_film_that_can_be_encoded(model_id: str) -> None:
    """Video encoders ask for even frame sizes."""
    for values in combinations(model_id):
        film = film_facts(*model_of(model_id), values)
        assert film.width > 0
        assert film.height > 0
        assert (film.width % 2, film.height % 2) == (0, 0)
        assert (film.fps > 0, film.duration_s > 0, film.count) == (True, True, 1)


@pytest.mark.parametrize("model_id", MODELS)
def test_every_combination_of_values_has_a_decimal_price(model_id: str) -> None:
    for values in combinations(model_id):
        price = price_usd(*model_of(model_id), values)
        assert isinstance(price, Decimal)
        assert price > 0


@pytest.mark.parametrize(
    ("model_id", "fields", "price"),
    [
        ("sora-2", {}, "0.40"),
        ("sora-2", {"seconds": 8}, "0.80"),
        ("sora-2", {"seconds": 12, "size": "1280x720"}, "1.20"),
        (VEO, {}, "0.80"),
        (VEO, {"durationSeconds": 8, "generateAudio": True}, "3.20"),
        (VEO, {"durationSeconds": 8, "generateAudio": True, "sampleCount": 4}, "12.80"),
        (VEO_FAST, {"durationSeconds": 6}, "0.90"),
        (VEO_FAST, {"durationSeconds": 6, "sampleCount": 3}, "2.70"),
        ("veo-3.0-generate-001", {"generateAudio": True}, "0.60"),
        (T2V, {"size": "832*480"}, "0.1845"),
        (T2V, {"size": "624*624", "duration": 10}, "0.369"),
        (T2V, {}, "0.369"),
        (T2V, {"resolution": "1080p"}, "0.6165"),
        (I2V, {"resolution": "480p"}, "0.1845"),
        (I2V, {"resolution": "1080p", "duration": 10}, "1.233"),
        (LITE, {}, "0.185328"),
        (PRO, {}, "0.612"),
        (LOUD, {}, "0.2592"),
        (SILENT, {}, "0.1296"),
    ],
)
def test_a_price_is_exact(model_id: str, fields: dict[str, Any], price: str) -> None:
    assert price_usd(*model_of(model_id), values_of(model_id, **fields)) == Decimal(price)


def test_seedance_counts_tokens_as_its_upstream_does() -> None:
    """Width x height x frame rate x seconds / 1024."""
    values = values_of(LITE, rs="720p", ratio="16:9", dur=5, fps=24)
    assert tokens(*model_of(LITE), values) == 1248 * 704 * 24 * 5 // 1024 == 102_960


@pytest.mark.parametrize(
    ("model_id", "fields", "film"),
    [
        ("sora-2", {}, FilmFacts(720, 1280, 30, 4)),
        ("sora-2", {"seconds": 12, "size": "1280x720"}, FilmFacts(1280, 720, 30, 12)),
        (VEO, {"aspectRatio": "9:16", "fps": 60, "sampleCount": 2}, FilmFacts(1080, 1920, 60, 4, 2)),
        (VEO_FAST, {"resolution": "720p", "durationSeconds": 8}, FilmFacts(1280, 720, 24, 8)),
        (T2V, {"size": "1088*832", "duration": 10}, FilmFacts(1088, 832, 24, 10)),
        (I2V, {"resolution": "480p"}, FilmFacts(832, 480, 24, 5)),
        (LITE, {"ratio": "21:9", "fps": 30}, FilmFacts(1504, 640, 30, 5)),
        (PRO, {}, FilmFacts(1920, 1088, 24, 5)),
        (LOUD, {"rs": "480p", "ratio": "3:4", "dur": 10}, FilmFacts(560, 752, 24, 10)),
    ],
)
def test_a_film_follows_from_the_request(model_id: str, fields: dict[str, Any], film: FilmFacts) -> None:
    assert film_facts(*model_of(model_id), values_of(model_id, **fields)) == film


@pytest.mark.parametrize("model_id", MODELS)
def test_what_is_fixed_or_preset_for_a_model_is_allowed(model_id: str) -> None:
    family, model = model_of(model_id)
    for name, value in {**model.fixed, **model.defaults}.items():
        parameter = family.parameter(name)
        assert not parameter.allowed or value in parameter.allowed
        assert (parameter.type == "boolean") == isinstance(value, bool)


@pytest.mark.parametrize("name", FAMILIES)
def test_statuses_end_with_the_two_terminal_ones(name: str) -> None:
    statuses = catalogue().family(name).statuses
    assert set(statuses) == {"documented", "gateway"}
    assert all(order[-2:] == ("succeeded", "failed") for order in statuses.values())


@pytest.mark.parametrize("name", FAMILIES)
def test_an_example_id_tells_its_family_and_no_other(name: str) -> None:
    task_id = catalogue().family(name).task_id.example
    assert [f.name for f in catalogue().families if f.task_id.matches(task_id)] == [name]
    assert catalogue().family_of_task(task_id) == catalogue().family(name)


@unhurried
@given(st.data())
@pytest.mark.parametrize("name", FAMILIES)
def test_every_id_of_a_family_tells_it_and_no_other(name: str, data: st.DataObject) -> None:
    form = catalogue().family(name).task_id
    task_id = data.draw(st.from_regex(form.pattern.removesuffix("$"), fullmatch=True))
    assert [f.name for f in catalogue().families if f.task_id.matches(task_id)] == [name]


@unhurried
@given(st.sampled_from(FAMILIES), st.uuids(version=4))
def test_only_wan_has_bare_uuids(name: str, task_id: object) -> None:
    assert catalogue().family(name).task_id.matches(str(task_id)) == (name == "wan")


@pytest.mark.parametrize("task_id", ["", "download", "video_", "VIDEO_" + "0" * 32, "cgt-1-a", "None"])
def test_other_text_is_no_familys_id(task_id: str) -> None:
    assert catalogue().family_of_task(task_id) is None


@pytest.mark.parametrize("name", FAMILIES)
def test_an_id_with_a_line_break_is_no_id(name: str) -> None:
    assert catalogue().family_of_task(catalogue().family(name).task_id.example + "\n") is None


@pytest.mark.parametrize("name", FAMILIES)
def test_submit_schemas_know_every_model_of_their_family(name: str) -> None:
    ids = [model.id for model in catalogue().family(name).models]
    assert contract().registry.contents(f"{BASE_URI}catalogue/{name}/model") == {"enum": ids}
