"""A provider on a raw socket that is a list of replies; what it plays is that of the client's trials."""

from collections.abc import Mapping
from typing import Any

from client_trials.raw_provider import Play, RawProvider, hangs, resets, says
from client_trials.raw_provider import answer as typed_answer


class Silence:
    """No answer at all; the connection stays open."""


class Reset:
    """A reset of the connection, after these bytes."""

    def __init__(self, after: bytes = b"") -> None:
        """Say what is sent before."""
        self.after = after


Reply = bytes | Silence | Reset


def answer(status: int, body: bytes | Mapping[str, Any], *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer as bytes, without a type unless one is given; ``length`` is what it claims instead of the truth."""
    whole = typed_answer(status, body, *headers, length=length)
    return whole if any(_is_type(header) for header in headers) else whole.replace(_TYPE, b"", 1)


class RawServer(RawProvider):
    """Gives each connection the next reply, the last one for ever.

    Attributes:
        is_silent: Whether some connection is never answered.
    """

    def __init__(self, *replies: Reply) -> None:
        """Listen on a free port of this machine."""
        super().__init__(*map(_play, replies))
        self.is_silent = any(isinstance(reply, Silence) for reply in replies)


_TYPE = b"Content-Type: application/json\r\n"


def _is_type(header: str) -> bool:
    return header.lower().startswith("content-type")


def _play(reply: Reply) -> Play:
    if isinstance(reply, Silence):
        return hangs()
    return resets(reply.after) if isinstance(reply, Reset) else says(reply)
