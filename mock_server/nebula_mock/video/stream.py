"""Base64 of a film, block by block, with the length known before the first byte.

A provider may hand a video over inside a JSON answer. The text is a third longer than the film, so it is
never held as a whole.

Source: RFC 4648, section 4.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Iterator

GROUP_BYTES = 3
"""Bytes that make one group of four characters."""

BLOCK_BYTES = 48 * 1024
"""Bytes encoded at a time, a multiple of 3: each block of text, but for the last, is 64 KiB."""


def base64_length(n: int) -> int:
    """Characters of the padded base64 text of ``n`` bytes.

    Raises:
        ValueError: ``n`` is negative.
    """
    if n < 0:
        message = f"n: found {n}, expected a number of bytes, 0 or more."
        raise ValueError(message)
    return -(-n // GROUP_BYTES) * 4


def base64_blocks(chunks: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The padded base64 text (standard alphabet, no line breaks) of the chunks put together.

    At most one block and what is left of the current chunk are looked at, whatever the sizes of the chunks.

    Args:
        chunks: Any sizes, empty ones included; each is read before the next is asked for.

    Yields:
        Blocks of 64 KiB of text, the last one shorter; nothing when there are no bytes.
    """
    pending = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        at = 0
        while at < len(view):
            taken = min(BLOCK_BYTES - len(pending), len(view) - at)
            pending += view[at : at + taken]
            at += taken
            if len(pending) == BLOCK_BYTES:
                yield b2a_base64(pending, newline=False)
                pending.clear()
    if pending:
        yield b2a_base64(pending, newline=False)
