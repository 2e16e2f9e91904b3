"""An older release of the provider as the live side: the true differences, each once, and something to do for each."""

import pytest

from drifting import record_of
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.formats import DRIFT_FORMATS
from nebula_contract.drift.reporting.words import words_of
from nebula_contract.sending.clock import WallClock
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_app
from nebula_mock.requests_adapter import AppAdapter
from older_provider import OlderProvider


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> DriftReport:
    """What a whole run at it comes to."""
    folder, now = tmp_path_factory.mktemp("older"), [0.0]

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    def wall(shortest_s: float) -> WallClock:
        return WallClock(shortest_s, pass_time, lambda: now[0])

    with open_app("http://127.0.0.1:9", AppAdapter(OlderProvider()), wall=wall) as target:
        exchanges = send_all(target, PROFILES["smoke"], 5).exchanges
    record = record_of(folder / "run.ndjson", exchanges, kind="url")
    return drifted(record, DriftBounds(accepted=folder / "accepted.json", baseline=folder / "none.json"))


def places(report: DriftReport, rule: str) -> list[tuple[str, str, str]]:
    """Where a rule was found: operation, family, location."""
    return [
        (one.place.operation, one.place.family, one.place.location)
        for one in report.findings
        if one.rule.id == rule
    ]


def test_the_wrapper_the_words_and_what_a_submit_lacks_are_told_once(report: DriftReport) -> None:
    assert places(report, "DR115") == [("query", "*", "")]
    assert places(report, "DR224") == [("query", "*", "/status")]
    assert places(report, "DR201") == [("submit", "*", "/status"), ("submit", "sora", "/format")]
    assert places(report, "DR221") == [("submit", "*", "/task_id")]


def test_that_any_word_is_a_key_there_is_one_line(report: DriftReport) -> None:
    assert len(places(report, "DR111")) == 1
    assert not {"NC702", "NC703"} & {one.rule.id for one in report.findings}


def test_no_two_findings_say_the_same(report: DriftReport) -> None:
    told = [(one.rule.id, one.place, one.key) for one in report.findings]
    assert len(set(told)) == len(told) <= 30
    assert len({one.id for one in report.findings}) == len(told)


def test_every_line_says_who_acts_and_what_to_do(report: DriftReport) -> None:
    for finding in report.findings:
        words = words_of(report, finding)
        texts = (
            words.what,
            words.where,
            words.now,
            words.docs,
            words.mock,
            words.often,
            words.verdict,
            words.who,
        )
        assert all(text.strip() for text in texts)
        assert "Consumer:" in words.remedy
        assert finding.verdict.name in ("contract_gap", "variant_resolved", "mock_bug")
    accused = [one for one in report.findings if one.verdict.name == "mock_bug"]
    assert accused == []  # the mock is right in all of them


def test_what_is_right_there_is_not_accused(report: DriftReport) -> None:
    """Request ids, JSON, other accounts' tasks, unknown routes."""
    found = {one.rule.id for one in report.findings}
    assert not found & {"DR107", "DR108", "DR102", "DR219", "NC101", "NC102", "NC704"}


def test_it_gates_and_every_format_can_be_made(report: DriftReport) -> None:
    assert report.ending.code == 1
    for make in DRIFT_FORMATS.values():
        assert make(report).strip()
