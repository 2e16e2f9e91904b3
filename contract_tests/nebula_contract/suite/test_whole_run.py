"""The whole run: nothing undocumented, and one side of each contradiction."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("9")
def test_run(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
