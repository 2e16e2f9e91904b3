"""Promises of ``--json``: exactly one JSON document, however the command ends, and nothing beside it."""

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import VideoClient
from nebula_client.cli_ending import FACTS
from nebula_client.cli_output import document
from nebula_mock import Failure, MockServer
from planned import film, plan
from typed import KEY, SORA_ID, Run

SUBMIT = ("submit", "A cat", "--model", "sora-2", "--json")
GENERATE = ("generate", *SUBMIT[1:], "--out", "cat.mp4")


def told(done: Result) -> dict[str, Any]:
    """The one document on standard output; nothing stands on standard error."""
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def error_in(done: Result) -> dict[str, Any]:
    """What the document says of the error."""
    error: dict[str, Any] = told(done)["error"]
    assert set(FACTS) <= set(error)
    assert error["exit_code"] == done.exit_code
    return error


def test_generate_tells_all_of_it(run: Run, mock: MockServer) -> None:
    found = told(run(*GENERATE))
    (video,) = found["videos"]
    task_id = mock.tasks[0].task_id
    assert set(found) == {"task_id", "submission", "task", "videos", "polls", "warnings"}
    assert (found["task_id"], found["submission"]["price_usd"]) == (task_id, "0.40")
    assert (found["task"]["status"], found["polls"], found["warnings"]) == ("succeeded", 5, [])
    assert (video["path"], video["size_bytes"]) == ("cat.mp4", len(film(mock)))


def test_the_steps_tell_theirs(run: Run) -> None:
    submitted = told(run(*SUBMIT))
    task_id = submitted["task_id"]
    assert (submitted["model"], submitted["price_usd"]) == ("sora-2", "0.40")
    assert told(run("status", task_id, "--json"))["status"] == "queued"
    waited = told(run("wait", task_id, "--json", "--out", "one.mp4"))
    assert (waited["status"], [video["path"] for video in waited["videos"]]) == ("succeeded", ["one.mp4"])
    fetched = told(run("download", task_id, "--json", "--out", "two.mp4"))
    assert (fetched["task_id"], fetched["videos"][0]["path"]) == (task_id, "two.mp4")
    assert Path("one.mp4").read_bytes() == Path("two.mp4").read_bytes()


def test_progress_is_shown_where_it_is_asked_for(run: Run) -> None:
    done = run(*GENERATE, "--progress")
    assert "poll 1: queued 0 %" in done.stderr.splitlines()
    assert json.loads(done.stdout)["polls"] == 5


def test_warnings_stand_in_the_document(run: Run) -> None:
    found = told(run(*SUBMIT, "--seconds", "7"))
    (warning,) = found["warnings"]
    assert "seconds: found 7, the provider uses 4" in warning


def test_a_failed_task_tells_its_facts(run: Run, mock: MockServer) -> None:
    plan(mock, failure=Failure("no cats", "policy"))
    error = error_in(run(*GENERATE))
    assert (error["type"], error["exit_code"], error["code"], error["resume"]) == ("TaskFailed", 7, 400, None)
    assert error["task_id"] == mock.tasks[0].task_id
    assert error["idempotency_key"]


def test_an_uncertain_submit_tells_what_to_look_for(run: Run, mock: MockServer) -> None:
    mock.account(KEY).faults.script("submit", ["reset"])
    error = error_in(run(*SUBMIT, "--idempotency-key", "order-7"))
    assert (error["type"], error["exit_code"]) == ("SubmitUncertain", 5)
    assert (error["idempotency_key"], error["attempts"], error["retryable"]) == ("order-7", 1, False)
    assert (error["resume"], error["operation"]) == (None, "submit")
    assert error["sent_at"] in error["message"]


def test_a_wait_that_was_given_up_tells_the_command_that_resumes(run: Run, mock: MockServer) -> None:
    error = error_in(run(*GENERATE, "--timeout", "3"))
    task_id = mock.tasks[0].task_id
    assert error["resume"] == f"nebula-video wait --out cat.mp4 --json {task_id}"
    assert (error["type"], error["last_status"], error["retryable"]) == (
        "WaitTimeoutError",
        "in_progress",
        True,
    )


def test_a_refusal_tells_status_code_and_request(run: Run) -> None:
    error = error_in(run("status", SORA_ID, "--json"))
    assert (error["type"], error["status"], error["operation"]) == ("RefusedError", 404, "query")
    assert error["request_id"]
    assert error["code"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--json", "submit"),
        ("submit", "--json"),
        ("submit", "--json", "A cat"),
        ("submit", "--json", "A cat", "--model", "sora-2", "--seconds", "seven"),
        ("submit", "--json", "A cat", "--model", "sora-2", "--none-such"),
        ("submit", "--json", "A cat", "too many", "--model", "sora-2"),
        ("none-such", "--json"),
        ("wait", "--json", SORA_ID, "--timeout", "nan"),
    ],
)
def test_a_command_line_that_cannot_be_understood_is_told_so_too(
    run: Run, arguments: tuple[str, ...]
) -> None:
    assert error_in(run(*arguments))["exit_code"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", " ", "--model", "sora-2"),
        ("submit", "A cat", "--model", "sora-2", "--fps", "30"),
        ("generate", "A cat", "--model", "sora-2", "--out", "nowhere/cat.mp4"),
        ("download", "a/b", "--out", "cat.mp4"),
        ("--key-file", "nowhere", "status", SORA_ID),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_what_cannot_work_is_told_so_too(run: Run, mock: MockServer, arguments: tuple[str, ...]) -> None:
    assert error_in(run(*arguments, "--json"))["exit_code"] in {2, 9}
    assert mock.tasks == ()


@pytest.mark.parametrize(
    ("during", "was_sent"),
    [
        ("nebula_client.api.check_target", False),
        ("socket.getaddrinfo", False),
        ("nebula_client.submitting.submission_in", True),
    ],
    ids=["before", "name lookup", "answer"],
)
def test_ctrl_c_is_told_so_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, during: str, *, was_sent: bool
) -> None:
    def interrupted(*_arguments: object, **_named: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(during, interrupted)
    error = error_in(run(*GENERATE))
    assert error["exit_code"] == 130
    assert ("may or may not have been taken" in error["message"]) is was_sent
    assert ("Nothing was submitted" in error["message"]) is not was_sent
    assert (error["idempotency_key"] is not None) is was_sent


def test_a_fault_of_the_program_is_one_document_and_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> Any:
        raise ZeroDivisionError("no such thing")

    written: list[bytes] = []
    monkeypatch.setattr(VideoClient, "query", broken)
    monkeypatch.setattr("nebula_client.cli_ending.put", written.append)
    with pytest.raises(ZeroDivisionError):
        run("status", SORA_ID, "--json")
    (found,) = map(json.loads, written)
    assert (found["error"]["type"], found["error"]["exit_code"]) == ("ZeroDivisionError", 1)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=10,
)


@given(_ANYTHING)
def test_any_value_makes_one_line_of_strict_json(value: object) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    written = document(value)
    json.loads(written.decode("utf-8"), parse_constant=refuse)
    assert written.count(b"\n") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.40"), b'"0.40"'),
        (math.inf, b'"inf"'),
        (math.nan, b'"nan"'),
        ("\ud83d", b'"\\ud83d"'),
        ("caf\u00e9", '"caf\u00e9"'.encode()),
        ("\x1b \x7f \x9b \u202e", b'"\\u001b \\u007f \\u009b \\u202e"'),
        (Path("a b"), b'"a b"'),
    ],
)
def test_what_json_has_no_word_for_is_text(value: object, text: bytes) -> None:
    assert document(value) == text + b"\n"


def test_a_number_too_long_for_python_to_print_is_told_in_hexadecimal() -> None:
    assert json.loads(document(1 << 20_000)) == hex(1 << 20_000)
