"""The sequence parameter set of an H.264 stream: read just far enough, and rewritten.

A loop is encoded once at one size. To show it smaller, only the crop rectangle in its SPS changes; to play
it faster, only the level. Both stand in the SPS alone, so no slice is touched.

Source: ISO/IEC 14496-10, 7.3.2.1.1 (syntax), 7.4.2.1.1 (meaning), Annex A (levels), Annex E (VUI).
"""

from dataclasses import dataclass

from nebula_mock.video.bits import (
    BitReader,
    BitWriter,
    with_emulation_prevention,
    without_emulation_prevention,
)
from nebula_mock.video.errors import BitstreamError

NAL_SPS = 7  # nal_unit_type, Table 7-1
NAL_TYPE_MASK = 0x1F
MACROBLOCK = 16  # luma samples along a side

_PROFILE_BYTES = 3  # profile_idc, constraint flags, level_idc: fixed bytes ahead of the first Exp-Golomb code
_CHROMA_420, _CHROMA_422, _CHROMA_444 = 1, 2, 3  # chroma_format_idc, Table 6-1
# 7.3.2.1.1: the profiles whose SPS states a chroma format, bit depths and scaling lists.
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})

# Table A-1: level_idc, MaxMBPS (macroblocks a second), MaxFS (macroblocks a frame). Level 3 is the floor:
# lower ones save a decoder nothing today, and 3 already allows ten times the bit rate of any loop.
_LEVELS = (
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
    (60, 4_177_920, 139_264),
    (61, 8_355_840, 139_264),
    (62, 16_711_680, 139_264),
)


@dataclass(frozen=True, slots=True)
class Crop:
    """What is cut from each side of the coded picture, in luma samples."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


@dataclass(frozen=True, slots=True)
class Sps:
    """The facts of an SPS that a container and a crop need.

    Attributes:
        profile_idc: 100 for High.
        constraint_flags: The byte of constraint_set flags.
        level_idc: Ten times the level, so 31 is level 3.1.
        chroma_format_idc: 1 for 4:2:0.
        bit_depth_luma: 8 for ordinary video.
        bit_depth_chroma: 8 for ordinary video.
        coded_width: Of the whole coded picture, in luma samples, a multiple of 16.
        coded_height: Of the whole coded picture, in luma samples, a multiple of 16.
        crop_unit: The step of a crop, (horizontal, vertical), in luma samples; (2, 2) for 4:2:0 frames.
        crop: What is not shown.
        has_vui: Whether usability information (colour, timing) follows.
        head_bits: Number of RBSP bits before frame_cropping_flag, NAL header excluded.
    """

    profile_idc: int
    constraint_flags: int
    level_idc: int
    chroma_format_idc: int
    bit_depth_luma: int
    bit_depth_chroma: int
    coded_width: int
    coded_height: int
    crop_unit: tuple[int, int]
    crop: Crop
    has_vui: bool
    head_bits: int

    @property
    def width(self) -> int:
        """Shown width in pixels."""
        return self.coded_width - self.crop.left - self.crop.right

    @property
    def height(self) -> int:
        """Shown height in pixels."""
        return self.coded_height - self.crop.top - self.crop.bottom


def parsed_sps(nal: bytes) -> Sps:
    """The facts in an SPS NAL unit (header byte included, no start code).

    Raises:
        BitstreamError: It is not an SPS, or it ends too early.
    """
    if not nal or nal[0] & NAL_TYPE_MASK != NAL_SPS:
        found = f"NAL unit type {nal[0] & NAL_TYPE_MASK}" if nal else "no bytes"
        message = f"SPS: found {found}, expected NAL unit type {NAL_SPS}."
        raise BitstreamError(message)
    reader = BitReader(without_emulation_prevention(nal[1:]))
    profile_idc, constraint_flags, level_idc = (reader.bits(8) for _ in range(_PROFILE_BYTES))
    reader.ue()  # seq_parameter_set_id
    chroma, separate_planes, depth_luma, depth_chroma = _CHROMA_420, False, 8, 8
    if profile_idc in _HIGH_PROFILES:
        chroma = reader.ue()
        separate_planes = chroma == _CHROMA_444 and reader.flag()
        depth_luma, depth_chroma = 8 + reader.ue(), 8 + reader.ue()
        reader.flag()  # qpprime_y_zero_transform_bypass_flag
        if reader.flag():  # seq_scaling_matrix_present_flag
            _skip_scaling_lists(reader, 12 if chroma == _CHROMA_444 else 8)
    _skip_frame_order(reader)
    reader.ue()  # max_num_ref_frames
    reader.flag()  # gaps_in_frame_num_value_allowed_flag
    width_in_mbs, height_in_map_units = reader.ue() + 1, reader.ue() + 1
    fields = 1 if reader.flag() else 2  # frame_mbs_only_flag; otherwise a map unit is a pair of macroblocks
    if fields == 2:  # noqa: PLR2004 - two fields make a frame
        reader.flag()  # mb_adaptive_frame_field_flag
    reader.flag()  # direct_8x8_inference_flag
    head_bits = reader.position
    across, down = _crop_unit(0 if separate_planes else chroma, fields)
    crop = Crop()
    if reader.flag():  # frame_cropping_flag
        left, right, top, bottom = (reader.ue() for _ in range(4))
        crop = Crop(left * across, right * across, top * down, bottom * down)
    return Sps(
        profile_idc=profile_idc,
        constraint_flags=constraint_flags,
        level_idc=level_idc,
        chroma_format_idc=chroma,
        bit_depth_luma=depth_luma,
        bit_depth_chroma=depth_chroma,
        coded_width=width_in_mbs * MACROBLOCK,
        coded_height=height_in_map_units * fields * MACROBLOCK,
        crop_unit=(across, down),
        crop=crop,
        has_vui=reader.flag(),
        head_bits=head_bits,
    )


def rewritten_sps(nal: bytes, width: int, height: int, level_idc: int | None = None) -> bytes:
    """The same SPS showing only the top left ``width`` x ``height``, without VUI.

    Cutting is done on the right and at the bottom alone. A crop on the left or at the top is just as legal,
    but decoders disagree about it (some ignore it, some round it to their alignment), so that the same film
    would look different here and there. The VUI goes because the container states timing and colour.

    Args:
        nal: An SPS NAL unit, header byte included.
        width: Shown width in pixels, at most the coded width, a multiple of the crop unit.
        height: Shown height in pixels, likewise.
        level_idc: Written in place of the stream's level, when given.

    Raises:
        BitstreamError: ``nal`` is not an SPS, or the size cannot be cut from it.
    """
    sps = parsed_sps(nal)
    right, bottom = sps.coded_width - width, sps.coded_height - height
    across, down = sps.crop_unit
    if right < 0 or bottom < 0 or min(width, height) <= 0 or right % across or bottom % down:
        message = (
            f"Crop to {width}x{height}: expected positive multiples of {across}x{down} "
            f"up to {sps.coded_width}x{sps.coded_height}."
        )
        raise BitstreamError(message)
    payload = bytearray(without_emulation_prevention(nal[1:]))
    if level_idc is not None:
        payload[_PROFILE_BYTES - 1] = level_idc
    writer = BitWriter()
    writer.bits(BitReader(bytes(payload)).bits(sps.head_bits), sps.head_bits)
    writer.flag(bool(right or bottom))
    if right or bottom:
        for offset in (0, right // across, 0, bottom // down):
            writer.ue(offset)
    writer.bits(0, 1)  # vui_parameters_present_flag
    return nal[:1] + with_emulation_prevention(writer.rbsp())


def level_for(width: int, height: int, fps: int) -> int:
    """The lowest level_idc, from 30, at which a decoder must keep up with the coded size and rate (A.3.1).

    Args:
        width: Coded width in luma samples.
        height: Coded height in luma samples.
        fps: Frames a second.

    Raises:
        BitstreamError: No level allows it.
    """
    across, down = -(-width // MACROBLOCK), -(-height // MACROBLOCK)
    for level_idc, per_second, per_frame in _LEVELS:
        # Neither side may exceed Sqrt(MaxFS * 8) macroblocks.
        fits = across * down <= per_frame and max(across, down) ** 2 <= 8 * per_frame
        if fits and across * down * fps <= per_second:
            return level_idc
    message = f"Coded size {width}x{height} at {fps} fps: no level of H.264 allows it, the highest is 6.2."
    raise BitstreamError(message)


def _crop_unit(chroma_array_type: int, fields: int) -> tuple[int, int]:
    """CropUnitX and CropUnitY in luma samples (7.4.2.1.1, equations 7-19 to 7-22)."""
    across = 2 if chroma_array_type in (_CHROMA_420, _CHROMA_422) else 1
    down = 2 if chroma_array_type == _CHROMA_420 else 1
    return across, down * fields


def _skip_frame_order(reader: BitReader) -> None:
    """From log2_max_frame_num_minus4 to the end of what belongs to pic_order_cnt_type."""
    reader.ue()  # log2_max_frame_num_minus4
    order_type = reader.ue()
    if order_type == 0:
        reader.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif order_type == 1:
        reader.flag()  # delta_pic_order_always_zero_flag
        reader.se()  # offset_for_non_ref_pic
        reader.se()  # offset_for_top_to_bottom_field
        for _ in range(reader.ue()):
            reader.se()  # offset_for_ref_frame


def _skip_scaling_lists(reader: BitReader, count: int) -> None:
    """The first six lists have 16 entries, the others 64; a list may stop early (7.3.2.1.1.1)."""
    for index in range(count):
        if not reader.flag():  # seq_scaling_list_present_flag
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):  # noqa: PLR2004 - see the docstring
            if following:
                following = (last + reader.se()) % 256
            last = following or last
