"""The other faults of the connection: kept ones, slow ones, interim answers, redirects (faults 4 to 21)."""

from client_trials.answers import BODIES, TASK_ID, submitted, task
from client_trials.raw_provider import Peer, answer, drips, hangs, keeps, resets, says
from client_trials.rig import Rig
from client_trials.trial import CALLS, Run, Trial, at_raw, submit
from nebula_client import PollSchedule, SubmitUncertain, Timeouts, UnreachableError

_SHORT = Timeouts(download_read_s=0.3)
_SLOW = Timeouts(rate_window_s=0.2)
_SUCCESS = {
    "submit": "submitted, 1 POST",
    "query": "task succeeded, 1 GET",
    "download": "file, 1 GET",
    "result": "file, 1 GET",
}
_FOUR_TRIES = "UnreachableError, 4 GET, slept 0.438 0.875 1.75"
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def _reset_at_once(call: str) -> Run:
    """Where the reset finds the client decides whether a byte left; both are told rightly, and nothing is read."""

    def run(rig: Rig) -> object:
        client = rig.client(rig.provider(lambda peer: peer.reset()), request_retries=0)
        try:
            CALLS[call](client, rig)
        except SubmitUncertain:
            assert call == "submit"
        except UnreachableError as error:
            is_right = call != "submit" or not error.was_sent
            assert is_right
        rig.counts.clear()
        rig.clock.slept.clear()
        return "lost or surely not sent"

    return run


def _silent_wait(rig: Rig) -> object:
    """The poll at the deadline may still take a second, no more."""
    rig.task_id = TASK_ID
    schedule = PollSchedule(first_s=1, longest_s=1, jitter=0)
    client = rig.client(rig.provider(says(task("queued")), hangs()), schedule=schedule)
    return client.wait(TASK_ID, timeout_s=1)


def _stale(call: str) -> Run:
    """A call on a connection that the provider promised to keep, and ends instead of answering."""

    def answers_once(peer: Peer) -> None:
        peer.request()
        peer.send(task().replace(b"Connection: close", b"Connection: keep-alive"))
        peer.request()

    def run(rig: Rig) -> object:
        client = rig.client(rig.provider(answers_once, says(BODIES[call])))
        client.query(TASK_ID)
        return CALLS[call](client, rig)

    return run


def _fresh(rig: Rig) -> object:
    """A submit after a query whose connection is kept."""
    kept = task().replace(b"Connection: close", b"Connection: keep-alive")
    client = rig.client(rig.provider(keeps(kept), says(submitted())))
    client.query(TASK_ID)
    return submit(client, rig)


def _redirected(call: str, location: str, status: int = 307) -> Run:
    """A call that is answered with a redirect; nobody may come where it leads."""

    def run(rig: Rig) -> object:
        elsewhere = rig.provider(says(BODIES[call]))
        target = location.format(port=elsewhere.port)
        client = rig.client(rig.provider(says(answer(status, b"", f"Location: {target}"))))
        try:
            return CALLS[call](client, rig)
        finally:
            assert elsewhere.connections == 0, "the redirect was followed"

    return run


SEE_OTHER = 303
_TARGETS = {
    19: ("to the same origin", "/v2/video/generations", "/v2/video/generations"),
    20: ("to another origin", "http://localhost:{port}/steal?key=1", "http://localhost:[0-9]+/steal"),
}
TRIALS = (
    *(
        Trial(3, f"reset at once: {call}", "lost or surely not sent, nothing sent", _reset_at_once(call))
        for call in ("submit", "query")
    ),
    Trial(
        4,
        "reset after the request: generate",
        "SubmitUncertain, 1 POST",
        at_raw("generate", resets()),
        says="idempotency key",
    ),
    *(
        Trial(
            10,
            f"longer than announced: {call}",
            expected,
            at_raw(call, says(BODIES[call] + b"more")),
            says="beyond its answer's announced end",
        )
        for call, expected in _SUCCESS.items()
    ),
    *(
        Trial(
            13,
            f"a slow transfer: {call}",
            _FOUR_TRIES,
            at_raw(
                call,
                drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b'{"base64": "', b"A", 0.02),
                timeouts=_SLOW,
                real_time=True,
            ),
            says="bytes in 0 s",
        )
        for call in ("download", "result")
    ),
    *(
        Trial(
            16,
            f"silence: {call}",
            _FOUR_TRIES,
            at_raw(call, hangs(), timeouts=_SHORT, real_time=True),
            says="in time",
        )
        for call in ("download", "result")
    ),
    Trial(
        16,
        "silence: the last poll of a wait",
        "WaitTimeoutError, 2 GET, slept 1",
        _silent_wait,
        says="to resume",
        deadline_s=1,
    ),
    Trial(15, "a kept connection that ended: query", "task succeeded, 3 GET", _stale("query")),
    Trial(15, "a kept connection that ended: download", "file, 3 GET", _stale("download")),
    Trial(15, "a kept connection that ended: submit", "submitted, 1 POST, 1 GET", _fresh),
    *(
        Trial(
            18,
            f"100 and 103 before the answer: {call}",
            expected,
            at_raw(call, says(_INTERIM + BODIES[call])),
        )
        for call, expected in _SUCCESS.items()
    ),
    Trial(
        18,
        "interim answers without end: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0)),
        says="interim",
    ),
    *(
        Trial(
            fault,
            f"{name}: {call}",
            f"UnexpectedRedirect, 1 {'POST' if call == 'submit' else 'GET'}",
            _redirected(call, location),
            says=says_what,
        )
        for fault, (name, location, says_what) in _TARGETS.items()
        for call in ("submit", "query", "wait", "download", "result")
    ),
    *(
        Trial(
            20,
            f"HTTP {status}: submit",
            # A 303 is what a server says once it has done what was asked.
            f"{'SubmitUncertain' if status == SEE_OTHER else 'UnexpectedRedirect'}, 1 POST",
            _redirected("submit", "http://localhost:{port}/", status),
        )
        for status in (301, 302, SEE_OTHER, 308)
    ),
)
