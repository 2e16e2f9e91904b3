"""Every format of a drift report tells every change, and no text of a target can break it, act through it or leak."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from drifts import FINDINGS, PLAIN, drift_report, finding, hostile_drift_reports
from nebula_contract.drift.finding import TIMING, DriftFinding, Evidence, Place
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.as_json import as_json, as_ndjson
from nebula_contract.drift.reporting.formats import DRIFT_FORMATS
from nebula_contract.drift.reporting.github import github
from nebula_contract.drift.reporting.junit import junit
from nebula_contract.drift.reporting.markdown import MOST_ROWS, markdown
from nebula_contract.drift.reporting.page.page import page
from nebula_contract.drift.reporting.text import text
from nebula_contract.drift.reporting.words import percent, words_of
from nebula_contract.drift.rules import verdict_kinds
from nebula_contract.reports.summary import Ending
from nebula_schemas import contract
from verdicts import CANARY

FORMATS: Mapping[str, Callable[[DriftReport], str]] = {
    **DRIFT_FORMATS,
    "colour": lambda one: text(one, colour=True),
}
FOR_PEOPLE = ("text", "markdown", "junit", "github", "sarif", "html")
OUR_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class _Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(told)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _plain(name: str, told: str) -> str:
    """What a reader of the format sees."""
    if name == "html":
        return " ".join(" ".join(_Page(told).texts).split())
    if name == "sarif":
        return json.dumps(json.loads(told), ensure_ascii=False)
    for mark, letter in (("\\", ""), ("%2C", ","), ("%3A", ":"), ("%25", "%"), ("&gt;", ">"), ("&amp;", "&")):
        told = told.replace(mark, letter)
    return " ".join(told.split())


@pytest.mark.parametrize("name", [*FORMATS])
def test_every_format_has_every_change_by_its_id(name: str) -> None:
    told = FORMATS[name](PLAIN)
    assert [one.id for one in FINDINGS if one.id not in told] == []
    assert FORMATS[name](drift_report()) or name == "ndjson"


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_person_is_told_what_where_now_before_whose_matter_and_what_to_do(name: str) -> None:
    told = _plain(name, FORMATS[name](PLAIN))
    for part in (
        *("Tasks end in a status that is not known.", "DR407", "final-status-added", "/status"),
        *("completed (6), in_progress (1)", "succeeded (6), in_progress (1)", "last seen 2025-12-22"),
        *("provider changed", "you and the makers of this contract to act", "Give up at a deadline"),
        *("6 of 8", f"nebula-contract accept out/record.ndjson {FINDINGS[0].id}"),
        *("the support told us", "video team", "2026-03-24"),
    ):
        assert part in told, part


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_the_parity_stands_with_its_samples_and_its_age(name: str) -> None:
    """99.95 % is not told as 100.0 %; a family that was not looked at has no number."""
    told = _plain(name, FORMATS[name](PLAIN))
    for part in ("99.9%", "1999 of 2000", "40", "80.0%", "8 of 10", "3 days ago"):
        assert part in told, part
    assert re.search(r"veo.{0,60}not looked at", told)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_what_was_not_looked_at_is_told_and_is_no_pass(name: str) -> None:
    told = _plain(name, FORMATS[name](PLAIN))
    for part in ("query wan succeeded", "sora/query/ok/failed", "429 from the gateway", "2025-12-22"):
        assert part in told, part


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_whose_matter_it_is_is_said_in_whole_sentences_and_once(name: str) -> None:
    told = _plain(name, FORMATS[name](drift_report(finding())))
    what = verdict_kinds()["provider_changed"].what
    assert [wrong for wrong in (f"{what}:", f"{what},", f"{what}.") if wrong in told] == []
    whole = f"provider changed: you and the makers of this contract to act. {what}"
    assert (what if name == "text" else whole) in told
    if name in ("text", "html", "markdown", "github"):
        assert told.count(what) == 1


@pytest.mark.parametrize("rule", sorted(TIMING))
@pytest.mark.parametrize("name", [*FORMATS])
def test_no_command_accepts_what_is_never_accepted(name: str, rule: str) -> None:
    place = Place("query", "wan", "ok", "*", "to succeeded")
    one = finding(
        rule, place=place, key="", now="145 to 145 s", baseline="90 to 100.5 s", severity="breaking"
    )
    told = _plain(name, FORMATS[name](drift_report(one)))
    assert "nebula-contract accept" not in told
    assert "hen accept it" not in told
    assert "Times alone are never accepted: take them over into the observed state" in told
    if name in FOR_PEOPLE:
        for part in ("145 s", "90 to 100.5 s", "query of wan, time until succeeded"):
            assert part.lower() in told.lower(), part
        assert "145 to 145" not in told


@pytest.mark.parametrize(
    ("now", "key", "told"),
    [
        ("URL (83)", "URL", "URL (83)"),
        ("URL", "URL", "URL"),
        ("URL (83), id (2)", "URL", "URL (83), id (2) [URL]"),
        ("URLs (83)", "URL", "URLs (83) [URL]"),
        ("absent (1)", "", "absent (1)"),
    ],
)
def test_a_key_stands_beside_what_it_does_not_repeat(now: str, key: str, told: str) -> None:
    one = finding(now=now, key=key)
    assert words_of(drift_report(one), one).now == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("live", "$1.25 spent"),
        ("mock", "$1.25 spent of the mock's money"),
        ("url", "$1.25 spent in a rehearsal"),
    ],
)
@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_money_is_told_as_whose_it_is(name: str, kind: Any, told: str) -> None:
    text = _plain(name, FORMATS[name](replace(PLAIN, header=replace(PLAIN.header, kind=kind))))
    assert f"{told}," in text


def test_parity_is_rounded_down() -> None:
    assert [percent(one) for one in (1.0, 0.9999, 0.9, 0.3, 0.0)] == [
        "100.0%",
        "99.9%",
        "90.0%",
        "30.0%",
        "0.0%",
    ]


@settings(max_examples=60)
@given(hostile_drift_reports())
def test_no_text_breaks_a_format_or_leaks_through_it(hostile: DriftReport) -> None:
    for name, made in FORMATS.items():
        told = made(hostile)
        assert CANARY not in told, name
        assert "canary" not in told, name
        told.encode("utf-8")
        bare = OUR_ESCAPES.sub("", told) if name == "colour" else told
        assert [one for one in bare if not one.isprintable() and one != "\n"] == [], name
        assert len(told) < 2_000_000, name
        if name != "text":
            assert [one.id for one in hostile.findings if one.id not in told] == [], name


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_json_is_as_its_schemas_say(hostile: DriftReport) -> None:
    assert contract().violations("files/drift-report", json.loads(as_json(hostile))) == ()
    lines = as_ndjson(hostile).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [one.id for one in hostile.findings]
    for line in lines:
        assert contract().violations("files/drift-finding", json.loads(line)) == ()


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_junit_is_xml_with_as_many_cases_as_it_says(hostile: DriftReport) -> None:
    suites = ET.fromstring(junit(hostile))  # noqa: S314 - made a line above
    (suite,) = suites
    cases = suites.findall(".//testcase")
    assert {suites.get("tests"), suite.get("tests")} == {str(len(cases))}
    assert {suites.get("failures"), suite.get("failures")} == {str(len(hostile.gating))}
    assert {suites.get("skipped"), suite.get("skipped")} == {str(len(suites.findall(".//skipped")))}
    assert [case for case in cases if len(case) != 1] == []
    changes = [case for case in cases if case.get("classname") == "nebula_drift.changes"]
    assert len(changes) == len(hostile.findings)


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_github_gets_one_command_a_line_and_none_from_a_target(hostile: DriftReport) -> None:
    lines = github(hostile).splitlines()
    assert all(re.match(r"::(error|warning|notice) title=[^:,]*::", line) for line in lines)
    assert len(hostile.findings) + 2 <= len(lines) <= len(hostile.findings) + 3
    assert sum(line.startswith("::error") for line in lines) == len(hostile.gating)
    order = [["error", "warning", "notice"].index(line[2:].partition(" ")[0]) for line in lines]
    assert order == sorted(order)


def _kinds(tokens: list[Token]) -> set[str]:
    return {kind for one in tokens for kind in (one.type, *_kinds(one.children or []))}


_OURS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "fence", "code_inline"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("strong_open", "strong_close", "html_block", "softbreak"),
}


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_markdown_has_no_markup_but_its_own(hostile: DriftReport) -> None:
    """As a parser sees it: no link, image, tag, or row that a target wrote."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown(hostile))
    assert _kinds(tokens) <= _OURS
    ours = re.compile(r"<details><summary>[^<>]*</summary>|</details>")
    assert [
        one.content for one in tokens if one.type == "html_block" and not ours.fullmatch(one.content.strip())
    ] == []
    rows = sum(one.type == "tr_open" for one in tokens)
    tables = sum(one.type == "table_open" for one in tokens)
    assert rows == tables + len(hostile.findings) + len(hostile.parity) + 1
    headings = [one for one in tokens if one.type == "heading_open"]
    assert len(headings) <= 5


@settings(max_examples=40)
@given(hostile_drift_reports())
def test_a_page_has_no_element_or_address_but_its_own(hostile: DriftReport) -> None:
    made = _Page(page(hostile))
    names = {name for name, _ in made.elements}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    told = {name for _, attributes in made.elements for name in attributes}
    assert not [
        name for name in told if name.startswith("on") or name in ("style", "src", "srcset", "action")
    ]
    links = {one["href"] for name, one in made.elements if name == "a"}
    assert all(re.fullmatch(r"#[a-z0-9-]+", str(link)) for link in links)
    ids = [one["id"] for _, one in made.elements if "id" in one]
    assert len(ids) == len(set(ids))
    assert sum(name == "style" for name, _ in made.elements) == 1


def test_an_accepted_change_is_told_apart_and_fails_nothing() -> None:
    held = drift_report(finding(), accepted=[finding()])
    assert 'failures="0"' in junit(held)
    assert github(held).count("::error") == github(held).count("::warning") == 0
    assert "<summary>Accepted: 1 change</summary>" in markdown(held)
    for name in ("github", "junit", "html", "sarif"):
        assert "video team" in FORMATS[name](held), name
    for name in ("github", "junit", "html"):
        assert "nebula-contract accept" not in FORMATS[name](held), name


def test_what_fails_the_run_is_an_error_whatever_its_severity() -> None:
    risky = finding("DR213")
    told = drift_report(risky, gating=frozenset({risky.id}), ending=Ending(1, ("1 change",), "risky"))
    assert github(told).startswith("::error title=risky%3A DR213")
    assert 'type="risky"' in junit(told)


def test_what_a_second_look_did_not_show_is_told_and_fails_nothing() -> None:
    once = finding(evidence=Evidence(1, 8, (2,), None, reconfirmed=False))
    told = drift_report(once, gating=frozenset(), ending=Ending(0, ()))
    for name in FOR_PEOPLE:
        assert "a second look did not show it" in _plain(name, FORMATS[name](told)), name
    assert 'failures="0"' in junit(told)


def test_a_run_without_a_change_is_told_by_every_format() -> None:
    told = drift_report(unverified={}, missing=(), unobservable={}, end=None)
    for name in FOR_PEOPLE:
        plain = _plain(name, FORMATS[name](told))
        assert "No change" in plain or name in ("junit", "sarif"), name
        assert "Exit code 0" in plain, name
    nothing = replace(told, parity=(), lives={}, mock_lives={}, baseline=None)
    assert all(made(nothing) or name == "ndjson" for name, made in FORMATS.items())


def test_a_table_of_many_changes_says_how_many_it_leaves_out() -> None:
    many: list[DriftFinding] = [finding(key=f"word-{number}") for number in range(MOST_ROWS + 20)]
    told = markdown(drift_report(*many))
    assert "And 20 more; the JSON report has them all." in told
    assert len(told.encode()) < 1_048_576
