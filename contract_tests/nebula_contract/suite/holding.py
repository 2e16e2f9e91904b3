"""What a test of the suite says: nothing when a promise held, a failure with what came, or why it did not look."""

import pytest

from nebula_contract.reports.junit import finding_text
from nebula_contract.reports.looks import looks
from nebula_contract.reports.report import Report
from nebula_contract.suite.promises import ALL


def holds(report: Report, code: str, family: str) -> None:
    """Nothing, when the promise held for that family; ``ALL`` for what is about none, or for all where none is told."""
    __tracebackhide__ = True
    (run,) = (one for one in report.verdict.checks if one.code == code)
    wanted = "" if family == ALL else family
    found = [one for one in report.verdict.findings if one.code == code and one.family == wanted]
    counted = [one for one in found if report.ending.gates(one)]
    if counted:
        pytest.fail("\n\n".join(finding_text(report, one) for one in counted), pytrace=False)
    if not looks(run, report.verdict).get(wanted):
        pytest.skip(f"{code} had nothing to look at" + (f" of {family} by itself" if wanted else ""))


def seen(report: Report, name: str) -> None:
    """Nothing, when the run has looked at that; a failure when it must have and has not."""
    __tracebackhide__ = True
    cell = next((one for one in report.verdict.cells if one.name == name), None)
    if cell is None:
        pytest.skip("this target has no such thing to look at")
    if cell.seen:
        return
    told = f"{cell.name}: not seen: {cell.what}" + (f" ({cell.reason})" if cell.reason else "")
    if cell.is_required:
        pytest.fail(told, pytrace=False)
    pytest.skip(told)
