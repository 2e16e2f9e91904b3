"""What a run must have looked at: what was not seen is not green."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import seen


def test_seen(nebula_report: Report, cell_name: str) -> None:
    seen(nebula_report, cell_name)
