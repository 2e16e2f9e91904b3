"""What a provider says of a task over time: unknown yet, down for a while, odd words, ends (faults 27 to 45)."""

from collections.abc import Iterator, Mapping
from typing import Any

from client_trials.answers import TASK_ID, WAN_ID, downloaded, submitted, task
from client_trials.at_mock import whole_video
from client_trials.raw_provider import answer, says
from client_trials.rig import KEY, Rig
from client_trials.trial import DEADLINE_S, Run, Trial, at_raw, download, query, submit, wait
from nebula_client import TaskCancelled, TaskFailed

_SPEAKS = {"error": {"message": f"Not with {KEY}, and that for long", "type": "e", "code": "no_way"}}


def _young(*, later_s: float) -> Run:
    """A task that the provider does not know at once, or no longer."""

    def run(rig: Rig) -> object:
        unknown = says(answer(404, _SPEAKS))
        client = rig.client(rig.provider(says(submitted()), unknown, unknown, says(task())))
        submit(client, rig)
        rig.clock.moved += later_s
        return query(client, rig)

    return run


def _young_wait(rig: Rig) -> object:
    unknown = says(answer(404, _SPEAKS))
    client = rig.client(rig.provider(says(submitted()), unknown, unknown, says(task())))
    submit(client, rig)
    return wait(client, rig)


def _brown_out(rig: Rig) -> object:
    """Ten queries of a provider that is down: 35 retries are what the budget has."""
    client = rig.client(rig.provider(says(answer(503, _SPEAKS))))
    error: object = None
    for _ in range(10):
        try:
            query(client, rig)
        except Exception as raised:  # noqa: BLE001 - what comes is looked at
            error = raised
    return error


def _parallel_waits(rig: Rig) -> object:
    """A wait by a client whose budget others have used up."""
    client = rig.client(rig.provider(says(answer(503, _SPEAKS))))
    client._retries.budget.take(490)  # noqa: SLF001 - as 35 retries of other calls would
    return wait(client, rig)


def _first_end(rig: Rig) -> object:
    """The end that a wait saw holds, whatever a later query says."""
    mock = rig.mock()
    client = rig.client(mock)
    rig.task_id = submit(client, rig).task_id  # type: ignore[attr-defined]
    done = client.wait(rig.task_id, timeout_s=DEADLINE_S)
    mock.faults.script("query", ["terminal-changes"])
    assert client.query(rig.task_id).status == "failed"
    made = client.download(done, rig.path)
    rig.freeze_counts()
    rig.files = {rig.path.name: whole_video(mock, rig.task_id)}
    return made


_WORDS: Mapping[str, str] = {
    "SUCCEEDED": "succeeded",
    " Success ": "succeeded",
    "Completed": "succeeded",
    "FAILURE": "TaskFailed",
    "Canceled": "TaskCancelled",
    "cancelled": "TaskCancelled",
}


def _words() -> Iterator[Trial]:
    for word, outcome in _WORDS.items():
        told = f"task {outcome}" if outcome == "succeeded" else outcome
        yield Trial(40, f"{word!r}: wait", f"{told}, 1 GET", at_raw("wait", says(task(word))))
    for word in ("Queued", "RUNNING", "not_start", "Pending"):
        yield Trial(
            40,
            f"{word!r}: wait",
            "task succeeded, 2 GET, slept 2",
            at_raw("wait", says(task(word)), says(task())),
        )
    yield Trial(
        40,
        "'succeded', in no document: wait",
        "WaitTimeoutError, 9 GET, slept 8 times, 60 in all",
        at_raw("wait", says(task("succeded"))),
        says="succeded; it counts as running",
    )


def _percents() -> Iterator[Trial]:
    for name, raw, percent in (
        ("101", b"101", 100),
        ("1e9", b"1e9", 100),
        ("-5", b"-5", 0),
        ("text", b'"45%"', None),
        ("true", b"true", None),
        ("null", b"null", None),
        ("a list", b"[1]", None),
    ):
        body = b'{"task_id": "%s", "status": "in_progress", "metadata": {"progress": %s}}' % (
            TASK_ID.encode(),
            raw,
        )
        yield Trial(41, f"{name}: query", f"{percent} %, 1 GET", _progress(body))
    body = b'{"task_id": "%s", "status": "in_progress", "metadata": {"progress": NaN}}' % TASK_ID.encode()
    yield Trial(
        41,
        "NaN, which is no JSON, then well: wait",
        "task succeeded, 2 GET, slept 2",
        at_raw("wait", says(answer(200, body)), says(task())),
    )


def _progress(body: bytes) -> Run:
    def run(rig: Rig) -> object:
        found: Any = query(rig.client(rig.provider(says(answer(200, body)))), rig)
        return f"{found.progress_percent} %"

    return run


def _late_file(status: int, count: int) -> Run:
    """A task that has succeeded, and whose file comes later."""

    def run(rig: Rig) -> object:
        late = [says(answer(status, _SPEAKS))] * count
        client = rig.client(rig.provider(says(task()), *late, says(downloaded())))
        query(client, rig)
        return download(client, rig)

    return run


def _ends() -> Iterator[Trial]:
    reason = "No " * 2000
    error = {"code": "bad_prompt", "message": reason}
    ends: Mapping[str, Mapping[str, Any]] = {
        "with a reason": {"error": error},
        "with none": {},
        "in metadata": {"metadata": {"output": error}},
        "with a reason that is no text": {"error": {"code": [1], "message": 7}},
    }
    for status, kind in (("failed", TaskFailed), ("cancelled", TaskCancelled)):
        fault = 43 if status == "failed" else 44
        for name, told in ends.items():
            yield Trial(
                fault,
                f"{name}: wait",
                f"{kind.__name__}, 2 GET, slept 2",
                at_raw("wait", says(task("queued")), says(task(status, **told))),
                says="Nothing is charged",
            )


TRIALS = (
    Trial(
        27,
        "404 twice, just submitted: query",
        "task succeeded, 1 POST, 3 GET, slept 0.438 0.875",
        _young(later_s=0),
    ),
    Trial(
        27, "404 six seconds later: query", "RefusedError, 1 POST, 1 GET", _young(later_s=6), says="HTTP 404"
    ),
    Trial(27, "404 twice, just submitted: wait", "task succeeded, 1 POST, 3 GET, slept 2 3", _young_wait),
    Trial(
        27,
        "404 of an id from elsewhere: query",
        "RefusedError, 1 GET",
        at_raw("query", says(answer(404, _SPEAKS))),
    ),
    Trial(
        34,
        "every other poll fails: wait",
        "task succeeded, 6 GET, slept 2 3 4.5 6.75 10.1",
        at_raw(
            "wait", *[says(answer(500, b"")), says(task("queued"))] * 2, says(answer(502, b"")), says(task())
        ),
    ),
    Trial(
        35,
        "503 for ever: wait",
        "RefusedError, 10 GET, slept 9 times, 86.38 in all",
        at_raw("wait", says(answer(503, _SPEAKS)), call_options={"timeout_s": 900}),
        deadline_s=900,
    ),
    Trial(
        35,
        "503 for ever, a minute: wait",
        "WaitTimeoutError, 9 GET, slept 8 times, 60 in all",
        at_raw("wait", says(answer(503, _SPEAKS))),
    ),
    Trial(
        35,
        "503 for ever, ten times: query",
        "RefusedError, 45 GET, slept 35 times, 94.94 in all",
        _brown_out,
        says="retry budget is used up",
        deadline_s=100,
    ),
    Trial(
        35,
        "503, and no budget left: wait",
        "RefusedError, 1 GET",
        _parallel_waits,
        says="retry budget is used up",
    ),
    Trial(
        35,
        "503 for ever: download",
        "RefusedError, 6 GET, slept 0.438 0.875 1.75 3.5 7",
        at_raw("download", says(answer(503, _SPEAKS))),
    ),
    *(
        Trial(
            36,
            f"HTTP {status}, a page: submit",
            "SubmitUncertain, 1 POST",
            at_raw("submit", says(answer(status, b"<html>", "Content-Type: text/html"))),
        )
        for status in (500, 502, 503, 504)
    ),
    Trial(
        38, "another end at the next query: download", "file, 1 POST, 7 GET, slept 2 3 4.5 6.75", _first_end
    ),
    *_words(),
    *_percents(),
    *(
        Trial(
            42,
            f"{status} twice, then the file: download",
            "file, 4 GET, slept 3.5 5.25",
            _late_file(status, 2),
            says="attempt 2",
        )
        for status in (404, 409, 425)
    ),
    Trial(
        42,
        "404 for ever: download",
        "RefusedError, 9 GET, slept 7 times, 98.66 in all",
        _late_file(404, 99),
        deadline_s=120,
    ),
    *_ends(),
    Trial(
        45,
        "another's: result",
        "BrokenContractError, 1 GET",
        at_raw("download", says(downloaded(task_id=WAN_ID))),
        says="task_id",
    ),
)
