"""What the bytes of an MP4 say: frame size, duration, frame rate, and whether a player would find its frames.

Reads the boxes of ISO/IEC 14496-12 that a player needs; it decodes nothing.
"""

import hashlib
import itertools
import struct
from collections.abc import Iterator

from nebula_contract.record.exchange import Film
from nebula_contract.record.film_track import BrokenError, Span, handler_of, only, track_facts

_HEAD, _LONG_HEAD = 8, 16
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_DEEPEST = 6  # moov/trak/mdia/minf/stbl, and what is in it
_MOST_BOXES = 20_000
_MOST_TRACKS = 16


def film_of(raw: bytes) -> Film:
    """The facts of a video; its ``problem`` says in a sentence why it is none. Never raises, whatever the bytes."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        boxes = _all_boxes(raw)
        duration_s = _duration_s(raw, boxes)
        pictures, has_sound = _pictures(raw, boxes)
        width, height = _frame(raw, pictures)
        facts = track_facts(raw, pictures, _media(boxes))
    except (BrokenError, struct.error) as error:
        told = str(error) if isinstance(error, BrokenError) else "a box ends before its fields do"
        return Film(len(raw), digest, told)
    return Film(
        size=len(raw),
        sha256=digest,
        duration_s=duration_s,
        width=width,
        height=height,
        frames=facts.frames,
        fps=round(facts.fps, 3),
        codec=facts.codec,
        has_sound=has_sound,
    )


def _all_boxes(raw: bytes) -> list[Span]:
    boxes = list(itertools.islice(_boxes(raw, 0, len(raw), 0), _MOST_BOXES + 1))
    if len(boxes) > _MOST_BOXES:
        raise BrokenError(f"it has more than {_MOST_BOXES} boxes")
    return boxes


def _boxes(raw: bytes, start: int, end: int, depth: int) -> Iterator[Span]:
    at = start
    if depth == 0 and raw[4:8] != b"ftyp":
        raise BrokenError(f"it begins with {raw[:12]!r}, not with an ftyp box")
    while at < end:
        if end - at < _HEAD:
            raise BrokenError(f"{end - at} bytes follow the last box")
        length, kind = struct.unpack_from(">I4s", raw, at)
        head = _HEAD
        if length == 1:
            (length,) = struct.unpack_from(">Q", raw, at + _HEAD)
            head = _LONG_HEAD
        elif length == 0 and depth == 0:
            length = end - at
        if length < head or at + length > end:
            raise BrokenError(
                f"the box {kind!r} at byte {at} says it has {length} bytes, {end - at} are left"
            )
        yield kind, at + head, at + length
        if kind in _CONTAINERS and depth < _DEEPEST:
            yield from _boxes(raw, at + head, at + length, depth + 1)
        at += length


def _duration_s(raw: bytes, boxes: list[Span]) -> float:
    """Seconds that the whole lasts, from ``mvhd``."""
    start, _ = only(boxes, b"mvhd")
    is_long = raw[start : start + 1] == b"\x01"
    scale, duration = struct.unpack_from(">IQ" if is_long else ">II", raw, start + (20 if is_long else 12))
    if scale == 0:
        raise BrokenError("its time scale is 0")
    return float(duration / scale)


def _frame(raw: bytes, pictures: list[Span]) -> tuple[int, int]:
    """Width and height in pixels, from the ``tkhd`` of the track of pictures."""
    _, end = only(pictures, b"tkhd")
    width, height = struct.unpack_from(">II", raw, end - 8)
    return width >> 16, height >> 16


def _media(boxes: list[Span]) -> list[tuple[int, int]]:
    media = [(start, end) for kind, start, end in boxes if kind == b"mdat"]
    if not media:
        raise BrokenError("it has no box mdat")
    return media


def _pictures(raw: bytes, boxes: list[Span]) -> tuple[list[Span], bool]:
    """The boxes of the first track of pictures, and whether there is sound beside it."""
    tracks = [(start, end) for kind, start, end in boxes if kind == b"trak"]
    if len(tracks) > _MOST_TRACKS:
        raise BrokenError(f"it has more than {_MOST_TRACKS} tracks")
    inner = [[one for one in boxes if start <= one[1] and one[2] <= end] for start, end in tracks]
    kinds = [handler_of(raw, one) for one in inner]
    if b"vide" not in kinds:
        raise BrokenError("it has no track of pictures")
    return inner[kinds.index(b"vide")], b"soun" in kinds
