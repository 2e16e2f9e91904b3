"""One connection: its request is read, the application answers it, and what is no request is refused."""

import io
import socket
from contextlib import suppress
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler
from werkzeug.wsgi import get_content_length

from nebula_mock.access_log import log_access, log_other
from nebula_mock.chunked import BrokenChunksError, ChunkedBody
from nebula_mock.connections import ConnectionServer
from nebula_mock.core.faults.on_the_wire import WRITER
from nebula_mock.early_answers import SERVER_NAME, early_answer, early_status
from nebula_mock.request_head import HeadRefusedError, RequestHead
from nebula_mock.sized import SizedBody
from nebula_mock.wire_count import WireCount
from nebula_mock.wire_reading import Readable, WireReader, discard
from nebula_mock.wire_writing import WireWriter
from nebula_mock.wsgi_answer import WsgiAnswer

_EARLIEST_VERSION = "HTTP/1"  # before it there were no headers, and no way to say what an answer is


def _is_framed(headers: Message) -> bool:
    """Whether it is clear where the body ends: one length in digits at most (RFC 9112, section 6.3)."""
    lengths = set(headers.get_all("Content-Length", []))
    return len(lengths) <= 1 and all(length.isascii() and length.isdigit() for length in lengths)


class Handler(WSGIRequestHandler):
    """Quiet, and silent about versions."""

    protocol_version = "HTTP/1.1"
    server_version = SERVER_NAME
    sys_version = ""

    server: ConnectionServer

    def setup(self) -> None:
        """From here on the head of a request is awaited."""
        limits = self.server.limits
        self.connection = self.request
        self._wire = WireReader(self.connection, whole_s=limits.head_s)
        self._source: io.BufferedReader = io.BufferedReader(self._wire)
        self._writer = WireWriter(self.connection, stall_s=limits.stall_s)
        self.rfile, self.wfile = self._source, self._writer
        self._head = RequestHead(self._source, limits)
        self._unread: Readable = self._source  # what the other side may still be sending

    def handle(self) -> None:
        """Answer one request, then leave in a way that does not take the answer back."""
        super().handle()
        self._leave()

    def handle_one_request(self) -> None:
        """Read a request and have it answered; every answer ends its connection.

        Raises:
            OSError: The connection broke.
        """
        try:
            self.raw_requestline = self._head.request_line()
            is_request = self.raw_requestline != b"" and self.parse_request()
        except HeadRefusedError as refused:
            self._refuse(refused.problem_id, refused.message)
            return
        if is_request:
            self.close_connection = True  # also where the answer, which says so, does not come to its headers
            self._wire.allow(idle_s=self.server.limits.body_idle_s)
            with suppress(OSError):  # the other side has left, or a fault has ended it
                self._answer()

    def parse_request(self) -> bool:
        """Read the request line and headers; a target that cannot be read is refused like the rest.

        Raises:
            HeadRefusedError: The head is beyond a limit, or breaks off.
        """
        self.rfile = cast("io.BufferedIOBase", self._head)  # the base class reads the headers from it
        try:
            if not super().parse_request():
                return False
        finally:
            self.rfile = self._source
        self._head.refuse_count(len(self.headers))  # a bare CR separates headers too, for who parses them
        if self.request_version < _EARLIEST_VERSION:
            self.send_error(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
            return False
        if not _is_framed(self.headers):
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        if self.request_version == "HTTP/1.0":
            del self.headers["Expect"]  # RFC 9110, section 10.1.1: it would not understand the interim answer
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        return True

    def _answer(self) -> None:
        """Have the application answer.

        Raises:
            OSError: The connection broke, or a fault ended it.
        """
        if self.headers.get("Expect", "").lower().strip(" \t") == "100-continue":
            self._writer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = self.make_environ()
        try:
            WsgiAnswer(self.environ, self._writer, self.log_request).send(self.server.app)
            self._writer.finish()
        finally:
            self._count.let_go()

    def make_environ(self) -> "WSGIEnvironment":
        """What the application sees: a body of its own, read strictly, and a doubled slash kept."""
        environ = super().make_environ()
        if environ.get("wsgi.input_terminated"):
            body: ChunkedBody | SizedBody = ChunkedBody(self._source)
        else:
            body = SizedBody(self._source, get_content_length(environ) or 0)
        environ["wsgi.input"] = self._unread = body
        environ[WRITER] = self._writer
        self._count = WireCount(self._writer)
        self._count.tell(environ)
        if self.requestline.partition(" ")[2].startswith("//"):  # http.server drops all but one
            environ["PATH_INFO"] = f"/{environ['PATH_INFO']}"
        return environ

    def handle_expect_100(self) -> bool:
        """Leave the interim answer to whoever has the application answer."""
        return True

    def version_string(self) -> str:
        """The Server header, without versions."""
        return self.server_version

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP; as JSON like everything else, where the base class writes a page."""
        del message, explain  # they quote what was received
        is_version = code == HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
        self._refuse("http-version" if is_version else "not-http", HTTPStatus(code).phrase)

    def _refuse(self, problem_id: str, message: str) -> None:
        self.close_connection = True
        self.server.refused_early()
        self.log_request(early_status(problem_id))
        has_body = getattr(self, "command", None) != "HEAD"
        self.wfile.write(early_answer(problem_id, message, has_body=has_body))

    def _leave(self) -> None:
        """Say that no more comes, and read what is still being sent.

        To close while something is unread is to reset the connection, and a reset can overtake the answer.
        """
        limits = self.server.limits
        with suppress(OSError):  # who stays silent, resets or breaks off has had the time to read
            self.connection.shutdown(socket.SHUT_WR)
            self._wire.allow(idle_s=limits.body_idle_s, whole_s=limits.drain_s)
            try:
                left = discard(self._unread, limits.drain_bytes)
            except BrokenChunksError:  # where the body ends is not known any more
                left = discard(self._source, limits.drain_bytes)
            self._wire.allow(idle_s=0, whole_s=limits.drain_s)
            discard(self._source, left)  # a second request, perhaps, which nobody asked for

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request. Never a header."""
        del size
        log_access(getattr(self, "command", None), getattr(self, "path", None), code)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """What else Werkzeug has to say, such as a request line it cannot read."""
        log_other(type, message, *args)
