"""The life of a task, over all its answers: never back, final at its end, the same facts throughout."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("4")
def test_life(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
