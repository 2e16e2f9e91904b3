"""Time at the place of a run: that of the wall, or the manual clock of a mock on this machine."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nebula_contract.live.hosts import Place
from nebula_contract.live.line import Sent, send

_TIMEOUT_S = 10.0
_OK = 200


@dataclass(frozen=True, slots=True)
class Time:
    """How time passes at the place of a run.

    Attributes:
        now: Tells it in seconds, from any start.
        sleep: Lets some of it pass.
        is_mock: Whether the place says that it is a mock; only this machine is asked.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    is_mock: bool = False


class RehearsalError(Exception):
    """The mock's clock cannot be moved; the message says why."""


def time_at(place: Place) -> Time:
    """The clock of a mock with a manual clock on this machine; else that of the wall. Nothing is asked elsewhere."""
    if not place.is_loopback:
        return Time()
    clock = _clock_of(send(place, "GET", "/_mock/clock", {}, None, _TIMEOUT_S))
    return _of_mock(place) if clock.get("mode") == "manual" else Time(is_mock=bool(clock))


def _clock_of(sent: Sent) -> Mapping[str, object]:
    if sent.status != _OK or "x-nebula-mock" not in sent.headers:
        return {}
    try:
        told = json.loads(sent.raw)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _of_mock(place: Place) -> Time:
    passed = [0.0]

    def advance(seconds: float) -> None:
        body = json.dumps({"seconds": seconds}).encode()
        sent = send(
            place, "POST", "/_mock/clock/advance", {"Content-Type": "application/json"}, body, _TIMEOUT_S
        )
        if sent.status != _OK:
            message = f"the mock's clock could not be moved: HTTP {sent.status} {sent.failure}"
            raise RehearsalError(message)
        passed[0] += seconds

    return Time(lambda: passed[0], advance, is_mock=True)
