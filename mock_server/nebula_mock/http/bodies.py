"""A submit body from the wire: its content type, its size, its JSON."""

import json
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from nebula_mock.core.refusal import RefusalError
from nebula_mock.dialects import JsonObject

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest submit body; an inline image fits. Held before the JSON is read, chunked bodies too."""

_BLOCK_BYTES = 64 * 1024


class _NotJsonError(ValueError):
    """A constant that Python reads and JSON does not have."""


def json_object(request: Request) -> JsonObject:
    """The JSON object a request carries.

    Raises:
        RefusalError: ``wrong-content-type``, ``body-too-large`` or ``malformed-json``.
    """
    if request.mimetype != "application/json":
        raise RefusalError("wrong-content-type", found=request.mimetype or "none")
    return parsed(body_of(request, MAX_BODY_BYTES))


def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body, at most ``most_bytes`` long, with a length said first or in chunks.

    Raises:
        RefusalError: ``body-too-large``; ``malformed-json`` when it breaks off.
    """
    try:
        # Of a body in chunks Werkzeug would give the first part and not say that there is more.
        stream = request.environ["wsgi.input"] if request.content_length is None else request.stream
        is_chunked = bool(request.environ.get("wsgi.input_terminated"))
        if request.content_length is None and not is_chunked:
            return b""
        raw = bytearray()
        while block := stream.read(min(_BLOCK_BYTES, most_bytes + 1 - len(raw))):
            raw += block
    except RequestEntityTooLarge as error:
        raise RefusalError("body-too-large", limit=most_bytes) from error
    except (BadRequest, OSError) as error:
        raise RefusalError("malformed-json", reason="the body breaks off") from error
    if len(raw) > most_bytes:
        raise RefusalError("body-too-large", limit=most_bytes)
    return bytes(raw)


def parsed(raw: bytes) -> JsonObject:
    """The JSON object in ``raw``.

    Raises:
        RefusalError: ``malformed-json``, with the reason and where.
    """
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise RefusalError("malformed-json", reason=f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise RefusalError("malformed-json", reason="nested too deeply") from error
    except (json.JSONDecodeError, _NotJsonError) as error:
        raise RefusalError("malformed-json", reason=str(error)) from error
    except ValueError as error:
        raise RefusalError("malformed-json", reason="a number has thousands of digits") from error
    if not isinstance(value, dict):
        raise RefusalError("malformed-json", reason="expected a JSON object at the top")
    return value


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise _NotJsonError(message)
