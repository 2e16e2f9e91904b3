"""The pytest plugin: ``def test_x(nebula_mock): ...``; one provider a session, an account of its own for each test.

It is there as soon as the package is installed. The provider starts when the first test asks for it; its clock is
moved by hand. Set it up by a fixture of that name in a ``conftest.py``:

    @pytest.fixture(scope="session")
    def nebula_mock_settings():
        return {"dialect": "gateway", "seed": 7}

Nothing of the provider is imported before: a project that never asks for it need not have the extra ``mock``.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nebula_mock.testing import Account, MockServer

_MARK = "nebula_mock"
_MARK_HELP = (
    "nebula_mock(scenario=..., clock='manual'|'real', allow_unmet=False, **rules): how the fixture nebula_mock is set "
    "up for this test; rules are those of an account, such as balance_usd='0.50' or dialect='gateway'"
)
_KEY_DIGITS = 32
_MOST_LINES = 50
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_LOOPBACK = "127.0.0.1,localhost"

_account: "pytest.StashKey[Account]" = pytest.StashKey()
_allow_unmet: pytest.StashKey[bool] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", _MARK_HELP)


@pytest.fixture(scope="session")
def nebula_mock_settings() -> dict[str, Any]:
    """How the session's provider is set up: the attributes of ``Settings``; to be overridden."""
    return {}


@pytest.fixture(scope="session")
def nebula_mock_server(nebula_mock_settings: dict[str, Any]) -> "Iterator[MockServer]":
    """The session's provider, with everything that all tests did; its clock is moved by hand."""
    from nebula_mock import MockServer

    with MockServer(**{"clock": "manual", **nebula_mock_settings}) as mock:
        yield mock


@pytest.fixture
def nebula_mock(
    nebula_mock_server: "MockServer", request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> "Iterator[Account]":
    """An account for this test alone, with a clock of its own, at the session's provider.

    ``NEBULA_BASE_URL`` and ``NEBULA_API_KEY`` lead the code under test there. A fault that the test scripts and
    that no request meets fails the test; the journal of a failed test is shown.
    """
    account = nebula_mock_server.account(_key(request.node.nodeid))
    account.reset()  # a test that is run again finds nothing of the time before; what it did stays to be looked at
    wanted = _wanted(request.node)
    clock = wanted.pop("clock", "manual")
    if clock not in {"manual", "real"}:
        message = f"pytest.mark.{_MARK}: clock: found {clock!r}, expected 'manual' or 'real'"
        raise pytest.UsageError(message)
    if clock == "real":
        account.clock.run(1.0)
    else:
        account.clock.stand_still()
    request.node.stash[_account] = account
    request.node.stash[_allow_unmet] = wanted.pop("allow_unmet", False)
    if (scenario := wanted.pop("scenario", None)) is not None:
        account.use(scenario)
    if wanted.get("balance_usd") is not None:
        wanted["balance_usd"] = _usd(wanted["balance_usd"])
    if wanted:
        account.change(**wanted)
    monkeypatch.setenv("NEBULA_BASE_URL", account.url)
    monkeypatch.setenv("NEBULA_API_KEY", account.key)
    if any(name in os.environ for name in _PROXIES):  # what is spoken to this machine stays on it
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, ",".join(filter(None, (os.environ.get(name), _LOOPBACK))))
    yield account
    for scope in ("faults", "clock", "scenario"):  # who still waits for its clock goes, and nothing adds up
        account.reset(scope)


def _key(node_id: str) -> str:
    """A key for one test: the same in every run, so that a seed repeats, and readable in either dialect."""
    return f"sk-{hashlib.sha256(node_id.encode()).hexdigest()[:_KEY_DIGITS]}"


def _usd(given: Any) -> Decimal:
    try:
        return Decimal(str(given))
    except InvalidOperation:
        message = f"pytest.mark.{_MARK}: balance_usd: found {given!r}, expected US dollars, such as '0.50'"
        raise pytest.UsageError(message) from None


def _wanted(node: Any) -> dict[str, Any]:
    """What the test's marks ask for; the nearest mark decides."""
    wanted: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(_MARK))):
        if mark.args:
            message = f"pytest.mark.{_MARK}: found {mark.args[0]!r}, expected names with values: {_MARK_HELP}"
            raise pytest.UsageError(message)
        wanted |= mark.kwargs
    return wanted


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that passed fails when a fault that it scripted met no request, or found nothing to change."""
    result = yield
    account = item.stash.get(_account, None)
    if account is not None and not item.stash[_allow_unmet]:
        met = account.faults.met
        if not met.are_met:
            pytest.fail(met.in_words(unscripted_too=False), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its account asked and was answered."""
    report = yield
    account = item.stash.get(_account, None)
    if account is not None and report.failed:
        report.sections.append(("nebula-mock journal", _journal(account)))
    return report


def _journal(account: "Account") -> str:
    from nebula_mock.core.entry_lines import in_a_line

    entries = list(account.journal)
    lines = [in_a_line(one) for one in entries[-_MOST_LINES:]]
    if len(entries) > len(lines):
        lines.insert(0, f"... {len(entries) - len(lines)} exchanges before these")
    if account.journal.evicted:
        lines.insert(0, f"{account.journal.evicted} exchanges are no longer kept")
    if len(account.faults):
        lines.append(account.faults.met.in_words())
    return "\n".join(lines) or "no exchange"
