"""Promises of chunked answers: a size is hexadecimal digits, and the last chunk has its end."""

import json

import pytest

from nebula_client import SubmitUncertain, UnreachableError, VideoClient
from raw_server import RawServer

SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
BODY = json.dumps({"task_id": SORA_ID, "status": "queued"}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH = b"%x" % len(BODY)


def chunked(size: bytes = LENGTH, end: bytes = b"0\r\n\r\n") -> bytes:
    """The body in one chunk, whose size is told so."""
    return b"%b%b\r\n%b\r\n%b" % (HEAD, size, BODY, end)


@pytest.mark.parametrize(
    "whole",
    [
        chunked(),
        chunked(LENGTH.upper()),
        chunked(b"000" + LENGTH),
        chunked(LENGTH + b" "),
        chunked(LENGTH + b';name="value"'),
        chunked(end=b"0;last\r\n\r\n"),
        chunked(end=b"0\r\nX-Trailer: 1\r\n\r\n"),
        chunked(end=b"000\r\n\r\n"),
        chunked().replace(b"\r\n0\r\n\r\n", b"\r\n0\n\n"),
    ],
)
def test_what_http_allows_is_read(whole: bytes) -> None:
    with RawServer(whole) as server:
        assert VideoClient("sk-test", server.url, request_retries=0).query(SORA_ID).status == "queued"


BROKEN = {
    "0x": chunked(b"0x" + LENGTH),
    "plus": chunked(b"+" + LENGTH),
    "underscore": chunked(LENGTH[:1] + b"_" + LENGTH[1:]),
    "space before": chunked(b" " + LENGTH),
    "other digits": chunked(LENGTH + b"\x0b"),
    "too long": chunked(b"0" * 20 + LENGTH),
    "last chunk 0x0": chunked(end=b"0x0\r\n\r\n"),
    "last chunk -0": chunked(end=b"-0\r\n\r\n"),
    "no final line": chunked(end=b"0\r\n"),
    "trailer cut": chunked(end=b"0\r\nX-Trailer: 1\r\n"),
    "end of the last line": chunked(end=b"0\r\n\r"),
}


@pytest.mark.parametrize("whole", BROKEN.values(), ids=BROKEN)
def test_python_reads_more_than_that_and_the_client_does_not(whole: bytes) -> None:
    """Who sends such sizes may mean another end than the one that is read; a cut end may be a cut answer."""
    with RawServer(whole) as server:
        client = VideoClient("sk-test", server.url, request_retries=0)
        with pytest.raises(UnreachableError, match=r"size of a chunk|line that ends"):
            client.query(SORA_ID)


@pytest.mark.parametrize("whole", BROKEN.values(), ids=BROKEN)
def test_a_submit_that_is_answered_so_is_uncertain(whole: bytes) -> None:
    with RawServer(whole) as server, pytest.raises(SubmitUncertain):
        VideoClient("sk-test", server.url).submit("A cat", model="sora-2")
