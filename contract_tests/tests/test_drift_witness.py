"""The mock as a witness: what is kept of it is what it does today, and a run at it shows no change."""

from pathlib import Path

import pytest

from drifting import live_run
from mock_witness import said_by_mock
from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.drift import compared
from nebula_contract.drift.mock_witness import mock_witness
from nebula_contract.drift.parity import parities, total
from nebula_contract.drift.rules import Severities
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_schemas.catalogue import DIALECTS, Dialect


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_witness_is_the_mock_of_today(dialect: Dialect) -> None:
    """Nothing that a fresh run shows is unknown to it; else scripts/mock_witness.py makes it anew."""
    fresh = said_by_mock(dialect, seed=11)
    found = differences(mock_witness()[dialect], fresh, both_ways=False)
    assert [(one.rule, str(one.cell), str(one.trait), one.key) for one in found] == []
    known = mock_witness()[dialect].cells
    strangers = [str(key) for key in fresh.cells if key not in known and key.outcome == "ok"]
    assert strangers == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_live_run_at_the_mock_is_no_news_and_all_alike(dialect: Dialect, tmp_path: Path) -> None:
    run = read_run(live_run(tmp_path, dialect), is_mock=False)
    witnesses = Witnesses(mock_witness())
    result = compared(run, judge_run(run, is_live=True), witnesses, Severities())
    assert {one.rule.id for one in result.findings} <= {"DR601"}
    parity = total(parities(result.now, witnesses))
    assert (parity.share, parity.compared > 300, parity.samples > 80) == (1.0, True, True)
