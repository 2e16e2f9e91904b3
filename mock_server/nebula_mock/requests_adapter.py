"""A requests adapter that calls the application without a socket: for the fastest tests.

    mock = MockServer(clock="manual")
    session = requests.Session()
    session.mount("http://localhost", AppAdapter(mock.app))

Everything is as over a socket but the connection: what a fault would break on the wire is answered with 501, and
no timeout ever passes.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_PORTS = {"http": 80, "https": 443}


class AppAdapter(BaseAdapter):
    """Hands requests to a WSGI application."""

    def __init__(self, app: "WSGIApplication") -> None:
        """Use ``app``, such as ``MockServer(...).app`` or what ``create_app`` gives."""
        super().__init__()
        self._app = app
        self._builder = HTTPAdapter()

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature is that of requests
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The application's answer; its body is made while it is read."""
        del stream, timeout, verify, cert, proxies  # nothing travels
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            del error
            started[:] = [*status.split(" ", 1), HTTPHeaderDict(headers)]
            return _no_writing

        blocks = self._app(environ_of(request), start_response)
        body = io.BufferedReader(_Body(blocks))
        if request.method == "HEAD":
            body.close()
            body = io.BufferedReader(_Body(()))
        body.peek(1)  # an application may start its answer when it is first read
        status, reason, headers = started
        raw = HTTPResponse(
            body=body,
            headers=headers,
            status=int(status),
            reason=reason,
            preload_content=False,
            request_method=request.method,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""
        self._builder.close()


def environ_of(request: PreparedRequest) -> "WSGIEnvironment":
    """The WSGI environment (PEP 3333) of a prepared request."""
    url = urlsplit(request.url or "")
    raw = _bytes_of(request.body)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1") or "/",
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": str(url.port or _PORTS.get(url.scheme, 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    headers: Mapping[str, str | bytes] = request.headers
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        told = value.decode("latin-1") if isinstance(value, bytes) else value
        if key == "TRANSFER_ENCODING":  # the body is whole here
            continue
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = told
    if request.body is not None:
        environ["CONTENT_LENGTH"] = str(len(raw))
    return environ


def _bytes_of(body: Any) -> bytes:
    """A body as requests has it: nothing, text, bytes, a file, or an iterable of blocks."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return bytes(body.read()) if hasattr(body, "read") else b"".join(body)


def _no_writing(_data: bytes) -> None:
    message = "This adapter takes what an application returns, not what it writes."
    raise NotImplementedError(message)


class _Body(io.RawIOBase):
    """The blocks of an answer as a file; closing it closes the answer."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._answer = blocks
        self._blocks: Iterator[bytes] = iter(blocks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                self.close_answer()
                return 0
            self._rest = block
        view = memoryview(buffer).cast("B")
        taken = min(len(view), len(self._rest))
        view[:taken], self._rest = self._rest[:taken], self._rest[taken:]
        return taken

    def close_answer(self) -> None:
        """Tell the application that its answer is over; once."""
        close, self._answer = getattr(self._answer, "close", None), ()
        if close is not None:
            close()

    def close(self) -> None:
        self.close_answer()
        super().close()
