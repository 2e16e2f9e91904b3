"""Answers that say no, when to come back, or no id (faults 25, 26, 28, 29, 31 and 32), on a raw socket."""

from collections.abc import Iterator, Mapping
from typing import Any

from client_trials.answers import WHOLE, submitted
from client_trials.raw_provider import Play, answer, says
from client_trials.rig import KEY
from client_trials.trial import Trial, at_raw

_DATE = "Date: Wed, 21 Oct 2026 07:28:00 GMT"
_SPEAKS = {"error": {"message": f"Not with {KEY}, and that for long", "type": "e", "code": "no_way"}}

_IDS: Mapping[str, object] = {
    "none": None,
    "empty": "",
    "a number": 5,
    "true": True,
    "a list": ["a"],
    "an object": {"id": "a"},
    "10 kB": "x" * 10_000,
    "513 characters": "x" * 513,
    "a path": "../../admin",
    "dots": "..",
    "a space": "video 1",
    "a line break": "video_1\r\nX-Other: 1",
    "a query": "video_1?all=1",
    "another alphabet": "vidéo_1",
}

# What the header says, and what is slept before the next try of a query; None where it is told at once.
_TIMES: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "2": (("Retry-After: 2",), "2.1"),
    "0": (("Retry-After: 0",), "0"),
    "1.5": (("Retry-After: 1.5",), "1.58"),
    "1500 ms": (("retry-after-ms: 1500", "Retry-After: 9"), "1.58"),
    "-5": (("Retry-After: -5",), "0.5"),
    "nan": (("Retry-After: nan",), "0.5"),
    "inf": (("Retry-After: inf",), "0.5"),
    "soon": (("Retry-After: soon",), "0.5"),
    "nothing": (("Retry-After:",), "0.5"),
    "a date in 30 s": (("Retry-After: Wed, 21 Oct 2026 07:28:30 GMT", _DATE), "31.5"),
    "a date in the past": (("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", _DATE), "0.5"),
    "a date in the past, by our clock": (("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT",), "0.5"),
    "a date that is none": (("Retry-After: Wed, 99 Oct 2026 07:28:00 GMT", _DATE), "0.5"),
    "a date in 10 years": (("Retry-After: Wed, 21 Oct 2036 07:28:00 GMT", _DATE), None),
    "3600": (("Retry-After: 3600",), None),
    "9999999999": (("Retry-After: 9999999999",), None),
    "1e400": (("Retry-After: 1e400",), None),
    "121": (("Retry-After: 121",), None),
}
_HUGE = ("3600", "9999999999", "1e400", "121", "a date in 10 years")


def _limited(*headers: str) -> Play:
    return says(answer(429, _SPEAKS, *headers))


def _times() -> Iterator[Trial]:
    for name, (headers, pause) in _TIMES.items():
        fault = 32 if name in _HUGE else 31
        for call in ("submit", "query", "download"):
            method = "POST" if call == "submit" else "GET"
            well = {"submit": "submitted", "query": "task succeeded", "download": "file"}[call]
            expected = f"RefusedError, 1 {method}" if pause is None else f"{well}, 2 {method}, slept {pause}"
            yield Trial(
                fault,
                f"{name}: {call}",
                expected,
                at_raw(call, _limited(*headers), WHOLE[call]),
                says="" if pause else "asks to wait",
                repeats=True,
            )


def _refusals() -> Iterator[Trial]:
    for status in (401, 403):
        for call in ("submit", "query", "wait", "download"):
            yield Trial(
                26,
                f"HTTP {status} that quotes the key: {call}",
                f"RefusedError, 1 {'POST' if call == 'submit' else 'GET'}",
                at_raw(call, says(answer(status, _SPEAKS))),
                says=r"Not with \*\*\*, and that for long.*(NEBULA_API_KEY|balance)",
            )
    for call in ("download", "result"):
        yield Trial(
            28,
            f"HTTP 410: {call}",
            "ResultExpired, 1 GET",
            at_raw(call, says(answer(410, {"code": "expired"}))),
        )
    yield Trial(
        28, "HTTP 403: result", "ResultExpired, 1 GET", at_raw("result", says(answer(403, b"<Error/>")))
    )
    fields = [{"field": "seconds", "message": "must be 4, 8 or 12"}]
    bodies: Mapping[str, Mapping[str, Any]] = {
        "in error": {"error": {"message": "Invalid", "code": "invalid", "fields": fields}},
        "details": {"error": {"message": "Invalid", "type": "e", "details": fields}},
        "detail": {"detail": fields},
    }
    for name, told in bodies.items():
        yield Trial(
            29,
            f"fields, {name}: submit",
            "RefusedError, 1 POST",
            at_raw("submit", says(answer(422, told))),
            says="HTTP 422.*must be 4, 8 or 12",
        )


def _ids() -> Iterator[Trial]:
    for name, task_id in _IDS.items():
        yield Trial(
            25,
            f"{name}: submit",
            "SubmitUncertain, 1 POST",
            at_raw("submit", says(submitted(task_id=task_id))),
            says="no usable task_id",
        )


TRIALS = (*_ids(), *_refusals(), *_times())
