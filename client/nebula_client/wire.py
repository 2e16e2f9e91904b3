"""The HTTP library, made to measure: no redirects, no retries, no cookies, and every byte under a watch.

requests reads the proxies and certificates of the environment; its adapter and urllib3 below carry the
request. What urllib3 would do by itself, such as sending again, is switched off where it is made.
"""

import http.client
import re
from collections.abc import Mapping
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from nebula_client.failures import UnreadableAnswerError
from nebula_client.watch import WatchedSocket

_FIRST_FINAL = 200
_SWITCHING = 101
_MOST_INTERIM = 16
_LINE_ENDS = (b"\r\n", b"\n")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(;|\r?\n)")
_MOST_QUOTED = 40
# Others are of bodies, which nobody reads this way.
_HEADER_DEFECTS = (FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect)


class _FinalAnswer(http.client.HTTPResponse):
    """Skips every interim answer, and takes no head and no chunk that is cut or garbled for a whole one.

    The standard library skips 100 alone and takes 103 for the answer; a head that breaks off, or goes on in what
    is no header, it takes for one without those lines, so an answer that was lost looks like an empty one.
    """

    def begin(self) -> None:
        """Read the head.

        Raises:
            UnreadableAnswerError: It is cut, or a line of it is no header.
        """
        super().begin()
        garbled = any(isinstance(defect, _HEADER_DEFECTS) for defect in self.msg.defects)
        if garbled or getattr(self.fp, "last_line", b"\n") not in _LINE_ENDS:
            message = "the head of the answer is cut or garbled"
            raise UnreadableAnswerError(message)

    def _read_next_chunk_size(self) -> int:
        """As its parent, which reads a chunk's size as Python reads a number: ``0x18``, ``+5`` and ``1_8`` too."""
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        line = getattr(self.fp, "last_line", b"0")
        if not _CHUNK_SIZE.match(line):
            message = f"found {line[:_MOST_QUOTED]!r}, expected the size of a chunk"
            raise UnreadableAnswerError(message)
        return size

    def _read_and_discard_trailer(self) -> None:
        """As its parent, which takes the end of the connection for the end of the body."""
        super()._read_and_discard_trailer()  # type: ignore[misc]
        if getattr(self.fp, "last_line", b"\n") not in _LINE_ENDS:
            message = "the connection was closed before the line that ends the last chunk"
            raise UnreadableAnswerError(message)

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # private, and the only door
            if status >= _FIRST_FINAL or status == _SWITCHING:
                return version, status, reason
            http.client.parse_headers(self.fp)
        message = f"more than {_MOST_INTERIM} interim answers"
        raise UnreadableAnswerError(message)


class _Watched(HTTPConnection):
    response_class = _FinalAnswer

    def connect(self) -> None:
        super().connect()
        self.sock = WatchedSocket(self.sock)


class _WatchedTLS(HTTPSConnection):
    response_class = _FinalAnswer

    def connect(self) -> None:
        super().connect()
        self.sock = WatchedSocket(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


_POOLS: Mapping[str, Any] = {"http": _Pool, "https": _TLSPool}


class WatchedAdapter(HTTPAdapter):
    """A requests adapter whose connections stand under the watch of each request."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """As its parent, with our connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """As its parent, with our connections.

        Raises:
            InvalidProxyURL: It is a SOCKS proxy, whose connections are not ours: nobody could say what was sent.
        """
        if str(args[0] if args else options["proxy"]).lower().startswith("socks"):
            message = "a SOCKS proxy"
            raise InvalidProxyURL(message)
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
