"""Reading from a connection with a limit to the waiting.

A timeout of a socket begins anew with every byte, so a client that sends one now and then is waited for
without end. Here a read ends at a moment, however many bytes come until then.
"""

import io
import math
import socket
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK_BYTES = 64 * 1024


class Readable(Protocol):
    """Anything that gives blocks of bytes until an empty one."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""


class WireReader(io.RawIOBase):
    """What arrives on a connection; made to stand under an ``io.BufferedReader``."""

    def __init__(self, connection: socket.socket, *, whole_s: float) -> None:
        """Read from ``connection``, whose owner closes it; for ``whole_s`` seconds from now."""
        self._connection = connection
        self.allow(whole_s=whole_s)

    def allow(self, *, idle_s: float = math.inf, whole_s: float = math.inf) -> None:
        """From now on, wait ``idle_s`` seconds for each next byte and ``whole_s`` for all of them.

        One of the two must be finite. ``idle_s=0`` takes what is there, and waits for nothing.
        """
        self._idle_s = idle_s
        self._until = time.monotonic() + whole_s

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read what is there, or wait for it; 0 when the other side has ended.

        Raises:
            TimeoutError: The wait is over.
            OSError: The connection broke, or nothing was there and nothing was to be waited for.
        """
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the time to read is over")
        self._connection.settimeout(min(self._idle_s, left_s))
        return self._connection.recv_into(buffer)


def discard(source: Readable, most_bytes: int) -> int:
    """Read to the end of ``source``, or a little more than ``most_bytes``, and keep nothing.

    Returns:
        How many of the bytes were not used up; none are left when ``source`` was not read to its end.

    Raises:
        OSError: What reading raises.
    """
    while most_bytes > 0 and (block := source.read(_BLOCK_BYTES)):
        most_bytes -= len(block)
    return most_bytes
