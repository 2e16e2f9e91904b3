"""The documented coercions as a table, and what else a request is read for."""

from typing import Any

import pytest

from nebula_schemas.catalogue import catalogue, prompt_in, read_request
from nebula_schemas.catalogue.request import Usage

SORA = "sora-2"
VEO = "veo-3.1-generate-preview"
VEO_3_0 = "veo-3.0-generate-preview"
VEO_FAST = "veo-3.1-fast-generate-preview"
T2V, I2V = "wan2.5-t2v-preview", "wan2.5-i2v-preview"
LITE, PRO = "doubao-seedance-1-0-lite-t2v-250428", "doubao-seedance-1-0-pro-250528"
LOUD = "doubao-seedance-1-5-pro-251215"
SOUND, HOOK = "https://media.example.com/rain.mp3", "https://hooks.example.com/nebula"
TEXT = {"content": [{"type": "text", "text": "A cat"}]}
LARGE_IMAGE = "data:image/png;base64," + "A" * 6_700_000
PICTURE = "https://images.example.com/cat.png"


def read(model_id: str, body: dict[str, Any]) -> Usage:
    """The body as the provider reads it for that model."""
    family = catalogue().family_of_model[model_id]
    return read_request(family, family.model(model_id), body)


def text(words: str) -> dict[str, Any]:
    """A Seedance body with that text."""
    return {"metadata": {"content": [{"type": "text", "text": words}]}}


# Model, body, parameter, value in effect, fate: family by family, as the documents and the server source have it.
COERCIONS: list[tuple[str, dict[str, Any], str, object, str]] = [
    (SORA, {}, "seconds", 4, "defaulted"),
    (SORA, {"seconds": 7}, "seconds", 4, "coerced"),
    (SORA, {"seconds": "7"}, "seconds", 4, "coerced"),
    (SORA, {"seconds": "8"}, "seconds", 8, "accepted"),
    (SORA, {"seconds": 12}, "seconds", 12, "accepted"),
    (SORA, {"seconds": 12.0}, "seconds", 12, "accepted"),
    (SORA, {"seconds": "08"}, "seconds", 4, "coerced"),
    (SORA, {"seconds": "+8"}, "seconds", 4, "coerced"),
    (SORA, {"seconds": "8.0"}, "seconds", 4, "coerced"),
    (SORA, {"duration": 8}, "seconds", 8, "accepted"),
    (SORA, {"width": 1280.0, "height": 720.0}, "size", "1280x720", "accepted"),
    (SORA, {"seconds": 7.6}, "seconds", 8, "coerced"),
    (SORA, {"seconds": "twelve"}, "seconds", 4, "coerced"),
    (SORA, {"seconds": True}, "seconds", 4, "coerced"),
    (SORA, {"seconds": [8]}, "seconds", 4, "coerced"),
    (SORA, {"n_seconds": 8}, "seconds", 8, "accepted"),
    (SORA, {"seconds": "", "n_seconds": "12"}, "seconds", 12, "accepted"),
    (SORA, {"seconds": None, "n_seconds": "12"}, "seconds", 12, "accepted"),
    (SORA, {"seconds": 8, "n_seconds": 12}, "seconds", 8, "accepted"),
    (SORA, {"seconds": 7, "n_seconds": 12}, "seconds", 4, "coerced"),
    (SORA, {}, "size", "720x1280", "defaulted"),
    (SORA, {"size": "1280x720"}, "size", "1280x720", "accepted"),
    (SORA, {"size": "1x1"}, "size", "720x1280", "coerced"),
    (SORA, {"width": 1280, "height": 720}, "size", "1280x720", "accepted"),
    (SORA, {"size": "", "width": 1280, "height": 720}, "size", "1280x720", "accepted"),
    (SORA, {"size": 5, "width": 1280, "height": 720}, "size", "1280x720", "accepted"),
    (SORA, {"size": "1x1", "width": 1280, "height": 720}, "size", "720x1280", "coerced"),
    (SORA, {"width": 1, "height": 1}, "size", "720x1280", "coerced"),
    (SORA, {"width": 1280}, "size", "720x1280", "defaulted"),
    (SORA, {"width": "1280", "height": "720"}, "size", "720x1280", "defaulted"),
    (SORA, {"input_reference": PICTURE}, "input_reference", PICTURE, "accepted"),
    (SORA, {"input_reference": "A" * 16}, "input_reference", "A" * 16, "accepted"),
    (SORA, {"input_reference": "a cat"}, "input_reference", None, "ignored"),
    (SORA, {"input_reference": 5}, "input_reference", None, "ignored"),
    (SORA, {"remix_from_video_id": "video_1"}, "remix_from_video_id", "video_1", "accepted"),
    (SORA, {"remix_from_video_id": "task_1"}, "remix_from_video_id", None, "ignored"),
    (VEO, {}, "durationSeconds", 4, "defaulted"),
    (VEO, {"durationSeconds": 6}, "durationSeconds", 6, "accepted"),
    (VEO, {"durationSeconds": "6"}, "durationSeconds", 6, "accepted"),
    (VEO, {"duration_seconds": 8}, "durationSeconds", 8, "accepted"),
    (VEO, {"durationSeconds": 5}, "durationSeconds", 4, "coerced"),
    (VEO, {"duration": 8}, "durationSeconds", 8, "accepted"),
    (VEO, {"durationSeconds": 12}, "durationSeconds", 4, "coerced"),
    (VEO, {"metadata": {"durationSeconds": 6}}, "durationSeconds", 6, "accepted"),
    (VEO, {"metadata": {"duration_seconds": 6}, "fps": 30}, "durationSeconds", 6, "accepted"),
    (VEO, {"metadata": {"durationSeconds": 6}, "durationSeconds": 8}, "durationSeconds", 8, "accepted"),
    (VEO, {"metadata": "durationSeconds"}, "durationSeconds", 4, "defaulted"),
    (VEO, {}, "aspectRatio", "16:9", "defaulted"),
    (VEO, {"aspectRatio": "9/16"}, "aspectRatio", "9:16", "accepted"),
    (VEO, {"aspectRatio": "9-16"}, "aspectRatio", "9:16", "accepted"),
    (VEO, {"aspect_ratio": "9:16"}, "aspectRatio", "9:16", "accepted"),
    (VEO, {"aspectRatio": "1:1"}, "aspectRatio", "16:9", "coerced"),
    (VEO, {}, "resolution", "1080p", "defaulted"),
    (VEO, {"resolution": "4k"}, "resolution", "1080p", "coerced"),
    (VEO, {"resolution": "HD720"}, "resolution", "720p", "coerced"),
    (VEO, {}, "fps", 24, "defaulted"),
    (VEO, {"fps": 60}, "fps", 60, "accepted"),
    (VEO, {"fps": "30"}, "fps", 30, "accepted"),
    (VEO, {"fps": 0}, "fps", 24, "coerced"),
    (VEO, {"fps": -1}, "fps", 24, "coerced"),
    (VEO, {}, "sampleCount", 1, "defaulted"),
    (VEO, {"sample_count": 2}, "sampleCount", 2, "accepted"),
    (VEO, {"sampleCount": 9}, "sampleCount", 4, "coerced"),
    (VEO, {"sampleCount": 0}, "sampleCount", 1, "coerced"),
    (VEO, {"generateAudio": "yes"}, "generateAudio", True, "accepted"),
    (VEO, {"generateAudio": "TRUE"}, "generateAudio", True, "accepted"),
    (VEO, {"generateAudio": 1}, "generateAudio", True, "accepted"),
    (VEO, {"generate_audio": "no"}, "generateAudio", False, "accepted"),
    (VEO, {"generateAudio": "perhaps"}, "generateAudio", False, "coerced"),
    (VEO, {"generateAudio": 2}, "generateAudio", False, "coerced"),
    (VEO_FAST, {}, "generateAudio", True, "defaulted"),
    (VEO_FAST, {"generateAudio": False}, "generateAudio", True, "ignored"),
    (VEO, {"addWatermark": "1"}, "addWatermark", True, "accepted"),
    (VEO, {"personGeneration": "nobody"}, "personGeneration", "allow_all", "coerced"),
    (VEO, {"person_generation": "dont_allow"}, "personGeneration", "dont_allow", "accepted"),
    (VEO, {"seed": "42"}, "seed", 42, "accepted"),
    (VEO, {"seed": 0}, "seed", None, "ignored"),
    (VEO, {"seed": -5}, "seed", None, "ignored"),
    (VEO, {"last_frame": PICTURE}, "lastFrame", PICTURE, "accepted"),
    (VEO_3_0, {"lastFrame": PICTURE}, "lastFrame", None, "ignored"),
    (T2V, {}, "duration", 5, "defaulted"),
    (T2V, {"duration": 10}, "duration", 10, "accepted"),
    (T2V, {"duration": 7}, "duration", 5, "coerced"),
    (T2V, {"duration": 0}, "duration", 5, "coerced"),
    (T2V, {"duration": "5"}, "duration", None, "rejected"),
    (T2V, {"generate_audio": True}, "generate_audio", True, "accepted"),
    (T2V, {"generate_audio": True, "audio_url": SOUND}, "generate_audio", False, "ignored"),
    (T2V, {"audio_url": SOUND}, "audio_url", SOUND, "accepted"),
    (T2V, {"duration": 8.0}, "duration", None, "rejected"),
    (T2V, {"duration": True}, "duration", None, "rejected"),
    (T2V, {"seed": "1"}, "seed", None, "rejected"),
    (T2V, {"seed": 2**31}, "seed", None, "ignored"),
    (T2V, {"smart_rewrite": "true"}, "smart_rewrite", None, "rejected"),
    (T2V, {}, "size", "1280*720", "defaulted"),
    (T2V, {"size": "480*832"}, "size", "480*832", "accepted"),
    (T2V, {"size": "1280x720"}, "size", "1280*720", "coerced"),
    (T2V, {"resolution": "480p"}, "size", "832*480", "accepted"),
    (T2V, {"resolution": "1080P"}, "size", "1920*1080", "accepted"),
    (T2V, {"resolution": "4k"}, "size", "1280*720", "coerced"),
    (T2V, {"size": "480*832", "resolution": "1080p"}, "size", "480*832", "accepted"),
    (T2V, {"resolution": "480p"}, "resolution", None, "ignored"),
    (I2V, {}, "resolution", "720p", "defaulted"),
    (I2V, {"resolution": "720P"}, "resolution", "720p", "accepted"),
    (I2V, {"resolution": "1080P"}, "resolution", "1080p", "accepted"),
    (I2V, {"resolution": "4k"}, "resolution", "720p", "coerced"),
    (I2V, {"size": "832*480"}, "size", None, "ignored"),
    (I2V, {"image": 5}, "image", None, "rejected"),
    (I2V, {"image": "a cat"}, "image", None, "rejected"),
    (I2V, {"image": "oss://bucket/cat.png"}, "image", "oss://bucket/cat.png", "accepted"),
    (I2V, {"image": LARGE_IMAGE}, "image", None, "rejected"),
    (I2V, {"images": [PICTURE, "a cat"]}, "images", [PICTURE, "a cat"], "accepted"),
    (I2V, {"images": [PICTURE, 5]}, "images", None, "rejected"),
    (I2V, {"images": ["a cat"]}, "images", None, "rejected"),
    (I2V, {"images": [LARGE_IMAGE]}, "images", None, "rejected"),
    (I2V, {"size": 5}, "size", None, "rejected"),
    (T2V, {"resolution": 5}, "resolution", None, "rejected"),
    (T2V, {"resolution": "4k", "size": "1x1"}, "resolution", None, "ignored"),
    (T2V, {"generate_audio": "yes", "audio_url": SOUND}, "generate_audio", None, "rejected"),
    (I2V, {"images": [" "]}, "images", None, "ignored"),
    (I2V, {"images": []}, "images", None, "ignored"),
    (I2V, {"images": PICTURE}, "images", None, "rejected"),
    (LITE, text("A cat"), "duration", 5, "defaulted"),
    (LITE, {"duration": 10, **text("A cat")}, "duration", 10, "accepted"),
    (LITE, {"duration": 10.0, **text("A cat")}, "duration", 10, "accepted"),
    (LITE, {"duration": 10, **text("A cat --dur 5")}, "duration", 5, "accepted"),
    (LITE, {"resolution": "480p", **text("A cat")}, "resolution", "480p", "accepted"),
    (LITE, {"aspect_ratio": "9:16", **text("A cat")}, "ratio", "9:16", "accepted"),
    (LOUD, text("A cat"), "return_last_frame", True, "defaulted"),
    (LOUD, {"metadata": {**TEXT, "return_last_frame": False}}, "return_last_frame", False, "accepted"),
    (LITE, {"metadata": {**TEXT, "return_last_frame": True}}, "return_last_frame", None, "ignored"),
    (LITE, {"metadata": {**TEXT, "callback_url": HOOK}}, "callback_url", HOOK, "accepted"),
    (LITE, {"metadata": {**TEXT, "callback_url": 5}}, "callback_url", None, "ignored"),
    (LITE, text("A cat --dur 10"), "duration", 10, "accepted"),
    (LITE, text("A cat --duration 10"), "duration", 10, "accepted"),
    (LITE, text("A cat --dur 7"), "duration", 5, "coerced"),
    (LITE, text("A cat --rs 480p"), "resolution", "480p", "accepted"),
    (LITE, text("A cat --resolution 1080P"), "resolution", "1080p", "accepted"),
    (LITE, text("A cat --rs 4k"), "resolution", "720p", "coerced"),
    (PRO, text("A cat"), "resolution", "1080p", "defaulted"),
    (LITE, text("A cat --ratio 9:16"), "ratio", "9:16", "accepted"),
    (LITE, text("A cat --rt 9:16"), "ratio", "9:16", "accepted"),
    (LITE, text("A cat --ratio adaptive"), "ratio", "adaptive", "accepted"),
    (LITE, text("A cat --ratio 5:4"), "ratio", "16:9", "coerced"),
    (LITE, text("A cat --fps 30"), "fps", 30, "accepted"),
    (LITE, text("A cat --framespersecond 30"), "fps", 30, "accepted"),
    (LITE, text("A cat --seed 7"), "seed", 7, "accepted"),
    (LITE, text("A cat --wm true"), "watermark", True, "accepted"),
    (LITE, text("A cat --watermark true"), "watermark", True, "accepted"),
    (LITE, text("A cat --cf true"), "camerafixed", True, "accepted"),
    (LITE, text("A cat --camerafixed true"), "camerafixed", True, "accepted"),
    (VEO, {"aspectRatio": "16/9"}, "aspectRatio", "16:9", "accepted"),
    (VEO, {"aspectRatio": "16-9"}, "aspectRatio", "16:9", "accepted"),
    (VEO, {}, "generateAudio", False, "defaulted"),
    *[(VEO, {"generateAudio": word}, "generateAudio", True, "accepted") for word in ("true", "1", "yes", 1)],
    *[(VEO, {"generateAudio": word}, "generateAudio", False, "accepted") for word in ("false", "0", "no", 0)],
    (VEO, {}, "addWatermark", False, "defaulted"),
    (VEO, {"add_watermark": True}, "addWatermark", True, "accepted"),
    (VEO, {}, "personGeneration", "allow_all", "defaulted"),
    (VEO, {"personGeneration": "allow_adult"}, "personGeneration", "allow_adult", "accepted"),
    (T2V, {}, "smart_rewrite", False, "defaulted"),
    (T2V, {"smart_rewrite": True}, "smart_rewrite", True, "accepted"),
    (T2V, {"seed": 0}, "seed", 0, "accepted"),
    (T2V, {"seed": 2**31 - 1}, "seed", 2**31 - 1, "accepted"),
    (I2V, {}, "duration", 5, "defaulted"),
]


def named(coercion: tuple[str, dict[str, Any], str, object, str]) -> str:
    """A short name of a row; bodies hold megabytes."""
    model_id, body, name, _, outcome = coercion
    return f"{model_id}-{str(body)[:40]}-{name}-{outcome}"


@pytest.mark.proves(
    "sora.seconds",
    "sora.n-seconds",
    "sora.size",
    "sora.width-height",
    "sora.input-reference",
    "sora.remix-documented-name",
    "sora.seconds.coercion",
    "sora.size.coercion",
    "sora.size.empty",
    "sora.width-height.coercion",
    "sora.size.default",
    "sora.image.unreadable",
    "sora.image.no-text",
    "sora.remix.no-prefix",
    "veo.duration",
    "veo.aspect-ratio",
    "veo.resolution",
    "veo.fps",
    "veo.sample-count",
    "veo.last-frame",
    "veo.audio",
    "veo.person",
    "veo.watermark",
    "veo.seed",
    "veo.metadata",
    "veo.duration.coercion",
    "veo.aspect-ratio.coercion",
    "veo.resolution.coercion",
    "veo.fps.coercion",
    "veo.sample-count.coercion",
    "veo.person.coercion",
    "veo.booleans",
    "veo.numbers-in-text",
    "veo.fast-audio",
    "veo.snake-case.documented",
    "wan.images",
    "wan.duration",
    "wan.resolution",
    "wan.size",
    "wan.smart-rewrite",
    "wan.seed",
    "wan.generate-audio",
    "wan.audio-url",
    "wan.duration.coercion",
    "wan.size.from-resolution",
    "wan.strict-types",
    "seedance.callback-url",
    "seedance.return-last-frame",
    "seedance.inline.resolution",
    "seedance.inline.ratio",
    "seedance.inline.duration",
    "seedance.inline.fps",
    "seedance.inline.seed",
    "seedance.inline.watermark",
    "seedance.inline.camera-fixed",
)
@pytest.mark.parametrize("coercion", COERCIONS, ids=named)
def test_the_provider_reads_a_value_as_its_documents_say(
    coercion: tuple[str, dict[str, Any], str, object, str],
) -> None:
    model_id, body, name, used, outcome = coercion
    usage = read(model_id, {"prompt": "A cat", **body})
    found = [(reading.used, reading.outcome) for reading in usage.readings if reading.parameter.name == name]
    assert found == [(used, outcome)]
    assert usage.values.get(name) == used


def test_a_width_of_thousands_of_digits_is_coerced_too() -> None:
    assert read(SORA, {"width": 10**5000, "height": 720}).values["size"] == "720x1280"


def test_a_fixed_value_asked_for_is_accepted() -> None:
    (reading,) = [
        reading
        for reading in read(VEO_FAST, {"generateAudio": True}).readings
        if reading.parameter.name == "generateAudio"
    ]
    assert (reading.given, reading.used, reading.outcome) == (True, True, "accepted")


@pytest.mark.proves("sora.remix.prompt-only")
def test_a_remix_ignores_every_other_field() -> None:
    usage = read(SORA, {"remix_from_video_id": "video_1", "seconds": 12, "size": "1280x720"})
    assert [reading.parameter.name for reading in usage.with_outcome("ignored")] == ["seconds", "size"]
    assert usage.values == {"seconds": 4, "size": "720x1280", "remix_from_video_id": "video_1"}


def test_readings_can_be_asked_for_by_fate() -> None:
    usage = read(SORA, {"seconds": 7, "size": "1280x720", "user": 5})
    fates = {
        outcome: [reading.parameter.name for reading in usage.with_outcome(outcome)]
        for outcome in ("accepted", "coerced", "ignored", "rejected", "defaulted")
    }
    assert fates == {
        "accepted": ["size"], "coerced": ["seconds"], "ignored": ["user"], "rejected": [], "defaulted": []
    }  # fmt: skip


WORD = {"type": "text"}


@pytest.mark.proves("generic.prompt", "seedance.content.text")
@pytest.mark.parametrize(
    ("model_id", "body", "prompt"),
    [
        (SORA, {"prompt": "A cat"}, "A cat"),
        (SORA, {"prompt": " \n"}, None),
        (SORA, {"prompt": "\u3000\x85"}, None),
        (SORA, {"prompt": "\x1c"}, "\x1c"),  # no white space to the provider, though Python strips it
        (SORA, {"prompt": 5}, None),
        (SORA, {}, None),
        (LITE, text("A cat"), "A cat"),
        (LITE, {"prompt": "A cat"}, None),
        (
            LITE,
            {"metadata": {"content": [WORD | {"text": "A"}, WORD | {"text": 5}, WORD | {"text": "cat"}]}},
            "A\ncat",
        ),
        (LITE, {"metadata": {"content": [{"text": "A cat"}, {"type": "video", "text": "A cat"}]}}, None),
        (LITE, {"metadata": {"content": "A cat"}}, None),
        (LITE, {"metadata": []}, None),
    ],
)
def test_the_prompt_is_where_the_family_has_it(
    model_id: str, body: dict[str, Any], prompt: str | None
) -> None:
    assert prompt_in(catalogue().family_of_model[model_id], body) == prompt
