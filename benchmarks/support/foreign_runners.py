"""One application on one server, in a process of its own: what ``runners.py`` starts, measures and ends.

    python benchmarks/support/foreign_runners.py SERVER APPLICATION

SERVER is one of ``SERVERS``, APPLICATION one of ``APPLICATIONS``. It prints its URL and serves until it is ended.
Servers that are not ours know nothing of faults on the wire. So the faulty application gets what they lack from
the adapter here: it finds the socket, sends what a fault lets through by the server's own ``write``, and ends
the connection under the server. The servers themselves are loaded by name, since the project does not need them.
"""

import errno
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

from loaded import GENERATIONS, SCENARIO
from nebula_mock import Settings, create_app
from nebula_mock.core.clock import Clock
from nebula_mock.core.faults.on_the_wire import WRITER, WireFault
from nebula_mock.reset import reset
from nebula_mock.runner import Runner

_THREADS = 128
_CHEROOT_SOCKET = "cheroot.socket"
_LOOK_S = 0.0005


class _Outlet:
    """What a fault may do to a connection that belongs to another server."""

    def __init__(self, connection: socket.socket, flush: Callable[[], None]) -> None:
        self._connection = connection
        self._flush = flush
        self._clock: Clock | None = None
        self.fault: WireFault | None = None
        self.write: Callable[[bytes], object] | None = None

    def misbehave(self, fault: WireFault, clock: Clock) -> None:
        """What the application asks for, as of our own writer."""
        self.fault, self._clock = fault, clock

    def send(self, data: "bytes | memoryview", /) -> None:
        """Send a piece of the body; the server sends the head before the first one."""
        if self.write is not None and data:
            self.write(bytes(data))

    def reset(self) -> None:
        """End with a reset, and let the server find its client gone."""
        self._flush()
        reset(self._connection)
        raise ConnectionResetError(errno.ECONNRESET, "reset by a fault")

    def end(self) -> None:
        """End in order, likewise."""
        self._flush()
        self._connection.shutdown(socket.SHUT_WR)
        raise ConnectionResetError(errno.ECONNRESET, "ended by a fault")

    def now(self) -> float:
        """The time on the provider's clock."""
        return 0.0 if self._clock is None else self._clock.now()

    def wait_until(self, moment: float, /) -> None:
        """Wait on the provider's clock."""
        if self._clock is not None:
            self._clock.wait_until(moment)


@dataclass(frozen=True, slots=True)
class _Adapted:
    """The application, with its faults brought about on the connections of another server.

    Attributes:
        app: The application.
        socket_of: The socket of a request, by its environment.
        flush: Returns when the system has everything that was written, by the environment.
    """

    app: "WSGIApplication"
    socket_of: "Callable[[WSGIEnvironment], socket.socket]"
    flush: "Callable[[WSGIEnvironment], None]"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        outlet = _Outlet(self.socket_of(environ), lambda: self.flush(environ))
        environ[WRITER] = outlet
        write: Callable[[bytes], object] | None = None

        def started(*told: Any) -> Callable[[bytes], object]:
            nonlocal write
            write = start_response(*told)
            return write

        blocks = self.app(environ, started)
        if outlet.fault is None:
            return blocks
        outlet.fault.head(outlet, b"")
        outlet.write = write
        for block in blocks:
            outlet.fault.body(outlet, memoryview(block))
        outlet.fault.finish(outlet)
        return ()


def _nothing(_environ: "WSGIEnvironment") -> None:
    """What is written is with the system already."""


def _ours(app: "WSGIApplication", *, is_faulty: bool) -> None:
    del is_faulty  # it has what the faults need
    runner = Runner(app)
    print(runner.url, flush=True)
    with runner:
        while True:
            time.sleep(3600)


def _waitress(app: "WSGIApplication", *, is_faulty: bool) -> None:
    def channel(environ: "WSGIEnvironment") -> Any:
        return environ["waitress.client_disconnected"].__self__

    def flush(environ: "WSGIEnvironment") -> None:
        while channel(environ).total_outbufs_len:  # another thread sends it
            time.sleep(_LOOK_S)

    if is_faulty:
        app = _Adapted(app, lambda environ: channel(environ).socket, flush)
    server = import_module("waitress").create_server(app, listen="127.0.0.1:0", threads=_THREADS)
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


def _cheroot(app: "WSGIApplication", *, is_faulty: bool) -> None:
    wsgi = import_module("cheroot.wsgi")
    base = wsgi.Gateway_10

    def environ_of(gateway: Any) -> Any:
        return {**base.get_environ(gateway), _CHEROOT_SOCKET: gateway.req.conn.socket}

    if is_faulty:
        app = _Adapted(app, lambda environ: environ[_CHEROOT_SOCKET], _nothing)
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=_THREADS, request_queue_size=_THREADS)
    if is_faulty:
        server.gateway = type("Gateway", (base,), {"get_environ": environ_of})
    server.prepare()
    print(f"http://127.0.0.1:{server.bind_addr[1]}", flush=True)
    server.serve()


def _gunicorn(app: "WSGIApplication", *, is_faulty: bool) -> None:
    if is_faulty:
        app = _Adapted(app, lambda environ: environ["gunicorn.socket"], _nothing)

    def ready(arbiter: Any) -> None:
        print(f"http://127.0.0.1:{arbiter.LISTENERS[0].sock.getsockname()[1]}", flush=True)

    def load_config(application: Any) -> None:
        for name, value in {
            "bind": "127.0.0.1:0",
            "worker_class": "gthread",
            "threads": _THREADS,
            "graceful_timeout": 1,
            "when_ready": ready,
            "loglevel": "critical",
        }.items():
            application.cfg.set(name, value)

    base = import_module("gunicorn.app.base").BaseApplication
    type("Application", (base,), {"load_config": load_config, "load": lambda _: app})().run()


SERVERS: Mapping[str, Callable[..., None]] = {
    "werkzeug (ours)": _ours,
    "waitress": _waitress,
    "cheroot": _cheroot,
    "gunicorn gthread": _gunicorn,
}


def _bare() -> Flask:
    """What a consumer sees of a poll and a submit, from Flask alone."""
    body = {
        "id": "x",
        "task_id": "x",
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "created_at": 1_766_361_600,
        "seconds": "4",
        "size": "720x1280",
    }
    app = Flask("bare")

    @app.get(f"{GENERATIONS}/<task_id>")
    def query(task_id: str) -> Mapping[str, Any]:
        return {**body, "task_id": task_id}

    @app.post(GENERATIONS)
    def submit() -> Mapping[str, Any]:
        return {**body, "model": request.get_json()["model"]}

    return app


APPLICATIONS: Mapping[str, Callable[[], Flask]] = {
    "bare": _bare,
    "mock": lambda: create_app(Settings(clock="manual")),
    "faulty": lambda: create_app(Settings(scenario=SCENARIO)),
}


def main(server: str, application: str) -> None:
    """Serve."""
    app = APPLICATIONS[application]()
    logging.disable()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - what servers say of broken connections
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    SERVERS[server](app, is_faulty=application == "faulty")


if __name__ == "__main__":
    main(*sys.argv[1:])
