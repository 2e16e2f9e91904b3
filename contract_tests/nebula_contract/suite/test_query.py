"""``GET /v1/video/generations/{task_id}``: statuses, values in use, results."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("3")
def test_query(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
