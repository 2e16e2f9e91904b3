"""What goes wrong with a request, in words that a record keeps, and the body of an answer within its limit.

A failure is a word, a colon and a sentence:

    refused    no connection was made
    cut        the connection ended before the answer did
    timeout    nothing came in time
    not-http   what came is no HTTP, or its body is not what ``Content-Encoding`` says
    too-long   the body went on past the limit
    unsent     the address cannot be asked for
"""

import http.client
from collections.abc import Iterator

import urllib3.exceptions
from requests import RequestException, Response
from requests.exceptions import ConnectTimeout, InvalidHeader, InvalidURL, ReadTimeout, SSLError

RESPONSE_LIMIT = 256 * 1024 * 1024
"""Bytes of the longest body that is read; a longer one is a failure."""

_BLOCK = 256 * 1024
_LONGEST_TOLD = 200


class TooLongError(Exception):
    """The body goes on past the limit."""


FAILURES = (RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, TooLongError)
"""What a request without a whole answer raises; ``ValueError`` for an address or header that no request can have."""


def whole_body(response: Response) -> bytes:
    """The body of a response, decoded, at most ``RESPONSE_LIMIT`` bytes."""
    blocks, length = [], 0
    while block := response.raw.read(_BLOCK, decode_content=True):
        length += len(block)
        if length > RESPONSE_LIMIT:
            raise TooLongError(f"over {RESPONSE_LIMIT} bytes")
        blocks.append(block)
    return b"".join(blocks)


def told(error: BaseException) -> str:
    """The failure in the words of this module; keys that may stand in it are the caller's to take out."""
    causes = list(_causes(error))
    sentence = f"{type(causes[-1]).__name__} {causes[-1]}"[:_LONGEST_TOLD]
    for word, kinds in _WORDS:
        if any(isinstance(one, kinds) for one in causes):
            return f"{word}: {sentence}"
    return f"cut: {sentence}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, which urllib3 and requests keep among its arguments."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        inner = (getattr(found, "reason", None), *reversed(found.args), found.__cause__)
        found = next((one for one in inner if isinstance(one, BaseException)), None)


_Kinds = tuple[type[BaseException], ...]

_WORDS: tuple[tuple[str, _Kinds], ...] = (
    ("too-long", (TooLongError,)),
    ("unsent", (InvalidURL, urllib3.exceptions.LocationValueError, http.client.InvalidURL, UnicodeError)),
    ("refused", (ConnectTimeout, urllib3.exceptions.NewConnectionError, ConnectionRefusedError, SSLError)),
    ("timeout", (ReadTimeout, urllib3.exceptions.TimeoutError, TimeoutError)),
    ("not-http", (urllib3.exceptions.InvalidChunkLength, urllib3.exceptions.DecodeError, InvalidHeader)),
    ("cut", (ConnectionError, http.client.IncompleteRead)),
    ("not-http", (http.client.HTTPException,)),
    ("unsent", (ValueError,)),
)
"""The first row wins that one of the error's causes is of; without one the answer was cut."""
