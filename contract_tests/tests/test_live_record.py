"""The record of a live run: written as it happens, and the one thing that moves the dates of checks."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from exchanges import answered, submitted
from nebula_contract.freshness import read_freshness
from nebula_contract.live.commands import tell
from nebula_contract.live.ended import LiveEnd, Reason
from nebula_contract.live.options import CannotRunError
from nebula_contract.live.recording import Started
from nebula_contract.live_record import FileRecording
from nebula_contract.record.file import read_record

STARTED = Started("https://me:sk-secret@video.example/?a=b", False, "sha256:1", 7, Decimal("0.50"))  # noqa: FBT003
DONE = LiveEnd("done", "", Decimal("0.40"), Decimal(0), 1, 2)


def recorded(tmp_path: Path, started: Started = STARTED, end: LiveEnd = DONE) -> FileRecording:
    """A run of two exchanges, over."""
    recording = FileRecording(tmp_path / "run.ndjson", freshness=tmp_path / "freshness.json")
    recording.begin(started)
    recording.keep(submitted(number=1))
    recording.keep(answered({"status": "queued"}, number=2))
    recording.end(end)
    return recording


def test_a_live_run_is_kept_with_its_plan_its_cap_and_what_it_spent(tmp_path: Path) -> None:
    recorded(tmp_path)
    record = read_record(tmp_path / "run.ndjson")
    header, end = record.header, record.end
    assert (header.kind, header.target, header.plan) == ("live", "https://video.example/", "sha256:1")
    assert (Decimal(header.cap_usd), header.profile) == (Decimal("0.50"), "live")
    assert end is not None
    assert (end.stop, end.exchanges, Decimal(end.spent_usd)) == ("complete", 2, Decimal("0.40"))
    assert "secret" not in (tmp_path / "run.ndjson").read_text("utf-8")


def test_a_live_run_dates_what_held_and_a_rehearsal_dates_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mock", "live"):
        (tmp_path / name).mkdir()
    recorded(tmp_path / "mock", replace(STARTED, is_mock=True))
    assert not (tmp_path / "mock/freshness.json").exists()
    recorded(tmp_path / "live")
    held = read_freshness(tmp_path / "live/freshness.json").held
    assert "NC104" in held  # both answers are JSON
    assert "NC101" not in held  # neither names its request
    assert {one.plan for one in held.values()} == {"sha256:1"}
    assert "NC101" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reason", "stop"), [("interrupted", "interrupted"), ("deadline", "deadline"), ("infra", "failed")]
)
def test_why_a_run_ended_and_what_it_did_not_reach_stand_at_its_end(
    tmp_path: Path, reason: Reason, stop: str
) -> None:
    end = replace(DONE, reason=reason, told="The key is refused.", unseen=(("job/sora/submit", "the cap"),))
    recorded(tmp_path, end=end)
    record = read_record(tmp_path / "run.ndjson")
    assert record.end is not None
    assert record.end.stop == stop
    assert record.end.notes == ("The key is refused.", "not reached: job/sora/submit: the cap")
    assert stop in record.partial


def test_a_record_that_could_not_be_written_has_no_end(tmp_path: Path) -> None:
    recorded(tmp_path, end=replace(DONE, reason="record", told="No space left on device"))
    assert read_record(tmp_path / "run.ndjson").end is None


def test_what_cannot_be_recorded_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / "run.ndjson").write_text("mine", "utf-8")
    with pytest.raises(CannotRunError, match="is there already"):
        recorded(tmp_path)
    assert (tmp_path / "run.ndjson").read_text("utf-8") == "mine"


def test_what_a_run_has_to_say_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict on stderr leaves it to the command, which has it without a record too."""
    end = replace(
        DONE,
        told="The key is refused.",
        unseen=(("job/sora/submit", "the cap"),),
        left_out=(("free/second-key", "there is no second key"),),
        surprises=("rejections/sora/size",),
    )
    recorded(tmp_path, end=end)
    tell(end)
    told = capsys.readouterr().err
    for part in ("The key is refused.", "job/sora/submit", "free/second-key", "rejections/sora/size"):
        assert told.count(part) == 1, part
