"""Sixty-nine single changes of a provider: each is one finding, with its rule, place, severity and verdict."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from changes import CHANGES, Change
from drifting import against, live_run, record_of
from nebula_contract.drift.accepted import acceptance_of, stand_of, write_accepted
from nebula_contract.drift.drift import Compared
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.record.exchange import Exchange

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """A live run at a mock that does nothing wrong."""
    return live_run(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def before(run: list[Exchange]) -> Compared:
    """What that run comes to on its own."""
    return against(run)


def facts(finding: DriftFinding) -> tuple[str, tuple[str, str, str, str], str, str]:
    """What a change is known by."""
    place = finding.place
    where = (place.operation, place.family, place.state, place.location)
    return finding.rule.id, where, finding.severity, finding.verdict.name


def test_the_same_provider_has_not_changed(run: list[Exchange], before: Compared) -> None:
    assert [one for one in before.findings if one.severity != "info"] == []
    assert list(against(run, before.now).findings) == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_is_one_finding_until_it_is_accepted(
    change: Change, run: list[Exchange], before: Compared
) -> None:
    (finding,) = against(change.told_by(run), before.now).findings
    assert facts(finding) == (change.rule, change.where, change.severity, change.verdict)
    assert finding.evidence.seen >= 1
    assert finding.remedy.strip()
    until = TODAY + timedelta(30)
    entry = acceptance_of(finding, "known", owner="api", today=TODAY, expires=until, max_severity=None)
    assert stand_of(finding, [entry], until).standing == "accepted"
    assert stand_of(finding, [entry], until + timedelta(1)).standing == "expired"


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_it_is_found_without_an_earlier_run_as_well(change: Change, run: list[Exchange]) -> None:
    """But for what no document and no mock says anything about."""
    found = [one for one in against(change.told_by(run)).findings if one.rule.id != "DR601"]
    expected = [(change.rule_alone or change.rule, change.where, change.verdict_alone)]
    told = [(one.rule.id, facts(one)[1], one.verdict.name) for one in found]
    assert told == (expected if change.verdict_alone else [])


@pytest.mark.parametrize("change", [CHANGES[3], CHANGES[15], CHANGES[21]], ids=lambda change: change.name)
def test_an_expired_acceptance_gates_again(change: Change, run: list[Exchange], tmp_path: Path) -> None:
    record_of(tmp_path / "before.ndjson", run)
    record = record_of(tmp_path / "now.ndjson", change.told_by(run))

    def report_on(day: date) -> tuple[list[str], bool]:
        bounds = DriftBounds(
            baseline=tmp_path / "before.ndjson", accepted=tmp_path / "accepted.json", today=day
        )
        report = drifted(record, bounds)
        if not (tmp_path / "accepted.json").exists():
            entry = acceptance_of(
                report.findings[0],
                "known",
                owner="",
                today=day,
                expires=day + timedelta(5),
                max_severity=None,
            )
            write_accepted(tmp_path / "accepted.json", [entry])
        return sorted(report.gating), report.ending.code == 1

    first, gated = report_on(TODAY)
    assert (len(first), gated) == (1, True)
    assert report_on(TODAY + timedelta(5)) == ([], False)
    assert report_on(TODAY + timedelta(6)) == (first, True)


def test_another_dialect_is_told_as_such(before: Compared, tmp_path: Path) -> None:
    """Not as a hundred changes: a line for each operation, and one for each matter in which the documents disagree."""
    found = against(live_run(tmp_path, "gateway"), before.now).findings
    assert {(one.verdict.name, one.severity) for one in found} == {("variant_resolved", "info")}
    assert [one.place.operation for one in found if one.rule.id == "DR602"] == ["download", "query", "submit"]
    assert 5 <= sum(one.rule.id == "DR601" for one in found) <= 12
