"""What the suite runs against: a mock of its own, or a server at an address.

The suite generates inputs, so it submits hundreds of tasks. Each would be charged by the live
provider; a server that is neither on this machine nor known to be a mock is therefore refused.
This is the one module of the package that may import ``nebula_mock``.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import BaseAdapter

from nebula_schemas.catalogue import Dialect

_OK = 200
_UNAUTHORIZED = 401
_NO_MOCK = "The target mock needs the mock server. Install it with: pip install 'nebula-video[mock]'"


class TargetError(Exception):
    """The target cannot be used; the message says why and what to do. Nothing was submitted."""


@contextmanager
def own_mock(
    *,
    over_http: bool = False,
    dialect: Dialect = "documented",
    seed: int | None = None,
    scenario: Any = None,
    around: Callable[[Any], Any] | None = None,
) -> Iterator[tuple[str, BaseAdapter | None]]:
    """A mock of our own: its base URL, and the adapter that reaches it without a socket.

    Args:
        over_http: Over a socket of this machine instead; then there is no adapter.
        dialect: How it answers.
        seed: Repeats its ids, timings and videos.
        scenario: A preset's name or a scenario; None for the mock's own.
        around: Makes another application of the mock's, which only a mock in this process can have.

    Raises:
        TargetError: The mock is not installed.
    """
    try:
        from nebula_mock import MockServer
        from nebula_mock.requests_adapter import AppAdapter
    except ImportError as error:
        raise TargetError(_NO_MOCK) from error
    # A manual clock stands still until the run moves it; the record takes the place of the journal.
    mock = MockServer(clock="manual", dialect=dialect, seed=seed, scenario=scenario, journal_entries=0)
    if not over_http:
        yield "http://localhost", AppAdapter(mock.app if around is None else around(mock.app))
        return
    with mock:
        yield mock.url, None


def checked_host(url: str) -> str:
    """The host that a base URL names.

    Raises:
        TargetError: It is no base URL.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is none is told here
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetError(
            f"--target: found {url!r}, expected mock or a base URL such as http://127.0.0.1:8383."
        )
    return parts.hostname


def refuse_beside(base_url: str) -> None:
    """Nothing for a base URL with more in it than host, port and path: neither a request nor our client could use it.

    Raises:
        TargetError: It has a user, a password, a query or a fragment; they are not shown.
    """
    parts = urlsplit(base_url)
    if parts.username is not None or parts.query or parts.fragment:
        raise TargetError(
            f"--target: found a user, a query or a fragment beside {parts.hostname}, expected a base URL such as "
            "http://127.0.0.1:8383; keys go into NEBULA_API_KEY. Nothing was sent."
        )


def refuse_elsewhere(host: str) -> None:
    """Nothing for a host that is this machine.

    Raises:
        TargetError: It is another one, where tasks may be charged.
    """
    if not is_loopback(host):
        raise TargetError(
            f"--target: {host} is another machine and does not say that it is a mock. This suite submits "
            "hundreds of generated tasks, each of which a live provider charges. Nothing was submitted. "
            "Point it at a mock, or at a server on this machine."
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def new_key() -> str:
    """A key that nobody has used."""
    return f"sk-{uuid.uuid4().hex}"  # no dash: the gateway would read a channel behind it
