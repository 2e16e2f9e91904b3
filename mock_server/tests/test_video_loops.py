"""Promises of the committed loops: their shape, their budget, and which one serves a size."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.video.bits import BitReader, without_emulation_prevention
from nebula_mock.video.errors import FrameSizeError, VideoError
from nebula_mock.video.loops import (
    LOOP_FRAMES,
    canvases,
    covering_canvas,
    largest_canvases,
    loop_for,
    split_nal_units,
)
from nebula_mock.video.sps import parsed_sps

ASSETS = files("nebula_mock.video").joinpath("assets")
ASSETS_BUDGET_BYTES = 900_000

# Sizes that providers of the modelled families put out (their public guides), whole and cropped.
# fmt: off
PROVIDER_SIZES = (
    (720, 1280), (1280, 720), (1792, 1024), (1024, 1792), (1920, 1080), (1080, 1920), (832, 480),
    (480, 832), (624, 624), (960, 960), (1088, 832), (832, 1088), (1440, 1440), (1632, 1248),
    (1248, 1632), (864, 480), (480, 864), (736, 544), (544, 736), (640, 640), (960, 416),
    (1248, 704), (704, 1248), (1120, 832), (832, 1120), (1504, 640), (1920, 1088), (1088, 1920),
    (1664, 1248), (1248, 1664), (2176, 928), (864, 496), (752, 560), (992, 432), (1112, 834),
    (834, 1112), (1470, 630), (2206, 946),
)
# fmt: on

IDR, NOT_IDR = 5, 1
P_SLICES = (0, 5)  # slice_type, ISO/IEC 14496-10, table 7-6


@pytest.fixture(params=canvases(), ids=lambda size: f"{size[0]}x{size[1]}")
def units(request: pytest.FixtureRequest) -> tuple[bytes, ...]:
    """The NAL units of one committed loop."""
    width, height = request.param
    return split_nal_units(ASSETS.joinpath(f"{width}x{height}.h264").read_bytes())


def test_assets_stay_within_their_budget() -> None:
    assert sum(len(entry.read_bytes()) for entry in ASSETS.iterdir()) <= ASSETS_BUDGET_BYTES


def test_a_loop_is_24_frames_of_one_slice_of_which_the_first_is_an_idr(units: tuple[bytes, ...]) -> None:
    """No SEI, no delimiter, no second picture of reference: every prefix can be decoded."""
    sps, pps, *slices = units
    assert (sps[0] & 31, pps[0] & 31) == (7, 8)
    assert [unit[0] & 31 for unit in slices] == [IDR, *[NOT_IDR] * (LOOP_FRAMES - 1)]
    for unit in slices[1:]:
        reader = BitReader(without_emulation_prevention(unit[1:16]))
        assert reader.ue() == 0, "first_mb_in_slice"
        assert reader.ue() in P_SLICES


def test_a_loop_is_stored_under_its_size(units: tuple[bytes, ...]) -> None:
    sps = parsed_sps(units[0])
    assert ASSETS.joinpath(f"{sps.width}x{sps.height}.h264").read_bytes().endswith(units[-1])


@pytest.mark.parametrize(("width", "height"), PROVIDER_SIZES)
def test_every_size_of_a_provider_is_shown_by_a_canvas_little_larger(width: int, height: int) -> None:
    """At most 16 more to a side, so that what is cut away is not missed."""
    loop = loop_for(width, height)
    sps = parsed_sps(loop.sps)
    assert (loop.width, loop.height) == (sps.width, sps.height) == (width, height)
    assert loop.canvas[0] - width <= 16
    assert loop.canvas[1] - height <= 16


@given(st.sampled_from(canvases()), st.data())
def test_the_smallest_canvas_that_covers_is_taken(size: tuple[int, int], data: st.DataObject) -> None:
    width, height = (2 * data.draw(st.integers(1, side // 2)) for side in size)
    covering = [(w, h) for w, h in canvases() if w >= width and h >= height]
    taken = covering_canvas(width, height)
    assert taken in covering
    assert taken[0] * taken[1] == min(w * h for w, h in covering)
    assert loop_for(width, height).canvas == taken


def test_samples_are_the_slices_behind_their_lengths(units: tuple[bytes, ...]) -> None:
    sps = parsed_sps(units[0])
    loop = loop_for(sps.width, sps.height)
    assert loop.samples == b"".join(len(unit).to_bytes(4, "big") + unit for unit in units[2:])
    assert loop.sample_sizes == tuple(4 + len(unit) for unit in units[2:])
    assert loop.pps == units[1]


def test_no_canvas_exceeds_the_largest() -> None:
    for width, height in canvases():
        assert any(width <= w and height <= h for w, h in largest_canvases())


@pytest.mark.parametrize(
    ("width", "height", "reason", "remedy"),
    [
        (1921, 1080, "found width 1921, which is odd", "Ask for 1920x1080 instead."),
        (1279, 720, "found width 1279, which is odd", "Ask for 1280x720 instead."),
        (640, 361, "found height 361, which is odd", "Ask for 640x362 instead."),
        (0, 480, "found width 0, expected a positive even number", "Ask for 2x480 instead."),
        (640, -2, "found height -2, expected a positive even number", "Ask for 640x2 instead."),
        (4096, 2160, "no committed loop is that large", "python scripts/render_loops.py 4096x2160"),
        (4095, 2160, "found width 4095, which is odd", "python scripts/render_loops.py 4096x2160"),
    ],
)
def test_an_impossible_size_says_what_is_possible(width: int, height: int, reason: str, remedy: str) -> None:
    with pytest.raises(FrameSizeError) as caught:
        loop_for(width, height)
    assert str(caught.value).startswith(f"Frame size {width}x{height}: {reason}")
    assert str(caught.value).endswith(remedy)
    assert all(f"{w}x{h}" in str(caught.value) for w, h in largest_canvases())
    assert isinstance(caught.value, VideoError)
    assert isinstance(caught.value, ValueError)
