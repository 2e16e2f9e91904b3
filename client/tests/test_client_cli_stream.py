"""Promises of ``--out -``: the video on standard output whole or not at all, and how a closed pipe ends."""

import json
import os
from pathlib import Path

import pytest

from nebula_mock import MockServer
from planned import film, plan
from typed import KEY, VEO, Run, Start

GENERATE = ("generate", "A cat", "--model", "sora-2", "--out", "-")


@pytest.fixture(autouse=True)
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files are made where the test can see them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_generate_gives_the_video_alone(run: Run, mock: MockServer) -> None:
    done = run(*GENERATE)
    assert (done.exit_code, done.stdout_bytes) == (0, film(mock))
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("command", ["wait", "download"])
def test_the_later_steps_give_it_too(run: Run, mock: MockServer, command: str) -> None:
    plan(mock, waiting_s=0, running_s=0)
    task_id = run("submit", "A cat", "--model", "sora-2").stdout.strip()
    done = run(command, task_id, "--out", "-")
    assert (done.exit_code, done.stdout_bytes) == (0, film(mock))
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("form", [("--out", "-"), ("--out=-",)])
def test_json_goes_to_standard_error_then(run: Run, mock: MockServer, form: tuple[str, ...]) -> None:
    done = run(*GENERATE[:-2], *form, "--json")
    assert done.stdout_bytes == film(mock)
    (video,) = json.loads(done.stderr)["videos"]
    assert (video["path"], video["size_bytes"]) == (None, len(film(mock)))
    failed = run(*GENERATE[:-2], *form, "--json", "--seconds", "seven")
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert json.loads(failed.stderr)["error"]["exit_code"] == 2


def test_a_video_that_breaks_off_leaves_standard_output_empty(run: Run, mock: MockServer) -> None:
    mock.account(KEY).faults.script("download", ["truncate at 50%"] * 8)
    done = run(*GENERATE)
    assert (done.exit_code, done.stdout_bytes) == (3, b"")
    assert list(Path().iterdir()) == []


def test_several_videos_are_refused_before_anything_is_submitted(run: Run, mock: MockServer) -> None:
    done = run("generate", "A cat", "--model", VEO, "--set", "sampleCount=2", "--out", "-")
    assert (done.exit_code, done.stdout, mock.tasks) == (2, "", ())
    assert "there are 2 videos, and standard output takes one" in done.stderr


@pytest.mark.parametrize("command", ["wait", "download"])
def test_several_videos_are_refused_before_any_is_fetched(run: Run, mock: MockServer, command: str) -> None:
    plan(mock, waiting_s=0, running_s=0)
    task_id = run("submit", "A cat", "--model", VEO, "--set", "sampleCount=2").stdout.strip()
    done = run(command, task_id, "--out", "-")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there are 2 videos" in done.stderr


def test_temporary_files_that_cannot_be_made_are_found_before_the_submit(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "nowhere")
    done = run(*GENERATE)
    assert (done.exit_code, mock.tasks) == (9, ())
    assert "Set TMPDIR to another folder" in done.stderr


def test_a_terminal_is_refused_before_anything_is_submitted(start: Start, mock: MockServer) -> None:
    ours, theirs = os.openpty()
    process = start(*GENERATE, stdout=theirs)
    _, said = process.communicate(timeout=30)
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, mock.tasks) == (2, ())
    assert b"standard output is a terminal, which shows no video" in said


def test_a_process_of_its_own_gives_the_same_bytes(start: Start, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0)
    process = start(*GENERATE)
    video, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert video == film(mock)
    assert KEY.encode() not in said


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["plain", "json"])
def test_a_closed_pipe_ends_quietly_and_does_not_lose_the_task(
    start: Start, mock: MockServer, form: list[str], tmp_path: Path
) -> None:
    plan(mock, waiting_s=0, running_s=0)
    process = start(*GENERATE, *form, stdout=pipe_without_reader())
    _, said = process.communicate(timeout=30)
    task_id = mock.tasks[0].task_id
    assert process.returncode == 141
    assert b"Whoever read standard output went away" in said
    assert f"{task_id}.mp4" in said.decode()
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    assert list(tmp_path.iterdir()) == []


def pipe_without_reader() -> int:
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("command", ["submit", "status"])
def test_a_closed_pipe_ends_the_other_commands_in_the_same_way(
    start: Start, mock: MockServer, command: str
) -> None:
    first = start("submit", "A cat", "--model", "sora-2")
    task_id = first.communicate(timeout=30)[0].decode().strip()
    arguments = {"submit": ("submit", "A dog", "--model", "sora-2"), "status": ("status", task_id)}[command]
    process = start(*arguments, stdout=pipe_without_reader())
    _, said = process.communicate(timeout=30)
    assert process.returncode == 141
    assert mock.tasks[-1].task_id in said.decode()
    assert b"Traceback" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full: Linux")
def test_a_full_disk_behind_standard_output_does_not_lose_the_task(start: Start, mock: MockServer) -> None:
    """The id of a paid task could not be written; it is told on standard error."""
    with Path("/dev/full").open("wb") as full:
        process = start("submit", "A cat", "--model", "sora-2", stdout=full)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 9
    assert b"Cannot write /dev/stdout: No space left on device" in said
    assert f"The result was:\n{mock.tasks[0].task_id}\n" in said.decode()
    assert f"nebula-video wait {mock.tasks[0].task_id}" in said.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full: Linux")
def test_with_json_all_of_it_goes_to_standard_error_then(start: Start, mock: MockServer) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start("submit", "A cat", "--model", "sora-2", "--json", stdout=full)
        _, said = process.communicate(timeout=30)
    told, task_id = json.loads(said), mock.tasks[0].task_id
    assert process.returncode == told["error"]["exit_code"] == 9
    assert told["error"]["task_id"] == told["result"]["task_id"] == task_id


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full: Linux")
def test_files_that_are_there_are_named_where_their_names_could_not_be_written(
    start: Start, mock: MockServer, tmp_path: Path
) -> None:
    """There is nothing left to go on with."""
    plan(mock, waiting_s=0, running_s=0)
    with Path("/dev/full").open("wb") as full:
        process = start(*GENERATE[:-1], "cat.mp4", stdout=full)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, (tmp_path / "cat.mp4").read_bytes()) == (9, film(mock))
    assert said.endswith(b"The result was:\ncat.mp4\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full: Linux")
def test_a_display_that_fails_does_not_end_what_was_paid_for(
    start: Start, mock: MockServer, tmp_path: Path
) -> None:
    plan(mock, waiting_s=0, running_s=0)
    with Path("/dev/full").open("wb") as full:
        process = start(*GENERATE[:-1], "cat.mp4", "--json", "--progress", stderr=full)
        told, _ = process.communicate(timeout=60)
    assert (process.returncode, json.loads(told)["task_id"]) == (0, mock.tasks[0].task_id)
    assert (tmp_path / "cat.mp4").read_bytes() == film(mock)


def test_a_standard_output_that_is_closed_is_found_before_the_submit(start: Start, mock: MockServer) -> None:
    process = start(*GENERATE, stdout=None, preexec_fn=lambda: os.close(1))
    _, said = process.communicate(timeout=30)
    assert (process.returncode, mock.tasks) == (9, ())
    assert b"it is closed. Nothing was sent." in said
