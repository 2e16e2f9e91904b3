"""What one connection may cost the server, and how many there may be."""

from dataclasses import dataclass

_KIB = 1024


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of a server's connections; times in seconds, sizes in bytes.

    Attributes:
        head_s: From the taking of a connection to the last byte of its request's head.
        request_line_bytes: The request line without its line end.
        headers_bytes: All header lines with their line ends, without the blank line after them.
        most_headers: How many headers a request may have.
        body_idle_s: How long the next byte of a body is waited for, whether it is used or drained.
        stall_s: How long a client may take nothing of its answer.
        drain_s: How long, and
        drain_bytes: how much of what nobody wants is read after an answer, so that the answer arrives.
        most_connections: How many may be open, each with a thread of its own.
        most_turned_away: How many beyond them have their answer and may still be reading it,
        turned_away_s: each for this long.
    """

    head_s: float = 10
    request_line_bytes: int = 8 * _KIB
    headers_bytes: int = 32 * _KIB
    most_headers: int = 100
    body_idle_s: float = 15
    stall_s: float = 60
    drain_s: float = 60
    drain_bytes: int = 256 * 1024 * _KIB
    most_connections: int = 256
    most_turned_away: int = 256
    turned_away_s: float = 5


DEFAULT_LIMITS = ConnectionLimits()
