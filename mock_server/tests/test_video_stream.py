"""Promises of base64 in blocks: the text is the ordinary one, however the bytes arrive."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.video.stream import BLOCK_BYTES, base64_blocks, base64_length


@given(st.lists(st.binary(max_size=50)))
def test_blocks_are_the_base64_of_the_whole(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    assert b"".join(base64_blocks(chunks)) == base64.b64encode(whole)
    assert base64_length(len(whole)) == len(base64.b64encode(whole))


@given(st.lists(st.integers(0, 2 * BLOCK_BYTES + 2), max_size=4))
def test_large_chunks_as_views_give_the_same(sizes: list[int]) -> None:
    """Sizes around a block, where the groups of three could slip."""
    chunks = [bytes(i % 251 for i in range(size)) for size in sizes]
    blocks = list(base64_blocks(map(memoryview, chunks)))
    assert b"".join(blocks) == base64.b64encode(b"".join(chunks))
    assert all(len(block) == base64_length(BLOCK_BYTES) for block in blocks[:-1])


def test_a_chunk_is_not_asked_for_before_it_is_needed() -> None:
    """Constant memory: when the first block of text appears, only one block of bytes was taken."""
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(BLOCK_BYTES)

    next(base64_blocks(chunks()))
    assert taken == 1


@pytest.mark.parametrize(("n", "length"), [(0, 0), (1, 4), (2, 4), (3, 4), (4, 8), (2**28, 357_913_944)])
def test_length_is_known_beforehand(n: int, length: int) -> None:
    assert base64_length(n) == length


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(ValueError, match="found -1"):
        base64_length(-1)
