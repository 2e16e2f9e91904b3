"""A provider on a raw socket, for what no HTTP server would send."""

import itertools
import json
import socket
import struct
import threading
from types import TracebackType
from typing import Any, Self


class Silence:
    """No answer at all; the connection stays open."""


class Reset:
    """A reset of the connection, after these bytes."""

    def __init__(self, after: bytes = b"") -> None:
        """Say what is sent before."""
        self.after = after


Reply = bytes | Silence | Reset


def answer(status: int, body: bytes | dict[str, Any], *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer as bytes; ``length`` is what it claims where that is not the truth."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    claimed = len(raw) if length is None else length
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {claimed}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + raw


class RawServer:
    """A socket that gives each connection the next reply, the last one for ever.

    Attributes:
        requests: Head and body of every request, as they came.
        is_silent: Whether some connection is never answered.
    """

    def __init__(self, *replies: Reply) -> None:
        """Listen on a free port of this machine."""
        self.requests: list[bytes] = []
        self.is_silent = any(isinstance(reply, Silence) for reply in replies)
        self._replies = itertools.chain(replies, itertools.repeat(replies[-1]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []  # connections that are never answered
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        socket.create_connection(self._listener.getsockname()).close()  # wakes the thread
        self._thread.join()
        for one in (self._listener, *self._held):
            one.close()

    def _serve(self) -> None:
        for reply in self._replies:
            peer, _ = self._listener.accept()
            with peer:
                if self._ended.is_set():
                    return
                self.requests.append(whole_request(peer))
                self._reply(peer, reply)

    def _reply(self, peer: socket.socket, reply: Reply) -> None:
        if isinstance(reply, Silence):
            self._held.append(peer.dup())
        elif isinstance(reply, Reset):
            peer.sendall(reply.after)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            peer.sendall(reply)


def whole_request(peer: socket.socket) -> bytes:
    """One request with its body."""
    with peer.makefile("rb") as file:
        head = b"".join(iter(file.readline, b"\r\n"))
        length = next(
            (int(x[15:]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")), 0
        )
        return head + b"\r\n" + file.read(length)
