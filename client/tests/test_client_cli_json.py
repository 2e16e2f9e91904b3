"""Promises of ``--json``: one document on standard output, however the command ends."""

import json
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from nebula_client.cli_output import dumped
from nebula_mock import Failure, MockServer
from planned import film, plan

KEY = "sk-c4n4ry-0f-th3-k3y"
SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
SUBMIT = ("submit", "A cat", "--model", "sora-2", "--json")
GENERATE = ("generate", *SUBMIT[1:], "--out", "cat.mp4")

Run = Callable[..., Result]


def document(done: Result) -> dict[str, Any]:
    """The one document on standard output."""
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    assert KEY not in done.output
    return told


def test_submit_tells_the_submission(run: Run, mock: MockServer) -> None:
    told = document(run(*SUBMIT))
    assert (told["task_id"], told["model"], told["price_usd"]) == (mock.tasks[0].task_id, "sora-2", "0.40")
    assert told["idempotency_key"]


def test_generate_tells_all_it_did(run: Run, mock: MockServer) -> None:
    told = document(run(*GENERATE))
    (video,) = told["videos"]
    assert (video["path"], video["size_bytes"], video["size_checked"]) == ("cat.mp4", len(film(mock)), True)
    assert (told["task"]["status"], told["polls"]) == ("succeeded", 5)
    assert told["submission"]["task_id"] == told["task_id"] == mock.tasks[0].task_id


def test_download_tells_the_files(run: Run) -> None:
    task_id = document(run(*SUBMIT))["task_id"]
    assert document(run("wait", task_id, "--json"))["status"] == "succeeded"
    told = document(run("download", task_id, "--out", "cat.mp4", "--json", "--verify", "compare"))
    assert [video["copies_compared"] for video in told["videos"]] == [True]


def error_in(done: Result) -> dict[str, Any]:
    """What the document says of an error; nothing else was said of it."""
    told = document(done)
    assert list(told) == ["error"]
    assert done.exit_code == told["error"]["exit_code"]
    assert "Error:" not in done.stderr
    return dict(told["error"])


def test_an_error_is_a_document_with_its_facts(run: Run) -> None:
    told = error_in(run("status", SORA_ID, "--json"))
    assert (told["type"], told["exit_code"], told["status"], told["operation"]) == (
        "RefusedError",
        4,
        404,
        "query",
    )
    assert told["task_id"] == SORA_ID
    assert told["resume"] is None


def test_an_uncertain_submit_tells_its_key(run: Run, mock: MockServer) -> None:
    mock.faults.script("submit", ["reset"])
    told = error_in(run(*SUBMIT, "--idempotency-key", "order-17"))
    assert (told["type"], told["exit_code"], told["idempotency_key"]) == ("SubmitUncertain", 5, "order-17")
    assert told["sent_at"]
    assert len(mock.tasks) == 1


def test_an_error_after_the_submit_tells_how_to_resume(run: Run, mock: MockServer) -> None:
    told = error_in(run(*GENERATE, "--timeout", "3", "--overwrite", "--verify", "stop"))
    task_id = mock.tasks[0].task_id
    assert told["type"] == "WaitTimeoutError"
    assert told["resume"] == (
        f"nebula-video wait {task_id} && nebula-video download {task_id} --out cat.mp4 --overwrite --verify stop"
    )


def test_a_failed_task_has_nothing_to_resume(run: Run, mock: MockServer) -> None:
    plan(mock, failure=Failure("no cats"))
    told = error_in(run(*GENERATE))
    assert (told["type"], told["code"], told["resume"]) == ("TaskFailed", 400, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", " ", "--model", "sora-2"),
        ("submit", "A cat", "--model", "sora-2", "--fps", "30"),
        ("generate", "A cat", "--model", "sora-2", "--out", "nowhere/cat.mp4"),
        ("wait", SORA_ID, "--timeout", "nan"),
        ("wait", SORA_ID, "--timeout", "-1"),
        ("download", "a/b", "--out", "cat.mp4"),
        ("--key-file", "nowhere", "status", SORA_ID),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_what_cannot_work_is_a_document_as_well(
    run: Run, mock: MockServer, arguments: tuple[str, ...]
) -> None:
    assert error_in(run(*arguments, "--json"))["exit_code"] in {2, 9}
    assert mock.tasks == ()


def test_a_changed_value_is_a_warning_in_one_line(run: Run, mock: MockServer) -> None:
    done = run("submit", "A cat", "--model", "sora-2", "--seconds", "7")
    assert done.stdout == f"{mock.tasks[0].task_id}\n"
    assert done.stderr == "warning: sora-2: seconds: found 7, the provider uses 4; expected 4, 8, 12.\n"


def test_a_changed_value_is_an_error_to_a_strict_command(run: Run, mock: MockServer) -> None:
    done = run("submit", "A cat", "--model", "sora-2", "--seconds", "7", "--strict")
    assert (done.exit_code, mock.tasks) == (2, ())


def test_the_key_comes_from_a_file(run: Run, mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEBULA_API_KEY")
    Path("key").write_text(f"{KEY}\n")
    Path("key").chmod(0o600)
    assert run("--key-file", "key", *SUBMIT[:4]).exit_code == 0
    Path("key").chmod(0o644)
    assert "Run chmod 600" in run("--key-file", "key", *SUBMIT[:4]).stderr
    assert len(mock.tasks) == 1


def test_a_prompt_comes_from_standard_input(run: Run, mock: MockServer) -> None:
    done = run("submit", "-", "--model", "sora-2", input="A cat\nin the garden\n")
    assert (done.exit_code, mock.tasks[0].prompt) == (0, "A cat\nin the garden")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(st.characters()), json_values))
def test_any_document_is_json_for_every_reader(members: dict[str, Any]) -> None:
    text = dumped(members)
    told = json.loads(text, parse_constant=pytest.fail)
    text.encode()
    assert set(told) == set(members)


def test_numbers_that_json_has_not_are_text() -> None:
    assert json.loads(dumped({"a": math.inf, "b": Decimal("0.40")})) == {"a": "inf", "b": "0.40"}
