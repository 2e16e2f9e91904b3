"""Every fact about the provider against the tests that prove it: ``docs/reference/proofs.md``.

Facts stand in ``docs/facts.json``, the contradictions of the sources in ``nebula_schemas``. A test says
which it proves by ``@pytest.mark.proves("sora.seconds", ...)``, on the function or on a row of its table;
the marks are read from the source text, so that nothing needs to be run.
"""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nebula_schemas.contradicting import contradiction_table
from page_text import page, table

ROOT = Path(__file__).parent.parent
FACTS = ROOT / "docs" / "facts.json"
TEST_FOLDERS = ("schemas/tests", "mock_server/tests", "client/tests", "contract_tests/tests", "tests")
MARKS = ("PAGE", "DOC", "SRC", "INF")
_CONTRADICTIONS = "8"


class FactsError(ValueError):
    """The facts or the marks cannot be read; the message says where, what was found, what to do."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a source says about the provider.

    Attributes:
        id: Stable name, such as ``sora.seconds``.
        section: Number of its section, such as ``2.1``.
        fact: In one sentence.
        marks: Where it comes from.
        note: What the proof cannot show, where something is left; else empty.
    """

    id: str
    section: str
    fact: str
    marks: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """One test that says which facts it proves.

    Attributes:
        file: From the root of the repository.
        test: Its name.
        line: Where its first mark stands.
    """

    file: str
    test: str
    line: int


def sections() -> Mapping[str, str]:
    """Number to title of every section, in order."""
    raw = json.loads(FACTS.read_text("utf-8"))
    named = {one["number"]: one["title"] for one in raw["sections"]}
    return {**named, _CONTRADICTIONS: "Contradictions of the sources"}


def facts() -> tuple[Fact, ...]:
    """Every fact, in order; the contradictions last.

    Raises:
        FactsError: An entry lacks something, has something else, or repeats an id.
    """
    known, found = sections(), []
    for number, raw in enumerate(json.loads(FACTS.read_text("utf-8"))["facts"]):
        found.append(_fact(f"docs/facts.json, entry {number}", raw, known))
    found += [_contradiction(number) for number in contradiction_table()]
    seen: set[str] = set()
    for fact in found:
        if fact.id in seen:
            message = f"docs/facts.json: the id {fact.id!r} stands twice; rename one."
            raise FactsError(message)
        seen.add(fact.id)
    return tuple(found)


def _fact(where: str, raw: Any, known: Mapping[str, str]) -> Fact:
    if not isinstance(raw, dict) or set(raw) - {"note"} != {"id", "section", "fact", "marks"}:
        message = f"{where}: found {raw!r}, expected an object of id, section, fact, marks and perhaps note."
        raise FactsError(message)
    if not raw["marks"] or set(raw["marks"]) - set(MARKS):
        message = f"{where}, {raw['id']}: found marks {raw['marks']!r}, expected some of {', '.join(MARKS)}."
        raise FactsError(message)
    if raw["section"] not in known:
        message = f"{where}, {raw['id']}: there is no section {raw['section']!r}; name it under sections."
        raise FactsError(message)
    return Fact(raw["id"], raw["section"], raw["fact"], tuple(raw["marks"]), raw.get("note", ""))


def _contradiction(number: int) -> Fact:
    row = contradiction_table()[number]
    both = f"{row.documented.source}, {row.gateway.source}"
    told = f"{row.matter}: {row.documented.says} / {row.gateway.says}"
    marks = tuple(mark for mark in MARKS if mark in both)
    return Fact(f"contradiction.{number}", _CONTRADICTIONS, told, marks, row.note)


def proofs() -> Mapping[str, tuple[Proof, ...]]:
    """Fact id to the tests that prove it, in the order of the files.

    Raises:
        FactsError: A mark is not written in plain text.
    """
    found: defaultdict[str, list[Proof]] = defaultdict(list)
    for folder in TEST_FOLDERS:
        for path in sorted((ROOT / folder).glob("test_*.py")):
            for fact_id, proof in marks_in(path.read_text("utf-8"), str(path.relative_to(ROOT))):
                if proof.test not in {other.test for other in found[fact_id]}:
                    found[fact_id].append(proof)
    return {fact_id: tuple(tests) for fact_id, tests in found.items()}


def marks_in(source: str, file: str) -> Iterator[tuple[str, Proof]]:
    """Every fact that a test file's marks name, with the test.

    A mark counts where it stands among a test's decorators, or in a table of the module that a
    decorator names.

    Raises:
        FactsError: A mark is not written in plain text.
    """
    module = ast.parse(source)
    tables = {
        target.id: statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    }
    for test in module.body:
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
            for decorator in test.decorator_list:
                named = {node.id for node in ast.walk(decorator) if isinstance(node, ast.Name)}
                for tree in (decorator, *(tables[name] for name in sorted(named & set(tables)))):
                    yield from _marks_of(tree, file, test.name)


def _marks_of(tree: ast.AST, file: str, test: str) -> Iterator[tuple[str, Proof]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proves":
            for argument in node.args:
                if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                    message = f"{file}:{node.lineno}: found {ast.unparse(argument)}, expected a fact's id in quotes."
                    raise FactsError(message)
                yield argument.value, Proof(file, test, node.lineno)


def proofs_page() -> str:
    """The page."""
    by_fact = proofs()
    all_facts = facts()
    parts = []
    for number, title in sections().items():
        rows = [
            (
                f"<a id='{fact.id}'></a>`{fact.id}`",
                f"{fact.fact} *{fact.note}*" if fact.note else fact.fact,
                " ".join(fact.marks),
                "<br>".join(_linked(proof) for proof in by_fact.get(fact.id, ())),
            )
            for fact in all_facts
            if fact.section == number
        ]
        parts += [f"## {number} {title}", table(("id", "fact", "marks", "proven by"), rows)]
    tests = {(proof.file, proof.test) for found in by_fact.values() for proof in found}
    intro = (
        f"{len(all_facts)} facts about the provider, each with its source (the marks are those of the "
        f"[glossary](../glossary.md)) and the tests that prove it, {len(tests)} in all. In italics: what a mock "
        "cannot show of it."
    )
    return page("Proofs", intro, *parts)


def _linked(proof: Proof) -> str:
    told = proof.test.removeprefix("test_").replace("_", " ")
    return f"[{told}](../../{proof.file})"
