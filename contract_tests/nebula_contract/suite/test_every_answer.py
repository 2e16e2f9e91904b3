"""Every answer: JSON that is said to be JSON, whole, with a request id, in its own form."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("1")
def test_answer(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
