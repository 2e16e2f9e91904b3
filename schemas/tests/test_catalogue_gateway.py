"""Where the server source reads a request otherwise than the documents say, and where a form does."""

from typing import Any

import pytest

from nebula_schemas.catalogue import catalogue, film_facts, price_usd, read_request

SORA = "sora-2"
VEO = "veo-3.1-generate-preview"
T2V = "wan2.5-t2v-preview"
LITE = "doubao-seedance-1-0-lite-t2v-250428"
PICTURE = "https://images.example.com/cat.png"


def text(words: str) -> dict[str, Any]:
    """A Seedance body with that text."""
    return {"metadata": {"content": [{"type": "text", "text": words}]}}


def named(coercion: tuple[str, dict[str, Any], str, object, str]) -> str:
    """A short name of a row."""
    model_id, body, name, _, outcome = coercion
    return f"{model_id}-{str(body)[:40]}-{name}-{outcome}"


# Where the server source reads a value otherwise than the documents say.
GATEWAY: list[tuple[str, dict[str, Any], str, object, str]] = [
    (SORA, {"remix_from_video_id": "video_1"}, "remix_from_video_id", None, "absent"),
    (SORA, {"remix_video_id": "video_1"}, "remix_from_video_id", "video_1", "accepted"),
    (SORA, {"remixed_video_id": "video_1"}, "remix_from_video_id", "video_1", "accepted"),
    (SORA, {"remixedVideoId": "video_1"}, "remix_from_video_id", "video_1", "accepted"),
    (SORA, {"remixVideoId": "video_1"}, "remix_from_video_id", "video_1", "accepted"),
    (SORA, {"remixVideoId": "task_1"}, "remix_from_video_id", None, "ignored"),
    ("sora-2-pro", {"size": "1792x1024"}, "size", "720x1280", "coerced"),
    (SORA, {"duration": 8}, "seconds", 4, "defaulted"),
    (VEO, {"duration": 8}, "durationSeconds", 4, "defaulted"),
    (VEO, {"durationSeconds": 12}, "durationSeconds", 12, "accepted"),
    (VEO, {"durationSeconds": 10}, "durationSeconds", 4, "coerced"),
    (VEO, {"duration_seconds": 8}, "durationSeconds", 8, "accepted"),
    (VEO, {"duration_seconds": 8, "resolution": "720p"}, "durationSeconds", 4, "defaulted"),
    (VEO, {"aspect_ratio": "9:16"}, "aspectRatio", "9:16", "accepted"),
    (VEO, {"aspect_ratio": "9:16", "image": PICTURE}, "aspectRatio", "16:9", "defaulted"),
    (VEO, {"last_frame": PICTURE}, "lastFrame", PICTURE, "accepted"),
    (VEO, {"last_frame": PICTURE, "seed": 5}, "lastFrame", None, "absent"),
    (VEO, {"sample_count": 2, "generate_audio": True}, "sampleCount", 2, "accepted"),
    (VEO, {"generate_audio": True, "fps": 30}, "generateAudio", True, "accepted"),
    (VEO, {"metadata": {"durationSeconds": 6}}, "durationSeconds", 6, "accepted"),
    (VEO, {"metadata": {"durationSeconds": 6}, "fps": 30}, "durationSeconds", 4, "defaulted"),
    (VEO, {"user": "me", "duration_seconds": 6}, "durationSeconds", 6, "accepted"),
    (T2V, {"duration": 7}, "duration", 7, "accepted"),
    (T2V, {"duration": 0}, "duration", 5, "coerced"),
    (T2V, {}, "duration", 5, "defaulted"),
    (T2V, {"duration": -1}, "duration", None, "rejected"),
    (T2V, {"duration": 61}, "duration", None, "rejected"),
    (T2V, {"seed": 0}, "seed", None, "ignored"),
    (T2V, {"seed": 1}, "seed", 1, "accepted"),
    (LITE, {"duration": 10, **text("A cat")}, "duration", 5, "defaulted"),
    (LITE, {"resolution": "480p", **text("A cat")}, "resolution", "720p", "defaulted"),
    (LITE, {"aspect_ratio": "9:16", **text("A cat")}, "ratio", "16:9", "defaulted"),
]


@pytest.mark.proves(
    "sora.remix-source-names",
    "wan.duration.forwarded",
    "wan.seed",
    "veo.snake-case.lost",
    "veo.snake-case.metadata",
    "veo.snake-case.both",
    "veo.snake-case.alone",
)
@pytest.mark.parametrize("coercion", GATEWAY, ids=named)
def test_the_gateway_reads_a_value_as_its_source_does(
    coercion: tuple[str, dict[str, Any], str, object, str],
) -> None:
    model_id, body, name, used, outcome = coercion
    family = catalogue().in_dialect("gateway").family_of_model[model_id]
    usage = read_request(family, family.model(model_id), {"prompt": "A cat", **body})
    found = [(reading.used, reading.outcome) for reading in usage.readings if reading.parameter.name == name]
    assert found == ([] if outcome == "absent" else [(used, outcome)])
    assert usage.values.get(name) == used


@pytest.mark.proves("veo.billed-seconds")
@pytest.mark.parametrize(("seconds", "billed"), [(4, 4), (6, 6), (8, 8), (12, 4)])
def test_the_gateway_bills_twelve_seconds_of_veo_as_four(seconds: int, billed: int) -> None:
    """Its filter for billing keeps 6 and 8 and turns everything else into 4 (SRC)."""
    family = catalogue().in_dialect("gateway").family("veo")
    model = family.model(VEO)
    values = read_request(family, model, {"prompt": "A cat", "durationSeconds": seconds}).values
    assert film_facts(family, model, values).duration_s == seconds
    assert price_usd(family, model, values) == billed * model.price.usd["false"]


@pytest.mark.proves("sora.size.multipart", "sora.pro.multipart-sizes")
@pytest.mark.parametrize(
    ("model_id", "size", "used"),
    [
        (SORA, "1280x720", "1280x720"),
        (SORA, "1792x1024", None),
        (SORA, "1x1", None),
        ("sora-2-pro", "1792x1024", "1792x1024"),
        ("sora-2-pro", "1024x1792", "1024x1792"),
        ("sora-2-pro", "720x1280", "720x1280"),
        ("sora-2-pro", "1x1", None),
    ],
)
def test_a_form_refuses_a_size_that_json_would_coerce(model_id: str, size: str, used: str | None) -> None:
    family = catalogue().in_dialect("gateway").family_of_model[model_id]
    usage = read_request(family, family.model(model_id), {"prompt": "A cat", "size": size}, form=True)
    assert usage.values.get("size") == used
    assert [reading.problem for reading in usage.with_outcome("rejected")] == ["invalid-size"] * (not used)
