"""A server around the application: owns the socket, one thread a connection."""

import contextlib
import http.client
import json
import logging
import socket
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from nebula_mock.chunked import ChunkedBody
from nebula_mock.http.request_ids import new_request_id
from nebula_schemas.version import VERSION

_log = logging.getLogger("nebula_mock.access")

_POLL_S = 0.02  # how soon the accept loop sees that it should stop
_BACKLOG = 128
_ANSWER_TIMEOUT_S = 10


class BindError(OSError):
    """The address cannot be listened on; the message says why and what to do."""


class _Server(ThreadedWSGIServer):
    """One thread a connection; knows which connections are open, so that it can end them."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: "WSGIApplication", descriptor: int) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(host, port, app, _Handler, fd=descriptor)

    def end_connections(self) -> None:
        """End every open connection; whoever is being answered sees it close."""
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):  # it may have ended by itself just now
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(WSGIRequestHandler):
    """Quiet, and silent about versions."""

    protocol_version = "HTTP/1.1"
    server_version = "nebula-mock"
    sys_version = ""

    server: _Server

    def setup(self) -> None:
        """Note the connection."""
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.open.discard(self.connection)
        super().finish()

    def parse_request(self) -> bool:
        """Read the request line and headers; a target that cannot be read is refused like the rest."""
        if not super().parse_request():
            return False
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        return True

    def make_environ(self) -> "WSGIEnvironment":
        """What the application sees: chunks read strictly, and a doubled slash kept."""
        environ = super().make_environ()
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = ChunkedBody(cast("BinaryIO", self.rfile))
        if self.requestline.partition(" ")[2].startswith("//"):  # http.server drops all but one
            environ["PATH_INFO"] = f"/{environ['PATH_INFO']}"
        return environ

    def handle_expect_100(self) -> bool:
        """Leave the interim answer to the other base class, which sends it too."""
        return True

    def version_string(self) -> str:
        """The Server header, without versions."""
        return self.server_version

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP; as JSON like everything else, where the base class writes a page."""
        del message, explain  # they quote what was received
        status = HTTPStatus(code)
        error = {"message": status.phrase, "type": "invalid_request_error", "code": "bad_request"}
        body = json.dumps({"error": error}).encode()
        self.close_connection = True
        self.request_version = self.protocol_version  # unread, it would count as HTTP/0.9: no headers
        self.log_request(status)
        self.send_response_only(status)
        for name, value in (
            ("Server", self.server_version),
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("X-Oneapi-Request-Id", new_request_id(datetime.now(UTC))),
            ("X-Nebula-Mock", VERSION),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request: method, path without query string, status. Never a header."""
        del size
        path = escaped(getattr(self, "path", "-").partition("?")[0])
        _log.info(
            "%s %s %s", escaped(getattr(self, "command", None) or "-"), path, getattr(code, "value", code)
        )

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """What else Werkzeug has to say, such as a request line it cannot read."""
        _log.log(logging.ERROR if type == "error" else logging.INFO, message, *args)


class Runner:
    """Serves an application from a thread of its own until it is stopped.

    Attributes:
        host: The address it listens on.
        port: The port it listens on.
    """

    def __init__(self, app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind and listen; from here on connections are taken, though not yet answered.

        Args:
            app: What to serve.
            host: Address to listen on.
            port: Port, 0 for any free one.

        Raises:
            BindError: The port is in use, may not be used, or the address is not this machine's.
        """
        listener = _listener(host, port)
        self.host = host
        self.port: int = listener.getsockname()[1]
        self._server = _Server(host, self.port, app, listener.fileno())
        listener.close()  # the server has its own copy of the descriptor
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_S},
            name="nebula-mock",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Where the provider is, without a slash at the end."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    def start(self) -> Self:
        """Answer requests."""
        self._thread.start()
        return self

    def wait_until_it_answers(self) -> None:
        """Return once a request was answered.

        Raises:
            OSError: It does not answer.
        """
        target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - not a bind
        connection = http.client.HTTPConnection(target, self.port, timeout=_ANSWER_TIMEOUT_S)
        try:
            connection.request("GET", "/_mock/health")
            connection.getresponse().read()
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop answering and give the port back; safe to call twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.end_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def escaped(text: str) -> str:
    """``text`` on one line of printable ASCII: a request must not write to the terminal that watches."""
    return "".join(c if c.isascii() and c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Cannot listen on {host} port {port}: {reason}. Choose another with --port, or --port 0 for any free one."
        raise BindError(message) from error
    return listener
