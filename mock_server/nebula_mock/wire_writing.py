"""Writing to a connection for as long as somebody takes what is written.

A timeout of a socket, with ``sendall``, is one for the whole of what is sent; with ``send``, one for the
system to call for more, which it does only when a third of its buffer is free: minutes, on a slow line.
So what counts here is what the other side has confirmed.
"""

import array
import fcntl
import io
import socket
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_LOOKS = 4  # how often in a wait it is looked whether something was taken


class WireWriter(io.BufferedIOBase):
    """What is sent on a connection, unbuffered."""

    def __init__(self, connection: socket.socket, *, stall_s: float) -> None:
        """Write to ``connection``, whose owner closes it; nothing taken for ``stall_s`` is an end."""
        self._connection = connection
        self._stall_s = stall_s

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Send all of ``data``.

        Raises:
            TimeoutError: The other side took nothing for too long.
            OSError: The connection broke.
        """
        with memoryview(data).cast("B") as whole:
            sent = 0
            while sent < len(whole):
                sent += self._send(whole[sent:])
            return sent

    def _send(self, rest: memoryview) -> int:
        """Send what goes at once, or as soon as something goes."""
        self._connection.settimeout(self._stall_s / _LOOKS)
        waiting, taken_at = _unconfirmed_bytes(self._connection), time.monotonic()
        while True:
            try:
                return self._connection.send(rest)
            except TimeoutError:
                before, waiting = waiting, _unconfirmed_bytes(self._connection)
                if waiting < before:
                    taken_at = time.monotonic()
                elif time.monotonic() - taken_at >= self._stall_s:
                    raise


def _unconfirmed_bytes(connection: socket.socket) -> int:
    """How many bytes were sent and not yet confirmed; 0 where the system does not tell."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(connection, termios.TIOCOUTQ, count)  # of a socket known as SIOCOUTQ, see tcp(7)
    except OSError:  # not Linux: there only the call for more counts
        return 0
    return count[0]
