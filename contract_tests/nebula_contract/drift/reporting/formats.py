"""The formats of a drift report by name."""

from collections.abc import Callable, Mapping

from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.as_json import as_json, as_ndjson
from nebula_contract.drift.reporting.text import text

DRIFT_FORMATS: Mapping[str, Callable[[DriftReport], str]] = {
    "text": text,
    "json": as_json,
    "ndjson": as_ndjson,
}
"""Name to what makes it."""
