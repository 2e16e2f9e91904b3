"""The head of a request, its request line and its headers, read within limits."""

import io
import string

from nebula_mock.connection_limits import ConnectionLimits

_BLANK_LINES = frozenset({b"\r\n", b"\n"})
_LINE_END_BYTES = 2
# A method is a token (RFC 9110, section 9.1); some clients send line ends before it.
_FIRST_BYTES = frozenset((string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~\r\n").encode())


class HeadRefusedError(Exception):
    """A head that is not read on.

    Attributes:
        problem_id: The row of the error table that it meets.
        message: Why; quotes nothing that was received.
    """

    def __init__(self, problem_id: str, message: str) -> None:
        super().__init__(message)
        self.problem_id = problem_id
        self.message = message


class RequestHead:
    """Reads one head from a connection, which says how long that may take (TimeoutError)."""

    def __init__(self, source: io.BufferedReader, limits: ConnectionLimits) -> None:
        """Begin at the first byte of a request; nothing is read yet."""
        self._source = source
        self._limits = limits
        self._headers: io.BytesIO | None = None

    def request_line(self) -> bytes:
        """The request line with its end; empty when the other side ended without one.

        Raises:
            HeadRefusedError: 400 when it cannot become one or breaks off, 408 and 414.
        """
        most = self._limits.request_line_bytes
        if not self._first_bytes():
            return b""
        line = self._line(most + _LINE_END_BYTES)
        if len(line.removesuffix(b"\n").removesuffix(b"\r")) > most:
            raise HeadRefusedError("request-line-too-long", f"The request line is over {most} bytes")
        _refuse_broken_off(line)
        return line

    def readline(self, size: int) -> bytes:
        """The header lines and the blank one, in pieces shorter than ``size``; empty after them.

        This is for ``http.client``, whose own limit is met by 100 headers and their blank line. It
        takes a piece for a line and counts pieces; headers are counted here.

        Raises:
            HeadRefusedError: 400 when they break off, 408 and 431.
        """
        if self._headers is None:
            self._headers = io.BytesIO(self._header_lines())
        return self._headers.read(size - 1)

    def _header_lines(self) -> bytes:
        lines: list[bytes] = []
        left, count = self._limits.headers_bytes, 0
        while (line := self._line(left + _LINE_END_BYTES)) not in _BLANK_LINES:
            left -= len(line)
            if left < 0:
                most = self._limits.headers_bytes
                raise _headers_refused(f"The headers are over {most} bytes")
            _refuse_broken_off(line)
            lines.append(line)
            count += not line.startswith((b" ", b"\t"))  # such a line goes on with the header before it
            self.refuse_count(count)
        return b"".join([*lines, line])

    def refuse_count(self, count: int) -> None:
        """Refuse ``count`` headers if they are too many.

        Raises:
            HeadRefusedError: 431.
        """
        if count > self._limits.most_headers:
            raise _headers_refused(f"The request has over {self._limits.most_headers} headers")

    def _first_bytes(self) -> bytes:
        """What came first; refused at once where no request begins so, for a TLS client waits for us."""
        try:
            begun = self._source.peek(1)
        except TimeoutError as error:
            raise self._late() from error
        if begun and begun[0] not in _FIRST_BYTES:
            message = (
                "Expected a request in plain HTTP, found other bytes; was the address meant to be http://?"
            )
            raise HeadRefusedError("not-http", message)
        return begun

    def _line(self, most: int) -> bytes:
        try:
            return self._source.readline(most)
        except TimeoutError as error:
            raise self._late() from error

    def _late(self) -> HeadRefusedError:
        message = f"The head of the request did not arrive within {self._limits.head_s:g} s"
        return HeadRefusedError("head-timeout", message)


def _headers_refused(message: str) -> HeadRefusedError:
    return HeadRefusedError("head-too-large", message)


def _refuse_broken_off(line: bytes) -> None:
    if not line.endswith(b"\n"):
        raise HeadRefusedError("not-http", "The request breaks off before its headers end")
