"""A consumer on a raw socket, for requests that no HTTP client would send and answers that it would hide."""

import http.client
import io
import json
import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from nebula_schemas import contract
from nebula_schemas.version import VERSION


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read by the standard library, so it is one that a consumer can read."""

    status: int
    headers: Message
    body: bytes

    @property
    def message(self) -> str:
        """What its error says."""
        return str(json.loads(self.body)["error"]["message"])


class _Received:
    """The bytes of an answer as ``http.client`` expects its socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


def connected(url: str) -> socket.socket:
    """A connection to a server."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port or 80), timeout=10)


def all_of(connection: socket.socket) -> bytes:
    """All bytes that still come, until the server closes."""
    connection.settimeout(10)
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def all_and_end(connection: socket.socket) -> tuple[bytes, str]:
    """Everything until the other side ends, and whether it ended in order (FIN) or with a reset (RST)."""
    raw = bytearray()
    try:
        while block := connection.recv(65536):
            raw += block
    except ConnectionResetError:
        return bytes(raw), "RST"
    return bytes(raw), "FIN"


def answer_in(raw: bytes, method: str = "GET") -> Answer:
    """The whole answer in those bytes, which end with it; interim answers are left out."""
    response = http.client.HTTPResponse(_Received(raw), method=method)  # type: ignore[arg-type]
    response.begin()
    return Answer(response.status, response.headers, response.read())


def asked(url: str, *pieces: bytes) -> Answer:
    """The answer to those bytes; the client keeps its side open, so the server must see their end itself."""
    with connected(url) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return answer_in(all_of(connection))


def check_json_refusal(answer: Answer, status: int) -> None:
    """Assert that an answer is a refusal in JSON that carries what every answer carries."""
    assert answer.status == status
    contract().check("errors/any", json.loads(answer.body))
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Nebula-Mock"] == VERSION
    assert answer.headers["Connection"] == "close"
    assert re.fullmatch("[0-9]{20}[A-Za-z0-9]{8}", answer.headers["X-Oneapi-Request-Id"])


def dripped(connection: socket.socket, raw: Iterable[int], every_s: float = 0.02) -> bytes:
    """What comes back first while ``raw`` is sent byte by byte, with a wait for an answer after each."""
    for byte in raw:
        connection.sendall(bytes([byte]))
        connection.settimeout(every_s)
        try:
            return connection.recv(65_536)
        except TimeoutError:
            continue
    return b""


def was_reset(connection: socket.socket) -> bool:
    """Whether the server closed with something unread; the system tells so even after an orderly end."""
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def at_work() -> list[threading.Thread]:
    """The threads of this process that serve a connection just now."""
    return [thread for thread in threading.enumerate() if "process_request" in thread.name]


def ended(threads: Iterable[threading.Thread]) -> bool:
    """Whether all of them end, waited for as long as a busy machine may need."""
    threads = list(threads)
    for thread in threads:
        thread.join(timeout=10)
    return not any(thread.is_alive() for thread in threads)
