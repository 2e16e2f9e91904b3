"""Every fact about the provider has a test, and the page that says so is true."""

import json
import re
from pathlib import Path

import pytest

import proofs_page
from proofs_page import FactsError, facts, marks_in, proofs, sections

A_FACT = {"id": "sora.seconds", "section": "2.1", "fact": "seconds is 4, 8 or 12.", "marks": ["DOC"]}


def test_every_fact_has_a_test() -> None:
    proven = proofs()
    assert [fact.id for fact in facts() if fact.id not in proven] == []


def test_every_mark_names_a_fact() -> None:
    known = {fact.id for fact in facts()}
    assert {fact_id: tests for fact_id, tests in proofs().items() if fact_id not in known} == {}


def test_the_page_lists_every_fact_with_its_tests() -> None:
    """That the committed page is this one, the test of the reference pages says."""
    page = proofs_page.proofs_page()
    assert [fact.id for fact in facts() if f"`{fact.id}`" not in page] == []
    assert {f"../../{proof.file}" for tests in proofs().values() for proof in tests} == set(
        re.findall(r"\]\((\.\./\.\./[^)]+)\)", page)
    )


def test_every_section_has_facts_in_its_order() -> None:
    found = [fact.section for fact in facts()]
    assert list(dict.fromkeys(found)) == list(sections())
    assert found == sorted(found, key=list(sections()).index)


def test_marks_and_notes_say_something() -> None:
    for fact in facts():
        assert fact.fact.strip()
        assert fact.marks
        assert fact.note == fact.note.strip()


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([A_FACT, A_FACT], "the id 'sora.seconds' stands twice"),
        ([{**A_FACT, "marks": ["hearsay"]}], "sora.seconds: found marks ['hearsay']"),
        ([{**A_FACT, "marks": []}], "sora.seconds: found marks []"),
        ([{**A_FACT, "section": "99"}], "sora.seconds: there is no section '99'"),
        ([{"id": "sora.seconds"}], "entry 0: found {'id': 'sora.seconds'}, expected an object of id"),
        ([{**A_FACT, "comment": ""}], "entry 0: found"),
        (["sora.seconds"], "entry 0: found 'sora.seconds'"),
    ],
)
def test_a_slip_in_the_facts_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: list[object], told: str
) -> None:
    file = tmp_path / "facts.json"
    named = {"sections": [{"number": "2.1", "title": "Sora 2"}], "facts": entries}
    file.write_text(json.dumps(named), "utf-8")
    monkeypatch.setattr(proofs_page, "FACTS", file)
    with pytest.raises(FactsError) as caught:
        facts()
    assert told in str(caught.value)


MARKED = """
import pytest

ROWS = [pytest.param(1, marks=pytest.mark.proves("row.one")), 2]
UNUSED = [pytest.param(1, marks=pytest.mark.proves("row.lost"))]

@pytest.mark.proves("one", "two")
def test_a() -> None: ...

@pytest.mark.parametrize("row", ROWS)
def test_b(row: int) -> None: ...

@pytest.mark.proves("no.test")
def helper() -> None: ...
"""


def test_marks_count_on_tests_and_on_the_tables_they_name() -> None:
    found = {(fact_id, proof.test) for fact_id, proof in marks_in(MARKED, "tests/test_x.py")}
    assert found == {("one", "test_a"), ("two", "test_a"), ("row.one", "test_b")}


def test_a_mark_must_be_written_in_plain_text() -> None:
    source = "@pytest.mark.proves(NAME)\ndef test_a() -> None: ...\n"
    with pytest.raises(FactsError, match=r"^tests/test_x.py:1: found NAME, expected a fact's id in quotes"):
        list(marks_in(source, "tests/test_x.py"))
