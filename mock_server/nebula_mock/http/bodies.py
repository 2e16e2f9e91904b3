"""A submit body from the wire: its content type, its size, its JSON."""

import json
from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from nebula_mock.core.refusal import RefusalError
from nebula_mock.dialects import JsonObject

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest submit body; an inline image fits. Held before the JSON is read, chunked bodies too."""


def json_object(request: Request) -> JsonObject:
    """The JSON object a request carries.

    Raises:
        RefusalError: ``wrong-content-type``, ``body-too-large`` or ``malformed-json``.
    """
    if request.mimetype != "application/json":
        raise RefusalError("wrong-content-type", found=request.mimetype or "none")
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise RefusalError("body-too-large", limit=MAX_BODY_BYTES) from error
    return parsed(raw)


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
    except ValueError as error:  # JSONDecodeError, and numbers of thousands of digits
        raise RefusalError("malformed-json", reason=str(error)) from error
    if not isinstance(value, dict):
        raise RefusalError("malformed-json", reason="expected a JSON object at the top")
    return value


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)
