"""Writing to a connection for as long as somebody takes what is written.

A timeout of a socket, with ``sendall``, is one for the whole of what is sent; with ``send``, one for the
system to call for more, which it does only when a third of its buffer is free: minutes, on a slow line.
So what counts here is what the other side has confirmed.
"""

import array
import fcntl
import io
import socket
import termios
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from nebula_mock.core.clock import Clock
from nebula_mock.core.faults.on_the_wire import WireFault
from nebula_mock.reset import reset

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_TOGETHER_BYTES = 64 * 1024  # of a body's beginning that goes with the head: to join them copies them
_LOOKS = 4  # how often in a wait it is looked whether something was taken


class WireWriter(io.BufferedIOBase):
    """What is sent on a connection, unbuffered, as the application means it or with a fault.

    Attributes:
        sent_bytes: Bytes that the system took, of the head too.
        head_bytes: Those before the body; None before an answer begins.
        broke: Why it took no more; None while it does.
        is_faulty: Whether a fault sends what is written.
        before_break: Is called before a fault ends the answer.
        before_byte: A count of bytes of the body, and what is called before a piece is sent that leads to exactly it.
    """

    def __init__(self, connection: socket.socket, *, stall_s: float) -> None:
        """Write to ``connection``, whose owner closes it; nothing taken for ``stall_s`` is an end."""
        self._connection = connection
        self._stall_s = stall_s
        self._fault: WireFault | None = None
        self._clock: Clock | None = None
        self.sent_bytes = 0
        self.head_bytes: int | None = None
        self.broke: OSError | None = None
        self.is_faulty = False
        self.before_break: Callable[[], None] | None = None
        self.before_byte: tuple[int, Callable[[], None]] | None = None
        self._interruptions = 0

    def misbehave(self, fault: WireFault, clock: Clock) -> None:
        """Send the answer that is to come with that fault, which waits on ``clock``."""
        self._fault, self._clock, self.is_faulty = fault, clock, True
        self._interruptions = clock.interruptions

    def writable(self) -> bool:
        """True."""
        return True

    def begin(self, head: bytes, first: bytes) -> None:
        """Send the head of an answer and what there is of its body; in one piece, where both are small.

        Raises:
            TimeoutError: The other side took nothing for too long.
            OSError: The connection broke, or a fault ended it.
        """
        if self._fault is not None:
            self._fault.head(self, head)
            self.head_bytes = self.sent_bytes
            self.write(first)
        elif len(first) <= _TOGETHER_BYTES:
            self.head_bytes = self.sent_bytes + len(head)
            self.send(head + first)
        else:
            self.head_bytes = self.sent_bytes + len(head)
            self.send(head)
            self.send(first)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Send all of ``data``, of the body where an answer has begun.

        Raises:
            TimeoutError: The other side took nothing for too long.
            OSError: The connection broke, or a fault ended it.
        """
        with memoryview(data).cast("B") as whole:
            if self._fault is None or self.head_bytes is None:
                self.send(whole)
            else:
                self._fault.body(self, whole)
            return len(whole)

    def finish(self) -> None:
        """Nothing more comes from the application; once is enough.

        Raises:
            OSError: The connection broke, or a fault ended it.
        """
        if self._fault is not None and self.head_bytes is not None and self.broke is None:
            fault, self._fault = self._fault, None
            fault.finish(self)

    def send(self, data: "bytes | memoryview", /) -> None:
        """Send all of it.

        Raises:
            TimeoutError: The other side took nothing for too long.
            OSError: The connection broke.
        """
        sent = 0
        with memoryview(data) as whole:
            if self.before_byte is not None and self.head_bytes is not None:
                last, told = self.before_byte
                if self.sent_bytes + len(whole) - self.head_bytes == last:
                    told()
            try:
                while sent < len(whole):
                    taken = self._send(whole[sent:])
                    sent += taken
                    self.sent_bytes += taken
            except OSError as error:
                self.broke = error
                raise

    def reset(self) -> None:
        """End the connection with a reset.

        Raises:
            ConnectionAbortedError: Always, so that nothing more is sent.
        """
        self._break(ConnectionResetError("reset by a fault"))
        reset(self._connection)
        raise ConnectionAbortedError("reset by a fault")

    def end(self) -> None:
        """End the connection in order.

        Raises:
            ConnectionAbortedError: Always, so that nothing more is sent.
        """
        self._break(OSError("ended by a fault"))
        self._connection.shutdown(socket.SHUT_WR)
        raise ConnectionAbortedError("ended by a fault")

    def _break(self, why: OSError) -> None:
        """Tell how the answer ends, before anybody can see it."""
        self.broke = why
        if self.before_break is not None:
            self.before_break()

    def now(self) -> float:
        """The time on the clock of the fault, in seconds since the epoch."""
        return 0.0 if self._clock is None else self._clock.now()

    def wait_until(self, moment: float, /) -> None:
        """Wait for a moment on the clock of the fault.

        Raises:
            ConnectionAbortedError: The clock is interrupted before: the server stops, or the clock is put back.
        """
        if self._clock is not None and not self._clock.wait_until(moment, self._interruptions):
            self._break(OSError("the clock was interrupted"))
            raise ConnectionAbortedError("the clock was interrupted")

    def _send(self, rest: memoryview) -> int:
        """Send what goes at once, or as soon as something goes."""
        self._connection.settimeout(self._stall_s / _LOOKS)
        waiting, taken_at = _unconfirmed_bytes(self._connection), time.monotonic()
        while True:
            try:
                return self._connection.send(rest)
            except TimeoutError:
                before, waiting = waiting, _unconfirmed_bytes(self._connection)
                if waiting < before:
                    taken_at = time.monotonic()
                elif time.monotonic() - taken_at >= self._stall_s:
                    raise


def _unconfirmed_bytes(connection: socket.socket) -> int:
    """How many bytes were sent and not yet confirmed; 0 where the system does not tell."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(connection, termios.TIOCOUTQ, count)  # of a socket known as SIOCOUTQ, see tcp(7)
    except OSError:  # not Linux: there only the call for more counts
        return 0
    return count[0]
