"""A run to a file: interrupts, disks that are full, and how it goes on."""

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from nebula_contract.cli import main
from nebula_contract.progress import Progress
from nebula_contract.record.file import RecordError, read_record
from nebula_contract.running import Watch, run_to_file


def stop_after(count: int) -> Watch:
    """Ctrl-C after so many exchanges."""

    def exchange(number: int) -> None:
        if number == count:
            raise KeyboardInterrupt

    return Watch(exchange=exchange)


def test_an_interrupt_ends_the_record_in_order(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    assert run_to_file("mock", "quick", 1, path, watch=stop_after(50)) == "interrupted"
    record = read_record(path)
    assert record.end is not None
    assert (record.end.stop, record.end.exchanges) == ("interrupted", 50)
    assert len(list(record.exchanges())) == 50


def test_an_interrupted_run_is_judged_as_far_as_it_went(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Progress, "exchange", lambda _self, count: stop_after(50).exchange(count))
    report = tmp_path / "report.txt"
    done = CliRunner().invoke(main, ["test", "--profile", "quick", "--report", f"text={report}"])
    assert done.exit_code == 130
    assert "50 exchanges" in done.stdout
    assert "the run was interrupted" in done.stderr
    assert report.read_text("utf-8") == done.stdout


def test_a_full_disk_claims_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was written is judged, and the code is 2 whatever was found."""
    left = 40_000
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        nonlocal left
        if len(data) > left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left -= len(data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    path = tmp_path / "run.ndjson"
    with pytest.raises(RecordError, match="No space left"):
        run_to_file("mock", "quick", 1, path)
    assert read_record(path).end is None
    left = 40_000
    done = CliRunner().invoke(main, ["test", "--profile", "quick", "--record", str(tmp_path / "b.ndjson")])
    assert done.exit_code == 2
    assert "No space left" in done.stderr
    assert "the record has no end" in done.stdout


def test_one_seed_sends_one_run(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        run_to_file("mock", "quick", 3, path, watch=stop_after(300))
    asked = [[(one.case, one.request) for one in read_record(path).exchanges()] for path in paths]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_told_every_few_seconds_and_leaves_no_line(*, is_terminal: bool) -> None:
    now = 0.0
    told: list[str] = []
    progress = Progress(told.append, is_terminal=is_terminal, monotonic=lambda: now)
    progress.drive("inputs")
    for number in range(1, 101):
        now += 0.2
        progress.exchange(number)
    progress.end()
    assert len(told) == (101 if is_terminal else 3)
    assert "inputs, 25 exchanges" in "".join(told)
    assert told[-1].startswith("\r") == is_terminal
    assert told[-1].strip() == ("" if is_terminal else "nebula-contract: inputs, 77 exchanges")
