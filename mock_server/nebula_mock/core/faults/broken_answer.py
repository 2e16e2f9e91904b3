"""Faults on the wire as rules name them: the operation is done, and its answer goes wrong on its way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nebula_mock.core.facts import Facts
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
from nebula_mock.core.refusal import RefusalError

_BAND_PIECE_BYTES = 16 * 1024
_DRIPS_A_SECOND = 20  # where a drip does not say how large its pieces are


@dataclass(frozen=True, slots=True)
class BrokenAnswer:
    """Do the operation, and let its answer go wrong on the wire.

    Attributes:
        kind: Its name in JSON.
        settings: Its other members, as in JSON.
    """

    kind: str
    settings: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "BrokenAnswer":
        """The fault that a JSON object tells."""
        return cls(value["fault"], {name: one for name, one in value.items() if name != "fault"})

    def refusal(self, facts: Facts) -> RefusalError | None:
        """None: the operation is done."""
        del facts
        return None

    def on_the_wire(self) -> WireFault | None:
        """The fault for one answer."""
        return BROKEN_ANSWERS[self.kind](self.settings)


def _reset(settings: Mapping[str, Any]) -> WireFault:
    return Reset(_position(settings) if settings else None)


def _stall(settings: Mapping[str, Any]) -> WireFault:
    return Stall(_position(settings), settings["for_s"])


def _drip(settings: Mapping[str, Any]) -> WireFault:
    rate: float = settings["bytes_per_s"]
    return Paced(rate, settings.get("piece_bytes", max(1, round(rate / _DRIPS_A_SECOND))))


def _position(settings: Mapping[str, Any]) -> Position:
    return Position(settings.get("at_bytes"), settings.get("at_fraction"))


BROKEN_ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], WireFault]] = {
    "reset": _reset,
    "empty": lambda _: Empty(),
    "truncate": lambda settings: Truncate(_position(settings)),
    "stall": _stall,
    "drip": _drip,
    "bandwidth": lambda settings: Paced(settings["bytes_per_s"], _BAND_PIECE_BYTES),
    "bad-chunk": lambda _: BadChunk(),
    "garbage": lambda _: Garbage(),
    "endless": lambda _: Endless(),
}
"""The kinds, by their names in JSON."""
