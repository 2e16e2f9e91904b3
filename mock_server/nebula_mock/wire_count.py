"""How much of an answer the system took, told by the connection to whoever asks: no sockets here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_PLACE = "nebula_mock.wire"  # in the WSGI environment


class Wire(Protocol):
    """A connection that counts.

    Attributes:
        sent_bytes: Bytes that the system took.
        head_bytes: Those before the body; None before the head is sent.
        broke: Why it took no more; None while it does.
        is_faulty: Whether a fault sends what is handed over, which may take its time.
        before_break: Is called before a fault ends the answer.
        before_byte: A count of bytes of the body, and what is called before a piece is sent that leads to exactly it.
    """

    sent_bytes: int
    head_bytes: int | None
    broke: OSError | None
    is_faulty: bool
    before_break: Callable[[], None] | None
    before_byte: tuple[int, Callable[[], None]] | None

    def finish(self) -> None:
        """Nothing more comes from the application; once is enough.

        Raises:
            OSError: The connection broke, or a fault ended it.
        """


class WireCount:
    """The count of one answer.

    Attributes:
        wire: The connection.
    """

    def __init__(self, wire: Wire) -> None:
        """Count what is sent there."""
        self.wire = wire
        self._told: list[Callable[[], None]] = []
        self._last: list[Callable[[], None]] = []

    def tell_break(self, told: Callable[[], None]) -> None:
        """Call ``told`` before a fault ends the answer, so before anybody can see that it did."""
        self._told.append(told)
        self.wire.before_break = self._tell

    def _tell(self) -> None:
        for told in self._told:
            told()

    def tell_last(self, length: int, told: Callable[[], None]) -> None:
        """Call ``told`` before the last of ``length`` bytes of the body is sent, so before anybody has them all.

        To be asked for before the head is sent. Never for a body of another length.
        """
        self._last.append(told)
        self.wire.before_byte = (length, self._tell_last)

    def _tell_last(self) -> None:
        for told in self._last:
            told()

    def let_go(self) -> None:
        """The answer is over: who waited to be told of it is held no longer, or all would be held in a circle."""
        self._told.clear()
        self._last.clear()
        self.wire.before_break = self.wire.before_byte = None

    @property
    def body_bytes(self) -> int:
        """Bytes of the body that the system took; 0 before the head is sent."""
        head_bytes = self.wire.head_bytes
        return 0 if head_bytes is None else max(0, self.wire.sent_bytes - head_bytes)

    @property
    def broke(self) -> OSError | None:
        """Why nothing more was taken; None where all was."""
        return self.wire.broke

    def tell(self, environ: "WSGIEnvironment") -> None:
        """Let the application ask."""
        environ[_PLACE] = self

    @classmethod
    def of(cls, environ: "WSGIEnvironment") -> "WireCount | None":
        """The count of that environment's answer; None on a server that does not count."""
        return cast("WireCount | None", environ.get(_PLACE))
