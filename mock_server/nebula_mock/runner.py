"""A server around the application: owns the socket, one thread a connection."""

import http.client
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

from nebula_mock.connection_limits import DEFAULT_LIMITS, ConnectionLimits
from nebula_mock.connections import ConnectionServer
from nebula_mock.handler import Handler

_POLL_S = 0.02  # how soon the accept loop sees that it should stop
_ANSWER_TIMEOUT_S = 10


class BindError(OSError):
    """The address cannot be listened on; the message says why and what to do."""


class Runner:
    """Serves an application from a thread of its own until it is stopped.

    Attributes:
        host: The address it listens on.
        port: The port it listens on.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        host: str = "127.0.0.1",
        port: int = 0,
        limits: ConnectionLimits = DEFAULT_LIMITS,
        *,
        refused_early: Callable[[], None] | None = None,
    ) -> None:
        """Bind and listen; from here on connections are taken, though not yet answered.

        Args:
            app: What to serve.
            host: Address to listen on.
            port: Port, 0 for any free one.
            limits: What a connection may cost, and how many there may be.
            refused_early: Called for every request that is refused before the application is reached.

        Raises:
            BindError: The port is in use, may not be used, or the address is not this machine's.
        """
        # While one connection is taken many may come; one that finds no place tries again after a second.
        listener = _listener(host, port, backlog=limits.most_connections + limits.most_turned_away)
        self.host = host
        self.port: int = listener.getsockname()[1]
        self._server = ConnectionServer(
            host,
            self.port,
            app,
            Handler,
            limits=limits,
            descriptor=listener.fileno(),
            refused_early=refused_early or _nobody_counts,
        )
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


def _nobody_counts() -> None:
    """What is told of an early refusal where nobody asks."""


def _listener(host: str, port: int, *, backlog: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Cannot listen on {host} port {port}: {reason}. Choose another with --port, or --port 0 for any free one."
        raise BindError(message) from error
    return listener
