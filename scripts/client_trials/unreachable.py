"""What surely was not sent: no name, nobody there, no connection, no trust, no way through the proxy (faults 1 to 22)."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from client_trials.answers import BODIES, WHOLE, submitted
from client_trials.raw_provider import RawProvider, answer, says
from client_trials.rig import Rig
from client_trials.trial import CALLS, Run, Trial, submit
from nebula_client import Timeouts

CERTIFICATES = Path(__file__).parent / "certificates"
_NAME = "nebula.invalid"
_OWN = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")
_RETRIED = "slept 0.438 0.875"


@contextmanager
def environment(**changed: str) -> Iterator[None]:
    """The environment without proxies, certificates and keys of its own, and with those variables."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if name.lower() not in _OWN and not name.startswith("NEBULA_")
    }
    with patch.dict(os.environ, {**bare, **changed}, clear=True):
        yield


@contextmanager
def resolved(address: str | None) -> Iterator[None]:
    """Every name stands for that address; for None there is no such name."""

    def looked_up(_host: str, port: int, *_args: Any, **_named: Any) -> list[Any]:
        if address is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with patch.object(socket, "getaddrinfo", looked_up):
        yield


def _refused(call: str, *, then_there: bool = False) -> Run:
    """Nobody listens at the port; or only from the second try on."""

    def run(rig: Rig) -> object:
        if not then_there:
            with socket.create_server(("127.0.0.1", 0)) as closed:
                port = closed.getsockname()[1]
            return CALLS[call](rig.client(f"http://127.0.0.1:{port}"), rig)
        provider = rig.provider(WHOLE[call])
        real = socket.socket.connect
        tries = iter([ConnectionRefusedError(111, "Connection refused")])

        def connect(plain: socket.socket, address: Any) -> None:
            for error in tries:
                raise error
            real(plain, address)

        with patch.object(socket.socket, "connect", connect):
            return CALLS[call](rig.client(provider), rig)

    return run


def _unnamed(call: str) -> Run:
    def run(rig: Rig) -> object:
        rig.enter(environment())
        rig.enter(resolved(None))
        return CALLS[call](rig.client(f"https://{_NAME}"), rig)

    return run


def _hanging(call: str) -> Run:
    """A listener whose queue is full: the system answers no new connection."""

    def run(rig: Rig) -> object:
        full = rig.enter(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            waiting = rig.enter(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the name is that of the library
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        return CALLS[call](rig.client(url, timeouts=Timeouts(connect_s=0.15)), rig)

    return run


def tls(name: str) -> ssl.SSLContext:
    """A server's context with the certificate of that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem", CERTIFICATES / "key.pem")
    return context


def _with_certificate(call: str, name: str, *, trusted: bool = False, host: str = _NAME) -> Run:
    """A provider with that certificate, which the client's environment names as trusted, or not."""

    def run(rig: Rig) -> object:
        bundle = {"REQUESTS_CA_BUNDLE": str(CERTIFICATES / f"{name}.pem")} if trusted else {}
        rig.enter(environment(**bundle, PYTHONHTTPSVERIFY="0"))
        rig.enter(resolved("127.0.0.1"))
        provider = rig.provider(WHOLE[call], tls=tls(name))
        return CALLS[call](rig.client(f"https://{host}:{provider.port}"), rig)

    return run


def _to_plain(call: str) -> Run:
    """A trusted provider over TLS whose answer points to the same name over plain HTTP."""

    def run(rig: Rig) -> object:
        rig.enter(environment(REQUESTS_CA_BUNDLE=str(CERTIFICATES / "trusted.pem")))
        rig.enter(resolved("127.0.0.1"))
        plain = rig.provider(says(BODIES[call]))
        redirect = answer(307, b"", f"Location: http://{_NAME}:{plain.port}/v1")
        provider = rig.provider(says(redirect), tls=tls("trusted"))
        try:
            return CALLS[call](rig.client(f"https://{_NAME}:{provider.port}"), rig)
        finally:
            assert plain.connections == 0, "the redirect was followed"

    return run


def _by_proxy(call: str, said: bytes) -> Run:
    """A proxy of the environment that answers the wish for a connection with ``said``."""

    def run(rig: Rig) -> object:
        proxy: RawProvider = rig.provider(says(said))
        rig.enter(environment(HTTPS_PROXY=f"http://someone:hunter2@127.0.0.1:{proxy.port}"))
        return CALLS[call](rig.client(f"https://{_NAME}"), rig)

    return run


def _not_by_proxy(rig: Rig) -> object:
    """A provider on this machine, with a proxy for all in the environment."""
    proxy = rig.provider(says(answer(502, b"<html>", "Content-Type: text/html")))
    rig.enter(environment(http_proxy=proxy.url, all_proxy=proxy.url))
    return submit(rig.client(rig.provider(says(submitted()))), rig)


_PAGE = answer(502, b"<html><body>Bad gateway</body></html>", "Content-Type: text/html")
_CREDENTIALS = answer(
    407, b"<html>Who are you?</html>", "Content-Type: text/html", "Proxy-Authenticate: Basic"
)


def _trials() -> Iterator[Trial]:
    for call in ("submit", "query", "download"):
        yield Trial(
            1,
            f"refused: {call}",
            f"UnreachableError, nothing sent, {_RETRIED}",
            _refused(call),
            says="from http",
        )
        yield Trial(
            1,
            f"no such name: {call}",
            f"UnreachableError, nothing sent, {_RETRIED}",
            _unnamed(call),
            says=_NAME,
        )
        yield Trial(
            2,
            f"no connection: {call}",
            f"UnreachableError, nothing sent, {_RETRIED}",
            _hanging(call),
            says="from http",
        )
        for name in ("trusted", "expired"):
            what = "nobody's certificate" if name == "trusted" else "an expired certificate"
            yield Trial(
                17,
                f"{what}: {call}",
                "UnreachableError, 1 connection",
                _with_certificate(call, name, trusted=name == "expired"),
                says="no trusted TLS connection: .*(self-signed|self signed|expired).*will not help",
            )
        yield Trial(
            21, f"from https to http: {call}", f"UnexpectedRedirect, 1 {_method(call)}", _to_plain(call)
        )
        yield Trial(
            22,
            f"407: {call}",
            "UnreachableError, 1 CONNECT",
            _by_proxy(call, _CREDENTIALS),
            says="proxy.*407",
        )
        yield Trial(
            22,
            f"a page of the proxy: {call}",
            f"UnreachableError, 3 CONNECT, {_RETRIED}",
            _by_proxy(call, _PAGE),
            says="proxy.*502",
        )


def _method(call: str) -> str:
    return "POST" if call == "submit" else "GET"


TRIALS = (
    *_trials(),
    Trial(
        1,
        "refused, then there: submit",
        "submitted, 1 POST, slept 0.438",
        _refused("submit", then_there=True),
    ),
    Trial(1, "refused: wait", "WaitTimeoutError, nothing sent, slept 8 times, 60 in all", _refused("wait")),
    Trial(
        17,
        "another's certificate: submit",
        "UnreachableError, 1 connection",
        _with_certificate("submit", "trusted", trusted=True, host="another.invalid"),
        says="no trusted TLS connection: .*match",
    ),
    Trial(
        17, "a trusted one: submit", "submitted, 1 POST", _with_certificate("submit", "trusted", trusted=True)
    ),
    Trial(22, "a proxy for all, and a provider here: submit", "submitted, 1 POST", _not_by_proxy),
)
