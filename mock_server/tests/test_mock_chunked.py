"""Promises of the reader of chunks: what was sent comes out, all of it or an error, and nothing else."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.chunked import BrokenChunksError, ChunkedBody

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

pieces = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
steps = st.integers(1, 60) | st.just(-1)
extensions = st.sampled_from([b"", b" ", b"\t", b";a=b", b' ; name="value"'])
trailers = st.lists(st.sampled_from([b"X-Digest: 1\r\n", b"Expires: 0\n"]), max_size=3).map(b"".join)

NEXT = b"GET / HTTP/1.1\r\n"


def framed(chunks: list[bytes], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """A body in those chunks, as it travels."""
    sized = (b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return b"".join(sized) + b"0\r\n" + trailer + b"\r\n"


def read_out(source: io.BytesIO, step: int = -1) -> bytes:
    """All that a reader gives, in steps of that size."""
    body = ChunkedBody(source)
    return b"".join(iter(lambda: body.read(step), b""))


@patient
@given(pieces, extensions, trailers, steps)
def test_the_body_comes_out_and_what_follows_stays(
    chunks: list[bytes], extension: bytes, trailer: bytes, step: int
) -> None:
    source = io.BytesIO(framed(chunks, extension, trailer) + NEXT)
    assert read_out(source, step) == b"".join(chunks)
    assert source.read() == NEXT


@patient
@given(pieces, steps, st.data())
def test_a_body_that_breaks_off_anywhere_is_an_error(
    chunks: list[bytes], step: int, data: st.DataObject
) -> None:
    raw = framed(chunks)
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(BrokenChunksError):
        read_out(io.BytesIO(raw[:cut]), step)


@patient
@given(st.binary(max_size=80) | st.from_regex(rb"[0-9a-f]{1,3}\r\n.{0,40}\r\n0\r\n\r\n"), steps)
def test_nothing_comes_out_that_did_not_go_in(raw: bytes, step: int) -> None:
    out = b""
    body = ChunkedBody(io.BytesIO(raw))
    try:
        while block := body.read(step):
            out += block
            assert block in raw
    except BrokenChunksError:
        pass
    assert len(out) <= len(raw)


@pytest.mark.parametrize(
    "line",
    [
        b"\r\n",
        b"-1\r\n",
        b"+5\r\n",
        b"0x5\r\n",
        b" 5\r\n",
        b"5 5\r\n",
        b"g\r\n",
        b"5\r",
        b"5\r\r\n",
        b"5_0\r\n",
        b"\xb2\r\n",
        b"0" * 16 + b"\r\n",
        b"5;" + b"x" * 4096 + b"\r\n",
    ],
)
def test_a_size_that_is_none_is_an_error(line: bytes) -> None:
    with pytest.raises(BrokenChunksError, match="a chunk has no size"):
        read_out(io.BytesIO(line + b"hello\r\n0\r\n\r\n"))


def test_a_chunk_longer_than_announced_is_an_error() -> None:
    with pytest.raises(BrokenChunksError, match="a chunk is longer than announced"):
        read_out(io.BytesIO(b"4\r\nhello\r\n0\r\n\r\n"))


def test_no_more_trailers_are_read_than_a_server_can_bear() -> None:
    with pytest.raises(BrokenChunksError, match="does not end after its last chunk"):
        read_out(io.BytesIO(framed([b"hello"], trailer=b"X: 1\r\n" * 101)))


@pytest.mark.parametrize("size", [b"a", b"A", b"0a", b"000000A"])
def test_a_size_is_hexadecimal_in_any_case(size: bytes) -> None:
    assert read_out(io.BytesIO(size + b"\r\n0123456789\r\n0\r\n\r\n")) == b"0123456789"


def test_the_end_stays_the_end() -> None:
    source = io.BytesIO(framed([b"hello"]) + framed([b"again"]))
    body = ChunkedBody(source)
    assert [body.read() for _ in range(4)] == [b"hello", b"", b"", b""]


def test_a_read_of_nothing_reads_nothing() -> None:
    source = io.BytesIO(framed([b"hello"]))
    assert ChunkedBody(source).read(0) == b""
    assert source.tell() == 0
