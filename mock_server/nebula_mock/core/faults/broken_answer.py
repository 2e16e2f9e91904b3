"""Faults on the wire as rules name them: the operation is done, and its answer goes wrong on its way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nebula_mock.core.faults.on_the_wire import (
    BadChunk,
    Empty,
    Endless,
    Garbage,
    Paced,
    Position,
    Reset,
    Stall,
    Truncate,
    WireFault,
)
from nebula_mock.core.faults.protocol import Fault

_BAND_PIECE_BYTES = 16 * 1024
_DRIP_BYTES_PER_S, _BAND_BYTES_PER_S = 200.0, 100_000.0  # where nothing is said
_HALF: Mapping[str, Any] = {"at_fraction": 0.5}
LONGEST_STALL_S = 3600.0
"""For how long a stall lasts where nothing is said, in seconds: longer than anybody waits."""
_DRIPS_A_SECOND = 20  # where a drip does not say how large its pieces are


@dataclass(frozen=True, slots=True)
class BrokenAnswer(Fault):
    """Do the operation, and let its answer go wrong on the wire.

    Attributes:
        kind: Its name in JSON.
        settings: Its other members, as in JSON.
    """

    kind: str = field()  # without a default: the base has a property of that name
    settings: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "BrokenAnswer":
        """The fault that a JSON object tells."""
        return cls(value["fault"], {name: one for name, one in value.items() if name != "fault"})

    def on_the_wire(self) -> WireFault | None:
        """The fault for one answer."""
        return BROKEN_ANSWERS[self.kind](self.settings)


def _reset(settings: Mapping[str, Any]) -> WireFault:
    return Reset(_position(settings) if settings else None)


def _truncate(settings: Mapping[str, Any]) -> WireFault:
    return Truncate(_position(settings or _HALF))


def _stall(settings: Mapping[str, Any]) -> WireFault:
    at = {name: one for name, one in settings.items() if name != "for_s"}
    return Stall(_position(at or _HALF), settings.get("for_s", LONGEST_STALL_S))


def _drip(settings: Mapping[str, Any]) -> WireFault:
    rate: float = settings.get("bytes_per_s", _DRIP_BYTES_PER_S)
    return Paced(rate, settings.get("piece_bytes", max(1, round(rate / _DRIPS_A_SECOND))))


def _position(settings: Mapping[str, Any]) -> Position:
    return Position(settings.get("at_bytes"), settings.get("at_fraction"))


BROKEN_ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], WireFault]] = {
    "reset": _reset,
    "empty": lambda _: Empty(),
    "lost-answer": lambda _: Reset(),
    "truncate": _truncate,
    "stall": _stall,
    "drip": _drip,
    "bandwidth": lambda settings: Paced(settings.get("bytes_per_s", _BAND_BYTES_PER_S), _BAND_PIECE_BYTES),
    "bad-chunk": lambda _: BadChunk(),
    "garbage": lambda _: Garbage(),
    "endless": lambda _: Endless(),
}
"""The kinds, by their names in JSON."""
