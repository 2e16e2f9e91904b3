"""A right provider behind a plain proxy is not accused, also when other runs were there before."""

import pytest

from forwarding import forwarding
from nebula_contract.judging.expected import operation_of
from nebula_contract.judging.judge import judge
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_target
from nebula_mock import MockServer
from nebula_schemas.catalogue import Dialect


@pytest.mark.parametrize(("dialect", "runs"), [("documented", 2), ("gateway", 1)])
def test_a_right_provider_behind_a_proxy_gives_no_finding(dialect: Dialect, runs: int) -> None:
    """Nor does the second run at the same mock, where what the first one arranged was already met."""
    with MockServer(dialect=dialect) as mock, forwarding(mock.url) as address:
        for seed in range(runs):
            with open_target(address) as target:
                recorder = send_all(target, PROFILES["smoke"], seed)
            verdict = judge(recorder.exchanges, is_mock=True)
            assert (verdict.findings, verdict.missing, verdict.quarantined) == ((), (), ())


def test_two_slashes_at_the_start_of_a_path_are_no_host() -> None:
    assert operation_of("POST", "//v1/video/generations") == "route"
    assert operation_of("GET", "http://127.0.0.1/r/1.mp4") == "result"
