"""A verdict as JUnit XML: a test case for each check and family it looked at, and one for each cell that must be seen.

A check that had nothing to look at is skipped, with the reason; so is a cell that was not seen: neither is a pass.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from nebula_contract.judging.findings import CheckRun, Finding
from nebula_contract.reports.looks import looks
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.told import told

NOTHING_TO_LOOK_AT = "the run gave it nothing to look at"
_CHECKS, _CELLS = "nebula_contract.checks", "nebula_contract.cells"


def junit(report: Report) -> str:
    """The document, with a line end."""
    suite = Element("testsuite", name="nebula-contract", timestamp=shown(report.header.started_at))
    properties = SubElement(suite, "properties")
    facts = {"target": report.header.target, "profile": report.header.profile, "seed": report.header.seed}
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=shown(str(value)))
    for run in report.verdict.checks:
        _check(suite, report, run)
    for cell in report.verdict.cells:
        if cell.is_required:
            case = SubElement(suite, "testcase", classname=_CELLS, name=shown(cell.name))
            if not cell.seen:
                SubElement(case, "skipped", message=f"not seen: {shown(cell.reason or cell.what)}")
    for name in ("testcase", "failure", "skipped"):
        suite.set(
            {"testcase": "tests", "failure": "failures"}.get(name, name),
            str(len(suite.findall(f".//{name}"))),
        )
    suite.set("errors", "0")
    suites = Element(
        "testsuites", {name: suite.get(name, "") for name in ("tests", "failures", "skipped", "errors")}
    )
    suites.append(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _check(suite: Element, report: Report, run: CheckRun) -> None:
    label = f"{shown(run.code)} {shown(report.name(run.code))}"
    found = [finding for finding in report.verdict.findings if finding.code == run.code]
    places = dict.fromkeys([*looks(run, report.verdict), *(finding.family for finding in found)])
    if not places:
        case = SubElement(suite, "testcase", classname=_CHECKS, name=label)
        SubElement(case, "skipped", message=NOTHING_TO_LOOK_AT)
    for family in places:
        name = f"{label} [{shown(family)}]" if family else label
        case = SubElement(suite, "testcase", classname=_CHECKS, name=name)
        _outcome(case, report, [finding for finding in found if finding.family == family])


def _outcome(case: Element, report: Report, findings: Sequence[Finding]) -> None:
    """A failure for findings that count, and a note for those that do not."""
    counted = [finding for finding in findings if report.ending.gates(finding)]
    if counted:
        first = told(report, counted[0])
        message = f"{first.where}: came {first.came}, expected {first.expected}"
        failure = SubElement(case, "failure", type=counted[0].level, message=message)
        failure.text = "\n\n".join(finding_text(report, finding) for finding in counted)
    rest = [finding for finding in findings if not report.ending.gates(finding)]
    if rest:
        SubElement(case, "system-out").text = "\n\n".join(finding_text(report, finding) for finding in rest)


def finding_text(report: Report, finding: Finding) -> str:
    """A finding as plain lines."""
    words = told(report, finding)
    lines = {
        f"{finding.level} {words.title}": words.where,
        "promised": words.promised,
        "came": words.came,
        "expected": words.expected,
        "how often": words.often,
        "usually": words.cause,
        "what to do": words.remedy,
        "again": words.replay,
        "or": words.curl,
    }
    return "\n".join(f"{label}: {text}" for label, text in lines.items() if text)
