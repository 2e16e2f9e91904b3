"""Promises of the error tree: facts as attributes, sentences that can be shown, classes that travel."""

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nebula_client
from nebula_client import (
    BrokenContractError,
    ConfigurationError,
    NebulaError,
    OutputError,
    RefusedError,
    SubmitUncertain,
    Task,
    TaskError,
    TaskFailed,
    UnreachableError,
    WaitTimeoutError,
)
from nebula_client.cli_ends import EXIT_CODES
from nebula_client.errors import quoted

HOSTILE = "\x1b[2J\r\nSet-Cookie: a\x9b31m\u202e" + "x" * 100_000

FAILED = Task("video_1", "failed", error=TaskError("no cats", 400))

ERRORS: list[NebulaError] = [
    ConfigurationError("There is no API key."),
    UnreachableError("query", "ConnectionError: refused"),
    RefusedError("submit", 403, code="quota", type="t", message="no money", request_id="r1"),
    SubmitUncertain("HTTP 502", "2026-01-01T00:00:00+00:00", "key-1", "r1"),
    BrokenContractError("download", "found no base64", "video_1"),
    WaitTimeoutError("video_1", "queued", 900.0, 61),
    OutputError(Path("cat.mp4"), "it exists already."),
]


@pytest.mark.parametrize(
    "error",
    [
        *ERRORS,
        TaskFailed(FAILED),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling_with_their_facts(error: NebulaError) -> None:
    """An error raised in a worker process must arrive in the parent."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_every_error_is_one_of_ours_and_exported() -> None:
    classes = {type(error) for error in [*ERRORS, TaskFailed(FAILED)]}
    assert set(NebulaError.__subclasses__()) == classes == set(EXIT_CODES)
    assert {error.__name__ for error in classes} < set(nebula_client.__all__)


def test_exported_names_are_sorted_and_there() -> None:
    assert (
        sorted(nebula_client.__all__, key=lambda name: (name.startswith("_"), name)) == nebula_client.__all__
    )
    assert all(hasattr(nebula_client, name) for name in nebula_client.__all__)


MESSAGES: list[tuple[NebulaError, str]] = [
    (
        ERRORS[1],
        "No answer to the query: ConnectionError: refused. Nothing changed; it is safe to try again.",
    ),
    (
        ERRORS[2],
        """The submit was refused: HTTP 403, quota: no money. The account may lack balance or access
        to the model. Request id r1.""",
    ),
    (
        ERRORS[3],
        """The submit may or may not have been taken: HTTP 502. It was sent once, at
        2026-01-01T00:00:00+00:00 (idempotency key key-1, request id r1), and not again. Look at the
        account's tasks and balance before you submit once more.""",
    ),
    (ERRORS[4], "The answer to the download of task video_1 breaks the contract: found no base64."),
    (TaskFailed(FAILED), "Task video_1 failed: no cats. Nothing is charged for it."),
    (TaskFailed(Task("a", "failed")), "Task a failed: no reason given. Nothing is charged for it."),
    (
        ERRORS[5],
        """Task video_1 is still "queued" after 900 s and 61 polls. It continues at the provider;
        call wait("video_1") to resume, or allow more with timeout_s.""",
    ),
    (ERRORS[6], "Cannot write cat.mp4: it exists already."),
]


@pytest.mark.parametrize(("error", "text"), MESSAGES, ids=lambda part: type(part).__name__)
def test_a_message_says_what_happened_and_what_to_do(error: NebulaError, text: str) -> None:
    assert str(error) == " ".join(text.split())


def test_a_request_id_is_said_once() -> None:
    """The gateway writes it into its message, too."""
    error = RefusedError("submit", 400, code="c", type=None, message="no (request id: r1)", request_id="r1")
    assert str(error) == "The submit was refused: HTTP 400, c: no (request id: r1)."


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_refusal_that_one_can_act_on_comes_with_advice(status: int) -> None:
    error = RefusedError("query", status, code=None, type=None, message="no", request_id=None)
    assert re.fullmatch(rf"The query was refused: HTTP {status}, no code: no\. [A-Z].+\.", str(error))


def test_a_timeout_without_an_answer_names_no_status() -> None:
    assert '"None"' not in str(WaitTimeoutError("video_1", None, 900.0, 9))


@settings(deadline=None)
@given(st.text())
def test_quoted_text_is_printable_and_short(text: str) -> None:
    shown = quoted(text)
    assert shown.isprintable()
    assert shown == text if text.isprintable() and len(text) <= 300 else len(shown) <= 300 * 8


def test_long_text_is_cut_and_counted() -> None:
    assert quoted("x" * 301) == "x" * 300 + "... (301 characters)"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(UnreachableError("query", HOSTILE), id="unreachable-reason"),
        pytest.param(
            RefusedError("query", 400, code=None, type=None, message=HOSTILE, request_id=None),
            id="refused-message",
        ),
        pytest.param(
            RefusedError("query", 400, code=HOSTILE, type=None, message="no", request_id=None),
            id="refused-code",
        ),
        pytest.param(
            RefusedError("query", 400, code=None, type=HOSTILE, message="no", request_id=None),
            id="refused-type",
        ),
        pytest.param(
            RefusedError("query", 400, code=None, type=None, message="no", request_id=HOSTILE),
            id="refused-request-id",
        ),
        pytest.param(SubmitUncertain(HOSTILE, "now", "key"), id="uncertain-reason"),
        pytest.param(SubmitUncertain("cut", "now", "key", HOSTILE), id="uncertain-request-id"),
        pytest.param(BrokenContractError("query", HOSTILE, "a"), id="broken-what"),
        pytest.param(TaskFailed(Task("a", "failed", error=TaskError(HOSTILE))), id="failed-reason"),
        pytest.param(WaitTimeoutError("a", HOSTILE, 9.0, 9), id="timeout-status"),
    ],
)
def test_no_text_of_the_provider_reaches_a_terminal_raw(error: NebulaError) -> None:
    """Escape sequences could clear the screen, and a message is not the place for a megabyte."""
    assert str(error).isprintable()
    assert len(str(error)) < 2000
