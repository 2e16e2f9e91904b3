"""Keys and accounts: who is let in, and who sees no task of another."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("7")
def test_access(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
