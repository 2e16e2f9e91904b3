"""Promises of the command as a process: signals, pipes and shells. Nothing here sleeps; lines are waited for."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nebula_client.cli_ends import exit_codes_text
from nebula_mock import MockServer
from planned import film, plan

KEY = "sk-c4n4ry-0f-th3-k3y"
PROGRAM = (sys.executable, "-c", "from nebula_client.cli import main; main(prog_name='nebula-video')")
GENERATE = ("generate", "A cat", "--model", "sora-2", "--out")

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(mock: MockServer, tmp_path: Path) -> Iterator[Start]:
    """Starts the command in an empty folder; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "NEBULA_API_KEY": KEY,
        "NEBULA_BASE_URL": mock.url,
        "TMPDIR": str(tmp_path / "tmp"),
    }
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()

    def started(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([*PROGRAM, *arguments], cwd=tmp_path / "work", env=environment, **pipes)
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"ended")]
)
def test_a_signal_while_waiting_tells_how_to_go_on_and_leaves_nothing(
    start: Start, mock: MockServer, tmp_path: Path, number: signal.Signals, code: int, word: bytes
) -> None:
    process = start(*GENERATE, "my cat.mp4")
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith(b"submitted video_")
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    task_id = mock.tasks[0].task_id
    assert process.returncode == code
    assert word in told
    assert (
        f"nebula-video wait {task_id} && nebula-video download {task_id} --out 'my cat.mp4'".encode() in told
    )
    assert list((tmp_path / "work").iterdir()) == []
    assert KEY.encode() not in told


def test_the_printed_command_fetches_the_video(start: Start, mock: MockServer, tmp_path: Path) -> None:
    process = start(*GENERATE, "cat.mp4", "--json")
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)
    command = json.loads(told)["error"]["resume"]
    mock.advance(600)
    shell = f'nebula-video() {{ {subprocess.list2cmdline(PROGRAM[:1])} -c "{PROGRAM[2]}" "$@"; }}; {command}'
    environment = os.environ | {"NEBULA_API_KEY": KEY, "NEBULA_BASE_URL": mock.url}
    done = subprocess.run(
        ["bash", "-c", shell], cwd=tmp_path / "work", env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "work" / "cat.mp4").read_bytes() == film(mock)


def test_a_video_goes_to_standard_output_whole(start: Start, mock: MockServer, tmp_path: Path) -> None:
    plan(mock, waiting_s=0, running_s=0)
    video, told = start(*GENERATE, "-", "--json").communicate(timeout=60)
    assert video == film(mock)
    lines = told.decode().splitlines()
    assert json.loads("\n".join(lines[lines.index("{") :]))["videos"][0]["size_bytes"] == len(video)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_video_that_is_not_whole_does_not_go_there_at_all(start: Start, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0)
    mock.faults.script("download", [{"fault": "wrong-size"}])
    process = start(*GENERATE, "-")
    video, told = process.communicate(timeout=60)
    assert (process.returncode, video) == (6, b"")
    assert b"expected" in told


def test_a_reader_that_goes_away_ends_it_quietly(start: Start, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0)
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*GENERATE, "-", stdout=writer)
    os.close(writer)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 141
    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told


def test_several_videos_do_not_fit_one_standard_output(start: Start, mock: MockServer) -> None:
    arguments = (
        "generate",
        "A cat",
        "--model",
        "veo-3.1-generate-preview",
        "--set",
        "sampleCount=2",
        "--out",
        "-",
    )
    process = start(*arguments)
    video, told = process.communicate(timeout=60)
    assert (process.returncode, video, mock.tasks) == (2, b"", ())
    assert b"standard output takes one" in told


def test_a_terminal_is_no_place_for_a_video(start: Start, mock: MockServer) -> None:
    ours, theirs = os.openpty()
    try:
        process = start(*GENERATE, "-", stdout=theirs)
        _, told = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (process.returncode, mock.tasks) == (2, ())
    assert b"standard output is a terminal" in told


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_completion_script(start: Start, shell: str) -> None:
    script, _ = start("completion", shell).communicate(timeout=60)
    assert b"_NEBULA_VIDEO_COMPLETE" in script


def test_bash_completes_models_and_commands(start: Start, tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash (Debian package bash)")
    script, _ = start("completion", "bash").communicate(timeout=60)
    (tmp_path / "nebula-video").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{PROGRAM[2]}" "$@"\n')
    (tmp_path / "nebula-video").chmod(0o755)
    ask = "COMP_WORDS=(nebula-video submit x --model veo-3.0); COMP_CWORD=4; _nebula_video_completion nebula-video; printf '%s\\n' \"${COMPREPLY[@]}\""
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    told = subprocess.run(
        ["bash", "-c", f"{script.decode()}\n{ask}"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert told.stdout.split() == [
        "veo-3.0-fast-generate-001",
        "veo-3.0-generate-001",
        "veo-3.0-generate-preview",
    ]


def test_the_help_lists_every_exit_code(start: Start) -> None:
    told, _ = start("--help").communicate(timeout=60)
    for line in exit_codes_text().splitlines()[2:]:
        code, what = line.split()[:2]
        assert f"{code}  {what}".encode() in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_task_id_that_standard_output_does_not_take_goes_to_standard_error(
    start: Start, mock: MockServer
) -> None:
    """It was paid for."""
    with Path("/dev/full").open("wb") as full:
        process = start("submit", "A cat", "--model", "sora-2", stdout=full)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 9
    assert mock.tasks[0].task_id.encode() in told
    assert b"Traceback" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_display_that_fails_does_not_end_what_was_paid_for(
    start: Start, mock: MockServer, tmp_path: Path
) -> None:
    plan(mock, waiting_s=0, running_s=0)
    with Path("/dev/full").open("wb") as full:
        process = start(*GENERATE, "cat.mp4", "--json", stderr=full)
        told, _ = process.communicate(timeout=60)
    assert (process.returncode, json.loads(told)["task_id"]) == (0, mock.tasks[0].task_id)
    assert (tmp_path / "work" / "cat.mp4").read_bytes() == film(mock)
