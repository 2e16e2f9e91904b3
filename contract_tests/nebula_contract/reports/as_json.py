"""A verdict as one JSON document (``files/report.schema.json``), and a finding as one (``files/finding.schema.json``)."""

import json
from typing import Any

from nebula_contract.judging.findings import Finding
from nebula_contract.reports.frame import exit_document, run_document
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.told import curl_of, replay_of

FORMAT = 1


def as_json(report: Report) -> str:
    """The document as text, with a line end."""
    return json.dumps(report_document(report), indent=2) + "\n"


def as_ndjson(report: Report) -> str:
    """A finding a line, the worst first."""
    return "".join(
        json.dumps(finding_document(report, finding), separators=(",", ":")) + "\n"
        for finding in report.verdict.findings
    )


def report_document(report: Report) -> dict[str, Any]:
    """The whole report."""
    verdict = report.verdict
    return {
        "format": FORMAT,
        "run": run_document(
            report.header,
            report.end,
            exchanges=verdict.exchanges,
            record=report.record,
            partial=report.partial,
        ),
        "exit": exit_document(report.ending),
        "findings": [finding_document(report, finding) for finding in verdict.findings],
        "checks": [
            {
                "code": run.code,
                "name": report.name(run.code),
                "looked": run.looked,
                "broken": run.broken,
                "live_age_days": report.ages.get(run.code),
            }
            for run in verdict.checks
        ],
        "cells": [
            {
                "name": shown(cell.name),
                "what": shown(cell.what),
                "seen": cell.seen,
                "required": cell.is_required,
                "reason": shown(cell.reason) or None,
            }
            for cell in verdict.cells
        ],
        "variants": [
            {
                "number": one.number,
                "matter": shown(one.matter),
                "seen": {shown(side): seen for side, seen in one.seen.items()},
            }
            for one in verdict.variants
        ],
        "infra": [shown(one) for one in verdict.infra],
    }


def finding_document(report: Report, finding: Finding) -> dict[str, Any]:
    """One finding."""
    check = report.check(finding.code)
    return {
        "id": finding.id,
        "code": finding.code,
        "name": report.name(finding.code),
        "level": finding.level,
        "gates": report.ending.gates(finding),
        "operation": shown(finding.operation),
        "family": shown(finding.family) or None,
        "http_status": finding.status or None,
        "state": shown(finding.state) or None,
        "location": shown(finding.location) or None,
        "found": shown(finding.found),
        "expected": shown(finding.expected),
        "promise": check.promise if check else None,
        "cause": check.cause if check else None,
        "remedy": check.remedy if check else None,
        "source": check.source if check else None,
        "evidence": {
            "seen": finding.seen,
            "of": finding.of,
            "exchanges": list(finding.exchanges),
            "case": shown(finding.case) or None,
            "curl": curl_of(report, finding) or None,
            "replay": replay_of(report, finding) or None,
        },
    }
