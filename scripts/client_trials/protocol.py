"""Answers that are whole and wrong, or say no (faults 4 to 45), at the offline provider."""

from collections.abc import Iterator

from client_trials.at_mock import Step, at_mock
from client_trials.trial import Trial

UNCERTAIN = "SubmitUncertain, 1 POST"
LOST_GETS = {
    "query": "UnreachableError, 6 GET, slept 0.438 0.875 1.75 3.5 7",
    "download": "UnreachableError, 4 GET, slept 0.438 0.875 1.75",
}
MALFORMED_GETS = {
    "query": "BrokenContractError, 6 GET, slept 0.438 0.875 1.75 3.5 7",
    "download": "BrokenContractError, 3 GET, slept 0.438 0.875",
}
_ONCE = {"query": "task succeeded, 2 GET, slept 0.438", "download": "file, 2 GET, slept 0.438"}

# Fault, step, what it makes of an answer.
_LOSSES: tuple[tuple[int, Step], ...] = (
    (4, "lost-answer"),
    (4, "reset"),
    (5, "empty"),
    (7, "garbage"),
    (8, "reset at 50%"),
    (9, "truncate at 50%"),
    (11, "bad-chunk"),
)
_MALFORMED: tuple[tuple[int, Step], ...] = (
    (24, {"fault": "html-page", "status": 200}),
    (24, "content-type text/html"),
)
# A submit whose answer came, and does not tell what became of it.
_UNCERTAIN: tuple[tuple[int, str, Step], ...] = (
    (23, "an array", "broken-json wrong-bracket"),
    (25, "no task_id", "missing-field task_id"),
    (25, "task_id null", "null-field task_id"),
    (25, "task_id a number", "retyped-field task_id"),
    (25, "task_id under another name", "renamed-field task_id"),
    (36, "HTTP 500, and the task is made", {"fault": "http", "status": 500, "done": True}),
    (36, "HTTP 502, and the task is made", {"fault": "http", "status": 502, "done": True}),
    (
        36,
        "HTTP 503 without a time, and the task is made",
        {"fault": "html-page", "status": 503, "done": True},
    ),
    (36, "HTTP 504, and the task is made", {"fault": "http", "status": 504, "done": True}),
    (36, "HTTP 408, and the task is made", {"fault": "http", "status": 408, "done": True}),
    (36, "HTTP 500", "http 500"),
    (46, "cut", "broken-json cut"),
    (46, "a comma too many", "broken-json trailing-comma"),
    (46, "two documents", "broken-json two-documents"),
)


def _name(step: Step) -> str:
    return step if isinstance(step, str) else f"{step['fault']} {step['status']}"


def _trials() -> Iterator[Trial]:
    for fault, step in _LOSSES:
        yield Trial(fault, f"mock, {step}: submit", UNCERTAIN, at_mock("submit", step))
        for call, once in _ONCE.items():
            tries = 6 if call == "query" else 4
            yield Trial(fault, f"mock, {step}: {call}", LOST_GETS[call], at_mock(call, *[step] * tries))
            yield Trial(fault, f"mock, {step}: {call}, then well", once, at_mock(call, step))
    for fault, step in _MALFORMED:
        name = _name(step)
        is_page = not isinstance(step, str)
        yield Trial(
            fault, f"{name}: submit", UNCERTAIN if is_page else "submitted, 1 POST", at_mock("submit", step)
        )
        for call, once in _ONCE.items():
            tries = 6 if call == "query" else 3
            yield Trial(
                fault,
                f"{name}: {call}",
                MALFORMED_GETS[call],
                at_mock(call, *[step] * tries),
                says="text/html",
            )
            yield Trial(fault, f"{name}: {call}, then well", once, at_mock(call, step))
    for fault, what, step in _UNCERTAIN:
        yield Trial(fault, f"{what}: submit", UNCERTAIN, at_mock("submit", step), says="and not again")


TRIALS = (
    *_trials(),
    Trial(20, "mock, redirect: submit", "UnexpectedRedirect, 1 POST", at_mock("submit", "redirect")),
    *(
        Trial(20, f"mock, redirect: {call}", "UnexpectedRedirect, 1 GET", at_mock(call, "redirect"))
        for call in ("query", "download")
    ),
    *(
        Trial(
            23,
            f"an error under 200: {call}",
            f"RefusedError, 1 {'POST' if call == 'submit' else 'GET'}",
            at_mock(call, "error-with-200 server-error"),
            says="HTTP 200",
        )
        for call in ("submit", "query", "download")
    ),
    *(
        Trial(
            30,
            f"429 and 2 s: {call}",
            expected,
            at_mock(call, *[{"fault": "http", "status": 429, "retry_after_s": 2}] * 2),
            repeats=True,
        )
        for call, expected in {
            "submit": "submitted, 3 POST, slept 2.1 2.1",
            "query": "task succeeded, 3 GET, slept 2.1 2.1",
            "download": "file, 3 GET, slept 2.1 2.1",
        }.items()
    ),
    Trial(
        30,
        "503 and 2 s: submit",
        "submitted, 2 POST, slept 2.1",
        at_mock("submit", {"fault": "http", "status": 503, "retry_after_s": 2}),
        repeats=True,
    ),
    Trial(
        30,
        "429 and 2 s: wait",
        "task succeeded, 5 GET, slept 2.1 2 3 4.5",
        at_mock("wait", {"fault": "http", "status": 429, "retry_after_s": 2}),
    ),
    *(
        Trial(
            33,
            f"429 without a time: {call}",
            expected,
            at_mock(call, *["http 429"] * 2),
            repeats=True,
        )
        for call, expected in {
            "submit": "submitted, 3 POST, slept 0.5 1",
            "query": "task succeeded, 3 GET, slept 0.5 1",
            "download": "file, 3 GET, slept 0.5 1",
        }.items()
    ),
    Trial(
        33,
        "429 for ever: submit",
        "RefusedError, 3 POST, slept 0.5 1",
        at_mock("submit", *["http 429"] * 3),
        repeats=True,
        says="HTTP 429",
    ),
    *(
        Trial(
            34,
            f"{count} times HTTP 503, then well: {call}",
            f"{well}, {count + 1} GET, slept {pauses}",
            at_mock(call, *["http 503"] * count),
            says=f"attempt {count}",
        )
        for call, well in {"query": "task succeeded", "download": "file"}.items()
        for count, pauses in enumerate(
            ("0.438", "0.438 0.875", "0.438 0.875 1.75", "0.438 0.875 1.75 3.5", "0.438 0.875 1.75 3.5 7"),
            start=1,
        )
    ),
    Trial(
        34,
        "five times HTTP 502, then well: wait",
        "task succeeded, 6 GET, slept 2 3 4.5 6.75 10.1",
        at_mock("wait", *["http 502"] * 5),
    ),
    Trial(
        37,
        "backwards: wait",
        "task succeeded, 5 GET, slept 2 3 4.5 6.75",
        at_mock("wait", "ok", "ok", "backwards"),
        says="went backwards, to queued",
    ),
    Trial(
        39,
        "unknown status: wait",
        "task succeeded, 5 GET, slept 2 3 4.5 6.75",
        at_mock("wait", "unknown-status paused"),
        says="status nobody knows, paused",
    ),
    Trial(
        39,
        "unknown status, strict: wait",
        "BrokenContractError, 1 GET",
        at_mock("wait", "unknown-status paused", strict=True),
        says="found status 'paused'",
    ),
    Trial(
        45,
        "another task's answer: query",
        "BrokenContractError, 1 GET",
        at_mock("query", "wrong-id"),
        says="expected the one asked for",
    ),
    Trial(
        45,
        "another task's answer: wait",
        "BrokenContractError, 1 GET",
        at_mock("wait", "wrong-id"),
        says="expected the one asked for",
    ),
    Trial(
        45,
        "another task's answer: download",
        "BrokenContractError, 1 GET",
        at_mock("download", "wrong-id"),
        says="expected the one asked for",
    ),
)
