"""A request body whose length was said first (RFC 9112, section 6.2)."""

from typing import BinaryIO


class SizedBody:
    """Reads the announced bytes of one body from a connection and none after them; a file object as WSGI asks for."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        """Begin at the first byte; nothing is read yet."""
        self._source = source
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, or all that are left; less, or nothing, when the other side ends early.

        Raises:
            OSError: Nothing came for too long, or the connection broke.
        """
        data = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data
