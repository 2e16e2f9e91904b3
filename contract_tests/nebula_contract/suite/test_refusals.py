"""Refusals: their status, envelope and words, and that nothing is made."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("8")
def test_refusal(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
