"""One track of an MP4: what codes it, how fast it runs, and whether its index leads to every frame of it.

Reads the sample tables of ISO/IEC 14496-12 (8.5 to 8.7) and the lengths of NAL units (ISO/IEC 14496-15, 5.3.3); it
decodes nothing: of each unit it reads the length and the first byte, and sees that no bytes stand in it that none may
hold (14496-10, 7.4.1).
"""

import itertools
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[bytes, int, int]
"""A box: its type, and where its content begins and ends."""

_CONFIGURATIONS: Mapping[bytes, bytes] = {
    b"avc1": b"avcC",
    b"avc3": b"avcC",
    b"hvc1": b"hvcC",
    b"hev1": b"hvcC",
    b"av01": b"av1C",
    b"vp09": b"vpcC",
    b"mp4v": b"esds",
}
"""What codes a picture, to the box without which no decoder can begin."""

_NEVER_IN_A_UNIT = b"\0\0\0"
_FORBIDDEN_BIT = 0x80

_LENGTH_SIZE_AT: Mapping[bytes, int] = {b"avcC": 4, b"hvcC": 21}
"""In which byte of a configuration it stands how long the length of a NAL unit is."""

_MOST_CHUNKS = 200_000
_MOST_FRAMES = 1_000_000
_MOST_UNITS = 100_000


class BrokenError(ValueError):
    """The boxes contradict each other or the length of the file."""


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What a track of pictures says of itself.

    Attributes:
        codec: The four letters of its sample entry.
        frames: How many it has.
        fps: Frames a second, by its own times.
    """

    codec: str
    frames: int
    fps: float


def handler_of(raw: bytes, boxes: Sequence[Span]) -> bytes:
    """What a track is: ``vide``, ``soun`` or another; empty where it does not say."""
    for kind, start, end in boxes:
        if kind == b"hdlr" and end - start >= 12:  # noqa: PLR2004 - version, nothing, the type
            return raw[start + 8 : start + 12]
    return b""


def track_facts(raw: bytes, boxes: Sequence[Span], media: Sequence[tuple[int, int]]) -> TrackFacts:
    """The facts of a track of pictures, whose frames are all there.

    Args:
        raw: The file.
        boxes: The boxes of the track.
        media: Where the contents of the boxes ``mdat`` begin and end.

    Raises:
        BrokenError: The index does not lead to frames.
        struct.error: A box ends before its fields do.
    """
    codec, unit_bytes = _codec(raw, boxes)
    sizes = _sizes(raw, boxes)
    frames = _frames(raw, boxes, sizes, media)
    _whole_units(raw, frames, unit_bytes)
    return TrackFacts(codec.decode("latin-1"), len(sizes), _rate(raw, boxes, len(sizes)))


def only(boxes: Sequence[Span], kind: bytes) -> tuple[int, int]:
    """Where the first box of that type has its content.

    Raises:
        BrokenError: There is none.
    """
    for found, start, end in boxes:
        if found == kind:
            return start, end
    raise BrokenError(f"it has no box {kind.decode()}")


def _codec(raw: bytes, boxes: Sequence[Span]) -> tuple[bytes, int]:
    """The codec, and how many bytes the length of a NAL unit takes; 0 where it has no such units."""
    start, end = only(boxes, b"stsd")
    codec = raw[start + 12 : start + 16]
    configuration = _CONFIGURATIONS.get(codec)
    if configuration is None:
        raise BrokenError(f"its frames are coded as {codec!r}, which is none of the common codecs")
    at = raw.find(configuration, start + 16, end)
    if at < 0:
        raise BrokenError(f"its frames are coded as {codec!r}, and the box {configuration!r} is missing")
    if configuration not in _LENGTH_SIZE_AT:
        return codec, 0
    (packed,) = struct.unpack_from(">B", raw, at + 4 + _LENGTH_SIZE_AT[configuration])
    return codec, (packed & 3) + 1


def _sizes(raw: bytes, boxes: Sequence[Span]) -> Sequence[int]:
    start, end = only(boxes, b"stsz")
    common, count = struct.unpack_from(">II", raw, start + 4)
    if count == 0:
        raise BrokenError("its index names no frame")
    room = len(raw) // common if common else (end - start - 12) // 4
    if count > min(_MOST_FRAMES, room):
        raise BrokenError(f"its index names {count} frames, more than there can be")
    return [common] * count if common else struct.unpack_from(f">{count}I", raw, start + 12)


def _rate(raw: bytes, boxes: Sequence[Span], count: int) -> float:
    """Frames a second by ``stts`` and the time scale of ``mdhd``."""
    start, _ = only(boxes, b"mdhd")
    is_long = raw[start : start + 1] == b"\x01"
    (scale,) = struct.unpack_from(">I", raw, start + (20 if is_long else 12))
    runs = _rows(raw, boxes, b"stts", 2)
    timed = sum(frames for frames, _ in runs)
    ticks = sum(frames * each for frames, each in runs)
    if timed != count:
        raise BrokenError(f"its index has times for {timed} frames and sizes for {count}")
    if scale == 0 or ticks == 0:
        raise BrokenError("its frames last no time")
    return float(count * scale / ticks)


def _rows(raw: bytes, boxes: Sequence[Span], kind: bytes, width: int) -> list[tuple[int, ...]]:
    """The rows of a table of whole numbers."""
    start, end = only(boxes, kind)
    (count,) = struct.unpack_from(">I", raw, start + 4)
    if count > (end - start - 8) // (4 * width):
        raise BrokenError(f"its box {kind.decode()} names {count} rows, more than it has")
    return list(struct.iter_unpack(f">{width}I", raw[start + 8 : start + 8 + 4 * width * count]))


def _frames(
    raw: bytes, boxes: Sequence[Span], sizes: Sequence[int], media: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Where each frame begins and ends; each chunk lies within one ``mdat``."""
    offsets = _chunk_offsets(raw, boxes)
    if not offsets:
        raise BrokenError("its index names no frame")
    left, found = iter(sizes), []
    for at, held in zip(offsets, _held(_rows(raw, boxes, b"stsc", 3), len(offsets)), strict=True):
        end = at
        for size in itertools.islice(left, held):
            found.append((end, end + size))
            end += size
        if not any(start <= at and end <= stop for start, stop in media):
            raise BrokenError(f"its index points at byte {at} to {end}, outside of the box mdat")
    if len(found) != len(sizes):
        raise BrokenError(f"its index has sizes for {len(sizes)} frames and places for {len(found)}")
    return found


def _held(runs: Sequence[tuple[int, ...]], chunks: int) -> Iterator[int]:
    """How many frames each chunk holds."""
    firsts = [first for first, _, _ in runs]
    if not firsts or firsts[0] != 1 or any(one >= two for one, two in itertools.pairwise(firsts)):
        raise BrokenError("its index does not say which chunk holds which frames")
    for (first, held, _), after in zip(runs, [*firsts[1:], chunks + 1], strict=True):
        yield from itertools.repeat(held, max(0, min(after, chunks + 1) - first))


def _chunk_offsets(raw: bytes, boxes: Sequence[Span]) -> tuple[int, ...]:
    kinds = {kind for kind, _, _ in boxes}
    wide = b"stco" not in kinds and b"co64" in kinds
    start, end = only(boxes, b"co64" if wide else b"stco")
    (count,) = struct.unpack_from(">I", raw, start + 4)
    if count > min(_MOST_CHUNKS, (end - start) // (8 if wide else 4)):
        raise BrokenError(f"its index names {count} chunks")
    return struct.unpack_from(f">{count}{'Q' if wide else 'I'}", raw, start + 8)


def _whole_units(raw: bytes, frames: Sequence[tuple[int, int]], unit_bytes: int) -> None:
    """Each frame is a row of NAL units that fill it; of a film without end only the first ones are looked at."""
    looked = 0
    for number, (start, end) in enumerate(frames, 1) if unit_bytes else ():
        at, is_unit = start, False
        while at < end:
            first = at + unit_bytes
            at = first + int.from_bytes(raw[at:first])
            is_unit = first < at <= end and raw[first] < _FORBIDDEN_BIT
            if not is_unit or raw.find(_NEVER_IN_A_UNIT, first, at) >= 0:
                is_unit = False
                break
            looked += 1
        if not is_unit:
            raise BrokenError(f"its frame {number} of {len(frames)} is no row of NAL units")
        if looked > _MOST_UNITS:
            return
