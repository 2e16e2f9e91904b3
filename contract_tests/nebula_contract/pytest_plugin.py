"""The contract suite in pytest: one run of exchanges a session, one test for each promise and family.

    pytest --pyargs nebula_contract.suite --nebula-target http://127.0.0.1:8383

It is there as soon as the package is installed, and costs a session that does not run the suite nothing but these
options: what the suite needs is in its own ``conftest.py``, which is read with it.
"""

import pytest

MARKS = {
    "live_verified": "the promise held at the live provider, on the day that contract/freshness.json says",
    "mock_only": "it takes what only a mock can arrange",
    "live_pending": "no live run has looked at it yet",
    "live_unsafe": "it takes generated submits that are accepted, which the live provider charges",
}
"""How a test of the suite stands to the live provider; each has exactly one of them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite."""
    group = parser.getgroup("nebula contract suite")
    group.addoption(
        "--nebula-target", default="mock", metavar="mock|mock+http|URL", help="The provider under test."
    )
    group.addoption(
        "--nebula-profile",
        default="quick",
        metavar="NAME",
        help="How much is sent: quick, mock, mock-ci or nightly.",
    )
    group.addoption(
        "--nebula-seed", type=int, metavar="N", help="Repeat the generated inputs of an earlier run."
    )
    group.addoption("--nebula-record", metavar="FILE", help="Keep the run there.")
    group.addoption("--nebula-judge", metavar="FILE", help="Judge that record; nothing is sent.")
    group.addoption(
        "--nebula-fail-on",
        default="breaking",
        metavar="LEVEL",
        help="From which level on a finding fails its test.",
    )
    group.addoption(
        "--nebula-freshness",
        default="contract/freshness.json",
        metavar="FILE",
        help="When each promise last held live; only read.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for name, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
