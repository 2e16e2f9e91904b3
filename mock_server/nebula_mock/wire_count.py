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
    """

    sent_bytes: int
    broke: OSError | None
    before_break: Callable[[], None] | None

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

    def head_is_sent(self) -> None:
        """From here on the body is sent."""
        self._head_bytes = self.wire.sent_bytes

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
