"""A provider on a raw socket that plays what no HTTP server would: one play for each connection."""

import contextlib
import itertools
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

_PATIENCE_S = 20.0  # of a play for its client; a client that is gone ends it sooner
_LINGER_OFF = struct.pack("ii", 1, 0)


class Peer:
    """A client that connected, as a play sees it."""

    def __init__(
        self, plain: socket.socket, note: Callable[[bytes], None], held: list[socket.socket]
    ) -> None:
        """Talk over that socket; ``note`` takes each request."""
        self._plain = plain
        self._note = note
        self._held = held

    def request(self) -> bytes:
        """One request with its body; empty when the client ended."""
        with self._plain.makefile("rb") as file:
            head = b"".join(itertools.takewhile(lambda line: line not in {b"\r\n", b""}, file))
            lengths = (
                line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
            )
            whole = head and head + b"\r\n" + file.read(int(next(lengths, b"0")))
        if whole:
            self._note(whole)
        return whole

    def first_byte(self) -> None:
        """Wait for something to come, and leave it unread."""
        self._plain.recv(1, socket.MSG_PEEK)

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._plain.sendall(data)

    def reset(self) -> None:
        """Let the connection end with a reset instead of in order."""
        self._plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)

    def hold(self) -> None:
        """Keep the connection open, saying nothing, for as long as the provider lives."""
        self._held.append(self._plain.dup())


Play = Callable[[Peer], None]


class RawProvider:
    """A server of this machine that gives each connection the next play, the last one for ever.

    Attributes:
        requests: Head and body of every whole request, as they came.
        connections: How many there were.
        refused_tls: How many of them failed at TLS.
    """

    def __init__(self, *plays: Play, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port; over TLS where there is a context."""
        self.requests: list[bytes] = []
        self.connections = self.refused_tls = 0
        self._plays = itertools.chain(plays, itertools.repeat(plays[-1]))
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._came = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def sent(self, method: str) -> int:
        """How many whole requests of a method came."""
        return sum(request.startswith(f"{method} ".encode()) for request in self.requests)

    def wait_for(self, count: int) -> None:
        """Wait until that many whole requests have come.

        Raises:
            TimeoutError: They do not come.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self.requests) >= count, _PATIENCE_S):
                message = f"{len(self.requests)} requests came, expected {count}"
                raise TimeoutError(message)

    def _note(self, request: bytes) -> None:
        with self._came:
            self.requests.append(request)
            self._came.notify_all()

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
        for play in self._plays:
            plain, _ = self._listener.accept()
            with plain:
                if self._ended.is_set():
                    return
                self.connections += 1
                plain.settimeout(_PATIENCE_S)
                with contextlib.suppress(OSError):  # the client is gone, which is its right
                    self._play(plain, play)

    def _play(self, plain: socket.socket, play: Play) -> None:
        if self._tls is None:
            play(Peer(plain, self._note, self._held))
            return
        try:
            wrapped = self._tls.wrap_socket(plain, server_side=True)
        except (ssl.SSLError, ConnectionError):
            self.refused_tls += 1
            return
        with wrapped:
            play(Peer(wrapped, self._note, self._held))


def answer(status: int, body: bytes | Mapping[str, Any], *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer that ends its connection; ``length`` is what it claims where that is not the truth."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    claimed = len(raw) if length is None else length
    typed = any(header.lower().startswith("content-type") for header in headers)
    lines = [
        f"HTTP/1.1 {status} Said",
        f"Content-Length: {claimed}",
        "Connection: close",
        *(() if typed else ("Content-Type: application/json",)),
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + raw


def chunked(whole: bytes, *, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer that announces its length, made to come in one chunk with that end instead."""
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    coming = b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n"
    return coming + f"{len(body):x}\r\n".encode() + body + b"\r\n" + end


def says(*parts: bytes) -> Play:
    """Reads a request and sends those bytes."""

    def play(peer: Peer) -> None:
        if peer.request():
            for part in parts:
                peer.send(part)

    return play


def keeps(*answers: bytes) -> Play:
    """Answers one request after the other on one connection, then ends it."""

    def play(peer: Peer) -> None:
        for one in answers:
            if not peer.request():
                return
            peer.send(one)

    return play


def resets(after: bytes = b"", *, reads: bool = True) -> Play:
    """Resets the connection after those bytes; as soon as a request comes, none of it read, where ``reads`` is off."""

    def play(peer: Peer) -> None:
        if reads:
            peer.request()
        else:
            peer.first_byte()
        peer.send(after)
        peer.reset()

    return play


def hangs(after: bytes = b"") -> Play:
    """Says no more after those bytes; the connection stays open."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(after)
        peer.hold()

    return play


def drips(head: bytes, piece: bytes, every_s: float) -> Play:
    """Sends ``head``, then a small piece again and again, for as long as somebody takes it."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(head)
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            peer.send(piece)
            time.sleep(every_s)

    return play


def pours(head: bytes, block: bytes, most: int) -> Play:
    """Sends ``head``, then a block ``most`` times, or until nobody takes it."""
    return lambda peer: _pour(peer, head, itertools.repeat(block, most))


def _pour(peer: Peer, head: bytes, blocks: Iterable[bytes]) -> None:
    peer.request()
    peer.send(head)
    for block in blocks:
        peer.send(block)
