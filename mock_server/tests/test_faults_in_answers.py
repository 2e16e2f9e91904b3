"""Promises of faults in answers: caused by one line, seen on a raw socket to the byte, and told by the journal."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from nebula_mock import MockServer
from raw_exchange import GENERATIONS, Seen, downloaded, exchange, queried, submitted

REFUSED = {"error": {"message": "Internal server error", "type": "server_error", "code": "server_error"}}


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A mock whose clock is moved by hand."""
    with MockServer(clock="manual", video_size_bytes=1) as started:
        yield started


@pytest.fixture
def task_id(mock: MockServer) -> Iterator[str]:
    """A finished task; all that the test scripts is met."""
    mock.faults.clear()
    made = submitted(mock)
    mock.advance(10)
    yield made
    mock.faults.verify()


def seen_with(mock: MockServer, task_id: str, step: Any) -> Seen:
    """The answer to a query with a fault, which the journal tells."""
    mock.faults.script("query", [step])
    seen = queried(mock, task_id)
    (*_, entry) = mock.journal
    kind = step["fault"] if isinstance(step, dict) else step.split()[0]
    assert (entry.faults[0]["fault"], entry.faults[0]["did"]) == (kind, True)
    assert (entry.status, entry.ended, entry.bytes_sent) == (seen.status, "complete", len(seen.body))
    return seen


def body_with(mock: MockServer, task_id: str, step: Any) -> tuple[Any, Any]:
    """The body of a query without a fault, and with it."""
    return queried(mock, task_id).json(), seen_with(mock, task_id, step).json()


def test_a_status_comes_with_an_error_of_the_providers_form(mock: MockServer, task_id: str) -> None:
    seen = seen_with(mock, task_id, {"fault": "http", "status": 503, "retry_after_s": 1.5})
    assert (seen.status, seen.header("Retry-After")) == (503, "2")
    assert seen.json()["error"]["message"] == "503 Service Unavailable"


def test_a_page_of_a_proxy_is_html(mock: MockServer, task_id: str) -> None:
    seen = seen_with(mock, task_id, "html-page")
    assert (seen.status, seen.header("Content-Type")) == (502, "text/html")
    assert seen.body.startswith(b"<html>")
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(seen.body)


def test_an_error_can_come_as_a_success(mock: MockServer, task_id: str) -> None:
    seen = seen_with(mock, task_id, "error-with-200")
    assert (seen.status, seen.json()) == (200, REFUSED)
    other = seen_with(mock, task_id, {"fault": "error-with-200", "id": "rate-limited"})
    assert (other.status, other.json()["error"]["code"]) == (200, "rate_limit_exceeded")


@pytest.mark.parametrize(("given", "told"), [("text/plain", "text/plain"), ("", None)])
def test_a_content_type_is_the_only_difference(
    mock: MockServer, task_id: str, given: str, told: str | None
) -> None:
    plain = queried(mock, task_id)
    seen = seen_with(mock, task_id, {"fault": "content-type", "media_type": given})
    assert (seen.body, seen.header("Content-Type")) == (plain.body, told)


@pytest.mark.parametrize("how", ["wrong-bracket", "cut", "trailing-comma", "two-documents"])
def test_broken_json_is_none_and_its_length_is_announced(mock: MockServer, task_id: str, how: str) -> None:
    plain = queried(mock, task_id)
    seen = seen_with(mock, task_id, f"broken-json {how}")
    assert seen.header("Content-Length") == str(len(seen.body))
    assert seen.body[: len(plain.body) // 2] == plain.body[: len(plain.body) // 2]
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.body)


def test_a_gzipped_body_nobody_asked_for_unpacks_to_the_plain_one(mock: MockServer, task_id: str) -> None:
    plain = queried(mock, task_id)
    seen = seen_with(mock, task_id, "gzip")
    assert (seen.header("Content-Encoding"), seen.header("Transfer-Encoding")) == ("gzip", "chunked")
    assert seen.header("Content-Length") is None
    packed, rest = b"", seen.body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        packed, rest = packed + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert zlib.decompress(packed, wbits=31) == plain.body


def test_a_redirect_leads_to_this_server_by_its_other_name(mock: MockServer, task_id: str) -> None:
    seen = seen_with(mock, task_id, "redirect")
    elsewhere = mock.url.replace("127.0.0.1", "localhost")
    assert (seen.status, seen.body) == (307, b"")
    assert seen.header("Location") == f"{elsewhere}{GENERATIONS}/{task_id}"
    other = seen_with(mock, task_id, {"fault": "redirect", "status": 302, "to": "https://elsewhere.example/"})
    assert (other.status, other.header("Location")) == (302, "https://elsewhere.example/")


def test_a_redirected_submit_is_not_done(mock: MockServer, task_id: str) -> None:
    before = len(mock.tasks)
    mock.faults.script("submit", ["redirect"])
    assert exchange(mock, "POST", GENERATIONS, {"model": "sora-2", "prompt": "x"}).status == 307
    assert len(mock.tasks) == before
    assert task_id


def test_a_missing_field_is_the_only_difference(mock: MockServer, task_id: str) -> None:
    plain, seen = body_with(mock, task_id, "missing-field metadata.progress")
    del plain["metadata"]["progress"]
    assert seen == plain


@pytest.mark.parametrize(
    ("step", "name", "value"),
    [
        ("renamed-field", "taskId", None),
        ({"fault": "renamed-field", "path": "$.status", "to": "state"}, "state", "succeeded"),
        ("retyped-field status", "status", len("succeeded")),
        ("null-field status", "status", None),
        ("unknown-status", "status", "paused"),
        ("unknown-status on-hold", "status", "on-hold"),
        ({"fault": "extra-field", "name": "etag", "value": {"a": [1]}}, "etag", {"a": [1]}),
    ],
)
def test_a_changed_field_is_the_only_difference(
    mock: MockServer, task_id: str, step: Any, name: str, value: Any
) -> None:
    plain, seen = body_with(mock, task_id, step)
    path = {"taskId": "task_id", "state": "status"}.get(name, name)
    expected = {**plain, name: plain["task_id"] if name == "taskId" else value}
    if path != name:
        del expected[path]
    assert seen == expected
    if name != "etag":
        order = [name if one == path else one for one in plain]
        assert list(seen) == order


@pytest.mark.parametrize(
    ("path", "value"),
    [("metadata.progress", "100"), ("metadata", "[object Object]"), ("metadata.error", {})],
)
def test_a_retyped_field_is_of_the_type_that_it_is_not(
    mock: MockServer, task_id: str, path: str, value: Any
) -> None:
    _, seen = body_with(mock, task_id, f"retyped-field {path}")
    for name in path.split("."):
        seen = seen[name]
    assert seen == value


def test_a_wrong_id_looks_right_wherever_it_stands_and_nobody_knows_it(
    mock: MockServer, task_id: str
) -> None:
    plain, seen = body_with(mock, task_id, "wrong-id")
    wrong = seen["task_id"]
    assert wrong != task_id
    assert len(wrong) == len(task_id)
    assert json.dumps(seen) == json.dumps(plain).replace(task_id, wrong)
    assert queried(mock, wrong).status == 404


def test_a_duplicate_id_is_that_of_the_task_before_and_its_own_task_is_charged(
    mock: MockServer, task_id: str
) -> None:
    before = mock.account("sk-test").bill.submitted
    mock.faults.script("submit", ["duplicate-id"])
    assert submitted(mock) == task_id
    assert mock.account("sk-test").bill.submitted == before + 1
    assert mock.tasks[-1].task_id != task_id


def test_a_submit_that_is_done_can_be_answered_with_a_status(mock: MockServer, task_id: str) -> None:
    before = len(mock.tasks)
    mock.faults.script(
        "submit", ["http 504 done", {"fault": "html-page", "done": True}, "http 504", "html-page"]
    )
    statuses = [
        exchange(mock, "POST", GENERATIONS, {"model": "sora-2", "prompt": "x"}).status for _ in range(4)
    ]
    assert statuses == [504, 502, 504, 502]
    assert len(mock.tasks) == before + 2
    assert task_id


def test_what_has_no_such_field_is_answered_plainly_and_said_so(mock: MockServer, task_id: str) -> None:
    mock.faults.script("query", ["missing-field nowhere"])
    assert queried(mock, task_id).json()["task_id"] == task_id
    (*_, entry) = mock.journal
    assert entry.faults[0]["did"] is False
    with pytest.raises(
        AssertionError, match=r"found nothing to change in the answer: 'missing-field nowhere'"
    ):
        mock.faults.verify()
    mock.faults.clear()


def test_a_fault_of_the_body_strikes_a_refusal_too(mock: MockServer, task_id: str) -> None:
    mock.faults.script("query", ["content-type text/plain", "missing-field error.code"])
    seen = queried(mock, "video_unknown")
    assert (seen.status, seen.header("Content-Type")) == (404, "text/plain")
    assert queried(mock, "video_unknown").json() == {
        "error": {"message": "Task not found", "type": "not_found"}
    }
    (*_, entry) = mock.journal
    assert entry.problem_id == "unknown-task"
    assert downloaded(mock, task_id).status == 200


def test_a_fault_that_is_off_changes_no_byte(mock: MockServer, task_id: str) -> None:
    plain = queried(mock, task_id)
    mock.faults.script("query", ["ok"])
    assert queried(mock, task_id).body == plain.body
