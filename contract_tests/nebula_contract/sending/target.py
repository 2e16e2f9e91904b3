"""Opens what a run is aimed at: a mock of its own, or a server at an address, with its wire and its clock.

The key of a server is ``NEBULA_API_KEY``, that of the second account ``NEBULA_SECOND_API_KEY``, that of an account
whose balance may run out ``NEBULA_REDUCED_API_KEY``; a mock that takes any key is given new ones instead, so that
nothing of its other accounts is disturbed. One that takes only keys that it knows has to know all three.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from requests.adapters import BaseAdapter

from nebula_contract.record.exchange import Credential
from nebula_contract.record.recorder import Recorder
from nebula_contract.sending.clock import AccountClocks, OwnClock, TargetClock, WallClock, given_clocks
from nebula_contract.sending.wire import AsItIs, Asked, Wire, carried, prepared
from nebula_contract.targets import (
    TargetError,
    checked_host,
    is_loopback,
    new_key,
    own_mock,
    refuse_beside,
    refuse_elsewhere,
)
from nebula_schemas.catalogue import DIALECTS, Dialect

MOCK, MOCK_OVER_HTTP = "mock", "mock+http"
MOCK_HEADER = "x-nebula-mock"
GENERATIONS = "/v1/video/generations"

_ADMIN = "/_mock"
_OK, _UNAUTHORIZED = 200, 401
_NOBODY_THERE = ("refused", "timeout", "unsent")
_CREDENTIALS: tuple[Credential, ...] = ("own", "second", "reduced", "unused")
_VARIABLES: Mapping[Credential, str] = {
    "own": "NEBULA_API_KEY",
    "second": "NEBULA_SECOND_API_KEY",
    "reduced": "NEBULA_REDUCED_API_KEY",
}
_POLL_AT_A_MOCK_S, _POLL_S = 1.0, 3.0  # the provider asks for 3 to 5 s between polls (DOC)


@dataclass(frozen=True, slots=True)
class Target:
    """A provider under test.

    Attributes:
        name: ``mock``, ``mock+http`` or its address.
        wire: Sends requests to it.
        clock: Its time.
        arranges: Whether a request can ask for what is else rare, by the header that chooses a scenario.
        is_mock: Whether it says that it is a mock.
        dialect: What it says that it speaks; None where it does not say.
        fetches_elsewhere: Whether results at other addresses of this machine are fetched.
    """

    name: str
    wire: Wire
    clock: TargetClock
    arranges: bool
    is_mock: bool
    dialect: Dialect | None
    fetches_elsewhere: bool = False

    @property
    def recorder(self) -> Recorder:
        """Where its exchanges go."""
        return self.wire.recorder

    def fetches(self, url: str) -> bool:
        """Whether a result may be fetched there: at the target itself, else only from this machine."""
        if self.wire.is_home(url):
            return True
        try:
            return self.fetches_elsewhere and is_loopback(checked_host(url))
        except TargetError:
            return False


@contextmanager
def open_target(
    name: str, recorder: Recorder | None = None, *, dialect: Dialect = "documented", seed: int | None = None
) -> Iterator[Target]:
    """The target of that name, for as long as the block runs.

    Args:
        name: ``mock`` for a mock in this process, ``mock+http`` for one behind a socket, or a base URL.
        recorder: Takes the exchanges; a new one where it is None.
        dialect: How a mock of our own answers.
        seed: Repeats what a mock of our own draws, and the keys it is asked with.

    Raises:
        TargetError: The URL is none, nothing answers there, tasks there might be charged, or the mock there does
            not take the key.
    """
    recorder = recorder or Recorder()
    if name not in {MOCK, MOCK_OVER_HTTP}:
        with _opened(name, name.rstrip("/"), recorder, _new_keys(None), None) as target:
            yield target
        return
    with (
        own_mock(over_http=name == MOCK_OVER_HTTP, dialect=dialect, seed=seed) as (base_url, adapter),
        _opened(name, base_url, recorder, _new_keys(seed), adapter, is_ours=True) as target,
    ):
        yield target


@contextmanager
def open_mock(
    *,
    over_http: bool = False,
    dialect: Dialect = "documented",
    seed: int | None = None,
    scenario: object = None,
    around: Callable[[Any], Any] | None = None,
) -> Iterator[Target]:
    """A mock of our own, under a scenario or with a layer around its application, as wrong providers have.

    Raises:
        TargetError: The mock is not installed.
    """
    name = MOCK_OVER_HTTP if over_http else MOCK
    with (
        own_mock(over_http=over_http, dialect=dialect, seed=seed, scenario=scenario, around=around) as (
            base_url,
            adapter,
        ),
        _opened(name, base_url, Recorder(), _new_keys(seed), adapter, is_ours=True) as target,
    ):
        yield target


@contextmanager
def open_app(
    base_url: str,
    adapter: BaseAdapter,
    recorder: Recorder | None = None,
    *,
    wall: Callable[[float], TargetClock] = WallClock,
) -> Iterator[Target]:
    """A provider that ``adapter`` reaches, such as a WSGI application in this process.

    Args:
        base_url: What it is called; requests to that host go to ``adapter``.
        adapter: Carries them.
        recorder: Takes the exchanges; a new one where it is None.
        wall: Makes the clock where the provider gives the run none, from the shortest pause of use.

    Raises:
        TargetError: As for ``open_target``.
    """
    recorder = recorder or Recorder()
    with _opened(base_url, base_url, recorder, _new_keys(None), adapter, wall) as target:
        yield target


@contextmanager
def _opened(
    name: str,
    base_url: str,
    recorder: Recorder,
    keys: Mapping[Credential, str],
    adapter: BaseAdapter | None,
    wall: Callable[[float], TargetClock] = WallClock,
    *,
    is_ours: bool = False,
) -> Iterator[Target]:
    host = checked_host(base_url)
    refuse_beside(base_url)
    probe = _Probe(base_url, adapter or AsItIs())
    health = probe.health()
    is_mock = health is not None or probe.says_mock()
    if not is_mock:
        refuse_elsewhere(host)
    accounts = probe.accepted(keys, is_mock=is_mock, name=name)
    # The other accounts never have a task, so their time does not matter.
    if is_ours:
        clocks: AccountClocks | None = OwnClock(probe.admin, probe.time())
    else:
        both = (accounts["own"], accounts["second"])
        clocks = None if health is None else given_clocks(probe.admin, both, probe.time)
    clock: TargetClock = clocks or wall(_POLL_AT_A_MOCK_S if is_mock else _POLL_S)
    wire = Wire(base_url, accounts, recorder, clock, adapter)
    told = (health or {}).get("dialect")
    dialect = next((one for one in DIALECTS if one == told), None)
    if is_mock and not isinstance(clock, AccountClocks):
        recorder.notes.append("The mock's admin API is out of reach: time passes on the wall.")
    try:
        yield Target(name, wire, clock, is_mock, is_mock, dialect, fetches_elsewhere=is_loopback(host))
    finally:
        clock.close()
        wire.close()
        probe.close()


def _new_keys(seed: int | None) -> Mapping[Credential, str]:
    """A key for each account of the run; the same for the same seed. No dash: the gateway reads a channel there."""
    if seed is None:
        return {one: new_key() for one in _CREDENTIALS}
    return {one: f"sk-{hashlib.sha256(f'{seed} {one}'.encode()).hexdigest()[:32]}" for one in _CREDENTIALS}


class _Probe:
    """Looks at a target before anything of the run is sent; what it asks is recorded nowhere and costs nothing."""

    def __init__(self, base_url: str, adapter: BaseAdapter) -> None:
        self._base_url = base_url
        self._adapter = adapter

    def close(self) -> None:
        self._adapter.close()

    def health(self) -> Mapping[str, Any] | None:
        """What the mock says of itself; None where its admin API is out of reach."""
        status, headers, body = self._asked("GET", f"{_ADMIN}/health")
        if status == 0 and str(body).startswith(_NOBODY_THERE):
            raise TargetError(f"--target: nothing answers at {self._base_url} ({body}).")
        told = body if isinstance(body, dict) else {}
        return told if status == _OK and MOCK_HEADER in headers and "clock" in told else None

    def says_mock(self) -> bool:
        """Whether its answers carry the mock's header."""
        return any(
            MOCK_HEADER in self._asked("GET", path)[1] for path in (f"{_ADMIN}/health", f"{GENERATIONS}/none")
        )

    def accepted(
        self, keys: Mapping[Credential, str], *, is_mock: bool, name: str
    ) -> Mapping[Credential, str]:
        """The keys to use: new ones where they do, else those of the environment."""
        given = {**keys, **{one: os.environ.get(name) or keys[one] for one, name in _VARIABLES.items()}}
        if not is_mock:  # a server that is no mock of ours may be wrong about keys: the checks say so
            return given
        if self._takes(keys["own"]):
            return keys
        if given["own"] == keys["own"] or not self._takes(given["own"]):
            raise TargetError(
                f"--target: {name} does not accept the key; set NEBULA_API_KEY to one it knows."
            )
        others = {one: variable for one, variable in _VARIABLES.items() if one != "own"}
        unknown = [
            variable
            for one, variable in others.items()
            if given[one] == given["own"] or not self._takes(given[one])
        ]
        if unknown:
            raise TargetError(
                f"--target: {name} takes only keys that it knows, and a run needs those of further accounts; set "
                f"{' and '.join(unknown)} to other ones that it knows (nebula-mock serve --key may be given several "
                "times). Nothing was sent."
            )
        return given

    def _takes(self, key: str) -> bool:
        return self._asked("GET", f"{GENERATIONS}/none", key=key)[0] != _UNAUTHORIZED

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None) -> int:
        """One request to the admin API; the status, 0 for no answer."""
        return self._asked(method, f"{_ADMIN}{path}", body)[0]

    def time(self, account: str = "") -> float | None:
        """What the clock of an account, or the mock's own, says in seconds since 1970; None where it does not say."""
        status, _, body = self._asked("GET", f"{_ADMIN}/clock{f'?account={account}' if account else ''}")
        now = body.get("now") if status == _OK and isinstance(body, dict) else None
        return float(now) if isinstance(now, int | float) and not isinstance(now, bool) else None

    def _asked(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = ""
    ) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and JSON body; 0 and the failure where nothing whole came."""
        raw = None if method == "GET" else json.dumps(body or {}).encode()
        asked = Asked(method, path, body=raw, content_type="application/json")
        request = prepared(self._base_url + path, asked, f"Bearer {key}" if key else None)
        answer, failure, _ = carried(self._adapter, request, (key,))
        if answer is None:
            return 0, {}, failure
        return answer.status, answer.headers, answer.body.json
