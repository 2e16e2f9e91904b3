"""A body as it was before it was packed, in bounded steps and to a bounded length."""

import zlib
from collections.abc import Iterable, Iterator

from nebula_client.strict_json import DocumentError, excerpt

_STEP = 256 * 1024  # bytes unpacked in one go
_WINDOW = 16 * 1024  # packed bytes given to zlib in one go, which copies what it has not used yet

# How zlib is told what to expect; "deflate" is the format of zlib (RFC 9110, 8.4.1.2).
_FORMATS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PLAIN = frozenset({"", "identity"})


def inflated(chunks: Iterable[bytes], encoding: str | None, most_bytes: int) -> Iterator[bytes]:
    """The body in blocks; one that was not packed comes as its chunks.

    Args:
        chunks: The body as it was sent.
        encoding: ``Content-Encoding``, or None.
        most_bytes: Most that the body may be, unpacked.

    Raises:
        DocumentError: The encoding is another than gzip and deflate, the body is not in it, is cut, goes on behind its
            end, or is too long.
    """
    name = (encoding or "").strip().lower()
    if name in _PLAIN:
        blocks = iter(chunks)
    elif name in _FORMATS:
        blocks = _unpacked(chunks, name)
    else:
        raise DocumentError(f"found Content-Encoding {excerpt(name)}, expected none, gzip or deflate")
    length = 0
    for block in blocks:
        length += len(block)
        if length > most_bytes:
            raise DocumentError(f"found more than {most_bytes} bytes, expected at most so many")
        yield block


def _unpacked(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_FORMATS[name])
    read = 0
    for chunk in chunks:
        for start in range(0, len(chunk), _WINDOW):
            packed = chunk[start : start + _WINDOW]
            read += len(packed)
            yield from _steps(inflater, packed, name, read)
    if not inflater.eof:
        raise DocumentError(f"found the end after {read} bytes, expected a whole body in {name}")


def _steps(inflater: "zlib._Decompress", packed: bytes, name: str, read: int) -> Iterator[bytes]:
    full = True
    while packed or full:
        if inflater.eof:
            if packed:
                raise DocumentError(f"found more behind the end of the {name} data, expected nothing")
            return
        try:
            block = inflater.decompress(packed, _STEP)
        except zlib.error as error:
            raise DocumentError(f"found {error} in the first {read} bytes, expected {name}") from error
        packed = inflater.unconsumed_tail or inflater.unused_data
        full = len(block) == _STEP
        if block:
            yield block
