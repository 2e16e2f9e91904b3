"""Promises a player sees: a strict decoder finds every frame, at the size, rate and duration asked for."""

import io
from dataclasses import dataclass
from fractions import Fraction

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_mock.video.film import Film, FilmSpec
from nebula_mock.video.loops import canvases

STRICT = {"err_detect": "explode"}  # the decoder raises where it would conceal
LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG
BT709 = 1  # AVCOL_SPC_BT709

CROPPED_SIZES = [(1112, 834), (834, 1112), (1470, 630), (2206, 946), (2, 2), (34, 1918)]

# Small, so that a decoder is done quickly: many examples matter more here than many pixels.
even_to_320 = st.integers(1, 160).map(lambda n: 2 * n)
timings = st.tuples(st.integers(1, 240), st.integers(1, 12)).filter(lambda t: t[0] * t[1] <= 300)


@dataclass(frozen=True, slots=True)
class Played:
    """What a decoder saw."""

    spec: FilmSpec
    average_rate: Fraction | None
    duration_s: Fraction
    container_duration_s: Fraction
    comment: str
    times_s: list[Fraction]
    frames: list[av.VideoFrame]


def played(film: Film) -> Played:
    """Decode a film strictly."""
    with av.open(io.BytesIO(b"".join(film.read())), "r", options=STRICT) as container:
        (stream,) = container.streams.video
        assert len(container.streams) == 1
        stream.codec_context.options = STRICT
        frames = list(container.decode(stream))
        assert stream.time_base is not None
        assert stream.duration is not None
        assert container.duration is not None
        return Played(
            FilmSpec(stream.width, stream.height, film.spec.fps, film.spec.duration_s),
            stream.average_rate,
            stream.duration * stream.time_base,
            Fraction(container.duration, av.time_base),
            container.metadata["comment"],
            [(frame.pts or 0) * stream.time_base for frame in frames],
            frames,
        )


def check(film: Film) -> Played:
    """Assert that a film plays as its spec says."""
    seen, spec = played(film), film.spec
    assert seen.spec == spec
    assert {(frame.width, frame.height) for frame in seen.frames} == {(spec.width, spec.height)}
    assert seen.average_rate == spec.fps
    assert seen.duration_s == seen.container_duration_s == spec.duration_s
    assert seen.times_s == [Fraction(i, spec.fps) for i in range(spec.frames)]
    assert seen.comment == film.identity
    return seen


@pytest.mark.parametrize("size", canvases() + tuple(CROPPED_SIZES), ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_canvas_and_crop_plays(size: tuple[int, int]) -> None:
    """25 frames: the whole loop, and the first frame of its next pass."""
    seen = check(Film(FilmSpec(*size, fps=25, duration_s=1), "video_1"))
    assert {(frame.colorspace, frame.color_range) for frame in seen.frames} == {(BT709, LIMITED_RANGE)}
    assert {frame.format.name for frame in seen.frames} == {"yuv420p"}
    assert planes(seen.frames[0]) == planes(seen.frames[24]), "the loop starts anew"


@settings(deadline=None, max_examples=60)
@given(even_to_320, even_to_320, timings, st.none() | st.integers(0, 200_000))
def test_any_size_rate_and_duration_plays(
    width: int, height: int, timing: tuple[int, int], size_bytes: int | None
) -> None:
    check(Film(FilmSpec(width, height, *timing), "video_1", size_bytes))


@settings(deadline=None, max_examples=15)
@given(st.sampled_from(canvases()), st.data())
def test_any_crop_of_any_canvas_plays(canvas: tuple[int, int], data: st.DataObject) -> None:
    width, height = (2 * data.draw(st.integers(1, side // 2)) for side in canvas)
    check(Film(FilmSpec(width, height, fps=data.draw(st.integers(1, 12)), duration_s=1), "video_1"))


@pytest.mark.parametrize(("fps", "duration_s"), [(1, 60), (240, 12), (24, 60), (23, 7)])
def test_long_and_fast_films_play(fps: int, duration_s: int) -> None:
    check(Film(FilmSpec(64, 64, fps, duration_s), "video_1", 500_000))


def test_something_moves_in_every_frame() -> None:
    seen = played(Film(FilmSpec(640, 368, 24, 1), "video_1"))
    assert len({planes(frame) for frame in seen.frames}) == 24


def test_a_crop_shows_the_top_left_of_its_canvas() -> None:
    full, cropped = (
        played(Film(FilmSpec(width, height, 1, 1), "video_1")).frames[0]
        for width, height in ((2208, 960), (2206, 946))
    )
    for whole, part in zip(rows(full), rows(cropped), strict=True):
        assert [row[: len(part[0])] for row in whole[: len(part)]] == part


@pytest.mark.parametrize("identity", ["", "video_7f3c", "задача 任务 🎬", "a" * 5000])
def test_the_identity_is_the_comment_whatever_it_says(identity: str) -> None:
    film = Film(FilmSpec(64, 64, 1, 1), identity)
    with av.open(io.BytesIO(b"".join(film.read()))) as container:
        assert container.metadata.get("comment", "") == identity


def rows(frame: av.VideoFrame) -> list[list[bytes]]:
    """The samples of each plane, row by row, without padding."""
    samples = [(bytes(plane), plane) for plane in frame.planes]
    return [
        [data[plane.line_size * y : plane.line_size * y + plane.width] for y in range(plane.height)]
        for data, plane in samples
    ]


def planes(frame: av.VideoFrame) -> bytes:
    """All samples of a frame, without padding."""
    return b"".join(row for plane in rows(frame) for row in plane)
