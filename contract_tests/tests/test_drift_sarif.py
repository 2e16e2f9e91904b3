"""A drift report as SARIF: valid by the standard's own schema, and as GitHub's code scanning needs it."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator, FormatChecker

from drifts import FINDINGS, PLAIN, drift_report, finding, hostile_drift_reports
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.sarif import sarif, sarif_document
from nebula_contract.drift.rules import all_rules
from nebula_contract.reports.summary import Ending

_SCHEMA = json.loads((Path(__file__).parent / "sarif/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
_VALIDATOR = Draft4Validator(_SCHEMA, format_checker=FormatChecker())
_LONGEST = 1024
"""Characters of a description that GitHub takes."""


def _run(report: DriftReport) -> Any:
    (run,) = sarif_document(report)["runs"]
    return run


def test_the_schema_is_the_standards_own_and_strict() -> None:
    Draft4Validator.check_schema(_SCHEMA)
    wrong = sarif_document(PLAIN)
    wrong["runs"][0]["results"][0]["verdict"] = "x"
    assert not _VALIDATOR.is_valid(wrong)


def test_a_plain_report_is_valid() -> None:
    assert [error.message for error in _VALIDATOR.iter_errors(json.loads(sarif(PLAIN)))] == []


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_any_report_is_valid_and_has_a_result_for_each_change(hostile: DriftReport) -> None:
    document = json.loads(sarif(hostile))
    assert [error.message for error in _VALIDATOR.iter_errors(document)] == []
    results = document["runs"][0]["results"]
    assert [one["partialFingerprints"]["driftId/v1"] for one in results] == [
        one.id for one in hostile.findings
    ]
    assert all("](" not in one["message"]["text"] for one in results)


def test_every_rule_is_told_as_github_needs_it() -> None:
    """Descriptions of at most 1,024 characters, at most 20 tags, help in both forms, one entry for each rule."""
    every = [finding(rule) for rule in all_rules()]
    driver = _run(drift_report(*every, *FINDINGS[1:]))["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == [*all_rules()]
    assert driver["name"] == "nebula-contract drift"
    for rule in driver["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= _LONGEST
        assert 0 < len(rule["fullDescription"]["text"]) <= _LONGEST
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert re.fullmatch(r"[a-z0-9-]+", rule["name"])
        tags = rule["properties"]["tags"]
        assert len(tags) == len(set(tags)) <= 20
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")


def test_every_result_names_its_rule_and_a_file_that_every_run_has() -> None:
    run = _run(PLAIN)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (place,) = result["locations"]
        physical = place["physicalLocation"]
        assert physical == {
            "artifactLocation": {"uri": "contract/observed.json"},
            "region": {"startLine": 1},
        }


@pytest.mark.parametrize(
    ("baseline", "uri"),
    [
        ("contract/before.json", "contract/before.json"),
        ("old runs/a.ndjson", "old%20runs/a.ndjson"),
        ("/var/runs/a.ndjson", "file:///var/runs/a.ndjson"),
    ],
)
def test_a_result_stands_at_the_baseline_that_was_compared_with(baseline: str, uri: str) -> None:
    document = sarif_document(drift_report(finding(), compared_at=baseline))
    assert [error.message for error in _VALIDATOR.iter_errors(document)] == []
    (result,) = document["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_what_a_notification_is_about_is_defined_by_the_driver() -> None:
    run = _run(PLAIN)
    defined = run["tool"]["driver"]["notifications"]
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert told
    for one in told:
        assert defined[one["descriptor"]["index"]]["id"] == one["descriptor"]["id"] == "not-looked-at"


def test_an_alert_is_the_same_one_in_the_next_run() -> None:
    """GitHub goes by the fingerprint: two changes have two, one has the same whatever its values are."""
    later = drift_report(finding(now="completed (9)", severity="risky"), record="other.ndjson")
    (now,) = _run(later)["results"]
    before = _run(PLAIN)["results"]
    assert now["partialFingerprints"] == before[0]["partialFingerprints"]
    marks = Counter(one["partialFingerprints"]["primaryLocationLineHash"] for one in before)
    assert set(marks.values()) == {1}


@pytest.mark.parametrize(
    ("severity", "level"),
    [("breaking", "error"), ("risky", "warning"), ("additive", "note"), ("info", "note")],
)
def test_a_severity_is_a_level(severity: Any, level: str) -> None:
    (result,) = _run(drift_report(finding(severity=severity)))["results"]
    assert result["level"] == level
    assert result["properties"]["severity"] == severity


def test_an_accepted_change_is_suppressed_with_its_reason_and_no_other() -> None:
    suppressed = [one for one in _run(PLAIN)["results"] if one["suppressions"]]
    assert [one["partialFingerprints"]["driftId/v1"] for one in suppressed] == [FINDINGS[3].id]
    (told,) = suppressed[0]["suppressions"]
    assert (told["kind"], told["status"]) == ("external", "accepted")
    assert told["justification"] == "the support told us"


def test_the_ending_and_what_was_not_looked_at_stand_in_the_invocation() -> None:
    (invocation,) = _run(PLAIN)["invocations"]
    assert invocation["exitCode"] == 1
    assert invocation["executionSuccessful"] is True
    told = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert any("query wan succeeded" in one for one in told)
    (stopped,) = _run(drift_report(ending=Ending(130, ("the run was interrupted",))))["invocations"]
    assert stopped["executionSuccessful"] is False
