"""A drift report as SARIF 2.1.0 (OASIS), for GitHub's code scanning: an alert for each change, while it lasts.

What changed is at the provider, in no file, and an upload needs one: every result stands at line 1 of
what it was compared with: ``contract/observed.json``, the committed statement of what the provider was last accepted to
do, or the file that ``--baseline`` names. It is the same in every run, so that an alert stays the same one. GitHub tells alerts apart by ``primaryLocationLineHash`` alone and
would make that of the line, so the finding's id stands there too. An accepted finding is suppressed, and GitHub
closes its alert.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nebula_contract.drift.accepted import Stand
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.parity import total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.sentences import sentences
from nebula_contract.drift.reporting.words import (
    age_of,
    days_old,
    ending_line,
    parity_lines,
    unseen_lines,
    words_of,
)
from nebula_contract.drift.rules import Rule
from nebula_contract.judging.findings import Level
from nebula_contract.reports.markdown import code_span, plain
from nebula_contract.reports.shown import shown
from nebula_contract.reports.summary import INTERRUPTED, UNUSABLE

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Level, str] = {"breaking": "error", "risky": "warning", "additive": "note", "info": "note"}
_GITHUB: dict[Level, str] = {
    "breaking": "error",
    "risky": "warning",
    "additive": "recommendation",
    "info": "recommendation",
}
"""GitHub's own words, in ``problem.severity`` of a rule."""


_UNSEEN = {
    "id": "not-looked-at",
    "name": "NotLookedAt",
    "shortDescription": {"text": "Something was not looked at, so nothing is known of it; this is no pass."},
}
"""Of notifications: SARIF keeps their descriptors apart from the rules of results."""


def sarif(report: DriftReport) -> str:
    """The document as text, with a line end."""
    return json.dumps(sarif_document(report), indent=2) + "\n"


def sarif_document(report: DriftReport) -> dict[str, Any]:
    """The document: one run of one tool, with the rules of its findings."""
    rules = list({one.rule.id: one.rule for one in report.findings}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "nebula-contract drift",
                        "version": shown(report.header.tool),
                        "rules": [_rule(rule) for rule in rules],
                        "notifications": [_UNSEEN],
                    }
                },
                "automationDetails": {"id": "nebula-drift/"},
                "invocations": [_invocation(report)],
                "results": [_result(report, one, index[one.rule.id]) for one in report.findings],
                "columnKind": "utf16CodeUnits",
                "properties": _run(report),
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    explain = f"nebula-contract explain {rule.id}"
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": shown(rule.what)},
        "fullDescription": {"text": shown(f"{rule.what} {rule.remedy}", 1000)},
        "help": {
            "text": f"{rule.what}\n\nWhat a consumer does: {rule.remedy}\n\nMore: {explain}",
            "markdown": f"{plain(rule.what)}\n\n**What a consumer does:** {plain(rule.remedy)}\n\nMore: {code_span(explain)}",
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["nebula", "drift", *dict.fromkeys(_tags(rule))],
            "problem.severity": _GITHUB[rule.severity],
            "precision": "very-high",
            "axes": asdict(rule.axes),
        },
    }


def _tags(rule: Rule) -> Iterator[str]:
    axes = rule.axes
    yield from (axes.area, f"{axes.kind}-{axes.action}")
    if axes.direction != "none":
        yield axes.direction


def _result(report: DriftReport, finding: DriftFinding, index: int) -> dict[str, Any]:
    stand, words, evidence = report.stand(finding), words_of(report, finding), finding.evidence
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(report, finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(report.compared_at)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": words.where, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1", "driftId/v1": finding.id},
        "suppressions": _suppressions(stand),
        "properties": {
            "severity": finding.severity,
            "verdict": finding.verdict.name,
            "who": finding.verdict.who,
            "gates": finding.id in report.gating,
            "standing": stand.standing,
            "place": {name: shown(value) for name, value in asdict(finding.place).items()},
            "expected": {"baseline": words.baseline, "documents": words.docs, "mock": words.mock},
            "observed": words.now,
            "evidence": {
                "seen": evidence.seen,
                "of": evidence.of,
                "exchanges": list(evidence.exchanges),
                "reconfirmed": evidence.reconfirmed,
                "again": words.curl,
            },
            "accept": words.accept,
        },
    }


def _message(report: DriftReport, finding: DriftFinding) -> str:
    """What a person reads in an alert: plain lines, without what would be a link of SARIF's."""
    return "\n".join(sentences(report, finding)).replace("](", "] (")


def _suppressions(stand: Stand) -> Sequence[dict[str, Any]]:
    """Of an acceptance that holds; an empty list says that the finding is not suppressed."""
    entry = stand.entry
    if stand.standing != "accepted" or entry is None:
        return []
    return [
        {
            "kind": "external",
            "status": "accepted",
            "justification": shown(entry.reason),
            "properties": {
                "owner": shown(entry.owner),
                "accepted": shown(entry.accepted),
                "expires": shown(entry.expires),
            },
        }
    ]


def _invocation(report: DriftReport) -> dict[str, Any]:
    """How the comparison ended, and what was not looked at."""
    told = [
        {"level": "note", "message": {"text": line}, "descriptor": {"id": _UNSEEN["id"], "index": 0}}
        for line in unseen_lines(report)
    ]
    return {
        "executionSuccessful": report.ending.code not in (UNUSABLE, INTERRUPTED),
        "exitCode": report.ending.code,
        "exitCodeDescription": ending_line(report),
        "toolExecutionNotifications": told,
    }


def _uri(path: str) -> str:
    """A path as SARIF names files: relative to the root of the sources, else whole."""
    told = shown(path)
    return Path(told).as_uri() if Path(told).is_absolute() else quote(Path(told).as_posix())


def _run(report: DriftReport) -> dict[str, Any]:
    share = total(report.parity).share
    return {
        "target": shown(report.header.target),
        "started_at": shown(report.header.started_at),
        "record": shown(report.record),
        "today": report.today,
        "parity": None if share is None else round(share, 4),
        "age_days": days_old(report),
        "age": age_of(report),
        "parity_lines": list(parity_lines(report)),
    }
