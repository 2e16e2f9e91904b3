"""``POST /v1/video/generations``: what is accepted, coerced and ignored, and what it is answered with."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("2")
def test_submit(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
