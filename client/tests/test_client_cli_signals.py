"""Promises of Ctrl-C and SIGTERM, in a process of its own: it ends at once, clean, and says how to go on."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nebula_mock import MockServer
from planned import film
from typed import KEY, Start

GENERATE = ("generate", "A cat", "--model", "sora-2", "--out", "my cat's.mp4")
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {130: "interrupted", 143: "terminated"}
PATIENCE_S = 30  # only to fail at last on a machine that stands still

# A function that hangs in the C library, as a name lookup may: no handler of Python's runs while it does.
HANGING = """
import ctypes, pkgutil, sys
from nebula_client import cli_signals
from nebula_client.cli import main

def hang(*_arguments, **_named):
    libc, lock = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    libc.pthread_mutex_lock(lock)
    print("hanging", file=sys.stderr, flush=True)
    libc.pthread_mutex_lock(lock)

module, _, name = sys.argv.pop(1).rpartition(".")
setattr(pkgutil.resolve_name(module), name, hang)
cli_signals.GRACE_S = float(sys.argv.pop(1))
main()
"""

each_signal = pytest.mark.parametrize(("number", "code"), SIGNALS.items(), ids=["ctrl-c", "sigterm"])


def line_with(process: "subprocess.Popen[bytes]", text: str) -> str:
    """The next line on standard error with that text."""
    assert process.stderr is not None
    too_late = threading.Timer(PATIENCE_S, process.kill)
    too_late.start()
    try:
        for line in process.stderr:
            if text in line.decode():
                return line.decode()
    finally:
        too_late.cancel()
    message = f"{text!r} never came"
    raise AssertionError(message)


@each_signal
def test_a_wait_ends_within_a_second_and_the_printed_command_has_the_video(
    start: Start, mock: MockServer, tmp_path: Path, number: int, code: int
) -> None:
    process = start(*GENERATE)
    line_with(process, "poll 1")
    began = time.monotonic()
    process.send_signal(number)
    written, said = process.communicate(timeout=PATIENCE_S)
    took_s = time.monotonic() - began
    assert (process.returncode, written) == (code, b"")
    assert took_s < 1
    assert WORDS[code] in said.decode()
    assert list(tmp_path.iterdir()) == []
    mock.advance(60)
    resumed = start(*resuming(said))
    assert resumed.communicate(timeout=PATIENCE_S)[0] == b"my cat's.mp4\n"
    assert (tmp_path / "my cat's.mp4").read_bytes() == film(mock)
    assert len(mock.tasks) == 1


def resuming(said: bytes) -> list[str]:
    """The arguments of the command that standard error offers at its end; it is the one that was started."""
    program, *arguments = shlex.split(said.decode().splitlines()[-1])
    assert Path(program).name == "nebula-video"
    return arguments


@each_signal
@pytest.mark.parametrize("out", ["cat.mp4", "-"])
def test_a_download_leaves_no_temporary_file(
    start: Start, mock: MockServer, tmp_path: Path, number: int, code: int, out: str
) -> None:
    first = start("submit", "A cat", "--model", "sora-2")
    task_id = first.communicate(timeout=PATIENCE_S)[0].decode().strip()
    mock.advance(60)
    mock.account(KEY).faults.script("download", ["stall at 65536"])
    process = start("download", task_id, "--out", out)
    until(lambda: has_begun(tmp_path))
    process.send_signal(number)
    written, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, written) == (code, b"")
    assert f"Task {task_id} is at the provider" in said.decode()
    assert list(tmp_path.iterdir()) == []


def has_begun(folder: Path) -> bool:
    """Whether a temporary file holds some of a video; one that was a trial may go away meanwhile."""
    sizes = []
    for file in folder.rglob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(file.stat().st_size)
    return any(sizes)


def until(holds: Callable[[], object]) -> None:
    """Look until it holds."""
    ends_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_at, "it never held"


def test_the_end_is_one_document_with_json(start: Start, mock: MockServer) -> None:
    process = start(*GENERATE, "--json", "--progress")
    line_with(process, "poll 1")
    process.send_signal(signal.SIGTERM)
    written, _ = process.communicate(timeout=PATIENCE_S)
    error = json.loads(written)["error"]
    task_id = mock.tasks[0].task_id
    assert (error["type"], error["exit_code"], error["task_id"]) == ("Terminated", 143, task_id)
    assert shlex.split(error["resume"])[-1] == task_id


@each_signal
def test_a_submit_under_way_is_told_as_uncertain(
    start: Start, mock: MockServer, number: int, code: int
) -> None:
    script = mock.account(KEY).faults.script("submit", ["delay 600"])
    process = start("submit", "A cat", "--model", "sora-2")
    until(lambda: script.completed)
    process.send_signal(number)
    written, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, written) == (code, b"")
    assert b"The submit may or may not have been taken" in said
    assert b"Nothing was submitted" not in said


@contextlib.contextmanager
def alone(
    command: list[str], folder: Path, url: str = "http://127.0.0.1:9"
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own, which does not outlive the test."""
    environment = {"NEBULA_API_KEY": KEY, "NEBULA_BASE_URL": url, "PATH": os.defpath}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, cwd=folder) as process:
        try:
            yield process
        finally:
            process.kill()


def hanging(grace_s: float, *arguments: str, call: str = "nebula_client.api.VideoClient.query") -> list[str]:
    """The command in a call that hangs."""
    return [sys.executable, "-c", HANGING, call, str(grace_s), *(arguments or ("status", "video_1"))]


@each_signal
def test_a_call_that_hangs_is_ended_when_its_grace_is_over(tmp_path: Path, number: int, code: int) -> None:
    with alone(hanging(0.05), tmp_path) as process:
        line_with(process, "hanging")
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code
    assert WORDS[code] in said.decode()
    assert "nebula-video status video_1" in said.decode()


@pytest.mark.parametrize(
    ("call", "was_sent"),
    [("socket.getaddrinfo", False), ("nebula_client.submitting.submission_in", True)],
    ids=["name lookup", "answer"],
)
def test_a_submit_that_hangs_says_whether_anything_was_sent(
    mock: MockServer, tmp_path: Path, call: str, *, was_sent: bool
) -> None:
    command = hanging(0.05, "submit", "A cat", "--model", "sora-2", "--idempotency-key", "order-7", call=call)
    with alone(command, tmp_path, mock.url) as process:
        line_with(process, "hanging")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert (b"The submit may or may not have been taken" in said) is was_sent
    assert (b"(idempotency key order-7)" in said) is was_sent
    assert (b"Nothing was submitted" in said) is not was_sent
    assert len(mock.tasks) == was_sent


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with alone(hanging(1e6), tmp_path) as process:
        line_with(process, "hanging")
        while process.poll() is None:  # two that come together count as one
            process.send_signal(signal.SIGINT)
        assert b"Traceback" not in process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode in {130, -signal.SIGINT}


def test_a_signal_that_is_ignored_stays_ignored(mock: MockServer, tmp_path: Path) -> None:
    """A shell that starts a command in the background has it ignore Ctrl-C, which is meant for another."""
    program = str(Path(sys.executable).with_name("nebula-video"))
    command = ["/bin/sh", "-c", f"trap '' INT; exec {shlex.join([program, *GENERATE])}"]
    with alone(command, tmp_path, mock.url) as process:
        line_with(process, "poll 1: queued")
        process.send_signal(signal.SIGINT)
        mock.advance(5)
        line_with(process, "in_progress")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
