"""What the suite runs against: a mock of its own, or a server at an address.

The suite generates inputs, so it submits hundreds of tasks. Each would be charged by the live
provider; a server that is neither on this machine nor known to be a mock is therefore refused.
This is the one module of the package that may import ``nebula_mock``.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from nebula_contract.exchange import Wire
from nebula_schemas.catalogue import Dialect

_PROBE_TIMEOUT_S = 5
_OK = 200
_UNAUTHORIZED = 401
_NO_MOCK = "The target mock needs the mock server. Install it with: pip install 'nebula-video[mock]'"


class TargetError(Exception):
    """The target cannot be used; the message says why and what to do. Nothing was submitted."""


@dataclass(frozen=True)
class Target:
    """A provider under test.

    Attributes:
        name: ``mock`` or its address.
        wire: Sends requests to it.
        key: The account the suite uses.
        other_key: Another account, which must see nothing of the first.
        pass_time: Lets that many seconds pass for the provider.
        poll_pause_s: Provider seconds between two polls.
    """

    name: str
    wire: Wire
    key: str
    other_key: str
    pass_time: Callable[[float], object]
    poll_pause_s: float


@contextmanager
def open_target(name: str) -> Iterator[Target]:
    """The target of that name, for as long as the block runs.

    Args:
        name: ``mock`` for a mock of our own with a manual clock, or a base URL. The key for a URL
            is ``NEBULA_API_KEY``, where that is set.

    Raises:
        TargetError: The URL is none, nothing answers there, or tasks there might be charged.
    """
    opened = _own_mock() if name == "mock" else _server(name)
    with opened as target:
        try:
            yield target
        finally:
            target.wire.close()


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


@contextmanager
def _own_mock() -> Iterator[Target]:
    try:
        from nebula_mock import MockServer
    except ImportError as error:
        raise TargetError(_NO_MOCK) from error
    with MockServer(clock="manual") as mock:
        yield Target("mock", Wire(mock.url), new_key(), new_key(), mock.advance, poll_pause_s=1)


@contextmanager
def _server(url: str) -> Iterator[Target]:
    host = checked_host(url)
    base_url = url.rstrip("/")
    clock = _mock_clock(base_url)
    if clock is None:
        refuse_elsewhere(host)
    key = os.environ.get("NEBULA_API_KEY") or new_key()
    pass_time, poll_pause_s = _time_of(base_url, clock)
    target = Target(base_url, Wire(base_url), key, new_key(), pass_time, poll_pause_s)
    if clock is not None:  # a server that is no mock of ours may be wrong about keys: the checks say so
        _refuse_bad_key(target)
    yield target


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


def _mock_clock(base_url: str) -> dict[str, Any] | None:
    """The clock of the mock at that address; None when a server there is no mock of ours."""
    try:
        with _direct() as session:
            answer = session.get(f"{base_url}/_mock/clock", timeout=_PROBE_TIMEOUT_S, allow_redirects=False)
        if answer.status_code != _OK or "X-Nebula-Mock" not in answer.headers:
            return None
        clock = answer.json()
    except requests.JSONDecodeError:
        return None
    except requests.RequestException as error:
        raise TargetError(f"--target: nothing answers at {base_url} ({type(error).__name__}).") from error
    return clock if isinstance(clock, dict) else None


def _direct() -> requests.Session:
    """A session that asks the environment for no proxy: the suite speaks to its target itself."""
    session = requests.Session()
    session.trust_env = False
    return session


def _refuse_bad_key(target: Target) -> None:
    """A key that the target does not know would fail every check, and prove nothing."""
    exchange = target.wire.send("GET", "/v1/video/generations/none", key=target.key)
    if exchange.status == _UNAUTHORIZED:
        raise TargetError(
            f"--target: {target.name} does not accept the key; set NEBULA_API_KEY to one it knows."
        )


def _time_of(base_url: str, clock: dict[str, Any] | None) -> tuple[Callable[[float], object], float]:
    """How time passes there, and how long to pause between polls."""
    if clock is None:
        return time.sleep, 3.0  # the provider asks for 3 to 5 s between polls (DOC)
    if clock["mode"] == "manual":
        return lambda seconds: _advance(base_url, seconds), 1.0
    speed = float(clock.get("speed") or 1)
    return lambda seconds: time.sleep(seconds / speed), 1.0


def _advance(base_url: str, seconds: float) -> None:
    with _direct() as session:
        answer = session.post(
            f"{base_url}/_mock/clock/advance", json={"seconds": seconds}, timeout=_PROBE_TIMEOUT_S
        )
    if answer.status_code != _OK:
        raise TargetError(
            f"the mock's clock could not be advanced: HTTP {answer.status_code} {answer.text[:200]}"
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
