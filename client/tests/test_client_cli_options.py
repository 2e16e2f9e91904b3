"""Promises of the options: what they reach, and a clear error for what they cannot take."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nebula_client.transport import Transport
from nebula_client.watch import Watch
from nebula_mock import MockServer
from planned import film, plan
from typed import GENERATE, KEY, SORA_ID, SUBMIT, Run


@pytest.mark.parametrize("seconds", ["nan", "-1", "-inf", "soon"])
@pytest.mark.parametrize("arguments", [GENERATE, ("wait", SORA_ID)], ids=["generate", "wait"])
def test_a_time_that_no_wait_reaches_is_refused(
    run: Run, mock: MockServer, arguments: tuple[str, ...], seconds: str
) -> None:
    done = run(*arguments, f"--timeout={seconds}")
    assert (done.exit_code, done.stdout, list(mock.journal.entries())) == (2, "", [])
    assert "Invalid value for '--timeout'" in done.stderr


def test_a_wait_may_last_as_long_as_the_task(run: Run) -> None:
    assert run(*GENERATE, "--timeout", "inf").exit_code == 0


@pytest.mark.parametrize("retries", ["-1", "many", "1.5"])
def test_a_number_of_retries_that_is_none_is_refused(run: Run, retries: str) -> None:
    done = run("status", SORA_ID, f"--request-retries={retries}")
    assert done.exit_code == 2
    assert "'--request-retries'" in done.stderr


def test_request_retries_says_how_often_a_query_is_sent_again(run: Run, mock: MockServer) -> None:
    task_id = run(*SUBMIT).stdout.strip()
    script = mock.account(KEY).faults.script("query", ["http 500", "http 500", "ok"])
    assert run("status", task_id, "--request-retries", "0").exit_code == 4
    assert run("status", task_id, "--request-retries", "1").exit_code == 0
    assert script.completed


@pytest.mark.parametrize("arguments", [SUBMIT, GENERATE], ids=["submit", "generate"])
def test_strict_refuses_what_the_provider_would_change(
    run: Run, mock: MockServer, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments, "--seconds", "7", "--strict")
    assert (done.exit_code, mock.tasks) == (2, ())
    assert "seconds: found 7, the provider uses 4" in done.stderr


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["told", "quiet"])
def test_a_changed_value_is_one_line_of_warning_and_no_traceback(run: Run, quiet: list[str]) -> None:
    """It changes what is billed, so the quiet are told too."""
    done = run(*GENERATE, "--seconds", "7", *quiet)
    told = [line for line in done.stderr.splitlines() if "warning" in line.lower()]
    assert done.exit_code == 0
    assert len(told) == 1
    assert told[0].startswith("warning: sora-2: seconds: found 7, the provider uses 4")
    assert ".py" not in done.stderr


@pytest.mark.parametrize("command", ["status", "download"])
def test_the_commands_without_progress_can_be_quiet_too(run: Run, mock: MockServer, command: str) -> None:
    task_id = run(*SUBMIT).stdout.strip()
    mock.advance(60)
    out = ["--out", "cat.mp4"] if command == "download" else []
    for options, count in ((["--quiet"], 0), ([], 1)):
        mock.account(KEY).faults.script(command if command == "download" else "query", ["http 503", "ok"])
        done = run(command, task_id, *out, *options)
        Path("cat.mp4").unlink(missing_ok=True)
        assert (done.exit_code, len(done.stderr.splitlines()) - done.stderr.count("saved")) == (0, count)


def test_a_blip_is_one_line_of_warning_and_the_quiet_are_spared_it(run: Run, mock: MockServer) -> None:
    for options, count in (([], 1), (["--quiet"], 0)):
        mock.account(KEY).faults.script("query", ["http 503", "ok"])
        done = run(*GENERATE, "--overwrite", *options)
        assert done.exit_code == 0
        assert sum(line.startswith("warning: ") for line in done.stderr.splitlines()) == count


@pytest.mark.parametrize("arguments", [SUBMIT, GENERATE], ids=["submit", "generate"])
def test_an_idempotency_key_is_sent_as_given(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """The provider's journal keeps no value that may be a secret, so the wire is looked at here."""
    sent: list[str] = []
    send = Transport.submit

    def seen(transport: Transport, path: str, body: Mapping[str, Any], key: str, watch: Watch) -> Any:
        sent.append(key)
        return send(transport, path, body, key, watch)

    monkeypatch.setattr(Transport, "submit", seen)
    assert run(*arguments, "--idempotency-key", "order-7").exit_code == 0
    assert sent == ["order-7"]


@pytest.mark.parametrize("key", ["", "two words", "a\nb", "caf\u00e9"])
def test_an_idempotency_key_that_no_header_can_carry_is_refused(run: Run, mock: MockServer, key: str) -> None:
    done = run(*SUBMIT, "--idempotency-key", key)
    assert (done.exit_code, mock.tasks) == (2, ())


def test_require_mp4_refuses_what_is_none(run: Run, mock: MockServer) -> None:
    mock.account(KEY).faults.script("download", ["broken-mp4 no-mp4"])
    done = run(*GENERATE, "--require-mp4")
    assert (done.exit_code, Path("cat.mp4").exists()) == (6, False)
    assert "expected an MP4" in done.stderr


@pytest.mark.parametrize("verify", ["skip", "stop", "compare"])
def test_each_way_to_verify_gives_the_video(run: Run, mock: MockServer, verify: str) -> None:
    done = run(*GENERATE, "--verify", verify, "--json")
    (video,) = json.loads(done.stdout)["videos"]
    assert Path("cat.mp4").read_bytes() == film(mock)
    assert video["copies_compared"] is (verify == "compare")


def test_the_key_comes_from_a_file(run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEBULA_API_KEY")
    file = Path("key.txt")
    file.write_text("sk-0f-th3-f1l3\n")
    file.chmod(0o600)
    assert run("--key-file", "key.txt", *SUBMIT).exit_code == 0
    assert len(mock.account("sk-0f-th3-f1l3").tasks) == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_may_read_is_refused(run: Run, mock: MockServer, mode: int) -> None:
    file = Path("key.txt")
    file.write_text(KEY)
    file.chmod(mode)
    done = run("--key-file", "key.txt", *SUBMIT)
    assert (done.exit_code, mock.tasks) == (2, ())
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--key-file", KEY, *SUBMIT),
        (f"--key-file={KEY}", *SUBMIT),
        (*SUBMIT, "--api-key", KEY),
        (*SUBMIT, f"--api-key={KEY}"),
        (*SUBMIT, "--key", KEY, "--json"),
        (*SUBMIT, KEY),
        (KEY, *SUBMIT),
        (*SUBMIT, "--token", "hunter2"),
        (*SUBMIT, "--set", KEY),
        (*SUBMIT, "--set", f"model={KEY}"),
    ],
)
def test_a_key_as_an_argument_is_refused_and_not_shown(
    run: Run, mock: MockServer, arguments: tuple[str, ...]
) -> None:
    """``run`` looks for the key in all that is written."""
    done = run(*arguments)
    assert (done.exit_code, mock.tasks) == (2, ())
    assert done.output.count("A key is never an argument") == 1
    assert "set NEBULA_API_KEY, or write the key to a file of mode 600" in done.output


def test_a_wrong_command_line_without_a_key_says_nothing_of_keys(run: Run) -> None:
    assert "never an argument" not in run(*SUBMIT, "--none-such").output


@pytest.mark.parametrize("given", [b"A cat", b"A cat\n", "\ufeffA cat\r\n".encode()])
def test_a_prompt_can_come_from_standard_input(run: Run, mock: MockServer, given: bytes) -> None:
    assert run("submit", "-", "--model", "sora-2", given=given).exit_code == 0
    assert mock.tasks[0].prompt == "A cat"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"", "missing or blank"),
        (b" \n", "missing or blank"),
        (b"A c\xe4t", "no UTF-8 text at byte 3"),
        (b"x" * (1024 * 1024 + 1), "more than 1048576 bytes"),
    ],
    ids=["empty", "blank", "latin-1", "endless"],
)
def test_standard_input_that_is_no_prompt_is_refused(
    run: Run, mock: MockServer, given: bytes, reason: str
) -> None:
    done = run("submit", "-", "--model", "sora-2", given=given)
    assert (done.exit_code, mock.tasks) == (2, ())
    assert reason in done.stderr


@pytest.mark.parametrize("prompt", ["", " ", "\udce4"])
@pytest.mark.parametrize("command", ["submit", "generate"])
def test_a_prompt_that_says_nothing_or_is_no_text_is_refused(
    run: Run, mock: MockServer, command: str, prompt: str
) -> None:
    out = ["--out", "cat.mp4"] if command == "generate" else []
    done = run(command, prompt, "--model", "sora-2", *out)
    assert (done.exit_code, done.stdout, mock.tasks) == (2, "", ())
    assert "rompt" in done.stderr


@pytest.mark.parametrize("name", ["verify", "require_mp4", "strict", "idempotency_key", "self"])
def test_set_cannot_reach_what_has_an_option_of_its_own(run: Run, mock: MockServer, name: str) -> None:
    done = run(*GENERATE, "--set", f"{name}=x")
    assert (done.exit_code, mock.tasks) == (2, ())
    assert f"--set: {name} is no parameter of a model" in done.stderr


def test_what_the_provider_says_cannot_steer_a_terminal(run: Run, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0)
    done = run("download", SORA_ID, "--out", "\x1b[2Jcat.mp4", "--verify", "stop")
    assert "\x1b" not in done.stderr
