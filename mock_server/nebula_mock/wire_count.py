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
        broke: Why it took no more; None while it does.
        before_break: Is called before a fault ends the answer.
        before_byte: A count of sent bytes, and what is called before a piece is sent that leads to exactly it.
    """

    sent_bytes: int
    broke: OSError | None
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
        """Count from the head of the answer on."""
        self.wire = wire
        self._head_bytes: int | None = None
        self._before_last: tuple[int, Callable[[], None]] | None = None
        self._told: list[Callable[[], None]] = []

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
        self._before_last = (length, told)

    def head_is_sent(self) -> None:
        """From here on the body is sent."""
        self._head_bytes = self.wire.sent_bytes
        if self._before_last is not None:
            length, told = self._before_last
            self.wire.before_byte = (self._head_bytes + length, told)

    @property
    def body_bytes(self) -> int:
        """Bytes of the body that the system took; 0 before the head is sent."""
        return 0 if self._head_bytes is None else self.wire.sent_bytes - self._head_bytes

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
