"""What a result's URL gives: a video without a key, the same each time, for as long as promised."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("6")
def test_result(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
