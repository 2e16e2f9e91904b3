"""What a fault can do to a request."""

from typing import Protocol

from nebula_mock.core.facts import Facts
from nebula_mock.core.faults.on_the_wire import WireFault
from nebula_mock.core.refusal import RefusalError


class Fault(Protocol):
    """A deliberate misbehaviour. Pure: what it does follows from the facts of the request."""

    @property
    def kind(self) -> str:
        """Its name in JSON."""
        ...

    def refusal(self, facts: Facts) -> RefusalError | None:
        """What is answered instead of doing the operation; None where the operation is done."""
        ...

    def on_the_wire(self) -> WireFault | None:
        """How the answer goes wrong on the wire, anew for each answer; None where it goes out whole."""
        ...
