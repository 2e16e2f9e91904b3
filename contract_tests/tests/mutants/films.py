"""Lies in the videos themselves that leave the first frame as it is."""

import base64
import struct
from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.lies import json_lie, lie_when, on
from nebula_contract.mutating.mutant import Ask, Lie, Mutant, Told

HEAD = "data:video/mp4;base64,"
Change = Callable[[bytes], bytes]


def _downloads(change: Change) -> Lie:
    def lie(body: dict[str, Any]) -> None:
        raw = change(base64.b64decode(body["base64"]))
        text = base64.b64encode(raw).decode()
        body.update(size=len(raw), base64=text, data_url=HEAD + text)

    return json_lie(on("download"), lie)


def _results(change: Change, *, which: Callable[[Ask], bool] = lambda _: True) -> Lie:
    def is_film(ask: Ask, told: Told) -> bool:
        return on("result")(ask, told) and told.body[4:8] == b"ftyp" and which(ask)

    return lie_when(is_film, lambda told: told.turn(body=change(told.body)))


def _numbers(raw: bytes, kind: bytes, skip: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}I", raw, raw.index(kind) + 4 + skip)


def _with_number(raw: bytes, at: int, number: int) -> bytes:
    return raw[:at] + struct.pack(">I", number) + raw[at + 4 :]


def _frame_at(raw: bytes, number: int) -> int:
    """Where a frame of the first pass begins, counted from 0."""
    (start,) = _numbers(raw, b"stco", 8, 1)
    return int(start + sum(_numbers(raw, b"stsz", 12, number)))


def _damaged(number: int) -> Change:
    return lambda raw: _with_number(raw, _frame_at(raw, number), 0x7FFFFFFF)


def _hole(raw: bytes) -> bytes:
    """Zeros behind the length of a unit, as a file has whose blocks were lost."""
    at = _frame_at(raw, 9) + 4
    return raw[:at] + bytes(9) + raw[at + 9 :]


def _last_is_noise(raw: bytes) -> bytes:
    start = raw.index(b"mdat") + 4
    return raw[: (start + len(raw)) // 2] + b"\xff" * (len(raw) - (start + len(raw)) // 2)


def _frame_is_longer(raw: bytes) -> bytes:
    at = raw.index(b"stsz") + 4 + 12 + 4 * 3
    return _with_number(raw, at, struct.unpack_from(">I", raw, at)[0] + 1)


def _sizes_beyond_the_end(raw: bytes) -> bytes:
    at = raw.index(b"stsz") + 4 + 8
    count = struct.unpack_from(">I", raw, at)[0]
    return _with_number(raw, at + 4 * count, len(raw))


def _at_rate(numerator: int, denominator: int) -> Change:
    def change(raw: bytes) -> bytes:
        at = raw.index(b"mdhd") + 4 + 12
        return _with_number(raw, at, struct.unpack_from(">I", raw, at)[0] * numerator // denominator)

    return change


def _slower(raw: bytes) -> bytes:
    at = raw.index(b"stts") + 4 + 12
    return _with_number(raw, at, 1024)


def _with_fewer_frames(raw: bytes) -> bytes:
    """Only the first half of the pictures is named; the film says that it is as long as before."""
    (count,) = _numbers(raw, b"stsz", 8, 1)
    passes = _numbers(raw, b"stco", 4, 1)[0] // 2
    kept = min(24 * passes, count)
    raw = _with_number(raw, raw.index(b"stts") + 4 + 8, kept)
    raw = _with_number(raw, raw.index(b"stsz") + 4 + 8, kept)
    return _with_number(raw, raw.index(b"stco") + 4 + 4, passes)


def _as_hevc(raw: bytes) -> bytes:
    at = raw.index(b"avc1", raw.index(b"stsd"))
    return raw[:at] + b"hev1" + raw[at + 4 :]


def _with_sound(raw: bytes) -> bytes:
    """A second track, which is the first one again and says that it is sound."""
    at = raw.index(b"trak") - 4
    length = struct.unpack_from(">I", raw, at)[0]
    moov = raw.index(b"moov") - 4
    grown = _with_number(raw, moov, struct.unpack_from(">I", raw, moov)[0] + length)
    sound = _shifted(grown[at : at + length], length).replace(b"vide", b"soun", 1)
    head = grown[:at] + _shifted(grown[at : at + length], length) + sound
    return head + grown[at + length :]


def _shifted(track: bytes, by: int) -> bytes:
    at = track.index(b"stco") + 4
    count = struct.unpack_from(">I", track, at + 4)[0]
    offsets = struct.unpack_from(f">{count}I", track, at + 8)
    moved = struct.pack(f">{count}I", *(one + by for one in offsets))
    return track[: at + 8] + moved + track[at + 8 + 4 * count :]


MUTANTS = [
    Mutant("the second frame of downloads is noise", ("NC507",), _downloads(_damaged(1))),
    Mutant("a frame in the middle of downloads is noise", ("NC507",), _downloads(_damaged(11))),
    Mutant("a frame in the middle of results is noise", ("NC507",), _results(_damaged(17))),
    Mutant("the second half of results is noise", ("NC507",), _results(_last_is_noise)),
    Mutant("results have a hole in the middle", ("NC507",), _results(_hole)),
    Mutant("downloads have a hole in the middle", ("NC507",), _downloads(_hole)),
    Mutant("a frame of downloads is said to be longer", ("NC507",), _downloads(_frame_is_longer)),
    Mutant("the last frame of results lies beyond the end", ("NC507",), _results(_sizes_beyond_the_end)),
    Mutant("results are said to be HEVC", ("NC507",), _results(_as_hevc)),
    Mutant("downloads are said to be HEVC", ("NC507",), _downloads(_as_hevc)),
    Mutant("downloads run at 25 instead of 30", ("NC513",), _downloads(_at_rate(5, 6))),
    Mutant("results run a fifth faster", ("NC513",), _results(_at_rate(6, 5))),
    Mutant("results run half as fast", ("NC513",), _results(_slower)),
    Mutant("results lose half of their pictures", ("NC513",), _results(_with_fewer_frames)),
    Mutant("silent results have sound", ("NC514",), _results(_with_sound)),
]  # fmt: skip
