"""Every format tells what was found, and no text of a target can break it, act through it or leak through it."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings

from nebula_contract.judging.findings import Cell, Verdict
from nebula_contract.reports.as_json import as_json, as_ndjson
from nebula_contract.reports.github import github
from nebula_contract.reports.junit import junit
from nebula_contract.reports.markdown import code_span, markdown
from nebula_contract.reports.report import Report
from nebula_contract.reports.shown import shown
from nebula_contract.reports.summary import ending_of
from nebula_contract.reports.terminal import terminal
from nebula_schemas import contract
from verdicts import CANARY, finding, hostile_reports, hostile_texts, report, verdict

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": terminal,
    "colour": lambda one: terminal(one, colour=True),
    "json": as_json,
    "ndjson": as_ndjson,
    "junit": junit,
    "markdown": markdown,
    "github": github,
}
OUR_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", [*FORMATS])
def test_every_format_says_what_where_and_how_to_see_it_again(name: str) -> None:
    told = FORMATS[name](report(verdict(finding()), record="run.ndjson"))
    plain = told.replace("\\", "").replace("%2C", ",").replace("&quot;", '"').replace("&#39;", "'")
    for part in ("NC301", "status-is-known", "paused", "in_progress", "/status", "lifecycle/wan/1"):
        assert part in plain, part
    assert "nebula-contract replay run.ndjson lifecycle/wan/1" in plain


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "ndjson"])
def test_every_format_says_what_was_not_looked_at(name: str) -> None:
    """A check without anything to look at, and a cell that was not seen, are no passes."""
    missing = (Cell("query wan failed", "a task that fails", 0, is_required=True, reason="it takes a mock"),)
    told = FORMATS[name](report(verdict(cells=missing))).replace("\\", "")
    assert "NC601" in told
    assert "query wan failed" in told
    assert "it takes a mock" in told


@settings(max_examples=60)
@given(hostile_reports())
def test_no_text_breaks_a_format_or_leaks_through_it(hostile: Report) -> None:
    for name, made in FORMATS.items():
        told = made(hostile)
        assert CANARY not in told, name
        assert "canary" not in told, name
        told.encode("utf-8")
        bare = OUR_ESCAPES.sub("", told) if name == "colour" else told
        assert [one for one in bare if not one.isprintable() and one != "\n"] == [], name
        assert len(told) < 2_000_000, name


@settings(max_examples=40)
@given(hostile_reports())
def test_json_is_as_its_schemas_say(hostile: Report) -> None:
    assert contract().violations("files/report", json.loads(as_json(hostile))) == ()
    for line in as_ndjson(hostile).splitlines():
        assert contract().violations("files/finding", json.loads(line)) == ()
    assert len(as_ndjson(hostile).splitlines()) == len(hostile.verdict.findings)


@settings(max_examples=40)
@given(hostile_reports())
def test_junit_is_xml_with_as_many_cases_as_it_says(hostile: Report) -> None:
    suites = ET.fromstring(junit(hostile))  # noqa: S314 - made a line above
    cases = suites.findall(".//testcase")
    assert suites.get("tests") == str(len(cases))
    assert suites.get("failures") == str(len(suites.findall(".//failure")))
    counted = {(one.code, one.family) for one in hostile.verdict.findings if hostile.ending.gates(one)}
    assert suites.get("failures") == str(len(counted))
    assert [case for case in cases if len(case) > 2] == []


@settings(max_examples=40)
@given(hostile_reports())
def test_github_gets_one_command_a_line_and_none_from_a_target(hostile: Report) -> None:
    lines = github(hostile).splitlines()
    assert all(re.match(r"::(error|warning|notice) title=[^:,]*::", line) for line in lines)
    assert len(lines) <= len(hostile.verdict.findings) + 2


@given(hostile_texts)
def test_a_code_span_holds_any_line_whole(text: str) -> None:
    """No run of backticks within is as long as its fence."""
    line = shown(text)
    span = code_span(line)
    fence = re.match(r"`*", span)
    assert fence is not None
    inner = span[len(fence[0]) : len(span) - len(fence[0])]
    assert all(len(run) < len(fence[0]) for run in re.findall(r"`+", inner.strip(" ") if line else ""))
    assert line in inner


@given(hostile_reports())
def test_markdown_has_no_markup_but_its_own(hostile: Report) -> None:
    """Outside of code, no tag, link, mention or row that a target wrote."""
    text = re.sub(r"(?ms)^(`{3,})bash\n.*?^\1$", "", markdown(hostile))
    for line in text.splitlines():
        outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert re.findall(r"</?(?!details|summary)\w+", outside) == []
        assert "javascript:" not in outside.replace("\\:", "")
        assert "@octocat" not in outside


def test_colour_is_only_there_when_asked_for() -> None:
    judged = report(verdict(finding()))
    assert "\x1b[" in terminal(judged, colour=True)
    assert OUR_ESCAPES.sub("", terminal(judged, colour=True)) == terminal(judged)


def test_the_terminal_groups_places_of_one_promise_the_worst_first() -> None:
    others = [finding(family=family, location=f"/{family}") for family in ("sora", "veo")]
    text = terminal(report(verdict(finding("NC401", level="info"), *others)))
    assert text.count("A status is one of those") == 2
    assert text.index("BREAKING  NC301 status-is-known, in 2 places") < text.index("INFO  NC401")
    assert "3 findings: 1 info, 2 breaking." in text


def test_the_terminal_of_a_run_that_held_is_short_and_tells_the_variants() -> None:
    text = terminal(report(verdict()))
    assert "No finding." in text
    assert "the first status: queued (12 times)" in text
    assert text.endswith("3 checks: 2 held, 0 broken, 1 had nothing to look at.\nHeld. Exit code 0.\n")


def test_a_finding_below_the_bound_fails_no_test_case() -> None:
    judged = verdict(finding(level="info"))
    document = ET.fromstring(junit(report(judged, ending=ending_of(judged, fail_on="risky"))))  # noqa: S314
    assert document.get("failures") == "0"
    assert "paused" in (document.findtext(".//system-out") or "")


def test_long_values_are_cut() -> None:
    told = terminal(report(verdict(finding(found="x" * 1_000_000))))
    assert "(1000000 characters)" in told
    assert len(told) < 4000


def test_an_empty_verdict_is_told_by_every_format() -> None:
    nothing = Verdict((), (), (), (), (), 0)
    for name, made in FORMATS.items():
        assert made(report(nothing)) or name == "ndjson"
