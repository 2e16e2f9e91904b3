"""What can happen to a request of an HTTP client, each brought about by a step of a fault script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from http_clients import Stage

LIMIT_S = 0.06  # of a client that is to lose patience
VIDEO_BYTES = 60_000
_OUTLASTS = 1.8  # times its limit is what a slow answer takes
_SUBMIT_ANSWER_BYTES = 85  # about
_DRIP_BYTES = 4
_DOWNLOAD_ANSWER_BYTES = 160_000  # about: the video twice, in base64

Step = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client did with an answer.

    Attributes:
        end: ``raised``; ``complete``, ``short`` where it took less than was announced and said nothing, or
            ``left-off`` where it would have gone on.
        stage: Where it raised; the last it was at where it did not.
        error: What it raised, as its users name it; empty for nothing.
        cause: What the error began with, where that tells more than its own name.
        timed_out: Whether that is because of a limit of time.
    """

    end: Literal["raised", "complete", "short", "left-off"]
    stage: Stage
    error: str = ""
    cause: str = ""
    timed_out: bool = False


def _never(_: Outcome) -> bool:
    return False


def _before_the_body(outcome: Outcome) -> bool:
    return outcome.timed_out and outcome.stage == "call"


def _at_all(outcome: Outcome) -> bool:
    return outcome.timed_out


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that can happen.

    Attributes:
        title: What the page calls it.
        step: The step that brings it about, for a limit in seconds; None where nobody listens.
        operation: What is asked for.
        limit: Of what the client limits the time: nothing, each read, or the whole if it can.
        only_limited: Whether it is nothing for a client that cannot limit the whole.
        maybe_slow: Whether an outcome may come of a slow machine alone, so that it is tried more patiently.
        at_once: Whether the body is read all at once too.
        parcels: How the answer arrives: as it comes, all in one, or the head and then the rest.
    """

    title: str
    step: Callable[[float], Step] | None
    operation: Literal["submit", "download"] = "submit"
    limit: Literal["none", "read", "whole"] = "none"
    only_limited: bool = False
    maybe_slow: Callable[[Outcome], bool] = _never
    at_once: bool = True
    parcels: Literal["as-they-come", "one", "head-apart"] = "as-they-come"


def _always(step: Step) -> Callable[[float], Step]:
    return lambda _: step


def _drip(limit_s: float) -> Step:
    rate = _SUBMIT_ANSWER_BYTES / (limit_s * _OUTLASTS)
    return {"fault": "drip", "bytes_per_s": rate, "piece_bytes": _DRIP_BYTES}


def _bandwidth(limit_s: float) -> Step:
    return {"fault": "bandwidth", "bytes_per_s": _DOWNLOAD_ANSWER_BYTES / (limit_s * _OUTLASTS)}


EVENTS = (
    Event("nobody listens", None),
    Event("`reset`", _always("reset")),
    Event("`reset at 50%`", _always("reset at 50%")),
    Event("`empty`", _always("empty")),
    Event("`truncate at 50%`", _always("truncate at 50%")),
    Event(
        "`bad-chunk`, in one packet with the head",
        _always("bad-chunk"),
        limit="whole",
        maybe_slow=_before_the_body,
        parcels="one",
    ),
    Event(
        "`bad-chunk`, after the head",
        _always("bad-chunk"),
        limit="whole",
        maybe_slow=_before_the_body,
        parcels="head-apart",
    ),
    Event("`garbage`", _always("garbage")),
    Event("`delay 3600`, each read limited", _always("delay 3600"), limit="read", at_once=False),
    Event(
        "`stall at 50%`, each read limited",
        _always("stall at 50%"),
        limit="read",
        maybe_slow=_before_the_body,
    ),
    Event("`drip`, each read limited", _drip, limit="read", maybe_slow=_at_all, at_once=False),
    Event(
        "`drip`, the whole limited",
        _drip,
        limit="whole",
        only_limited=True,
        maybe_slow=_before_the_body,
        at_once=False,
    ),
    Event(
        "`bandwidth`, each read limited",
        _bandwidth,
        operation="download",
        limit="read",
        maybe_slow=_at_all,
        at_once=False,
    ),
    Event("`endless`, read until 1 MiB", _always("endless"), at_once=False),
    Event("`http 503`", _always("http 503")),
)
"""Every event, in the order of the page."""
