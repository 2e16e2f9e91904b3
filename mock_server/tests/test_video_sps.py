"""Promises of the SPS: it is read whatever optional parts it has, and a crop changes the crop alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.video.bits import BitWriter, with_emulation_prevention
from nebula_mock.video.errors import BitstreamError
from nebula_mock.video.loops import loop_for
from nebula_mock.video.sps import Crop, level_for, parsed_sps, rewritten_sps

SPS_HEADER = b"\x67"  # nal_ref_idc 3, nal_unit_type 7


def written_sps(
    *,
    profile: int = 100,
    chroma: int = 1,
    scaling: bool = False,
    order_type: int = 2,
    frames_only: bool = True,
    crop: tuple[int, int, int, int] | None = None,
) -> bytes:
    """An SPS of 40x30 macroblocks (or map units) with the optional parts asked for, and no VUI."""
    writer = BitWriter()
    for byte in (profile, 0, 31):
        writer.bits(byte, 8)
    writer.ue(0)
    if profile == 100:
        writer.ue(chroma)
        if chroma == 3:
            writer.bits(0, 1)
        writer.ue(0)
        writer.ue(0)
        writer.bits(0, 1)
        writer.flag(scaling)
        if scaling:
            _write_scaling_lists(writer, 12 if chroma == 3 else 8)
    writer.ue(0)
    _write_frame_order(writer, order_type)
    writer.ue(1)
    writer.bits(0, 1)
    writer.ue(39)
    writer.ue(29)
    writer.flag(frames_only)
    if not frames_only:
        writer.bits(1, 1)
    writer.bits(1, 1)
    writer.flag(crop is not None)
    for offset in crop or ():
        writer.ue(offset)
    writer.bits(0, 1)
    return SPS_HEADER + with_emulation_prevention(writer.rbsp())


def _write_frame_order(writer: BitWriter, order_type: int) -> None:
    writer.ue(order_type)
    if order_type == 0:
        writer.ue(4)
    elif order_type == 1:
        writer.bits(0, 1)
        for offset in (-3, 5):
            writer.se(offset)
        writer.ue(2)
        for offset in (-7, 9):
            writer.se(offset)


def _write_scaling_lists(writer: BitWriter, count: int) -> None:
    for index in range(count):
        writer.flag(index % 2 == 0)
        if index == 0:
            writer.se(-8)  # stops the list at once
        elif index % 2 == 0:
            for _ in range(16 if index < 6 else 64):
                writer.se(1)


@given(
    profile=st.sampled_from([66, 77, 100]),
    chroma=st.sampled_from([1, 2, 3]),
    scaling=st.booleans(),
    order_type=st.sampled_from([0, 1, 2]),
    crop=st.none() | st.tuples(*[st.integers(0, 20)] * 4),
)
def test_size_and_crop_are_found_behind_any_optional_part(
    *, profile: int, chroma: int, scaling: bool, order_type: int, crop: tuple[int, int, int, int] | None
) -> None:
    nal = written_sps(profile=profile, chroma=chroma, scaling=scaling, order_type=order_type, crop=crop)
    sps = parsed_sps(nal)
    across, down = (2, 2) if profile != 100 else {1: (2, 2), 2: (2, 1), 3: (1, 1)}[chroma]
    left, right, top, bottom = crop or (0, 0, 0, 0)
    assert (sps.coded_width, sps.coded_height) == (640, 480)
    assert sps.crop == Crop(left * across, right * across, top * down, bottom * down)
    assert (sps.width, sps.height) == (640 - (left + right) * across, 480 - (top + bottom) * down)
    assert (sps.profile_idc, sps.level_idc, sps.has_vui) == (profile, 31, False)


def test_interlaced_pictures_count_map_units_twice() -> None:
    sps = parsed_sps(written_sps(frames_only=False, crop=(0, 1, 0, 1)))
    assert (sps.coded_height, sps.crop_unit, sps.height) == (960, (2, 4), 956)


@given(
    width=st.integers(1, 320).map(lambda n: 2 * n),
    height=st.integers(1, 240).map(lambda n: 2 * n),
    level_idc=st.none() | st.sampled_from([30, 52]),
    first_crop=st.none() | st.tuples(*[st.integers(0, 20)] * 4),
)
def test_rewriting_changes_the_shown_size_and_nothing_else(
    width: int, height: int, level_idc: int | None, first_crop: tuple[int, int, int, int] | None
) -> None:
    nal = written_sps(crop=first_crop)
    cropped = rewritten_sps(nal, width, height, level_idc)
    expected = replace(
        parsed_sps(nal), crop=Crop(right=640 - width, bottom=480 - height), level_idc=level_idc or 31
    )
    assert parsed_sps(cropped) == expected
    assert rewritten_sps(cropped, 640, 480, 31) == written_sps(), "the whole picture comes back"


def test_rewriting_drops_the_vui_of_a_loop() -> None:
    """Loops are rendered with colour and timing in their VUI; the container states both instead."""
    assert not parsed_sps(loop_for(1920, 1080).sps).has_vui


@pytest.mark.parametrize(("width", "height"), [(642, 480), (640, 482), (639, 480), (640, 0), (-2, 480)])
def test_a_crop_that_cannot_be_cut_is_refused(width: int, height: int) -> None:
    with pytest.raises(BitstreamError, match="multiples of 2x2 up to 640x480"):
        rewritten_sps(written_sps(), width, height)


@pytest.mark.parametrize("nal", [b"", b"\x68\xee", SPS_HEADER, written_sps()[:6]])
def test_what_is_not_a_whole_sps_is_refused(nal: bytes) -> None:
    with pytest.raises(BitstreamError):
        parsed_sps(nal)


@pytest.mark.parametrize(
    ("width", "height", "fps", "level_idc"),
    [
        (64, 64, 1, 30),
        (1280, 720, 30, 31),
        (1280, 720, 31, 32),
        (1920, 1080, 30, 40),
        (1920, 1080, 60, 42),
        (2208, 960, 24, 42),
        (2208, 960, 240, 52),
        (1824, 16, 1, 31),  # few macroblocks, but a side too long for level 3
    ],
)
def test_level_follows_size_and_rate(width: int, height: int, fps: int, level_idc: int) -> None:
    """Source: ISO/IEC 14496-10, table A-1 and A.3.1."""
    assert level_for(width, height, fps) == level_idc


def test_beyond_every_level_is_refused() -> None:
    with pytest.raises(BitstreamError, match="no level"):
        level_for(8192, 8192, 240)
