"""Whatever bad value a field is given, the documented one is in the echo and in the video itself."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

import av
import av.container
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asking import LEAST, PICTURE, Consumer
from decoding import decoded
from nebula_schemas.catalogue import Dialect

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
brief = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True, slots=True)
class Made:
    """What a player sees of a video."""

    width: int
    height: int
    fps: int
    duration_s: int


def made(video: bytes) -> Made:
    """What the container tells."""
    with av.open(io.BytesIO(video)) as container:
        assert isinstance(container, av.container.InputContainer)
        stream = container.streams.video[0]
        assert stream.average_rate is not None
        assert stream.duration is not None
        assert stream.time_base is not None
        seconds = stream.duration * stream.time_base
        assert stream.average_rate.denominator == seconds.denominator == 1
        return Made(stream.width, stream.height, int(stream.average_rate), int(seconds))


words = st.text(max_size=6) | st.sampled_from(["4k", "8K", "1x1", "2160p", "5:4", "x"])
numbers = st.integers(-100, 10**6) | st.floats(-10, 1e6, allow_nan=False)
lines = st.sampled_from(["2k", "4k", "8K", "1081p", "uhd", "tall"])
bare = st.from_regex("[a-z0-9:]{1,8}", fullmatch=True)


def inline(option: str) -> Callable[[Any], dict[str, Any]]:
    """A Seedance submit with that option in its text."""

    def body(value: Any) -> dict[str, Any]:
        text = {"type": "text", "text": f"A cat --{option} {value}"}
        return {"model": "doubao-seedance-1-0-lite-t2v-250428", "metadata": {"content": [text]}}

    return body


def field(family: str, name: str, **more: Any) -> Callable[[Any], dict[str, Any]]:
    """A submit of a family with that field."""
    return lambda value: {**LEAST[family], **more, name: value}


def either(*names: str) -> Callable[[dict[str, Any]], Any]:
    """The first of those members of the metadata, or of Wan's usage, as a text."""
    return lambda metadata: next(
        str(place[name]) for place in (metadata, metadata.get("usage", {})) for name in names if name in place
    )


I2V = {"model": "wan2.5-i2v-preview", "image": PICTURE}
SORA, SORA_WIDE = Made(720, 1280, 30, 4), Made(1280, 720, 30, 4)
VEO, WAN, SEEDANCE = Made(1920, 1080, 24, 4), Made(1280, 720, 24, 5), Made(1248, 704, 24, 5)


@dataclass(frozen=True, slots=True)
class Coerced:
    """A field, bad values of it, and what they become.

    Attributes:
        body: A value to a submit.
        bad: Bad values.
        echo: Where the value in use is echoed.
        used: What is echoed, by any of these spellings.
        video: What the video is.
        dialects: Where the rule holds.
    """

    body: Callable[[Any], dict[str, Any]]
    bad: st.SearchStrategy[Any]
    echo: Callable[[dict[str, Any]], Any]
    used: tuple[str, ...]
    video: Made
    dialects: tuple[Dialect, ...] = DIALECTS


SECONDS, SIZES = {"4", "8", "12"}, {"720x1280", "1280x720", ""}
FIELDS = {
    "sora.seconds": Coerced(
        field("sora", "seconds"),
        (words | numbers).filter(lambda value: not isinstance(value, float) and str(value).lstrip("+0") not in SECONDS | {""}),
        either("seconds"), ("4",), SORA,
    ),
    "sora.size": Coerced(
        field("sora", "size", width=1280, height=720), words.filter(lambda value: value not in SIZES),
        either("size"), ("720x1280",), SORA,
    ),
    "sora.size.no-text": Coerced(
        field("sora", "size", width=1280, height=720), st.integers() | st.booleans() | st.just(""),
        either("size"), ("1280x720",), SORA_WIDE,
    ),
    "sora.width": Coerced(
        field("sora", "width", height=720), st.integers(-10, 10**5).filter(lambda value: value != 1280),
        either("size"), ("720x1280",), SORA,
    ),
    "veo.durationSeconds": Coerced(
        field("veo", "durationSeconds"), st.integers(-10, 10**5).filter(lambda value: value not in (4, 6, 8, 12)) | lines,
        either("durationSeconds"), ("4",), VEO,
    ),
    "veo.aspectRatio": Coerced(
        field("veo", "aspectRatio"), words.filter(lambda value: value not in ("9:16", "9/16", "9-16")),
        either("aspectRatio"), ("16:9",), VEO,
    ),
    "veo.resolution": Coerced(
        field("veo", "resolution"), words.filter(lambda value: "720" not in value),
        either("resolution"), ("1080p",), VEO,
    ),
    "veo.resolution.720": Coerced(
        field("veo", "resolution"), words.map(lambda value: f"{value}720{value}"),
        either("resolution"), ("720p",), Made(1280, 720, 24, 4),
    ),
    "veo.fps": Coerced(field("veo", "fps"), st.integers(max_value=0) | lines, either("fps"), ("24",), VEO),
    "veo.sampleCount.low": Coerced(
        field("veo", "sampleCount"), st.integers(max_value=0) | lines, either("sampleCount"), ("1",), VEO
    ),
    "veo.sampleCount.high": Coerced(
        field("veo", "sampleCount"), st.integers(min_value=5), either("sampleCount"), ("4",), VEO
    ),
    "veo.generateAudio": Coerced(
        field("veo", "generateAudio"), lines | st.integers(2, 9), either("generateAudio"), ("False",), VEO
    ),
    "wan.duration": Coerced(
        field("wan", "duration"), st.integers(-10, 10**5).filter(lambda value: value not in (5, 10)),
        either("duration"), ("5",), WAN, ("documented",),
    ),
    "wan.duration.none": Coerced(
        field("wan", "duration"), st.just(0), either("duration", "video_duration"), ("5",), WAN
    ),
    "wan.resolution": Coerced(
        field("wan", "resolution", **I2V), words.filter(lambda value: value.lower() not in ("480p", "1080p")),
        either("resolution", "SR"), ("720p", "720"), WAN,
    ),
    "wan.size": Coerced(
        field("wan", "size"), words, either("size", "video_ratio"), ("1280*720",), WAN
    ),
    "wan.size.from-resolution": Coerced(
        field("wan", "resolution"), lines, either("size", "video_ratio"), ("1280*720",), WAN
    ),
    "seedance.resolution": Coerced(inline("rs"), lines | bare.filter(lambda value: value not in ("480p", "1080p")), either("resolution"), ("720p",), SEEDANCE),
    "seedance.ratio": Coerced(inline("ratio"), lines | st.sampled_from(["5:4", "2:1", "16/9"]), either("ratio"), ("16:9",), SEEDANCE),
    "seedance.duration": Coerced(inline("dur"), st.integers(-9, 999).filter(lambda value: value != 10) | lines, either("duration"), ("5",), SEEDANCE),
    "seedance.fps": Coerced(inline("fps"), st.integers(-9, 999).filter(lambda value: value != 30) | lines, either("framespersecond"), ("24",), SEEDANCE),
}  # fmt: skip
CASES = [(name, dialect) for name, coerced in FIELDS.items() for dialect in coerced.dialects]


@pytest.mark.proves(
    "sora.seconds.coercion",
    "sora.size.coercion",
    "sora.size.empty",
    "sora.width-height.coercion",
    "veo.duration.coercion",
    "veo.aspect-ratio.coercion",
    "veo.resolution.coercion",
    "veo.fps.coercion",
    "veo.sample-count.coercion",
    "veo.booleans",
    "wan.duration.coercion",
    "wan.resolution",
    "wan.size",
    "wan.size.from-resolution",
    "seedance.inline.resolution",
    "seedance.inline.ratio",
    "seedance.inline.duration",
    "seedance.inline.fps",
)
@pytest.mark.parametrize(("name", "dialect"), CASES, ids=lambda value: value)
def test_a_bad_value_lands_on_the_documented_one_in_the_echo_and_in_the_video(
    name: str, dialect: Dialect
) -> None:
    coerced = FIELDS[name]
    asked = Consumer(dialect)

    @brief
    @given(coerced.bad)
    def check(value: Any) -> None:
        answer = asked.ended(coerced.body(value))
        assert coerced.echo(answer["metadata"]) in coerced.used
        assert {made(video) for video in asked.videos(answer)} == {coerced.video}

    check()


@pytest.mark.proves("wan.duration.forwarded")
@pytest.mark.parametrize("seconds", [1, 7, 60])
def test_the_gateway_makes_wan_as_long_as_its_upstream_was_told(seconds: int) -> None:
    asked = Consumer("gateway")
    answer = asked.ended({**LEAST["wan"], "duration": seconds, "size": "624*624"})
    assert answer["metadata"]["usage"]["video_duration"] == seconds
    assert made(asked.videos(answer)[0]) == Made(624, 624, 24, seconds)


@pytest.mark.parametrize("family", sorted(LEAST))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_container_tells_is_what_a_decoder_finds(dialect: Dialect, family: str) -> None:
    asked = Consumer(dialect)
    (video,) = asked.videos(asked.ended(LEAST[family]))
    told, found = made(video), decoded(video)
    assert (found.width, found.height, found.fps, found.duration_s) == (
        told.width,
        told.height,
        Fraction(told.fps),
        Fraction(told.duration_s),
    )
    assert found.frames == told.fps * told.duration_s
