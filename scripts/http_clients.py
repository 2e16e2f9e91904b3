"""Four HTTP clients for Python, each as its users call it: one request, its body read, its status looked at."""

import asyncio
import threading
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from types import ModuleType
from typing import Literal

import aiohttp
import httpx
import requests

PIECE_BYTES = 8192

Stage = Literal["call", "body", "status"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and how its answer is read.

    Attributes:
        read_s: How long a client waits for a connection, and for each piece of the answer.
        whole_s: How long it waits for all together, where it has such a limit; None for no limit.
        in_pieces: Whether the body is read piece by piece, or all at once.
        enough_bytes: After so many bytes of the body it is not read on, where it is read in pieces.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None
    read_s: float = 20
    whole_s: float | None = None
    in_pieces: bool = True
    enough_bytes: int = 1 << 20


@dataclass(slots=True)
class Progress:
    """How far a client came with an answer.

    Attributes:
        stage: What it is at: the call itself, the body, or the status.
        announced_bytes: The length of the body as the head says it; None where it does not.
        taken_bytes: Bytes of the body that it was given.
        left_off: Whether it had enough, and more would have come.
        head_is_read: Set when the call is over.
    """

    stage: Stage = "call"
    announced_bytes: int | None = None
    taken_bytes: int = 0
    left_off: bool = False
    head_is_read: threading.Event = field(default_factory=threading.Event)

    def head(self, length: str | None) -> None:
        """The call is over, and returned an answer with that Content-Length."""
        self.stage, self.announced_bytes = "body", None if length is None else int(length)
        self.head_is_read.set()

    def take_all(self, pieces: Iterable[bytes], enough_bytes: int) -> None:
        """Take pieces until they end, or it is enough."""
        for piece in pieces:
            if self.take(piece, enough_bytes):
                return

    def take(self, piece: bytes, enough_bytes: int) -> bool:
        """Take a piece, and say whether it is enough."""
        self.taken_bytes += len(piece)
        self.left_off = self.taken_bytes >= enough_bytes
        return self.left_off

    def body_is_over(self) -> None:
        """The body was read; now to the status."""
        self.stage = "status"


@dataclass(frozen=True, slots=True)
class HttpClient:
    """One of the four.

    Attributes:
        ask: Send a request, read the answer, and raise for its status, as is told to the progress on the way.
        exceptions: Where its exceptions are to be had by name; None where they are the standard library's.
        packages: What it consists of, as distributions.
        limits_the_whole: Whether it can limit the time of a whole answer.
    """

    name: str
    ask: Callable[[Asked, Progress], None]
    exceptions: ModuleType | None
    packages: tuple[str, ...]
    limits_the_whole: bool = False

    @property
    def title(self) -> str:
        """Its name, with the versions that count, without the last number."""
        if not self.packages:
            return self.name
        told = [f"{name} {'.'.join(version(name).split('.')[:2])}" for name in self.packages]
        return f"{told[0]} ({', '.join(told[1:])})" if told[1:] else told[0]


def _with_requests(asked: Asked, progress: Progress) -> None:
    with requests.Session() as session:
        session.trust_env = False  # no proxy between the client and this machine
        with session.request(
            asked.method,
            asked.url,
            data=asked.body,
            headers=asked.headers,
            timeout=asked.read_s,
            stream=True,
        ) as response:
            progress.head(response.headers.get("Content-Length"))
            pieces = response.iter_content(PIECE_BYTES) if asked.in_pieces else (response.content,)
            progress.take_all(pieces, asked.enough_bytes)
            progress.body_is_over()
            response.raise_for_status()


def _with_httpx(asked: Asked, progress: Progress) -> None:
    with (
        httpx.Client(timeout=asked.read_s, trust_env=False) as client,
        client.stream(asked.method, asked.url, content=asked.body, headers=asked.headers) as response,
    ):
        progress.head(response.headers.get("Content-Length"))
        pieces = response.iter_bytes() if asked.in_pieces else iter((response.read(),))
        progress.take_all(pieces, asked.enough_bytes)
        progress.body_is_over()
        response.raise_for_status()


def _with_aiohttp(asked: Asked, progress: Progress) -> None:
    asyncio.run(_in_a_loop(asked, progress))


async def _in_a_loop(asked: Asked, progress: Progress) -> None:
    limits = aiohttp.ClientTimeout(total=asked.whole_s, sock_connect=asked.read_s, sock_read=asked.read_s)
    async with (
        aiohttp.ClientSession(timeout=limits) as session,
        session.request(asked.method, asked.url, data=asked.body, headers=asked.headers) as response,
    ):
        progress.head(response.headers.get("Content-Length"))
        if asked.in_pieces:
            async for piece in response.content.iter_chunked(PIECE_BYTES):
                if progress.take(piece, asked.enough_bytes):
                    break
        else:
            progress.take(await response.read(), asked.enough_bytes)
        progress.body_is_over()
        response.raise_for_status()


def _with_urllib(asked: Asked, progress: Progress) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(  # noqa: S310 - the URL is the mock's
        asked.url, data=asked.body, headers=asked.headers, method=asked.method
    )
    with opener.open(request, timeout=asked.read_s) as answer:
        progress.head(answer.headers.get("Content-Length"))
        pieces = iter(lambda: answer.read(PIECE_BYTES), b"") if asked.in_pieces else (answer.read(),)
        progress.take_all(pieces, asked.enough_bytes)
        progress.body_is_over()


CLIENTS = (
    HttpClient("requests", _with_requests, requests.exceptions, ("requests", "urllib3")),
    HttpClient("httpx", _with_httpx, httpx, ("httpx", "httpcore")),
    HttpClient("aiohttp", _with_aiohttp, aiohttp, ("aiohttp",), limits_the_whole=True),
    HttpClient("urllib", _with_urllib, None, ()),
)
"""The four, in the order of the page."""
