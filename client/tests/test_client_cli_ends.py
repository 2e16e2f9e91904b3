"""Promises of how the command ends: one exit code for each kind of end, and how to go on after it."""

import functools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from nebula_client import (
    ConfigurationError,
    IntegrityError,
    NebulaError,
    OutputError,
    ResultExpired,
    Task,
    TaskCancelled,
    UnexpectedRedirect,
    VideoClient,
    cli_run,
)
from nebula_client.cli import EXIT_CODES
from nebula_client.cli_ends import ENDS, exit_code_of
from nebula_client.transport import Transport
from nebula_mock import Failure, MockServer
from planned import film, plan
from typed import GENERATE, KEY, SORA_ID, SUBMIT, Run


def end_with(name: str, run: Run, mock: MockServer) -> Result:
    """A run of the command that ends with that error."""
    calls: dict[str, Callable[[], Result]] = {
        "ConfigurationError": lambda: run("submit", " ", "--model", "sora-2"),
        "OutputError": lambda: run(*GENERATE[:-1], "nowhere/cat.mp4"),
        "UnreachableError": lambda: run("--base-url", "http://127.0.0.1:9", *SUBMIT),
        "RefusedError": lambda: run("status", SORA_ID),
        "SubmitUncertain": lambda: run(*SUBMIT),
        "BrokenContractError": lambda: run(*GENERATE),
        "TaskFailed": lambda: run(*GENERATE),
        "WaitTimeoutError": lambda: run(*GENERATE, "--timeout", "3"),
    }
    if name == "BrokenContractError":
        mock.faults.script("download", ["wrong-size"])
    if name == "SubmitUncertain":
        mock.faults.script("submit", ["reset"])
    plan(mock, failure=Failure("no cats") if name == "TaskFailed" else None)
    return calls[name]()


@pytest.mark.parametrize("error", EXIT_CODES, ids=lambda error: error.__name__)
def test_every_kind_of_end_has_its_exit_code(run: Run, mock: MockServer, error: type[NebulaError]) -> None:
    done = end_with(error.__name__, run, mock)
    assert (done.exit_code, done.stdout) == (EXIT_CODES[error], "")
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_exit_codes_tell_every_error_apart() -> None:
    assert set(EXIT_CODES) == set(NebulaError.__subclasses__())
    assert sorted(EXIT_CODES.values()) == [2, 3, 4, 5, 6, 7, 8, 9]
    codes = [end.exit_code for end in ENDS]
    assert codes == sorted(set(codes))


def test_a_subclass_ends_as_its_branch_does() -> None:
    class Mine(OutputError):
        """Another's."""

    assert exit_code_of(Mine(Path("cat.mp4"), "no")) == 9
    assert exit_code_of(IntegrityError("download", "no MP4")) == 6
    assert exit_code_of(UnexpectedRedirect("query", 302, target="")) == 4
    assert exit_code_of(ResultExpired("result", 410, code=None, type=None, message="", request_id=None)) == 4
    assert exit_code_of(TaskCancelled(Task("video_1", "cancelled"))) == 7
    assert exit_code_of(NebulaError()) == exit_code_of(OSError()) == 1


def test_the_help_lists_every_exit_code(run: Run) -> None:
    shown = run("--help").stdout
    assert [end for end in ENDS if f"{end.exit_code:>3}  {end.means}" not in shown] == []


def test_a_failed_task_says_why_and_offers_nothing_to_go_on_with(run: Run, mock: MockServer) -> None:
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
    assert done.exit_code == 8
    command = resume_in(done)
    assert command == ["nebula-video", "wait", "--out", "cat.mp4", *quiet, mock.tasks[0].task_id]
    assert run(*command[1:]).exit_code == 0
    assert Path("cat.mp4").read_bytes() == film(mock)


def test_a_file_that_can_no_longer_be_written_does_not_lose_the_task(run: Run, mock: MockServer) -> None:
    """The folder went away while the video was made."""
    Path("folder").mkdir()
    gone = mock.advance

    def advance(seconds: float) -> None:
        if Path("folder").exists():
            Path("folder").rmdir()
        gone(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli_run, "VideoClient", functools.partial(VideoClient, sleep=advance))
        done = run(*GENERATE[:-1], "folder/cat.mp4", "--quiet")
    assert done.exit_code == 9
    assert resume_in(done)[-3:] == ["folder/cat.mp4", "--quiet", mock.tasks[0].task_id]


def resume_in(done: Result) -> list[str]:
    """The words of the command that a run's last line offers, as a shell reads them."""
    return shlex.split(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("out", ["cat.mp4", "my cat's.mp4", "-cat.mp4", "$(cat).mp4"])
def test_what_ctrl_c_prints_has_the_video_when_it_is_pasted(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    typed = ["--overwrite", "--verify", "compare", "--require-mp4", "--request-retries", "7", "--strict"]
    with monkeypatch.context() as patch:
        patch.setattr(cli_run, "VideoClient", functools.partial(VideoClient, sleep=interrupted))
        done = run(*GENERATE[:-1], out, *typed, "--timeout", "1800")
    assert done.exit_code == 130
    program, *command = resume_in(done)
    task_id = mock.tasks[0].task_id
    assert (program, command[0], command[-1]) == ("nebula-video", "wait", task_id)
    assert {*command[1:-1]} == {"--out", out, *typed, "--timeout", "1800"}
    Path(out).write_bytes(b"an old video")
    assert run(*command).exit_code == 0
    assert Path(out).read_bytes() == film(mock)
    assert len(mock.tasks) == 1


def interrupted(*_arguments: object, **_named: object) -> Any:
    """A call during which somebody presses Ctrl-C."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("command", ["wait", "download"])
def test_ctrl_c_in_the_later_steps_offers_the_same_step_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    task_id = run(*SUBMIT).stdout.strip()
    monkeypatch.setattr(Transport, "get", interrupted)
    done = run(command, task_id, "--out", "cat.mp4")
    assert (done.exit_code, done.stdout) == (130, "")
    assert resume_in(done) == ["nebula-video", command, "--out", "cat.mp4", task_id]


def test_an_id_that_looks_like_an_option_is_offered_so_that_it_is_none(run: Run) -> None:
    done = run("--base-url", "http://127.0.0.1:9", "status", "--", "-cat")
    command = resume_in(done)
    assert (done.exit_code, command[-3:]) == (3, ["status", "--", "-cat"])
    assert run(*command[1:]).exit_code == 3


def test_a_refusal_that_stands_offers_no_other_try(run: Run) -> None:
    assert "To go on" not in run("wait", SORA_ID).stderr


def test_ctrl_c_before_the_submit_says_that_nothing_was_sent(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nebula_client.api.check_target", interrupted)
    done = run(*GENERATE)
    assert (done.exit_code, done.stdout) == (130, "")
    assert "Nothing was submitted" in done.stderr
    assert mock.tasks == ()


@pytest.mark.parametrize("arguments", [GENERATE, SUBMIT], ids=["generate", "submit"])
def test_ctrl_c_while_the_providers_name_is_looked_up_says_that_nothing_was_sent(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Not a byte has left, so there is nothing to look for before another try."""
    monkeypatch.setattr("socket.getaddrinfo", interrupted)
    done = run(*arguments)
    assert (done.exit_code, done.stderr) == (130, "\ninterrupted. Nothing was submitted here.\n")
    assert list(mock.journal.entries()) == []


@pytest.mark.parametrize("arguments", [GENERATE, SUBMIT], ids=["generate", "submit"])
def test_ctrl_c_during_the_submit_does_not_say_that_nothing_was_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Whoever believes it submits again, and may pay twice."""
    monkeypatch.setattr("nebula_client.submitting.submission_in", interrupted)
    done = run(*arguments)
    assert done.exit_code == 130
    assert "The submit may or may not have been taken" in done.stderr
    assert "Nothing was submitted" not in done.stderr


def test_without_a_key_the_command_says_where_it_comes_from(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEBULA_API_KEY")
    done = run(*SUBMIT)
    assert (done.exit_code, done.stdout) == (EXIT_CODES[ConfigurationError], "")
    assert "There is no API key" in done.stderr
    assert "NEBULA_API_KEY_FILE" in done.stderr


def test_an_address_that_was_typed_is_part_of_what_is_to_be_typed_next(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the printed command would ask the live provider, and without the file it would have no key."""
    monkeypatch.delenv("NEBULA_BASE_URL")
    monkeypatch.delenv("NEBULA_API_KEY")
    key_file = Path("my key.txt")
    key_file.write_text(f"{KEY}\n")
    key_file.chmod(0o600)
    done = run("--base-url", mock.url, "--key-file", "my key.txt", *GENERATE, "--timeout", "3")
    command = resume_in(done)
    assert command[:6] == ["nebula-video", "--base-url", mock.url, "--key-file", "my key.txt", "wait"]
    assert run(*command[1:]).exit_code == 0


def test_a_retry_that_the_budget_forbids_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nebula_client.budget.RetryBudget.take", lambda *_: False)
    done = run("--base-url", "http://127.0.0.1:9", "status", SORA_ID)
    assert done.exit_code == 3
    assert "this client's retry budget is used up" in done.stderr
