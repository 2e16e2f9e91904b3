"""Promises of inflating: the body as it was, never more of it than allowed, and no end that is none."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client.inflating import inflated
from nebula_client.strict_json import DocumentError

SIZES = [1, 2, 3, 5, 7, 64, 65536]
BODY = b'{"base64": "' + bytes(range(48, 91)) * 20 + b'"}'
PACKED = {
    "gzip": gzip.compress(BODY, mtime=0),
    "x-gzip": gzip.compress(BODY, mtime=0),
    "deflate": zlib.compress(BODY),
}
MIB = 2**20


def chunked(body: bytes, size: int = 65536) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def whole(body: bytes, encoding: str | None, size: int = 65536, most_bytes: int = MIB) -> bytes:
    return b"".join(inflated(chunked(body, size), encoding, most_bytes))


@pytest.mark.parametrize("encoding", [None, "", "identity", " Identity "])
def test_a_body_that_was_not_packed_comes_as_its_chunks(encoding: str | None) -> None:
    chunks = list(chunked(BODY, 7))
    assert list(inflated(chunks, encoding, MIB)) == chunks


@given(
    st.binary(max_size=300),
    st.sampled_from(SIZES),
    st.sampled_from(["gzip", "GZIP", "x-gzip", "deflate", " Deflate"]),
)
@settings(deadline=None)
def test_any_body_comes_back_in_any_pieces(body: bytes, size: int, encoding: str) -> None:
    packed = gzip.compress(body, mtime=0) if "gzip" in encoding.lower() else zlib.compress(body)
    assert whole(packed, encoding, size) == body


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("encoding", PACKED)
def test_a_packed_body_cut_anywhere_is_an_error(encoding: str, size: int) -> None:
    for length in range(len(PACKED[encoding])):
        with pytest.raises(
            DocumentError, match=f"found the end after {length} bytes, expected a whole body in {encoding}"
        ):
            whole(PACKED[encoding][:length], encoding, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize(
    "more", [b"\0", b"{}", gzip.compress(b"more", mtime=0)], ids=["nul", "braces", "gzip"]
)
def test_anything_behind_the_packed_body_is_an_error(more: bytes, encoding: str, size: int) -> None:
    with pytest.raises(DocumentError, match=f"found more behind the end of the {encoding} data"):
        whole(PACKED[encoding] + more, encoding, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("encoding", PACKED)
def test_a_body_that_is_not_packed_as_it_says_is_an_error(encoding: str, size: int) -> None:
    other = PACKED["deflate" if "gzip" in encoding else "gzip"]
    spoilt = bytearray(PACKED[encoding])
    spoilt[-6] ^= 1  # in the checksum of both formats
    for body in (BODY, other, bytes(spoilt)):
        with pytest.raises(DocumentError, match=f"bytes, expected {encoding}"):
            whole(body, encoding, size)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip,identity", "*"])
def test_another_encoding_is_an_error(encoding: str) -> None:
    with pytest.raises(DocumentError, match=r"found Content-Encoding .*, expected none, gzip or deflate"):
        whole(BODY, encoding)


@pytest.mark.parametrize("encoding", [None, *PACKED])
def test_a_body_may_be_as_long_as_allowed_and_no_longer(encoding: str | None) -> None:
    body = PACKED[encoding] if encoding else BODY
    assert whole(body, encoding, most_bytes=len(BODY)) == BODY
    for size in SIZES:
        with pytest.raises(DocumentError, match=f"found more than {len(BODY) - 1} bytes"):
            whole(body, encoding, size, len(BODY) - 1)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [64, 2**30])
def test_a_bomb_takes_two_mib_at_most(encoding: str, size: int) -> None:
    """200 MiB that were packed into 200 KB, and are refused at 100."""
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join([*(packer.compress(bytes(MIB)) for _ in range(200)), packer.flush()])
    lengths: list[int] = []
    tracemalloc.start()
    try:
        with pytest.raises(DocumentError, match="found more than 104857600 bytes"):
            lengths.extend(map(len, inflated(chunked(bomb, size), encoding, 100 * MIB)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 99 * MIB < sum(lengths) <= 100 * MIB
    assert peak < 2 * MIB
