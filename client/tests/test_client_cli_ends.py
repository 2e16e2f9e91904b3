"""Promises of how the command ends: one exit code for each kind of end, and how to go on after it."""

import functools
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from nebula_client import ConfigurationError, NebulaError, VideoClient, cli
from nebula_client.cli_ends import EXIT_CODES
from nebula_client.transport import Transport
from nebula_mock import Failure, MockServer
from planned import plan
from typed import GENERATE, KEY, SORA_ID, SUBMIT, Run


def end_with(name: str, run: Run, mock: MockServer, patch: pytest.MonkeyPatch) -> Result:
    """A run of the command that ends with that error."""
    calls: dict[str, Callable[[], Result]] = {
        "ConfigurationError": lambda: run("submit", " ", "--model", "sora-2"),
        "OutputError": lambda: run("generate", "A cat", "--model", "sora-2", "--out", "nowhere/cat.mp4"),
        "UnreachableError": lambda: run(*SUBMIT),
        "RefusedError": lambda: run("status", SORA_ID),
        "SubmitUncertain": lambda: run(*SUBMIT),
        "BrokenContractError": lambda: run(*GENERATE),
        "TaskFailed": lambda: run(*GENERATE),
        "WaitTimeoutError": lambda: run(*GENERATE, "--timeout", "3"),
    }
    if name == "UnreachableError":
        patch.setenv("NEBULA_BASE_URL", "http://127.0.0.1:9")
    if name == "BrokenContractError":
        mock.faults.script("download", [{"fault": "wrong-size"}])
    if name == "SubmitUncertain":
        mock.faults.script("submit", ["reset"])
    plan(mock, failure=Failure("no cats") if name == "TaskFailed" else None)
    return calls[name]()


@pytest.mark.parametrize("error", EXIT_CODES, ids=lambda error: error.__name__)
def test_every_kind_of_end_has_its_exit_code(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch, error: type[NebulaError]
) -> None:
    done = end_with(error.__name__, run, mock, monkeypatch)
    assert (done.exit_code, done.stdout) == (EXIT_CODES[error], "")
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.output


def test_exit_codes_tell_every_error_apart_but_those_of_usage() -> None:
    """2 is what click itself uses for a wrong command line; 0, 1 and 130 are taken."""
    assert set(EXIT_CODES) == set(NebulaError.__subclasses__())
    codes = sorted(EXIT_CODES.values())
    assert codes == [2, 3, 4, 5, 6, 7, 8, 9]
    assert EXIT_CODES[ConfigurationError] == 2


def test_a_failed_task_says_why(run: Run, mock: MockServer) -> None:
    plan(mock, failure=Failure("The prompt shows a dog"))
    done = run(*GENERATE, "--quiet")
    told = f"Task {mock.tasks[0].task_id} failed: The prompt shows a dog. Nothing is charged for it."
    assert (done.exit_code, done.stderr) == (7, f"Error: {told}\n")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["told", "quiet"])
def test_an_error_after_the_submit_says_how_to_have_the_video(
    run: Run, mock: MockServer, quiet: list[str]
) -> None:
    """The task is paid for: without its id the video is lost, and trying again pays twice."""
    done = run(*GENERATE, "--timeout", "3", *quiet)
    task_id = mock.tasks[0].task_id
    assert done.exit_code == 8
    assert f"nebula-video wait {task_id} && nebula-video download {task_id} --out cat.mp4" in done.stderr


def test_a_file_that_can_no_longer_be_written_does_not_lose_the_task(run: Run, mock: MockServer) -> None:
    """The folder went away while the video was made."""
    Path("folder").mkdir()
    gone = mock.advance

    def advance(seconds: float) -> None:
        if Path("folder").exists():
            Path("folder").rmdir()
        gone(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "VideoClient", functools.partial(VideoClient, sleep=advance))
        done = run("generate", "A cat", "--model", "sora-2", "--out", "folder/cat.mp4", "--quiet")
    assert done.exit_code == 9
    assert f"nebula-video download {mock.tasks[0].task_id} --out folder/cat.mp4" in done.stderr


@pytest.mark.parametrize("out", ["cat.mp4", "my cat's.mp4"])
def test_ctrl_c_says_how_to_go_on_and_the_shell_understands_it(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.setattr(cli, "VideoClient", functools.partial(VideoClient, sleep=interrupted))
    done = run("generate", "A cat", "--model", "sora-2", "--out", out)
    command = done.stderr.splitlines()[-1].strip()
    shell = f"nebula-video() {{ printf '%s\\n' \"$@\"; }}; {command}"
    said = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True).stdout
    task_id = mock.tasks[0].task_id
    assert done.exit_code == 130
    assert said.splitlines() == ["wait", task_id, "download", task_id, "--out", out]


def interrupted(*_arguments: object, **_named: object) -> Any:
    """A call during which somebody presses Ctrl-C."""
    raise KeyboardInterrupt


def test_ctrl_c_before_the_submit_says_that_nothing_was_sent(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nebula_client.api.check_target", interrupted)
    done = run(*GENERATE)
    assert (done.exit_code, done.stdout) == (130, "")
    assert "Nothing was submitted" in done.stderr
    assert mock.tasks == ()


@pytest.mark.parametrize("arguments", [GENERATE, SUBMIT], ids=["generate", "submit"])
def test_ctrl_c_during_the_submit_does_not_say_that_nothing_was_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Whoever believes it submits again, and may pay twice."""
    monkeypatch.setattr(Transport, "submit", interrupted)
    done = run(*arguments)
    assert done.exit_code == 130
    assert "Nothing was submitted" not in done.stderr


def test_without_a_key_the_command_says_where_it_comes_from(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEBULA_API_KEY")
    done = run(*SUBMIT)
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: There is no API key: pass api_key or api_key_file, or set NEBULA_API_KEY or NEBULA_API_KEY_FILE.\n",
    )


def test_an_address_that_was_typed_is_part_of_what_is_to_be_typed_next(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the printed command would ask the live provider."""
    monkeypatch.delenv("NEBULA_BASE_URL", raising=False)
    monkeypatch.setattr(cli, "VideoClient", functools.partial(VideoClient, sleep=interrupted))
    done = run("--base-url", mock.url, *GENERATE[:1], *GENERATE[1:], "--overwrite")
    task_id = mock.tasks[0].task_id
    command = f"nebula-video --base-url {mock.url}"
    assert f"{command} wait {task_id} && {command} download {task_id} --out " in done.stderr
    assert done.stderr.rstrip().endswith("--overwrite")
