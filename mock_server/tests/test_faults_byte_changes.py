"""Promises of changes of streamed bytes: the announced length is true, and blocks mean nothing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.core.byte_changes import (
    ByteChange,
    Cut,
    Ending,
    Flipped,
    Instead,
    Lines,
    Overlay,
    Substituted,
    Translated,
    changed,
    changed_length,
)

fractions = st.floats(0, 1)
changes = st.one_of(
    st.builds(Cut, fractions, st.integers(1, 5), st.integers(0, 5)),
    st.builds(Ending, st.integers(0, 5), st.binary(max_size=5)),
    st.builds(Overlay, fractions, st.binary(max_size=5)),
    st.builds(Flipped, fractions),
    st.builds(Lines, st.integers(1, 9), st.binary(min_size=1, max_size=3)),
    st.just(Translated({43: 45, 47: 95})),
    st.just(Substituted(b"moov", b"free")),
    st.builds(Instead, st.binary(max_size=9)),
)


def in_blocks(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data cut at some places, empty blocks left out."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:stop] for start, stop in pairwise(places)]


@given(
    data=st.binary(max_size=300),
    cuts=st.lists(st.integers(0, 400), max_size=9),
    made=st.lists(changes, max_size=3),
)
def test_the_length_told_before_is_the_length_that_comes_however_it_is_cut(
    data: bytes, cuts: list[int], made: list[ByteChange]
) -> None:
    whole = b"".join(changed(made, [data] if data else [], len(data)))
    pieces = b"".join(changed(made, map(memoryview, in_blocks(data, cuts)), len(data)))
    assert whole == pieces
    assert len(whole) == changed_length(made, len(data))


@given(data=st.binary(min_size=1, max_size=300), fraction=fractions)
def test_a_flipped_bit_is_the_only_difference(data: bytes, fraction: float) -> None:
    flipped = b"".join(changed([Flipped(fraction)], [data], len(data)))
    assert sum((one ^ other).bit_count() for one, other in zip(data, flipped, strict=True)) == 1


@given(data=st.binary(max_size=300), width=st.integers(1, 80))
def test_lines_are_of_one_width_and_joined_they_are_the_text(data: bytes, width: int) -> None:
    text = data.hex().encode()
    lines = b"".join(changed([Lines(width, b"\n")], [text], len(text))).split(b"\n")
    assert b"".join(lines) == text
    assert {len(line) for line in lines[:-1]} <= {width}


@given(text=st.binary(max_size=400), fraction=fractions)
def test_a_cut_keeps_whole_groups_and_what_is_said_beside(text: bytes, fraction: float) -> None:
    for extra in (0, 2):
        kept = b"".join(changed([Cut(fraction, 4, extra)], [text], len(text)))
        assert text.startswith(kept)
        assert len(kept) % 4 == extra or len(kept) == len(text)
