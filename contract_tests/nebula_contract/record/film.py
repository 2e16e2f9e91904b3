"""What the bytes of an MP4 say: frame size, duration, and whether a player would find its frames.

Reads the boxes of ISO/IEC 14496-12 that a player needs first; it decodes nothing.
"""

import hashlib
import itertools
import struct
from collections.abc import Iterator

from nebula_contract.record.exchange import Film

_HEAD, _LONG_HEAD = 8, 16
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_DEEPEST = 6  # moov/trak/mdia/minf/stbl, and what is in it
_MOST_CHUNKS = 200_000
_MOST_BOXES = 20_000

Span = tuple[bytes, int, int]
"""A box: its type, and where its content begins and ends."""


class _BrokenError(ValueError):
    """The boxes contradict each other or the length of the file."""


def film_of(raw: bytes) -> Film:
    """The facts of a video; its ``problem`` says in a sentence why it is none. Never raises, whatever the bytes."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        boxes = _all_boxes(raw)
        duration_s, width, height = _index(raw, boxes)
        _frames_are_there(raw, boxes)
    except (_BrokenError, struct.error) as error:
        told = str(error) if isinstance(error, _BrokenError) else "a box ends before its fields do"
        return Film(len(raw), digest, told)
    return Film(len(raw), digest, "", duration_s, width, height)


def _all_boxes(raw: bytes) -> list[Span]:
    boxes = list(itertools.islice(_boxes(raw, 0, len(raw), 0), _MOST_BOXES + 1))
    if len(boxes) > _MOST_BOXES:
        raise _BrokenError(f"it has more than {_MOST_BOXES} boxes")
    return boxes


def _boxes(raw: bytes, start: int, end: int, depth: int) -> Iterator[Span]:
    at = start
    if depth == 0 and raw[4:8] != b"ftyp":
        raise _BrokenError(f"it begins with {raw[:12]!r}, not with an ftyp box")
    while at < end:
        if end - at < _HEAD:
            raise _BrokenError(f"{end - at} bytes follow the last box")
        length, kind = struct.unpack_from(">I4s", raw, at)
        head = _HEAD
        if length == 1:
            (length,) = struct.unpack_from(">Q", raw, at + _HEAD)
            head = _LONG_HEAD
        elif length == 0 and depth == 0:
            length = end - at
        if length < head or at + length > end:
            raise _BrokenError(
                f"the box {kind!r} at byte {at} says it has {length} bytes, {end - at} are left"
            )
        yield kind, at + head, at + length
        if kind in _CONTAINERS and depth < _DEEPEST:
            yield from _boxes(raw, at + head, at + length, depth + 1)
        at += length


def _only(boxes: list[Span], kind: bytes) -> tuple[int, int]:
    for found, start, end in boxes:
        if found == kind:
            return start, end
    raise _BrokenError(f"it has no box {kind.decode()}")


def _index(raw: bytes, boxes: list[Span]) -> tuple[float, int, int]:
    """Duration in seconds from ``mvhd``, frame size in pixels from the first ``tkhd``."""
    start, _ = _only(boxes, b"mvhd")
    is_long = raw[start : start + 1] == b"\x01"
    scale, duration = struct.unpack_from(">IQ" if is_long else ">II", raw, start + (20 if is_long else 12))
    if scale == 0:
        raise _BrokenError("its time scale is 0")
    _, end = _only(boxes, b"tkhd")
    width, height = struct.unpack_from(">II", raw, end - 8)
    return duration / scale, width >> 16, height >> 16


def _frames_are_there(raw: bytes, boxes: list[Span]) -> None:
    """Chunks lie within ``mdat``, and the first frame is a row of NAL units that fill it."""
    media = [(start, end) for kind, start, end in boxes if kind == b"mdat"]
    if not media:
        raise _BrokenError("it has no box mdat")
    offsets = _chunk_offsets(raw, boxes)
    if not offsets:
        raise _BrokenError("its index names no frame")
    low, high = min(offsets), max(offsets)
    if not all(any(start <= at < end for start, end in media) for at in (low, high)):
        raise _BrokenError(f"its index points at byte {low} to {high}, outside of the box mdat")
    sizes, _ = _only(boxes, b"stsz")
    common, count = struct.unpack_from(">II", raw, sizes + 4)
    if count == 0:
        raise _BrokenError("its index names no frame")
    first = common or struct.unpack_from(">I", raw, sizes + 12)[0]
    at, end = offsets[0], offsets[0] + first
    if end > len(raw):
        raise _BrokenError("its first frame ends behind the end of the file")
    while at < end:
        (unit,) = struct.unpack_from(">I", raw, at)
        at += 4 + unit
        if unit == 0 or at > end:
            raise _BrokenError("its first frame is no row of NAL units")


def _chunk_offsets(raw: bytes, boxes: list[Span]) -> tuple[int, ...]:
    kinds = {kind for kind, _, _ in boxes}
    wide = b"stco" not in kinds and b"co64" in kinds
    start, end = _only(boxes, b"co64" if wide else b"stco")
    (count,) = struct.unpack_from(">I", raw, start + 4)
    if count > min(_MOST_CHUNKS, (end - start) // 4):
        raise _BrokenError(f"its index names {count} chunks")
    return struct.unpack_from(f">{count}{'Q' if wide else 'I'}", raw, start + 8)
