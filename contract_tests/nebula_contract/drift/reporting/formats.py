"""The formats of a drift report by name."""

from collections.abc import Callable, Mapping

from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.as_json import as_json, as_ndjson
from nebula_contract.drift.reporting.github import github
from nebula_contract.drift.reporting.junit import junit
from nebula_contract.drift.reporting.markdown import markdown
from nebula_contract.drift.reporting.page.page import page
from nebula_contract.drift.reporting.sarif import sarif
from nebula_contract.drift.reporting.text import text

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
