"""Promises of a film: its length is known, any range can be read, and its bytes are its own."""

import hashlib
import struct
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nebula_mock.video.errors import FilmError, FrameSizeError
from nebula_mock.video.film import BLOCK_BYTES, MAX_FILM_BYTES, Film, FilmSpec

SPEC = FilmSpec(320, 320, 24, 2)
NATURAL_BYTES = Film(SPEC, "video_1").length

specs = st.builds(
    FilmSpec,
    st.sampled_from([64, 320, 640]),
    st.sampled_from([62, 368]),
    st.integers(1, 60),
    st.integers(1, 12),
)
extra_bytes = st.integers(0, 16) | st.integers(0, 200_000)


def whole(film: Film) -> bytes:
    """All bytes of a film."""
    return b"".join(film.read())


@given(specs, st.text(), st.none() | st.integers(0, 300_000))
def test_length_is_the_number_of_bytes(spec: FilmSpec, identity: str, size_bytes: int | None) -> None:
    film = Film(spec, identity, size_bytes)
    assert len(whole(film)) == film.length


@given(extra_bytes, st.data(), st.integers(1, 100_000))
def test_any_range_is_that_slice_of_the_whole(extra: int, data: st.DataObject, block: int) -> None:
    film = Film(SPEC, "video_1", NATURAL_BYTES + extra)
    start = data.draw(st.integers(0, film.length))
    stop = data.draw(st.integers(start, film.length))
    blocks = [bytes(piece) for piece in film.read(start, stop, max(block, (stop - start) // 500))]
    assert b"".join(blocks) == whole(film)[start:stop]
    assert all(blocks)


@pytest.mark.parametrize("block", [1, 7, BLOCK_BYTES])
def test_no_block_exceeds_what_was_asked(block: int) -> None:
    film = Film(SPEC, "video_1", NATURAL_BYTES + 200_000)
    assert max(len(piece) for piece in film.read(film.length - 3 * block, block=block)) == block


@pytest.mark.parametrize("extra", [*range(17), 49_149 + 8, 1_000_003])
def test_a_size_from_the_natural_one_up_is_met_exactly(extra: int) -> None:
    film = Film(SPEC, "video_1", NATURAL_BYTES + extra)
    assert film.length == len(whole(film)) == NATURAL_BYTES + extra


@pytest.mark.parametrize("size_bytes", [0, 1, NATURAL_BYTES - 1, NATURAL_BYTES])
def test_a_size_below_the_natural_one_gives_the_natural_one(size_bytes: int) -> None:
    assert whole(Film(SPEC, "video_1", size_bytes)) == whole(Film(SPEC, "video_1"))


def test_the_largest_film_is_read_at_both_ends_without_the_middle() -> None:
    film = Film(SPEC, "video_1", MAX_FILM_BYTES)
    assert film.length == MAX_FILM_BYTES
    assert bytes(next(film.read()))[4:8] == b"ftyp"
    last = b"".join(film.read(film.length - BLOCK_BYTES))
    assert len(last) == BLOCK_BYTES
    assert last != b"".join(film.read(film.length - 2 * BLOCK_BYTES, film.length - BLOCK_BYTES))


def test_reading_the_largest_film_takes_constant_memory() -> None:
    film = Film(SPEC, "video_1", MAX_FILM_BYTES)
    tracemalloc.start()
    try:
        assert sum(map(len, film.read())) == MAX_FILM_BYTES
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8 * BLOCK_BYTES


def test_neighbouring_blocks_of_the_filler_differ() -> None:
    """Else a consumer could take one block for the next and nobody would notice."""
    film = Film(SPEC, "video_1", NATURAL_BYTES + 8 + 20 * BLOCK_BYTES)
    for block in (BLOCK_BYTES, 64 * 1024):
        pieces = [bytes(piece) for piece in film.read(NATURAL_BYTES + 8, block=block)]
        assert all(one != other for one, other in pairwise(pieces))


@given(specs, st.text(), st.none() | st.integers(0, 300_000))
def test_same_film_same_bytes(spec: FilmSpec, identity: str, size_bytes: int | None) -> None:
    assert whole(Film(spec, identity, size_bytes)) == whole(Film(spec, identity, size_bytes))


def test_the_filler_never_changes_between_releases() -> None:
    """Recorded digests of films must stay valid: this is the rule, written out once more."""
    film = Film(SPEC, "video_1", NATURAL_BYTES + 8 + 100_000)
    unit = hashlib.shake_256(b"video_1").digest(49_149)
    assert b"".join(film.read(NATURAL_BYTES)) == struct.pack(">I4s", 100_008, b"free") + (unit * 3)[:100_000]


@given(st.text(), st.text(), st.none() | st.just(NATURAL_BYTES + 100_000))
def test_other_identity_other_bytes(one: str, other: str, size_bytes: int | None) -> None:
    assume(one != other)
    assert whole(Film(SPEC, one, size_bytes)) != whole(Film(SPEC, other, size_bytes))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("fps", 0, "a whole number of frames a second from 1 to 240"),
        ("fps", 241, "a whole number of frames a second from 1 to 240"),
        ("fps", 23.976, "a whole number of frames a second from 1 to 240"),
        ("fps", True, "a whole number of frames a second from 1 to 240"),
        ("duration_s", 0, "a whole number of seconds from 1 to 60"),
        ("duration_s", 61, "a whole number of seconds from 1 to 60"),
        ("width", "640", "a whole number of pixels"),
        ("height", 360.0, "a whole number of pixels"),
    ],
)
def test_a_spec_outside_its_limits_is_refused(name: str, value: object, expected: str) -> None:
    fields: dict[str, object] = {"width": 640, "height": 360, "fps": 24, "duration_s": 4, name: value}
    with pytest.raises(FilmError) as caught:
        FilmSpec(**fields)  # type: ignore[arg-type]
    assert str(caught.value) == f"{name}: found {value!r}, expected {expected}."


def test_a_spec_of_an_impossible_frame_size_is_refused() -> None:
    with pytest.raises(FrameSizeError):
        FilmSpec(641, 360, 24, 4)


@pytest.mark.parametrize("size_bytes", [-1, MAX_FILM_BYTES + 1])
def test_a_size_outside_its_limits_is_refused(size_bytes: int) -> None:
    with pytest.raises(FilmError, match="size_bytes: found"):
        Film(SPEC, "video_1", size_bytes)


def test_an_identity_that_utf8_cannot_encode_is_refused() -> None:
    with pytest.raises(FilmError, match="lone surrogates"):
        Film(SPEC, "\ud800")


@pytest.mark.parametrize(
    ("start", "stop", "block"), [(-1, None, 1), (0, NATURAL_BYTES + 1, 1), (2, 1, 1), (0, None, 0)]
)
def test_a_range_outside_the_film_is_refused_at_once(start: int, stop: int | None, block: int) -> None:
    """Before the first block, while a server can still answer with a status."""
    with pytest.raises(FilmError):
        Film(SPEC, "video_1").read(start, stop, block)


def test_films_are_facts() -> None:
    assert Film(SPEC, "video_1") == Film(SPEC, "video_1")
    assert len({Film(SPEC, "video_1"), Film(SPEC, "video_1"), Film(SPEC, "video_2")}) == 2
    assert Film(SPEC, "video_1").media_type == "video/mp4"
