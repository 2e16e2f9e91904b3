"""A drift report as JUnit XML: a test case for each change, for each family's parity, and for all that was not seen.

A change that fails the run is a failure; one that does not, or that is accepted, passes with a note. What was not
looked at is skipped, with the reason: no pass. A rule without a change has no case, since not finding is no proof.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.parity import total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.words import age_of, ending_line, family_told, parity_told, words_of
from nebula_contract.reports.shown import count_of, shown

_SUITE = "nebula-contract drift"
_CHANGES, _PARITY, _UNSEEN = "nebula_drift.changes", "nebula_drift.parity", "nebula_drift.not_looked_at"


def junit(report: DriftReport) -> str:
    """The document, with a line end."""
    suite = Element("testsuite", name=_SUITE, timestamp=shown(report.header.started_at))
    properties = SubElement(suite, "properties")
    facts = {
        "target": report.header.target,
        "kind": report.header.kind,
        "record": report.record,
        "plan": report.header.plan,
        "today": report.today,
        "ending": ending_line(report),
    }
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=shown(value))
    for finding in report.findings:
        _change(suite, report, finding)
    _parities(suite, report)
    _unseen(suite, report)
    counts = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "skipped": len(suite.findall("testcase/skipped")),
        "errors": 0,
    }
    told = {name: str(count) for name, count in counts.items()}
    suite.attrib.update(told)
    suites = Element("testsuites", told)
    suites.append(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _change(suite: Element, report: DriftReport, finding: DriftFinding) -> None:
    words = words_of(report, finding)
    case = SubElement(
        suite, "testcase", classname=_CHANGES, name=f"{words.title} [{words.where}] {finding.id}"
    )
    text = change_text(report, finding)
    if finding.id in report.gating:
        message = f"{words.what} Now {words.now}; {words.whose}"
        SubElement(case, "failure", type=finding.severity, message=message).text = text
    else:
        SubElement(case, "system-out").text = text


def change_text(report: DriftReport, finding: DriftFinding) -> str:
    """A change as plain lines."""
    words = words_of(report, finding)
    lines = {
        f"{finding.severity} {words.title}": words.what,
        "where": words.where,
        "now": words.now,
        "before": words.baseline,
        "documents": words.docs,
        "mock": words.mock,
        "seen": words.often,
        "verdict": words.whose,
        "accepted": words.standing,
        "what to do": words.remedy,
        "id": finding.id,
        "again": words.curl,
        "accept it": "" if report.stand(finding).standing == "accepted" else words.accept,
    }
    return "\n".join(f"{label}: {text}" for label, text in lines.items() if text)


def _parities(suite: Element, report: DriftReport) -> None:
    for one in (total(report.parity), *report.parity):
        case = SubElement(suite, "testcase", classname=_PARITY, name=f"parity, {family_told(one)}")
        if one.share is None:
            SubElement(case, "skipped", message="not looked at" if not one.samples else "nothing to compare")
        else:
            SubElement(case, "system-out").text = f"{parity_told(one)}, {age_of(report)}"


def _unseen(suite: Element, report: DriftReport) -> None:
    reasons = {
        **({"the whole run": report.partial} if report.partial else {}),
        **{cell.name: f"required, not seen: {cell.what}" for cell in report.missing},
        **{what: f"out of reach {count_of(times, 'time')}" for what, times in report.unobservable.items()},
        **{
            name: f"known, not looked at by this run; last seen {day or 'at an unknown time'}"
            for name, day in report.unverified.items()
        },
    }
    for name, reason in reasons.items():
        case = SubElement(suite, "testcase", classname=_UNSEEN, name=shown(name))
        SubElement(case, "skipped", message=shown(reason))
