"""The answer of an application on its way to a connection (PEP 3333): the head, the blocks, the end.

Werkzeug's own way there sends the head by itself, and after every answer waits ten milliseconds for what the
other side may still send, before the application learns that its answer is over and the connection ends.
"""

import logging
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

from nebula_mock.early_answers import SERVER_NAME, early_answer
from nebula_mock.wire_writing import WireWriter

_log = logging.getLogger("nebula_mock")

_BODILESS = ("1", "204", "304")  # how such a status begins: nothing follows the head


class WsgiAnswer:
    """One answer; the connection ends after it.

    Attributes:
        status: The status line's number; 0 before the head is sent.
    """

    def __init__(self, environ: "WSGIEnvironment", writer: WireWriter, log: Callable[[int], None]) -> None:
        """Answer a request.

        Args:
            environ: The request.
            writer: What the answer is sent with.
            log: Is told the status, before the head is sent.
        """
        self._environ = environ
        self._writer = writer
        self._log = log
        self._begun: tuple[str, list[tuple[str, str]]] | None = None
        self._in_chunks = False
        self.status = 0

    def send(self, app: "WSGIApplication") -> None:
        """Have the application answer, and send what it gives.

        What it raises is logged; before the head it is answered with 500, after it the answer breaks off.

        Raises:
            OSError: The connection broke, or a fault ended it.
        """
        try:
            self._send_all(app)
        except OSError:
            if self._writer.broke is not None:
                raise
            self._failed()
        except Exception:  # noqa: BLE001 - whatever the application raises; it is logged with its traceback
            self._failed()

    def _failed(self) -> None:
        _log.exception("the application failed while it answered")
        if not self.status:
            self._log(500)
            self._writer.write(early_answer("internal", "the application failed"))

    def _send_all(self, app: "WSGIApplication") -> None:
        blocks: Iterable[bytes] = app(self._environ, self._start)
        try:
            for block in blocks:
                if block:
                    self._write(block)
            if not self.status:
                self._write(b"")
            if self._in_chunks:
                self._writer.write(b"0\r\n\r\n")
        finally:
            if hasattr(blocks, "close"):
                blocks.close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], error: Any = None
    ) -> Callable[[bytes], None]:
        """What applications know as ``start_response``."""
        if self._begun is not None and error is None:
            raise RuntimeError("start_response was called twice, and the second time without an error")
        if error is not None and self.status:
            raise error[1].with_traceback(error[2])
        self._begun = status, headers
        return self._write

    def _write(self, block: bytes) -> None:
        """Send a block, and the head before the first one."""
        if self.status:
            self._writer.write(self._framed(block))
            return
        self.status, head = self._head()  # which says how blocks are framed
        self._log(self.status)
        self._writer.begin(head, self._framed(block))

    def _framed(self, block: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(block), block) if self._in_chunks and block else block

    def _head(self) -> tuple[int, bytes]:
        """The status, and the head as it travels."""
        if self._begun is None:
            raise RuntimeError("the application gave a body without having called start_response")
        status, headers = self._begun
        self._in_chunks = not (
            any(name.lower() == "content-length" for name, _ in headers)
            or self._environ["REQUEST_METHOD"] == "HEAD"
            or self._environ["SERVER_PROTOCOL"] == "HTTP/1.0"  # there the end of the connection is the end
            or status.startswith(_BODILESS)
        )
        lines = (
            f"HTTP/1.1 {status}",
            f"Server: {SERVER_NAME}",
            f"Date: {formatdate(usegmt=True)}",
            *(f"{name}: {value}" for name, value in headers),
            *(["Transfer-Encoding: chunked"] if self._in_chunks else []),
            "Connection: close",
            "\r\n",
        )
        return int(status[:3]), "\r\n".join(lines).encode("latin-1")
