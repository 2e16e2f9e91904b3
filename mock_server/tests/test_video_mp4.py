"""Promises of the container: box order, and tables that lead to each frame."""

import base64
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.video.film import Film, FilmSpec
from nebula_mock.video.sps import parsed_sps

# The start that consumers of base64 payloads recognise an MP4 file by.
FTYP_IN_BASE64 = b"AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEA"
CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
IDR = 5


def boxes(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Type, payload start and end of each box, those inside containers after their container."""
    stop = len(data) if stop is None else stop
    while start < stop:
        size, kind = struct.unpack_from(">I4s", data, start)
        assert 8 <= size <= stop - start
        yield kind, start + 8, start + size
        if kind in CONTAINERS:
            yield from boxes(data, start + 8, start + size)
        start += size


def numbers(data: bytes, kind: bytes) -> tuple[int, ...]:
    """The 32-bit numbers of the one full box of this type, behind version and flags."""
    ((start, stop),) = ((start, stop) for found, start, stop in boxes(data) if found == kind)
    return struct.unpack(f">{(stop - start) // 4 - 1}I", data[start + 4 : stop])


def sample_offsets(data: bytes) -> list[int]:
    """Where each sample starts, by way of stsc, stco and stsz as a player goes."""
    sizes, chunks, runs = numbers(data, b"stsz")[2:], numbers(data, b"stco")[1:], numbers(data, b"stsc")[1:]
    offsets: list[int] = []
    for chunk, offset in enumerate(chunks, start=1):
        in_chunk = next(runs[i + 1] for i in range(len(runs) - 3, -1, -3) if runs[i] <= chunk)
        for _ in range(in_chunk):
            offsets.append(offset)
            offset += sizes[len(offsets) - 1]  # noqa: PLW2901 - walks through the chunk
    return offsets


specs = st.builds(FilmSpec, st.just(640), st.just(368), st.integers(1, 240), st.integers(1, 60))
sizes_bytes = st.none() | st.integers(0, 300_000)


def file_of(spec: FilmSpec, size_bytes: int | None = None, identity: str = "video_1") -> bytes:
    """The whole file."""
    return b"".join(Film(spec, identity, size_bytes).read())


@given(specs, sizes_bytes)
def test_every_frame_is_found_through_the_tables(spec: FilmSpec, size_bytes: int | None) -> None:
    data = file_of(spec, size_bytes)
    offsets, sizes, sync = sample_offsets(data), numbers(data, b"stsz")[2:], set(numbers(data, b"stss")[1:])
    assert len(offsets) == len(sizes) == spec.frames
    for number, (offset, size) in enumerate(zip(offsets, sizes, strict=True), start=1):
        (nal_length,) = struct.unpack_from(">I", data, offset)
        assert nal_length + 4 == size
        assert (data[offset + 4] & 31 == IDR) == (number in sync) == (number % 24 == 1)


@given(specs, sizes_bytes)
def test_the_frames_fill_mdat_exactly(spec: FilmSpec, size_bytes: int | None) -> None:
    data = file_of(spec, size_bytes)
    ((start, stop),) = ((start, stop) for kind, start, stop in boxes(data) if kind == b"mdat")
    offsets = sample_offsets(data)
    assert offsets == sorted(offsets)
    assert (offsets[0], offsets[-1] + numbers(data, b"stsz")[-1]) == (start, stop)


@given(specs)
def test_durations_are_exact(spec: FilmSpec) -> None:
    data = file_of(spec)
    timescale, duration = numbers(data, b"mdhd")[2:4]
    runs, count, ticks = numbers(data, b"stts")
    assert (runs, count, ticks * spec.fps) == (1, spec.frames, timescale)
    assert duration == count * ticks == spec.duration_s * timescale
    assert numbers(data, b"mvhd")[3] == spec.duration_s * numbers(data, b"mvhd")[2]
    assert numbers(data, b"tkhd")[4] == numbers(data, b"mvhd")[3]


@pytest.mark.parametrize(
    ("size_bytes", "order"),
    [
        (None, [b"ftyp", b"free", b"moov", b"mdat"]),
        (300_000, [b"ftyp", b"free", b"moov", b"mdat", b"free"]),
    ],
)
def test_box_order_allows_playing_while_loading(size_bytes: int | None, order: list[bytes]) -> None:
    data = file_of(FilmSpec(640, 368, 24, 4), size_bytes)
    top = [b"ftyp", b"free", b"moov", b"mdat"]
    assert [kind for kind, _, _ in boxes(data) if kind in top] == order


@given(specs, sizes_bytes, st.text())
def test_every_file_starts_with_the_same_bytes(spec: FilmSpec, size_bytes: int | None, identity: str) -> None:
    assert base64.b64encode(file_of(spec, size_bytes, identity)).startswith(FTYP_IN_BASE64)


@pytest.mark.parametrize(("fps", "level_idc"), [(24, 30), (60, 31), (120, 32), (240, 40)])
def test_the_level_allows_the_rate(fps: int, level_idc: int) -> None:
    """A decoder trusts the level, in avcC and in the SPS inside it alike."""
    data = file_of(FilmSpec(640, 368, fps, 1))
    at = data.index(b"avcC") + 4
    sps_length = int.from_bytes(data[at + 6 : at + 8], "big")
    assert data[at + 3] == parsed_sps(data[at + 8 : at + 8 + sps_length]).level_idc == level_idc
