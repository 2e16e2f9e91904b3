"""Promises of the command: the result alone on standard output, one exit code for each kind of end."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nebula_mock import Failure, MockServer, Plan
from nebula_schemas.version import VERSION
from planned import film, plan
from raw_server import RawServer, answer
from typed import GENERATE, I2V, KEY, LOUD, PICTURE, SORA_ID, SUBMIT, T2V, VEO, Run


def test_generate_prints_the_file_alone_on_standard_output(run: Run, mock: MockServer) -> None:
    done = run(*GENERATE)
    assert (done.exit_code, done.stdout) == (0, "cat.mp4\n")
    assert Path("cat.mp4").read_bytes() == film(mock)


def test_progress_goes_to_standard_error_as_plain_lines_when_piped(run: Run, mock: MockServer) -> None:
    lines = run(*GENERATE).stderr.splitlines()
    assert lines[0] == f"submitted {mock.tasks[0].task_id}, $0.40 if it succeeds"
    assert lines[1:-1] == [
        "poll 1: queued 0 %",
        "poll 2: in_progress 20 %",
        "poll 3: in_progress 49 %",
        "poll 4: in_progress 94 %",
        "poll 5: succeeded 100 %",
    ]
    assert re.fullmatch(r"saved [0-9,]+ bytes, sha256 [0-9a-f]{12}\.\.\.", lines[-1])


def test_a_poll_that_brings_nothing_new_prints_nothing(run: Run) -> None:
    """Wan tells no progress; an hour of "in_progress" is one line."""
    done = run("generate", "A cat", "--model", T2V, "--out", "cat.mp4")
    polls = [line for line in done.stderr.splitlines() if line.startswith("poll")]
    assert polls == ["poll 1: submitted", "poll 2: in_progress", "poll 5: succeeded"]


def test_quiet_says_nothing_but_the_file(run: Run) -> None:
    done = run(*GENERATE, "--quiet")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "cat.mp4\n", "")


def test_every_video_of_several_samples_is_printed(run: Run, mock: MockServer) -> None:
    done = run("generate", "A cat", "--model", VEO, "--set", "sampleCount=2", "--out", "cat.mp4")
    assert done.stdout == "cat.mp4\ncat-2.mp4\n"
    assert [Path(name).read_bytes() for name in done.stdout.split()] == [film(mock, 0), film(mock, 1)]


@pytest.mark.parametrize(
    ("model", "options", "parameters"),
    [
        (
            "sora-2",
            ["--seconds", "8", "--size", "1280x720", "--image", PICTURE],
            {"seconds": 8, "size": "1280x720", "input_reference": PICTURE},
        ),
        (
            VEO,
            ["--seconds", "6", "--resolution", "720p", "--ratio", "9:16", "--fps", "30", "--image", PICTURE],
            {"durationSeconds": 6, "resolution": "720p", "aspectRatio": "9:16", "fps": 30, "image": PICTURE},
        ),
        (T2V, ["--seconds", "10", "--size", "480x832"], {"duration": 10, "size": "480*832"}),
        (
            I2V,
            ["--seconds", "10", "--resolution", "480p", "--image", PICTURE],
            {"duration": 10, "resolution": "480p", "image": PICTURE},
        ),
        (
            LOUD,
            ["--seconds", "10", "--resolution", "480p", "--ratio", "3:4", "--fps", "30"],
            {"duration": 10, "resolution": "480p", "ratio": "3:4", "fps": 30},
        ),
    ],
)
def test_plain_options_reach_each_family_under_its_own_names(
    run: Run, mock: MockServer, model: str, options: list[str], parameters: dict[str, Any]
) -> None:
    done = run("submit", "A cat", "--model", model, *options)
    (task,) = mock.tasks
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{task.task_id}\n", "")
    assert {name: task.parameters[name] for name in parameters} == parameters


@pytest.mark.parametrize(
    ("model", "option", "there_is"),
    [
        ("sora-2", "--resolution=720p", "--seconds, --size, --image"),
        ("sora-2", "--fps=30", "--seconds, --size, --image"),
        (VEO, "--size=1x1", "--seconds, --resolution, --ratio, --fps, --image"),
        (T2V, f"--image={PICTURE}", "--seconds, --size"),
        (I2V, "--ratio=16:9", "--seconds, --resolution, --image"),
        ("sora-9", "--seconds=4", "only --set NAME=VALUE"),
    ],
)
def test_an_option_that_does_not_fit_the_model_is_refused_with_those_that_do(
    run: Run, mock: MockServer, model: str, option: str, there_is: str
) -> None:
    done = run("submit", "A cat", "--model", model, option)
    name = option.partition("=")[0]
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"Error: {name} does not fit the model {model!r}; for it there is {there_is}.\n"
    assert mock.tasks == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("seed=7", 7),
        ("generateAudio=true", True),
        ("personGeneration=dont_allow", "dont_allow"),
        ('user="7"', "7"),
    ],
)
def test_set_takes_json_and_else_text(run: Run, mock: MockServer, text: str, value: object) -> None:
    assert run("submit", "A cat", "--model", VEO, "--set", text).exit_code == 0
    assert mock.tasks[0].parameters[text.partition("=")[0]] == value


@pytest.mark.parametrize("text", ["seed", "=7", ""])
def test_set_without_name_or_value_is_refused(run: Run, mock: MockServer, text: str) -> None:
    done = run("submit", "A cat", "--model", VEO, "--set", text)
    assert (done.exit_code, done.stderr) == (
        2,
        f"Error: --set: found {text!r}, expected NAME=VALUE, such as --set seed=7.\n",
    )
    assert mock.tasks == ()


@pytest.mark.parametrize("text", ["prompt=A dog", "path=dog.mp4", "overwrite=true", "timeout_s=5", "model=5"])
def test_set_cannot_reach_the_calls_own_arguments(run: Run, mock: MockServer, text: str) -> None:
    assert run(*GENERATE, "--set", text).exit_code == 2
    assert mock.tasks == ()


def test_a_value_of_the_wrong_type_is_told_in_a_sentence(run: Run) -> None:
    done = run("generate", "A cat", "--model", T2V, "--set", 'duration="5"', "--out", "cat.mp4")
    assert (done.exit_code, done.stdout) in {(2, ""), (4, "")}
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("old.mp4", "it exists already. Choose another name, or allow overwriting it."),
        ("nowhere/cat.mp4", "there is no folder nowhere. Create it first."),
        (".", "it exists and is no plain file. Choose another name."),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_submitted(
    run: Run, mock: MockServer, out: str, reason: str
) -> None:
    Path("old.mp4").write_bytes(b"the old video")
    done = run("generate", "A cat", "--model", "sora-2", "--out", out)
    assert (done.exit_code, done.stdout, done.stderr) == (9, "", f"Error: Cannot write {out}: {reason}\n")
    assert mock.tasks == ()
    assert [(entry.name, entry.read_bytes()) for entry in Path().iterdir()] == [("old.mp4", b"the old video")]


def test_overwrite_replaces_an_old_file(run: Run, mock: MockServer) -> None:
    Path("cat.mp4").write_bytes(b"the old video")
    assert run(*GENERATE, "--overwrite").exit_code == 0
    assert Path("cat.mp4").read_bytes() == film(mock)


def test_submit_status_wait_and_download_are_generate_in_steps(run: Run, mock: MockServer) -> None:
    task_id = run(*SUBMIT).stdout.strip()
    assert json.loads(run("status", task_id).stdout)["status"] == "queued"
    waited = run("wait", task_id)
    assert json.loads(waited.stdout)["status"] == "succeeded"
    assert "videos" not in json.loads(waited.stdout)
    assert waited.stderr.splitlines()[0] == "poll 1: queued 0 %"
    done = run("download", task_id, "--out", "cat.mp4")
    assert (done.exit_code, done.stdout) == (0, "cat.mp4\n")
    assert Path("cat.mp4").read_bytes() == film(mock)


def test_wait_can_download_what_it_waited_for(run: Run, mock: MockServer) -> None:
    task_id = run(*SUBMIT).stdout.strip()
    done = run("wait", task_id, "--out", "cat.mp4", "--verify", "compare", "--require-mp4")
    assert (done.exit_code, done.stdout) == (0, "cat.mp4\n")
    assert Path("cat.mp4").read_bytes() == film(mock)


def test_wait_finds_a_file_that_cannot_be_written_before_it_asks(run: Run, mock: MockServer) -> None:
    done = run("wait", SORA_ID, "--out", "nowhere/cat.mp4")
    assert (done.exit_code, list(mock.journal.entries())) == (9, [])


@pytest.mark.parametrize("option", [["--overwrite"], ["--require-mp4"], ["--verify", "stop"]])
def test_options_about_a_file_need_the_file(run: Run, option: list[str]) -> None:
    done = run("wait", SORA_ID, *option)
    assert done.exit_code == 2
    assert f"{option[0]} is about the file that --out names" in done.stderr


def test_status_prints_all_that_is_known_as_json(run: Run, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0)
    task_id = run("submit", "A cat", "--model", T2V).stdout.strip()
    told = json.loads(run("status", task_id).stdout)
    assert set(told) == {
        "task_id", "status", "reported_status", "urls", "progress_percent", "error", "request_id", "metadata", "extra"
    }  # fmt: skip
    assert (told["task_id"], told["status"], told["error"]) == (task_id, "succeeded", None)
    assert told["urls"] == [told["metadata"]["output"]["video_url"]]
    assert told["extra"] == {"format": "mp4"}


def test_status_of_a_failed_task_is_no_failure_of_the_command(run: Run, mock: MockServer) -> None:
    plan(mock, waiting_s=0, running_s=0, failure=Failure("no cats", "policy"))
    task_id = run(*SUBMIT).stdout.strip()
    done = run("status", task_id)
    assert (done.exit_code, json.loads(done.stdout)["error"]) == (0, {"message": "no cats", "code": 400})


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["plain", "json"])
def test_status_prints_any_text_a_provider_can_send(run: Run, form: list[str]) -> None:
    r"""JSON may hold "\ud83d" alone, and a prompt cut in the middle of an emoji does."""
    body = b'{"task_id": "%s", "status": "queued", "metadata": {"prompt": "\\ud83d"}}' % SORA_ID.encode()
    with RawServer(answer(200, body)) as server:
        done = run("--base-url", server.url, "status", SORA_ID, *form)
    assert json.loads(done.stdout)["metadata"] == {"prompt": "\ud83d"}


def test_an_address_on_the_command_line_wins(
    run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEBULA_BASE_URL", "http://127.0.0.1:9")
    assert run("--base-url", mock.url, "submit", "A cat", "--model", "sora-2").exit_code == 0
    assert len(mock.tasks) == 1


@pytest.mark.parametrize("command", ["generate", "submit", "status", "wait", "download", "completion"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_the_installed_command_does_it_in_a_process_of_its_own(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("nebula-video")
    with MockServer(clock="manual", plan=Plan(waiting_s=0, running_s=0)) as mock:
        done = subprocess.run(
            [program, "--base-url", mock.url, *GENERATE],
            cwd=tmp_path,
            env={"NEBULA_API_KEY": KEY, "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "cat.mp4\n")
        assert (tmp_path / "cat.mp4").read_bytes() == film(mock)


def test_the_command_tells_its_version(run: Run) -> None:
    assert run("--version").stdout == f"nebula-video, version {VERSION}\n"


def test_several_videos_are_all_downloaded(run: Run, mock: MockServer) -> None:
    """The task of an interrupted generate with three samples holds three paid videos."""
    task_id = run(
        "submit", "Waves", "--model", "veo-3.1-generate-preview", "--set", "sampleCount=3"
    ).stdout.strip()
    mock.advance(10)
    done = run("download", task_id, "--out", "waves.mp4")
    assert done.stdout.splitlines() == ["waves.mp4", "waves-2.mp4", "waves-3.mp4"]
