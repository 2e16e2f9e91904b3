"""The listening server: takes connections, gives each a thread, and knows which are open."""

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from nebula_mock.connection_limits import ConnectionLimits
from nebula_mock.turned_away import TurnedAway


class ConnectionServer(ThreadedWSGIServer):
    """One thread a connection, up to a limit; knows which connections are open, so that it can end them.

    Attributes:
        limits: What a connection may cost, and how many there may be.
        open: Those that have a thread.
        refused_early: Called for every request that is refused before the application.
    """

    daemon_threads = True

    def __init__(
        self,
        host: str,
        port: int,
        app: "WSGIApplication",
        handler: type[WSGIRequestHandler],
        *,
        limits: ConnectionLimits,
        descriptor: int,
        refused_early: Callable[[], None],
    ) -> None:
        """Serve on the listening socket that ``descriptor`` is."""
        self.limits = limits
        self.refused_early = refused_early
        self.open: set[socket.socket] = set()
        self._turned_away = TurnedAway(limits)
        super().__init__(host, port, app, handler, fd=descriptor)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a new connection a thread, or turn it away."""
        if len(self.open) >= self.limits.most_connections:
            self.refused_early()
            self._turned_away.answer(request)
            return
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and free its place."""
        super().shutdown_request(request)
        self.open.discard(request)

    def service_actions(self) -> None:
        """What there is to do between two connections, and while none comes."""
        self._turned_away.look_after()

    def server_close(self) -> None:
        """Give the port back."""
        self._turned_away.close()
        super().server_close()

    def end_connections(self) -> None:
        """End every open connection; whoever is being answered sees it close."""
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):  # it may have ended by itself just now
                connection.shutdown(socket.SHUT_RDWR)
