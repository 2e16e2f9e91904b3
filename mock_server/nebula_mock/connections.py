"""The listening server: takes connections, gives each a thread, and knows which are open."""

import contextlib
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from nebula_mock.connection_limits import ConnectionLimits


class ConnectionServer(ThreadedWSGIServer):
    """One thread a connection; knows which connections are open, so that it can end them."""

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
    ) -> None:
        """Serve on the listening socket that ``descriptor`` is."""
        self.limits = limits
        self.open: set[socket.socket] = set()
        super().__init__(host, port, app, handler, fd=descriptor)

    def end_connections(self) -> None:
        """End every open connection; whoever is being answered sees it close."""
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):  # it may have ended by itself just now
                connection.shutdown(socket.SHUT_RDWR)
