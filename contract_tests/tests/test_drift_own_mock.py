"""A mock of one's own as the witness: where it follows the provider against the documents, a document is stale."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from drifting import live_run, record_of
from nebula_contract.cli import main
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.mutating.lies import json_lie, on, put, state, take
from nebula_contract.mutating.mutant import Lie, Mutant
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordWriter, read_record
from nebula_contract.record.run import RunEnd, RunHeader

OF_A_MOCK = RunHeader("0.1.0", "mock", "mock", "2026-11-22T06:00:00Z", dialect="documented", profile="live")
VARIANT = "DR601"


def mock_record(path: Path, exchanges: Sequence[Exchange], header: RunHeader = OF_A_MOCK) -> Path:
    """The exchanges as a record of a run at a mock."""
    with RecordWriter(path, header) as writer:
        for one in exchanges:
            writer.add(one)
        writer.end(RunEnd(header.started_at, "complete", len(exchanges)))
    return path


def found(
    folder: Path, live: Sequence[Exchange], mock: Path | None, baseline: Path | None = None
) -> list[DriftFinding]:
    """The changes of a live run beside that mock, without the sides that are taken for the first time."""
    bounds = DriftBounds(
        baseline=baseline or folder / "none.json", accepted=folder / "accepted.json", mock=mock
    )
    report = drifted(record_of(folder / "live.ndjson", live), bounds)
    return [one for one in report.findings if one.rule.id != VARIANT]


CHANGES: dict[str, tuple[Lie, str, str]] = {
    "a member that no document names": (
        json_lie(on("query", when=state("succeeded")), put("/watermark", "none")),
        "DR202",
        "/watermark",
    ),
    "a member that the documents demand": (json_lie(on("query"), take("/format")), "DR201", "/format"),
    "a word that no document lists": (
        json_lie(on("query", when=state("succeeded")), put("/format", "webm")),
        "DR222",
        "/format",
    ),
    "a promise that only a check knows": (
        json_lie(on("query", when=state("succeeded")), put("/progress", 101)),
        "NC322",
        "/progress",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_where_the_mock_does_as_the_provider_a_document_is_stale(name: str, tmp_path: Path) -> None:
    lie, rule, location = CHANGES[name]
    live = live_run(tmp_path, wrong=Mutant(name, ("NC302",), lie))
    mine = mock_record(tmp_path / "mock.ndjson", live)
    alone = found(tmp_path, live, None)
    assert {one.verdict.name for one in alone} == {"contract_gap"}
    (stale,) = found(tmp_path, live, mine)
    assert (stale.rule.id, stale.place.location) == (rule, location)
    assert (stale.verdict.name, stale.severity) == ("docs_stale", "info")
    (known,) = found(tmp_path, live, mine, baseline=record_of(tmp_path / "before.ndjson", live).path)
    assert (known.id, known.verdict.name) == (stale.id, "docs_stale")


def test_a_mock_of_ones_own_that_does_otherwise_is_told(tmp_path: Path) -> None:
    live = live_run(tmp_path)
    lie = json_lie(on("query", when=state("succeeded")), put("/format", "webm"))
    other = tmp_path / "other"
    other.mkdir()
    mine = mock_record(tmp_path / "mock.ndjson", live_run(other, wrong=Mutant("webm", ("NC302",), lie)))
    assert found(tmp_path, live, None) == []
    (told,) = found(tmp_path, live, mine)
    assert (told.verdict.name, told.place.location, told.place.family) == ("mock_bug", "/format", "*")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (replace(OF_A_MOCK, kind="live", target="https://llm.ai-nebula.com"), "found a record of live"),
        (replace(OF_A_MOCK, dialect=""), "found a record of mock (mock)"),
    ],
    ids=["a provider", "no dialect"],
)
def test_what_is_no_record_of_a_mock_is_told(header: RunHeader, told: str, tmp_path: Path) -> None:
    live = live_run(tmp_path)
    run = record_of(tmp_path / "live.ndjson", live).path
    mine = mock_record(tmp_path / "mock.ndjson", live, header)
    done = CliRunner().invoke(main, ["drift", str(run), "--mock", str(mine)])
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
    assert read_record(mine).header == header
