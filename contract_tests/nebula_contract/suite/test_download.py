"""``GET /v1/video/generations/download?id={task_id}``: the video as JSON, Sora 2 only."""

from nebula_contract.reports.report import Report
from nebula_contract.suite.holding import holds
from nebula_contract.suite.promises import promises


@promises("5")
def test_download(nebula_report: Report, code: str, family: str) -> None:
    holds(nebula_report, code, family)
