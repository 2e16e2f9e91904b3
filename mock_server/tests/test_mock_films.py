"""Promises of the result: what the metadata echoes is what a decoder finds in the file."""

import base64
import io
from dataclasses import dataclass
from typing import Any

import av
import pytest
from flask.testing import FlaskClient

from nebula_mock import ManualClock, Settings, create_app

KEY = {"Authorization": "Bearer sk-test"}
GENERATIONS = "/v1/video/generations"
STRICT = {"err_detect": "explode"}  # the decoder raises where it would conceal


@dataclass(frozen=True, slots=True)
class Film:
    """What a decoder finds."""

    width: int
    height: int
    duration_s: float
    fps: int


def decoded(video: bytes) -> Film:
    """Every frame decoded, none damaged, all of one size and evenly spaced."""
    with av.open(io.BytesIO(video), "r", options=STRICT) as container:
        (stream,) = container.streams.video
        stream.codec_context.options = STRICT
        frames = list(container.decode(stream))
        assert stream.average_rate is not None
        assert stream.duration is not None
        assert stream.time_base is not None
        duration_s = float(stream.duration * stream.time_base)
    ((width, height),) = {(frame.width, frame.height) for frame in frames}
    assert len(frames) == duration_s * stream.average_rate
    return Film(width, height, duration_s, int(stream.average_rate))


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider without a socket, whose tasks succeed when its clock advances."""

    client: FlaskClient
    clock: ManualClock

    def succeeded(self, body: dict[str, Any]) -> dict[str, Any]:
        """The query answer of a new task, once it succeeded."""
        task_id = self.client.post(GENERATIONS, json=body, headers=KEY).get_json()["task_id"]
        self.clock.advance(10)
        answer: dict[str, Any] = self.client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
        return answer

    def video(self, answer: dict[str, Any]) -> bytes:
        """The video of a succeeded task, by whichever way its family delivers it."""
        if "url" in answer:
            whole: bytes = self.client.get(answer["url"].removeprefix("http://localhost")).data
            return whole
        path = f"{GENERATIONS}/download?id={answer['task_id']}"
        body = self.client.get(path, headers=KEY).get_json()
        video = base64.b64decode(body["base64"])
        assert len(video) == body["size"]
        return video


def opened(**settings: Any) -> Opened:
    """A new provider."""
    clock = ManualClock(1_763_812_800.0)
    provider = Settings(seed=1, **settings).provider(clock)
    return Opened(create_app(provider=provider).test_client(), clock)


def sora(metadata: dict[str, Any]) -> Film:
    """Sora echoes text; its rate is 30 and is not echoed."""
    width, height = metadata["size"].split("x")
    return Film(int(width), int(height), float(metadata["seconds"]), 30)


def veo(metadata: dict[str, Any]) -> Film:
    """Veo echoes the line count and the ratio."""
    lines = int(metadata["resolution"].removesuffix("p"))
    wide = {"16:9": (lines * 16 // 9, lines), "9:16": (lines, lines * 16 // 9)}[metadata["aspectRatio"]]
    return Film(*wide, metadata["durationSeconds"], metadata["fps"])


def wan(metadata: dict[str, Any]) -> Film:
    """Wan echoes in ``usage``; i2v by resolution, t2v by size; its rate is 24 and is not echoed."""
    usage = metadata["usage"]
    by_resolution = {"480p": "832*480", "720p": "1280*720", "1080p": "1920*1080"}
    width, height = usage.get("size", by_resolution[usage["resolution"]]).split("*")
    return Film(int(width), int(height), usage["duration"], 24)


def seedance(metadata: dict[str, Any]) -> Film:
    """Seedance echoes the ratio; the table of its pages gives the pixels."""
    pixels = {
        ("480p", "1:1"): (640, 640),
        ("480p", "9:16"): (480, 864),
        ("480p", "adaptive"): (864, 496),
        ("720p", "21:9"): (1470, 630),
        ("1080p", "16:9"): (1920, 1088),
    }[metadata["resolution"], metadata["ratio"]]
    return Film(*pixels, metadata["duration"], metadata["framespersecond"])


def text(options: str) -> dict[str, Any]:
    """A Seedance body with options inside the prompt."""
    return {"metadata": {"content": [{"type": "text", "text": f"A cat {options}"}]}}


# One odd request a model, and what the documents make of it.
CASES = [
    ("sora-2", {"seconds": 7, "width": 1280, "height": 720}, sora, Film(1280, 720, 4, 30)),
    ("sora-2", {"n_seconds": "8", "size": "640x480"}, sora, Film(720, 1280, 8, 30)),
    ("veo-3.0-fast-generate-001", {"durationSeconds": 5, "fps": "12"}, veo, Film(1920, 1080, 4, 12)),
    ("veo-3.1-fast-generate-preview", {"aspectRatio": "9-16", "fps": 1}, veo, Film(1080, 1920, 4, 1)),
    ("veo-3.0-generate-001", {"resolution": "x720", "fps": 241}, veo, Film(1280, 720, 4, 24)),
    (
        "veo-3.0-generate-preview",
        {"resolution": "720P", "duration_seconds": "6", "fps": 7},
        veo,
        Film(1280, 720, 6, 7),
    ),
    (
        "veo-3.1-generate-preview",
        {"resolution": "720", "aspect_ratio": "9/16", "fps": 0},
        veo,
        Film(720, 1280, 4, 24),
    ),
    ("wan2.5-t2v-preview", {"size": "624*624", "duration": 6}, wan, Film(624, 624, 5, 24)),
    (
        "wan2.5-i2v-preview",
        {"image": "oss://a/cat", "resolution": "480P", "duration": 10},
        wan,
        Film(832, 480, 10, 24),
    ),
    (
        "doubao-seedance-1-0-lite-t2v-250428",
        text("--rs 480P --rt 1:1 --dur 7"),
        seedance,
        Film(640, 640, 5, 24),
    ),
    (
        "doubao-seedance-1-0-lite-i2v-250428",
        text("--rs 480p --ratio 9:16 --fps 30"),
        seedance,
        Film(480, 864, 5, 30),
    ),
    ("doubao-seedance-1-0-pro-250528", text("--ratio 2:1 --fps 25"), seedance, Film(1920, 1088, 5, 24)),
    ("doubao-seedance-1-5-pro-251215", text("--ratio 21:9 --rs 4k"), seedance, Film(1470, 630, 5, 24)),
    (
        "doubao-seedance-1-5-pro-251215-noAudio",
        text("--ratio adaptive --rs 480p --duration 10"),
        seedance,
        Film(864, 496, 10, 24),
    ),
]


@pytest.mark.parametrize(("model", "odd", "echoed", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_echo_is_the_decoded_truth(model: str, odd: dict[str, Any], echoed: Any, expected: Film) -> None:
    mock = opened()
    answer = mock.succeeded({"model": model, "prompt": "A cat", **odd})
    assert echoed(answer["metadata"]) == decoded(mock.video(answer)) == expected


def test_every_model_has_its_case() -> None:
    provider = Settings().provider()
    assert {case[0] for case in CASES} == set(provider.catalogue.family_of_model)


SMALL = {"model": "wan2.5-t2v-preview", "prompt": "A cat"}
SORA = {"model": "sora-2", "prompt": "A cat"}


@pytest.mark.parametrize("size_bytes", [200_000, 1_048_576, 3_000_001])
@pytest.mark.parametrize(
    ("body", "film"),
    [(SMALL, Film(1280, 720, 5, 24)), (SORA, Film(720, 1280, 4, 30))],
    ids=["url", "download"],
)
def test_a_size_that_is_asked_for_is_met_to_the_byte(
    body: dict[str, Any], film: Film, size_bytes: int
) -> None:
    mock = opened(video_size_bytes=size_bytes)
    video = mock.video(mock.succeeded(body))
    assert (len(video), decoded(video)) == (size_bytes, film)


def test_a_size_too_small_for_the_frames_gives_the_natural_one() -> None:
    mock, natural = opened(video_size_bytes=1), opened()
    assert mock.video(mock.succeeded(SMALL)) == natural.video(natural.succeeded(SMALL))


def test_each_of_four_samples_plays() -> None:
    mock = opened()
    body = {"model": "veo-3.0-generate-001", "prompt": "A cat", "resolution": "720p", "fps": 1}
    answer = mock.succeeded({**body, "sample_count": 4})
    videos = [mock.video({"url": url}) for url in answer["url"]]
    assert [decoded(video) for video in videos] == [Film(1280, 720, 4, 1)] * 4
