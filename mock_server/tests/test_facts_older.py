"""Fields of superseded pages: refused with their models, and without effect on a model of today."""

import json
from typing import Any, get_args

import pytest

from asking import LEAST, PICTURE, Consumer
from nebula_schemas.catalogue import Dialect

DIALECTS = get_args(Dialect)
BASE64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"

# A field of the 2025 page with a value of it. Those that Sora reads under the same name stand further down.
WITHOUT_EFFECT = [
    pytest.param("image", PICTURE, marks=pytest.mark.proves("older.image", "sora.unknown-fields")),
    pytest.param("image_tail", PICTURE, marks=pytest.mark.proves("older.image-tail")),
    pytest.param("duration", 10, marks=pytest.mark.proves("older.duration", "old-site.duration")),
    pytest.param("fps", 24, marks=pytest.mark.proves("older.fps")),
    pytest.param("seed", -1, marks=pytest.mark.proves("older.seed")),
    pytest.param("n", 1, marks=pytest.mark.proves("older.n")),
    pytest.param("response_format", "url", marks=pytest.mark.proves("older.response-format")),
    pytest.param("aspect_ratio", "1:1", marks=pytest.mark.proves("older.aspect-ratio", "old-site.aspect-ratio")),
    pytest.param("resolution", "4k", marks=pytest.mark.proves("older.resolution", "old-site.resolution")),
    pytest.param("mode", "pro", marks=pytest.mark.proves("older.mode")),
    pytest.param("cfg_scale", 0.5, marks=pytest.mark.proves("older.cfg-scale")),
    pytest.param("negative_prompt", "A dog", marks=pytest.mark.proves("older.negative-prompt")),
    pytest.param("quality_level", "ultra-high", marks=pytest.mark.proves("older.quality-level")),
    pytest.param("watermark", False, marks=pytest.mark.proves("older.watermark")),
    pytest.param("camera_fixed", False, marks=pytest.mark.proves("older.camera-fixed")),
    pytest.param("metadata", {"seconds": 8}, marks=pytest.mark.proves("older.metadata")),
]  # fmt: skip
READ_BY_SORA = [
    pytest.param({"width": 1280, "height": 720}, marks=pytest.mark.proves("older.width", "older.height")),
    pytest.param({"user": "me"}, marks=pytest.mark.proves("older.user")),
]


@pytest.mark.proves("older.model", "models.generic-2025")
@pytest.mark.parametrize(("field", "value"), WITHOUT_EFFECT)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_field_of_an_older_page_is_refused_with_its_model_and_without_effect_on_sora(
    dialect: Dialect, field: str, value: Any
) -> None:
    older = Consumer(dialect).post({"model": "kling-v1", "prompt": "A cat", field: value})
    with_it, without = (Consumer(dialect).ended({**LEAST["sora"], **more}) for more in ({field: value}, {}))
    assert older.status_code == 503
    own, plain = with_it["task_id"], without["task_id"]  # a seed gives each body an id of its own
    assert json.loads(json.dumps(with_it).replace(own, plain)) == without


@pytest.mark.parametrize("fields", READ_BY_SORA)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_field_of_an_older_page_that_sora_has_too_counts_for_sora(
    dialect: Dialect, fields: dict[str, Any]
) -> None:
    older = Consumer(dialect).post({"model": "kling-v1", "prompt": "A cat", **fields})
    used = Consumer(dialect).task({**LEAST["sora"], **fields}).parameters
    assert older.status_code == 503
    assert (used["size"], used.get("user")) == ("1280x720" if "width" in fields else "720x1280", fields.get("user"))  # fmt: skip


@pytest.mark.proves("older.prompt", "old-site.prompt")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_prompt_is_required_of_the_models_of_today_and_asked_for_after_the_model(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    answers = [asked.post({"model": model}).status_code for model in ("kling-v1", "sora-2")]
    assert answers == [503, 400]


@pytest.mark.proves("older.metadata")
def test_a_field_beside_metadata_wins_as_on_the_older_page() -> None:
    body = {**LEAST["veo"], "durationSeconds": 8, "metadata": {"durationSeconds": 6}}
    assert Consumer().task(body).parameters["durationSeconds"] == 8


@pytest.mark.proves("older.bare-base64", "sora.input-reference", "veo.image")
@pytest.mark.parametrize(("family", "field"), [("sora", "input_reference"), ("veo", "image")])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("picture", [BASE64, PICTURE, f"data:image/png;base64,{BASE64}"])
def test_a_picture_is_taken_as_url_data_uri_and_bare_base64(
    dialect: Dialect, family: str, field: str, picture: str
) -> None:
    assert Consumer(dialect).task({**LEAST[family], field: picture}).parameters[field] == picture


@pytest.mark.proves("older.one-ratio", "sora.image.same-size", "sora.image.unreadable")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_picture_is_judged_by_its_form_alone(dialect: Dialect) -> None:
    """Its pixels are the upstream's affair; what has no form of a picture is dropped without a word."""
    asked = Consumer(dialect)
    one, other = f"{PICTURE}?size=10x10", f"{PICTURE}?size=99x1"
    frames = {"image": one, "lastFrame": other}
    assert asked.task({**LEAST["veo"], **frames}).parameters["lastFrame"] == other
    assert asked.task({**LEAST["sora"], "input_reference": one}).parameters["input_reference"] == one
    assert "input_reference" not in asked.task({**LEAST["sora"], "input_reference": "a cat"}).parameters
