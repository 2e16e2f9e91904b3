"""A request body in chunks (RFC 9112, section 7.1), read strictly.

Werkzeug's own reader, when the stream ends inside a chunk, reports more bytes than it read, and what
the application then gets is memory that was never sent.
"""

import re
from typing import BinaryIO

_SIZE_LINE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;[^\r\n]*)?\r?\n")
_LONGEST_LINE = 4096  # bytes of a size line with its extensions, or of a trailer line
_MOST_TRAILERS = 100


class BrokenChunksError(OSError):
    """The body breaks off, or is not in chunks."""


class ChunkedBody:
    """Reads the chunks of one body from a connection; a file object as WSGI asks for."""

    def __init__(self, source: BinaryIO) -> None:
        """Begin at the first chunk; nothing is read yet."""
        self._source = source
        self._left = 0  # bytes of the present chunk
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, or one chunk; empty at the end of the body.

        Raises:
            BrokenChunksError: A size is none, a chunk is longer or shorter than announced, or the
                last chunk is missing.
        """
        if self._is_over or size == 0:
            return b""
        if self._left == 0 and not self._begin_chunk():
            return b""
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._source.read(wanted)
        if len(data) < wanted:
            raise BrokenChunksError("the body ends inside a chunk")
        self._left -= len(data)
        if self._left == 0 and self._source.readline(_LONGEST_LINE) not in {b"\r\n", b"\n"}:
            raise BrokenChunksError("a chunk is longer than announced")
        return data

    def _begin_chunk(self) -> bool:
        """Read the next size; False when it is that of the last chunk."""
        match = _SIZE_LINE.fullmatch(self._source.readline(_LONGEST_LINE))
        if match is None:
            raise BrokenChunksError("a chunk has no size")
        self._left = int(match[1], 16)
        if self._left == 0:
            self._skip_trailers()
            self._is_over = True
        return self._left > 0

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            line = self._source.readline(_LONGEST_LINE)
            if line in {b"\r\n", b"\n"}:
                return
            if not line.endswith(b"\n"):
                break
        raise BrokenChunksError("the body does not end after its last chunk")
