"""One connection: its request is read, the application answers it, and what is no request is refused."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler

from nebula_mock.access_log import log_access, log_other
from nebula_mock.chunked import ChunkedBody
from nebula_mock.connections import ConnectionServer
from nebula_mock.http.request_ids import new_request_id
from nebula_schemas.version import VERSION


class Handler(WSGIRequestHandler):
    """Quiet, and silent about versions."""

    protocol_version = "HTTP/1.1"
    server_version = "nebula-mock"
    sys_version = ""

    server: ConnectionServer

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
        """One line a request. Never a header."""
        del size
        log_access(getattr(self, "command", None), getattr(self, "path", None), code)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """What else Werkzeug has to say, such as a request line it cannot read."""
        log_other(type, message, *args)
