"""The formats of a drift report by name."""

from collections.abc import Callable, Mapping
from pathlib import Path

from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.as_json import as_json, as_ndjson
from nebula_contract.drift.reporting.github import github
from nebula_contract.drift.reporting.junit import junit
from nebula_contract.drift.reporting.markdown import markdown
from nebula_contract.drift.reporting.page.page import page
from nebula_contract.drift.reporting.sarif import sarif
from nebula_contract.drift.reporting.text import text
from nebula_contract.reports.formats import write_text

DRIFT_FORMATS: Mapping[str, Callable[[DriftReport], str]] = {
    "text": text,
    "json": as_json,
    "ndjson": as_ndjson,
    "markdown": markdown,
    "junit": junit,
    "github": github,
    "sarif": sarif,
    "html": page,
}
"""Name to what makes it."""


def write_drift_report(report: DriftReport, name: str, path: Path) -> None:
    """Write a report of that format, over what was there.

    Raises:
        ReportError: It cannot be written.
    """
    write_text(path, DRIFT_FORMATS[name](report))
