"""Connections beyond the limit: answered at once and left without a thread."""

import socket
import time
from contextlib import suppress
from http import HTTPStatus

from nebula_mock.access_log import log_access
from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.early_answers import early_answer

_RETRY_AFTER_S = 1
_BLOCK_BYTES = 256 * 1024


class TurnedAway:
    """Connections that have their answer, and may not have read it yet.

    To close while something is unread is to reset the connection, and a reset can overtake the answer. So
    each is kept until the other side has closed or has had its time. Only the accepting thread is here; it
    never waits.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        """Nobody has been turned away yet."""
        self._limits = limits
        self._kept: dict[socket.socket, float] = {}  # and until when; the oldest first
        self._block = bytearray(_BLOCK_BYTES)

    def answer(self, connection: socket.socket) -> None:
        """Answer 503 unread, and keep the connection; the oldest has to go where there are too many."""
        most = self._limits.most_connections
        log_access(None, None, HTTPStatus.SERVICE_UNAVAILABLE)
        raw = early_answer(
            "too-many-connections",
            f"{most} connections are open, which is the limit; nothing was done, try again in {_RETRY_AFTER_S} s",
            retry_after_s=_RETRY_AFTER_S,
        )
        connection.settimeout(0)
        self._kept[connection] = time.monotonic() + self._limits.turned_away_s
        with suppress(OSError):  # it has left already
            connection.send(raw)  # far smaller than the buffer of a new connection
            connection.shutdown(socket.SHUT_WR)
        if len(self._kept) > self._limits.most_turned_away:
            self._forget(next(iter(self._kept)))

    def look_after(self) -> None:
        """Read what they still send, and close those that have closed or have had their time."""
        for connection, until in tuple(self._kept.items()):
            if time.monotonic() >= until or self._has_left(connection):
                self._forget(connection)

    def close(self) -> None:
        """Close all of them."""
        for connection in tuple(self._kept):
            self._forget(connection)

    def _has_left(self, connection: socket.socket) -> bool:
        try:
            return connection.recv_into(self._block) == 0
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _forget(self, connection: socket.socket) -> None:
        del self._kept[connection]
        connection.close()
