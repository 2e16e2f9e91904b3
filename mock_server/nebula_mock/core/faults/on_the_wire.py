"""Answers that go wrong on the wire: each kind is a small part that decides what is really sent.

The application answers as always; between it and the connection stands one of these. Positions are counted in
bytes of the body, after the head. A fault that waits does so on the provider's clock, so that an advance ends it.

    head    the status line and the headers, in one piece
    body    each piece of the body, in order
    finish  nothing more comes from the application
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import ClassVar, Protocol

_LENGTH = re.compile(rb"\r\nContent-Length: ([0-9]+)", re.IGNORECASE)
_GARBAGE = bytes(range(128, 256)) * 2  # no byte of it can begin an answer
_FILLER = b" " * 4096
_MOST_FILLER_BYTES = 1 << 30  # what is called endless ends here


WRITER = "nebula_mock.writer"
"""Where the environment of a request holds what its answer is written with, on servers that own the connection."""


class Outlet(Protocol):
    """What a fault may do to the connection."""

    def send(self, data: bytes | memoryview, /) -> None:
        """Send all of it."""

    def reset(self) -> None:
        """End it with a reset; raises, so that nothing more is sent."""

    def end(self) -> None:
        """End it in order (FIN); raises, so that nothing more is sent."""

    def now(self) -> float:
        """The time on the provider's clock, in seconds since the epoch."""

    def wait_until(self, moment: float, /) -> None:
        """Wait for that moment on the provider's clock; raises when the server stops before."""


class WireFault:
    """The base of all kinds: it sends what it gets.

    Attributes:
        is_of_body: Whether it is one of the body alone: an answer without one, as to a HEAD, has none of it.
    """

    is_of_body: ClassVar[bool] = False

    def head(self, out: Outlet, head: bytes) -> None:
        """Send the head."""
        out.send(head)

    def body(self, out: Outlet, data: memoryview) -> None:
        """Send a piece of the body."""
        out.send(data)

    def finish(self, out: Outlet) -> None:
        """Nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a body: after some bytes, or after a share of them.

    Attributes:
        at_bytes: Bytes of the body.
        fraction: 0 to 1 of the announced length; of a body without one, nothing is known, and it is its start.
    """

    at_bytes: int | None = None
    fraction: float | None = None

    def in_body(self, head: bytes) -> int:
        """The position in bytes, in a body with that head."""
        if self.fraction is None:
            return self.at_bytes or 0
        match = _LENGTH.search(head)
        return int(int(match[1]) * self.fraction) if match else 0


class _UpTo(WireFault):
    """Sends the body up to a position, and then does something."""

    def __init__(self, at: Position) -> None:
        self._at = at
        self._left = 0
        self._began = (
            0.0  # the time on the provider's clock, before the last byte up to the position can be seen
        )

    def head(self, out: Outlet, head: bytes) -> None:
        """Send the head, and know where the position is."""
        self._left = self._at.in_body(head)
        out.send(head)

    def body(self, out: Outlet, data: memoryview) -> None:
        """Send what stands before the position; what it cuts is sent to the byte."""
        if self._left > len(data):
            self._left -= len(data)
            out.send(data)
            return
        if self._left >= 0:
            self._began = out.now()
            out.send(data[: self._left])
            rest, self._left = data[self._left :], -1
            self.reached(out)
            data = rest
        out.send(data)

    def finish(self, out: Outlet) -> None:
        """A position behind the end is reached at the end."""
        if self._left >= 0:
            self._left, self._began = -1, out.now()
            self.reached(out)

    def reached(self, out: Outlet) -> None:
        """What happens at the position."""
        raise NotImplementedError


class Reset(_UpTo):
    """The connection is reset, before any byte or after some bytes of the body."""

    def __init__(self, after: Position | None = None) -> None:
        """Reset before the head, or ``after`` a position in the body."""
        super().__init__(after or Position())
        self._at_once = after is None

    def head(self, out: Outlet, head: bytes) -> None:
        """Reset here, or go on to the body."""
        if self._at_once:
            out.reset()
        super().head(out, head)

    def reached(self, out: Outlet) -> None:
        """Reset."""
        out.reset()


class Empty(WireFault):
    """The connection ends in order without a byte."""

    def head(self, out: Outlet, head: bytes) -> None:
        """End."""
        del head
        out.end()


class Truncate(_UpTo):
    """The body ends early and in order, whatever length was announced."""

    def reached(self, out: Outlet) -> None:
        """End."""
        out.end()


class Stall(_UpTo):
    """The body stops for a while, and goes on."""

    def __init__(self, at: Position, for_s: float) -> None:
        """Stop ``at`` a position for ``for_s`` seconds of the provider's clock."""
        super().__init__(at)
        self._for_s = for_s

    def reached(self, out: Outlet) -> None:
        """Wait."""
        out.wait_until(self._began + self._for_s)


class Paced(WireFault):
    """The body goes out a piece at a time: a drip with small pieces, a narrow band with large ones."""

    def __init__(self, bytes_per_s: float, piece_bytes: int) -> None:
        """Send ``piece_bytes`` at a time, ``bytes_per_s`` on the average by the provider's clock."""
        self._pause_s = piece_bytes / bytes_per_s
        self._piece = piece_bytes
        self._left = piece_bytes  # of the present piece
        self._began, self._pieces = 0.0, 0  # a schedule, so that a jump of the clock frees all it reaches

    def head(self, out: Outlet, head: bytes) -> None:
        """Send the head; the schedule begins."""
        self._began = out.now()  # before somebody can see the head, and moves the clock
        out.send(head)

    def body(self, out: Outlet, data: memoryview) -> None:
        """Send the pieces that this makes whole, with a pause after each."""
        while data:
            now, data = data[: self._left], data[self._left :]
            out.send(now)
            self._left -= len(now)
            if self._left == 0:
                self._pieces += 1
                out.wait_until(self._began + self._pieces * self._pause_s)
                self._left = self._piece


class BadChunk(WireFault):
    """The body comes in chunks, and the second one has a size that is none."""

    is_of_body: ClassVar[bool] = True

    def __init__(self) -> None:
        """No chunk was sent."""
        self._sent = False

    def head(self, out: Outlet, head: bytes) -> None:
        """Send the head of a body in chunks."""
        out.send(_in_chunks(head))

    def body(self, out: Outlet, data: memoryview) -> None:
        """Send one good chunk, and what stands for the size of the next."""
        if data:  # a chunk of nothing would end the body in order
            out.send(_chunk(bytes(data)))
            self.finish(out)

    def finish(self, out: Outlet) -> None:
        """Send the bad size, once, and end."""
        if not self._sent:
            self._sent = True
            out.send(b"no size\r\n")
            out.end()


class Garbage(WireFault):
    """Bytes that are no HTTP come instead of an answer."""

    def head(self, out: Outlet, head: bytes) -> None:
        """Send them, and end."""
        del head
        out.send(_GARBAGE)
        out.end()


class Endless(WireFault):
    """The body does not end: spaces follow, in chunks, for as long as somebody takes them (1 GiB at most)."""

    is_of_body: ClassVar[bool] = True

    def head(self, out: Outlet, head: bytes) -> None:
        """Send the head of a body in chunks."""
        out.send(_in_chunks(head))

    def body(self, out: Outlet, data: memoryview) -> None:
        """Send it as a chunk."""
        if data:
            out.send(_chunk(bytes(data)))

    def finish(self, out: Outlet) -> None:
        """Send spaces."""
        for piece in _filler():
            out.send(piece)
        out.end()


def _filler() -> Iterator[bytes]:
    piece = _chunk(_FILLER)
    for number in count():
        if number * len(_FILLER) >= _MOST_FILLER_BYTES:
            return
        yield piece


def _in_chunks(head: bytes) -> bytes:
    """A head that announces chunks instead of a length."""
    return _LENGTH.sub(b"\r\nTransfer-Encoding: chunked", head)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
