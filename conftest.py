"""What every room's tests share."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

FORBID_SKIPS = "NEBULA_FORBID_SKIPS"

# No deadline: a busy machine is no bug. The same inputs in every CI run, new ones at a desk.
settings.register_profile("project", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skips are forbidden, a skipped test is a failed one: CI must have what tests need."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(FORBID_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and {FORBID_SKIPS} is set: {report.longrepr}"
    return report
