"""One request on one connection: sent once, whatever happens; nothing followed, no proxy, no resend."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from nebula_contract.live.hosts import Place

LARGEST_BODY = 256 * 1024 * 1024
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request.

    Attributes:
        status: HTTP status; 0 where no whole answer came.
        headers: Header names in lower case to values; of a repeated header the values joined by ", ".
        raw: The body, or what came of it.
        failure: Why no whole answer came: a word (``refused:`` before a byte was sent, ``cut:``, ``timeout:``,
            ``not-http:``) and a sentence; empty when it is whole.
    """

    status: int
    headers: Mapping[str, str]
    raw: bytes
    failure: str = ""


def send(
    place: Place, method: str, path: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float
) -> Sent:
    """One exchange. ``timeout_s`` holds for all of it, however it drips."""
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.host, place.port, timeout=timeout_s)
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:
        return Sent(0, {}, b"", f"refused: no connection to {place.authority} ({_reason(error)})")
    plain, late = connection.sock, threading.Event()

    def cut() -> None:
        late.set()
        _shut(plain)

    watchdog = threading.Timer(timeout_s, cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.auto_open = 0  # never a second connection
        _put(connection, place, method, path, headers, body)
        return _answer(connection, late, timeout_s)
    except TimeoutError:
        return Sent(0, {}, b"", f"timeout: no whole answer in {timeout_s:g} s")
    except http.client.HTTPException as error:
        return Sent(0, {}, b"", _failure(late, timeout_s, _what_of(error)))
    except OSError as error:
        return Sent(0, {}, b"", _failure(late, timeout_s, f"cut: {_reason(error)}"))
    finally:
        watchdog.cancel()
        connection.close()


def _put(
    connection: http.client.HTTPConnection,
    place: Place,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> None:
    """The request as it is planned: these headers, in this order, and none of the library's own."""
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", place.authority)
    connection.putheader("User-Agent", "nebula-contract")
    connection.putheader("Connection", "close")
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)


def _answer(connection: http.client.HTTPConnection, late: threading.Event, timeout_s: float) -> Sent:
    answer = connection.getresponse()
    headers: dict[str, str] = {}
    for name, value in answer.getheaders():
        headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
    parts: list[bytes] = []
    length = 0
    failure = ""
    try:
        while part := answer.read(_BLOCK):
            parts.append(part)
            length += len(part)
            if length > LARGEST_BODY:
                failure = f"cut: the body is over {LARGEST_BODY} bytes"
                break
    except http.client.IncompleteRead as error:
        parts.append(error.partial)
        failure = f"cut: the body ends after {sum(map(len, parts))} bytes"
    except TimeoutError:
        late.set()  # the socket's own limit may pass before that of the whole
    except (OSError, http.client.HTTPException) as error:
        failure = f"cut: {_reason(error)}"
    if not failure and not late.is_set() and answer.length:  # a read that ends early says nothing by itself
        failure = f"cut: {answer.length} bytes are missing"
    if failure or late.is_set():
        return Sent(0, {}, b"".join(parts), _failure(late, timeout_s, failure))
    return Sent(answer.status, headers, b"".join(parts))


def _failure(late: threading.Event, timeout_s: float, told: str) -> str:
    return f"timeout: no whole answer in {timeout_s:g} s" if late.is_set() else told


def _shut(plain: socket.socket) -> None:
    """End the connection under a thread that waits for it."""
    with contextlib.suppress(OSError):  # it has ended by itself
        plain.shutdown(socket.SHUT_RDWR)


def _what_of(error: http.client.HTTPException) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "cut: the connection ended before an answer"
    return f"not-http: {type(error).__name__} {str(error)[:80]!r}"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
