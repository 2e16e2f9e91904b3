"""What a live run tells whoever keeps its record."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from nebula_contract.live.ended import LiveEnd
from nebula_contract.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Started:
    """What is known before anything of a plan is sent.

    Attributes:
        target: The provider's address.
        is_mock: Whether it says that it is a mock.
        plan: ``sha256:`` and the digest of the plan file.
        seed: The plan's.
        cap_usd: What the run may spend.
    """

    target: str
    is_mock: bool
    plan: str
    seed: int
    cap_usd: Decimal


class Recording(Protocol):
    """A record in the making. Whatever ``keep`` raises ends the run in order: nothing more is sent."""

    def begin(self, started: Started) -> None:
        """All is well, and the first request comes next. What it raises ends the run before that."""

    def keep(self, exchange: Exchange) -> None:
        """One more exchange."""

    def doubted(self) -> Collection[int]:
        """All cases were tried: numbers of exchanges that show something bad. Reads among them are sent once more."""

    def end(self, end: LiveEnd) -> int:
        """The run is over; gives the exit code of what its record comes to, 0 where none was judged."""


class Unrecorded:
    """Keeps nothing."""

    def begin(self, started: Started) -> None:
        """Nothing."""

    def keep(self, exchange: Exchange) -> None:
        """Nothing."""

    def doubted(self) -> Collection[int]:
        """Nothing was looked at."""
        return ()

    def end(self, end: LiveEnd) -> int:
        """Nothing was judged."""
        del end
        return 0
