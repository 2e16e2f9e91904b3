"""The suite at a server that is not ours and speaks an older version: true differences, each once, and no crash."""

from collections import Counter

import pytest

from nebula_contract.judging.findings import Verdict
from nebula_contract.judging.judge import judge
from nebula_contract.sending.clock import WallClock
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_app
from nebula_mock.requests_adapter import AppAdapter
from older_provider import OlderProvider


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    """What a run at it comes to."""
    now = [0.0]

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    def wall(shortest_s: float) -> WallClock:
        return WallClock(shortest_s, pass_time, lambda: now[0])

    with open_app("http://127.0.0.1:9", AppAdapter(OlderProvider()), wall=wall) as target:
        recorder = send_all(target, PROFILES["smoke"], 5)
    return judge(recorder.exchanges, is_mock=False)


def test_the_true_differences_are_told(verdict: Verdict) -> None:
    """The wrapper, the words, the ids, what a submit lacks, and that there is no download."""
    found = {one.code for one in verdict.findings}
    assert {"NC311", "NC304", "NC205", "NC206", "NC207", "NC802"} <= found


def test_each_difference_is_told_once(verdict: Verdict) -> None:
    places = Counter(
        (one.code, one.operation, one.family, one.location, one.found) for one in verdict.findings
    )
    assert [place for place, count in places.items() if count > 1 and place[0] == "NC311"] == []
    assert len({one.id for one in verdict.findings}) == len(verdict.findings)
    wrapped = [one.family for one in verdict.findings if one.code == "NC311"]
    assert sorted(wrapped) == ["seedance", "sora", "veo", "wan"]


def test_what_is_as_it_should_be_is_not_accused(verdict: Verdict) -> None:
    """Request ids, JSON, keys, other accounts, unknown models and broken JSON are right there."""
    found = {one.code for one in verdict.findings}
    assert not found & {"NC101", "NC102", "NC103", "NC104", "NC109", "NC702", "NC704", "NC806", "NC404"}


def test_what_could_not_be_looked_at_is_missing_not_green(verdict: Verdict) -> None:
    missing = {cell.name for cell in verdict.missing}
    assert {"query sora succeeded", "download sora given"} <= missing
