"""A drift report as one JSON document (``files/drift-report.schema.json``), a finding as one (``files/drift-finding``)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.observation import Span
from nebula_contract.drift.parity import Parity, total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.words import curl_of, days_old
from nebula_contract.reports.frame import exit_document, run_document
from nebula_contract.reports.shown import shown

FORMAT = 1
_DAY = 10


def as_json(report: DriftReport) -> str:
    """The document as text, with a line end."""
    return json.dumps(report_document(report), indent=2) + "\n"


def as_ndjson(report: DriftReport) -> str:
    """A finding a line, the worst first."""
    return "".join(
        json.dumps(finding_document(report, one), separators=(",", ":")) + "\n" for one in report.findings
    )


def report_document(report: DriftReport) -> dict[str, Any]:
    """The whole report."""
    baseline = report.baseline
    return {
        "format": FORMAT,
        "run": run_document(
            report.header,
            report.end,
            exchanges=report.exchanges,
            record=report.record,
            partial=report.partial,
        ),
        "baseline": None
        if baseline is None
        else {"verified_at": shown(baseline.verified_at) or None, "plan": shown(baseline.plan) or None},
        "exit": exit_document(report.ending),
        "findings": [finding_document(report, one) for one in report.findings],
        "parity": [_parity(report, one) for one in (total(report.parity), *report.parity)],
        "lives": {
            shown(family): {
                "tasks": life.tasks,
                "traces": {shown(trace): count for trace, count in sorted(life.traces.items())},
                "spans": _spans(life.spans),
                "mock_spans": _spans(report.mock_lives[family].spans if family in report.mock_lives else {}),
            }
            for family, life in sorted(report.lives.items())
        },
        "unverified": {shown(name): shown(day) for name, day in report.unverified.items()},
        "missing": [shown(cell.name) for cell in report.missing],
        "unobservable": {shown(what): times for what, times in sorted(report.unobservable.items())},
    }


def finding_document(report: DriftReport, finding: DriftFinding) -> dict[str, Any]:
    """One finding."""
    stand, place, evidence = report.stand(finding), finding.place, finding.evidence
    example = evidence.example
    answer = None if example is None else example.answer
    return {
        "id": finding.id,
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "axes": asdict(finding.rule.axes),
        "severity": finding.severity,
        "verdict": finding.verdict.name,
        "gates": finding.id in report.gating,
        "standing": stand.standing,
        **{name: shown(value) for name, value in asdict(place).items()},
        "http_status": None if example is None or answer is None else answer.status,
        "key": shown(finding.key),
        "expected": {
            "docs": shown(finding.docs),
            "mock": shown(finding.mock),
            "baseline": shown(finding.baseline) or None,
        },
        "observed": shown(finding.now),
        "evidence": {
            "seen": evidence.seen,
            "of": evidence.of,
            "exchanges": list(evidence.exchanges),
            "case": shown(example.case) if example else None,
            "request_id": shown(answer.headers.get("x-oneapi-request-id", "")) or None if answer else None,
            "reconfirmed": evidence.reconfirmed,
            "curl": curl_of(report, finding) or None,
        },
        "held_until": finding.held_until or None,
        "last_seen": shown(report.header.started_at)[:_DAY],
        "accepted": None
        if stand.entry is None
        else {name: shown(value) for name, value in asdict(stand.entry).items()},
        "what": finding.rule.what,
        "who": finding.verdict.who,
        "remedy": finding.remedy,
    }


def _parity(report: DriftReport, one: Parity) -> dict[str, Any]:
    return {
        "family": shown(one.family),
        "parity": None if one.share is None else round(one.share, 4),
        "equal": one.equal,
        "compared": one.compared,
        "samples": one.samples,
        "cells": one.cells,
        "unseen": one.unseen,
        "age_days": days_old(report),
    }


def _spans(spans: Mapping[str, Span]) -> dict[str, Any]:
    return {
        shown(what): {"count": one.count, "least_s": one.least, "middle_s": one.middle, "most_s": one.most}
        for what, one in sorted(spans.items())
    }
