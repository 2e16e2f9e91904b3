"""The committed loops: 24 frames of a test card at several sizes, each shown whole or cropped.

``assets/<width>x<height>.h264`` is an Annex B stream of one SPS, one PPS and 24 slices, one slice a frame:
an IDR picture, then P pictures that refer to the one before. So every prefix can be decoded, decoding order
is the order of showing, and the loop can follow itself. ``scripts/render_loops.py`` makes these files.

Source: ISO/IEC 14496-10, Annex B (byte stream), Table 7-1 (NAL unit types); ISO/IEC 14496-15, 5.3 (samples).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nebula_mock.video.errors import BitstreamError, FrameSizeError
from nebula_mock.video.sps import NAL_SPS, NAL_TYPE_MASK, rewritten_sps

FrameSize = tuple[int, int]
"""Width and height in pixels."""

LOOP_FRAMES = 24
"""Frames of every loop, the first of them an IDR picture."""

NAL_LENGTH_BYTES = 4
"""Size of the length ahead of each NAL unit in a sample (lengthSizeMinusOne + 1 in avcC)."""

_NAL_SLICE, _NAL_IDR, _NAL_PPS = 1, 5, 8
_START_CODE = re.compile(rb"\x00{2,3}\x01")  # B.1.1; the longer form has zero_byte in front
_ASSET_NAME = re.compile(r"([1-9]\d*)x([1-9]\d*)\.h264")


@dataclass(frozen=True, slots=True)
class Loop:
    """24 frames, ready to be put into an MP4 file.

    Attributes:
        width: Shown width in pixels.
        height: Shown height in pixels.
        canvas: Size of the committed loop this is a part of, or the whole.
        sps: Sequence parameter set NAL unit, for the shown size, without VUI.
        pps: Picture parameter set NAL unit.
        samples: The 24 frames, each a NAL unit behind its length, one after the other.
        sample_sizes: Bytes of each frame in ``samples``, lengths included.
    """

    width: int
    height: int
    canvas: FrameSize
    sps: bytes
    pps: bytes
    samples: bytes
    sample_sizes: tuple[int, ...]


def loop_for(width: int, height: int) -> Loop:
    """The committed loop of this size, or the top left part of the smallest one that covers it.

    Args:
        width: Even number of pixels.
        height: Even number of pixels.

    Raises:
        FrameSizeError: A side is odd or not positive, or no committed loop is that large.
    """
    canvas = covering_canvas(width, height)
    sps, pps, *frames = _nal_units(*canvas)
    samples = _samples(*canvas)
    return Loop(
        width=width,
        height=height,
        canvas=canvas,
        sps=rewritten_sps(sps, width, height),
        pps=pps,
        samples=samples,
        sample_sizes=tuple(NAL_LENGTH_BYTES + len(frame) for frame in frames),
    )


def covering_canvas(width: int, height: int) -> FrameSize:
    """The size of the loop that ``loop_for`` would take, found without reading it.

    Raises:
        FrameSizeError: As for ``loop_for``.
    """
    if min(width, height) > 0 and width % 2 == height % 2 == 0:
        for canvas in canvases():
            if width <= canvas[0] and height <= canvas[1]:
                return canvas
    raise FrameSizeError(width, height, largest_canvases())


@cache
def canvases() -> tuple[FrameSize, ...]:
    """The sizes of all committed loops, smallest area first."""
    names = (_ASSET_NAME.fullmatch(entry.name) for entry in files(__package__).joinpath("assets").iterdir())
    sizes = [(int(name[1]), int(name[2])) for name in names if name]
    return tuple(sorted(sizes, key=lambda size: (size[0] * size[1], size)))


@cache
def largest_canvases() -> tuple[FrameSize, ...]:
    """The canvases that fit into no other, widest first: what they do not cover is not possible."""
    largest: list[FrameSize] = []
    for width, height in sorted(canvases(), reverse=True):
        if all(height > other for _, other in largest):  # what came before is at least as wide
            largest.append((width, height))
    return tuple(largest)


def split_nal_units(stream: bytes) -> tuple[bytes, ...]:
    """The NAL units of an Annex B byte stream, without start codes (B.1)."""
    return tuple(unit for unit in _START_CODE.split(stream) if unit)


@cache
def _nal_units(width: int, height: int) -> tuple[bytes, ...]:
    """SPS, PPS and 24 slices of a committed loop."""
    name = f"{width}x{height}.h264"
    units = split_nal_units(files(__package__).joinpath("assets", name).read_bytes())
    found = tuple(unit[0] & NAL_TYPE_MASK for unit in units)
    if found != (NAL_SPS, _NAL_PPS, _NAL_IDR, *(_NAL_SLICE,) * (LOOP_FRAMES - 1)):
        message = (
            f"assets/{name}: found NAL unit types {found}, expected SPS (7), PPS (8), one IDR slice (5) and "
            f"{LOOP_FRAMES - 1} others (1). Render it again: python scripts/render_loops.py {width}x{height}"
        )
        raise BitstreamError(message)
    return units


@cache
def _samples(width: int, height: int) -> bytes:
    """The slices of a committed loop as samples, made once, so that all films of a canvas share them."""
    frames = _nal_units(width, height)[2:]
    return b"".join(len(frame).to_bytes(NAL_LENGTH_BYTES, "big") + frame for frame in frames)
