"""An answer that is lost, in each way there is (faults 3 to 14 and 16), for each call, once and for ever."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from client_trials.answers import BODIES
from client_trials.raw_provider import Play, chunked, drips, hangs, resets, says
from client_trials.trial import Trial, at_raw, then_whole
from nebula_client import Timeouts

_SHORT = Timeouts(
    poll_read_s=0.3,
    submit_read_s=0.3,
    download_read_s=0.3,
    rate_window_s=0.1,
    poll_total_s=1,
    submit_total_s=1,
)
_WHOLE_S = 0.4
_BRIEF = Timeouts(poll_total_s=_WHOLE_S, submit_total_s=_WHOLE_S, download_total_s=_WHOLE_S, least_rate=0)
_JSON = b"Content-Type: application/json\r\n"

# What comes of an answer that is lost, for each call, and when the next one is whole.
LOST: Mapping[str, str] = {
    "submit": "SubmitUncertain, 1 POST",
    "query": "UnreachableError, 6 GET, slept 0.438 0.875 1.75 3.5 7",
    "query, then well": "task succeeded, 2 GET, slept 0.438",
    "wait": "WaitTimeoutError, 9 GET, slept 8 times, 60 in all",
    "wait, then well": "task succeeded, 2 GET, slept 2",
    "download": "UnreachableError, 4 GET, slept 0.438 0.875 1.75",
    "download, then well": "file, 2 GET, slept 0.438",
    "result": "UnreachableError, 4 GET, slept 0.438 0.875 1.75",
    "result, then well": "file, 2 GET, slept 0.438",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """An answer that is lost.

    Attributes:
        fault: Its number.
        name: Which variant it is.
        play: For the whole answer that the call would get, what is done instead.
        calls: Which calls are tried.
        options: The client's.
        real_time: Whether the machine's time counts.
        says: What the error must say.
        unread: Whether no request is read, so that connections are counted.
    """

    fault: int
    name: str
    play: Callable[[bytes], Play]
    calls: tuple[str, ...] = ("submit", "query", "wait", "download", "result")
    options: Mapping[str, Any] = field(default_factory=dict)
    real_time: bool = False
    says: str = ""
    unread: bool = False


def _half(whole: bytes) -> bytes:
    """An answer that is cut in its body."""
    return whole[: len(whole) - len(_body(whole)) // 2]


def _body(whole: bytes) -> bytes:
    return whole.partition(b"\r\n\r\n")[2]


def _head(whole: bytes, *lines: bytes) -> bytes:
    """The answer with more lines in its head."""
    head, _, body = whole.partition(b"\r\n\r\n")
    return b"\r\n".join([head, *lines]) + b"\r\n\r\n" + body


_OK = b"HTTP/1.1 200 OK\r\n"
LOSSES = (
    Loss(3, "reset with nothing read", lambda _: resets(reads=False), unread=True),
    Loss(4, "reset after the request", lambda _: resets()),
    Loss(5, "end without a byte", lambda _: says(b"")),
    Loss(6, "garbage after the status line", lambda _: says(b"HTTP/1.1 200 OK\r\n\x00\x01\xff\xfe\x80\r\n")),
    Loss(6, "head cut", lambda _: says(b"HTTP/1.1 200 OK\r\nContent-Le")),
    Loss(7, "random bytes", lambda _: says(b"\x16\x03\x01 what is this\x00\xff\r\n\r\n")),
    Loss(8, "reset within the body", lambda whole: resets(_half(whole))),
    Loss(9, "shorter than announced", lambda whole: says(_half(whole)), says="more were announced"),
    Loss(9, "nothing of what was announced", lambda whole: says(whole[: -len(_body(whole))])),
    Loss(11, "no last chunk", lambda whole: says(chunked(whole, end=b""))),
    Loss(11, "bad chunk size", lambda whole: says(chunked(whole, end=b"zz\r\nmore\r\n0\r\n\r\n"))),
    Loss(12, "length and chunks", lambda whole: says(_head(whole, b"Transfer-Encoding: chunked"))),
    Loss(
        12,
        "two lengths",
        lambda whole: says(_head(whole, b"Content-Length: 7")),
        says="Content-Length|length",
    ),
    Loss(
        13,
        "a byte now and then, in the head",
        lambda _: drips(_OK, b"x", 0.02),
        options={"timeouts": _BRIEF, "request_retries": 0},
        calls=("submit", "query"),
        real_time=True,
        says="in time|in all",
    ),
    Loss(
        13,
        "a byte now and then, in the body",
        lambda _: drips(_OK + _JSON + b'Content-Length: 9999\r\n\r\n{"a": "', b"x", 0.02),
        options={"timeouts": _BRIEF, "request_retries": 0},
        calls=("submit", "query"),
        real_time=True,
        says="in time|in all",
    ),
    Loss(14, "a header of 1 MiB", lambda whole: says(_head(whole, b"X-Much: " + b"a" * 1024 * 1024))),
    Loss(14, "101 headers", lambda whole: says(_head(whole, *[b"X-%d: 1" % n for n in range(101)]))),
    Loss(14, "headers without end", lambda _: drips(_OK, b"X-More: " + b"a" * 1000 + b"\r\n", 0)),
    Loss(
        16,
        "silence",
        lambda _: hangs(),
        options={"timeouts": _SHORT, "request_retries": 0},
        calls=("submit", "query"),
        real_time=True,
        says="in time",
    ),
    Loss(
        16,
        "silence within the body",
        lambda whole: hangs(_half(whole)),
        options={"timeouts": _SHORT, "request_retries": 0},
        calls=("submit", "query"),
        real_time=True,
        says="in time",
    ),
)


def _losses() -> Iterator[Trial]:
    for loss in LOSSES:
        for call in loss.calls:
            play = loss.play(BODIES[call])
            options: dict[str, Any] = {"real_time": loss.real_time, **loss.options}
            expected = LOST[call]
            if loss.unread:
                expected = expected.replace("POST", "connection").replace("GET", "connection")
            if "request_retries" in loss.options and call == "query":
                expected = "UnreachableError, 1 GET"
            yield Trial(
                loss.fault,
                f"{loss.name}: {call}",
                expected,
                at_raw(call, play, **options),
                says=loss.says,
                deadline_s=90,
            )
            if call == "submit":
                continue
            expected = LOST[f"{call}, then well"]
            if loss.unread:
                expected = expected.replace("2 GET", "1 GET, 1 connection")
            yield Trial(
                loss.fault,
                f"{loss.name}: {call}, then well",
                expected,
                then_whole(call, play, **{**options, "request_retries": 5}),
            )


TRIALS = tuple(_losses())
