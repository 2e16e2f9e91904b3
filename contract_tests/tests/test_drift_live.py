"""A live run beside the observed state: moved only when told to, and a hiccup is looked at twice before it gates."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from drifting import KEYS
from nebula_contract.cli import main
from nebula_contract.drift.baseline import read_observed
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.report import DriftReport
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.options import CannotRunError, run_live
from nebula_contract.live.recording import Started
from nebula_contract.live_record import FileRecording
from nebula_contract.mutating.mutant import Ask, Lying, Mutant, Told
from nebula_contract.record.exchange import REOBSERVED
from nebula_contract.record.file import read_record
from nebula_mock import MockServer
from nebula_mock.runner import Runner
from nebula_schemas.loader import contract
from spending import OWN, REDUCED, SECOND, options, plan_file


class AsLive(FileRecording):
    """Records a run at a mock as one at the live provider."""

    def begin(self, started: Started) -> None:
        """As if the provider had answered."""
        super().begin(replace(started, target="https://llm.ai-nebula.com", is_mock=False))


def carried_out(
    folder: Path,
    name: str,
    *,
    update: bool = False,
    wrong: Mutant | None = None,
    recording: Callable[..., FileRecording] = AsLive,
    **changes: Any,
) -> LiveEnd:
    """A whole plan for Wan, its record in ``NAME.ndjson`` beside ``observed.json``."""
    kept = recording(folder / f"{name}.ndjson", folder / "observed.json", update, folder / "freshness.json")
    plan = plan_file(folder, families=("wan",))
    with MockServer(clock="manual", keys=(OWN, SECOND, REDUCED), seed=1) as mock:
        app = mock.app if wrong is None else Lying(mock.app, wrong)
        with Runner(app) as place:
            return run_live(options(folder, place.url, plan, max_spend_day="50", **changes), kept, KEYS)


def reported(folder: Path, name: str) -> DriftReport:
    """What the record comes to beside the observed state."""
    bounds = DriftBounds(
        baseline=folder / "observed.json", accepted=folder / "accepted.json", needs_baseline=True
    )
    return drifted(read_record(folder / f"{name}.ndjson"), bounds)


def without_format(most: int) -> Mutant:
    """Wan's finished tasks have no format, so many times."""
    left = [most]

    def lie(ask: Ask, told: Told) -> None:
        body = told.json
        is_done = ask.operation == "query" and told.status == 200 and body.get("status") == "succeeded"
        if is_done and left[0]:
            left[0] -= 1
            del body["format"]
            told.say(body)

    return Mutant("no format", (), lie)


def test_a_run_writes_the_observed_state_only_when_told_to(tmp_path: Path) -> None:
    assert carried_out(tmp_path, "plain").reason == "done"
    assert not (tmp_path / "observed.json").exists()
    carried_out(tmp_path, "first", update=True)
    text = (tmp_path / "observed.json").read_text("utf-8")
    assert contract().violations("files/observed", json.loads(text)) == ()
    observed = read_observed(tmp_path / "observed.json")
    assert observed is not None
    header = read_record(tmp_path / "first.ndjson").header
    assert {one.verified_at for one in observed.cells.values()} == {header.started_at}
    assert {(one.plan, one.target) for one in observed.cells.values()} == {(header.plan, header.target)}
    carried_out(tmp_path, "again")  # a second pass, which has to be clean
    report = reported(tmp_path, "again")
    assert list(report.findings) == []
    assert (tmp_path / "observed.json").read_text("utf-8") == text


def test_an_update_adds_what_agrees_and_replaces_what_does_not(tmp_path: Path) -> None:
    carried_out(tmp_path, "first", update=True)
    first = read_observed(tmp_path / "observed.json")
    carried_out(tmp_path, "second", update=True)
    second = read_observed(tmp_path / "observed.json")
    carried_out(tmp_path, "third", update=True, wrong=without_format(1000))
    third = read_observed(tmp_path / "observed.json")
    assert first is not None
    assert second is not None
    assert third is not None
    key = next(one for one in first.seen.cells if str(one) == "wan/query/ok/succeeded")
    counts = [one.seen.cells[key].samples for one in (first, second, third)]
    assert counts[1] == 2 * counts[0]
    assert counts[2] <= counts[0] + 1  # with the second look
    assert "" not in {one.verified_at for one in third.cells.values()}
    told = [(one.rule.id, one.verdict.name) for one in reported(tmp_path, "third").findings]
    assert told == [
        ("DR201", "contract_gap")
    ]  # no news any more, and still unknown to the mock and the documents


def test_a_hiccup_is_looked_at_again_and_does_not_gate(tmp_path: Path) -> None:
    carried_out(tmp_path, "first", update=True)
    carried_out(tmp_path, "hiccup", wrong=without_format(1))
    report = reported(tmp_path, "hiccup")
    (finding,) = [one for one in report.findings if one.rule.id == "DR205"]
    assert (finding.evidence.reconfirmed, finding.flickered, report.gating) == (False, True, frozenset())
    assert report.ending.code == 0
    record = read_record(tmp_path / "hiccup.ndjson")
    again = [one for one in record.exchanges() if one.purpose == REOBSERVED]
    assert [one.request.method for one in again] == ["GET"]


def test_what_a_second_look_shows_again_gates(tmp_path: Path) -> None:
    carried_out(tmp_path, "first", update=True)
    carried_out(tmp_path, "changed", wrong=without_format(1000))
    report = reported(tmp_path, "changed")
    (finding,) = [one for one in report.findings if one.rule.id == "DR201"]
    assert (finding.evidence.reconfirmed, finding.id in report.gating) == (True, True)
    assert (report.ending.code, finding.held_until) == (
        1,
        read_record(tmp_path / "first.ndjson").header.started_at[:10],
    )
    again = [one for one in read_record(tmp_path / "changed.ndjson").exchanges() if one.purpose == REOBSERVED]
    assert 1 <= len(again) <= 20
    assert {one.request.method for one in again} == {"GET"}


def test_nothing_that_makes_a_task_is_sent_for_a_second_look(tmp_path: Path) -> None:
    def lie(ask: Ask, told: Told) -> None:
        if ask.operation == "submit" and told.status == 200:
            told.status = 201

    carried_out(tmp_path, "first", update=True)
    end = carried_out(tmp_path, "created", wrong=Mutant("201", (), lie))
    assert end.submits == 1
    record = read_record(tmp_path / "created.ndjson")
    assert [one.purpose for one in record.exchanges() if one.purpose == REOBSERVED] == []
    assert [one.rule.id for one in reported(tmp_path, "created").findings] == ["DR101"]


def test_a_rehearsal_is_not_taken_over(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="expected the live provider"):
        carried_out(tmp_path, "rehearsal", update=True, recording=FileRecording)
    assert sorted(one.name for one in tmp_path.glob("*.json")) == ["plan.json"]


def test_a_damaged_state_stops_an_update_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "observed.json").write_text('{"format": 9}', "utf-8")
    with pytest.raises(CannotRunError, match="Nothing was sent"):
        carried_out(tmp_path, "run", update=True)
    assert (tmp_path / "observed.json").read_text("utf-8") == '{"format": 9}'
    assert not (tmp_path / "run.ndjson").exists()


def test_a_run_that_ended_early_is_not_taken_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = carried_out(tmp_path, "short", update=True, deadline=4.0)
    assert end.reason == "deadline"
    assert not (tmp_path / "observed.json").exists()
    assert "was not updated" in capsys.readouterr().err


def test_an_update_without_a_record_is_refused(tmp_path: Path) -> None:
    plan = plan_file(tmp_path, families=("wan",))
    done = CliRunner().invoke(main, ["live", "--plan", str(plan), "--update"], env=KEYS)
    assert (done.exit_code, "--record" in done.output) == (2, True)
