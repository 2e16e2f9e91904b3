"""A submit body from the wire: its content type, its size, its JSON."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from nebula_mock.core.intake import FORM, JSON, Submitted
from nebula_mock.core.refusal import RefusalError
from nebula_mock.dialects import JsonObject
from nebula_mock.http.forms import form_fields

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest submit body; an inline image fits. Held before the JSON is read, chunked bodies too."""

_BLOCK_BYTES = 64 * 1024

DEEPEST, MOST_MEMBERS, LONGEST_NUMBER = 32, 1000, 64
"""Limits of a body: levels of nesting, members of one object, characters of a number."""


class _NotJsonError(ValueError):
    """A constant that Python reads and JSON does not have."""


def submitted_body(request: Request) -> Submitted:
    """What a submit carries, as JSON or as a form.

    Raises:
        RefusalError: ``wrong-content-type``, ``encoded-body``, ``body-too-large``, ``malformed-json`` or
            ``broken-form``.
    """
    if request.mimetype not in {JSON, FORM}:
        raise RefusalError("wrong-content-type", found=request.mimetype or "none")
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise RefusalError("encoded-body", found=encoding)
    raw = body_of(request, MAX_BODY_BYTES)
    if request.mimetype == FORM:
        return Submitted(form_fields(raw, request.mimetype_params.get("boundary", "")), FORM)
    return Submitted(parsed(raw))


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
        value = json.loads(
            raw.decode(),
            parse_constant=_no_constant,
            parse_int=_short_number(int),
            parse_float=_short_number(float),
            object_pairs_hook=_object,
        )
        _refuse_depth(value)
    except UnicodeDecodeError as error:
        raise RefusalError("malformed-json", reason=f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise RefusalError("malformed-json", reason="nested too deeply") from error
    except (json.JSONDecodeError, _NotJsonError) as error:
        raise RefusalError("malformed-json", reason=str(error)) from error
    if not isinstance(value, dict):
        raise RefusalError("malformed-json", reason="expected a JSON object at the top")
    return value


def _short_number(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def number(text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            message = f"a number has {len(text)} characters, at most {LONGEST_NUMBER} are read"
            raise _NotJsonError(message)
        return read(text)

    return number


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) < len(pairs):
        repeated = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        message = f"the member {repeated[:80]!r} stands twice in one object"
        raise _NotJsonError(message)
    if len(members) > MOST_MEMBERS:
        message = f"an object has {len(members)} members, at most {MOST_MEMBERS} are read"
        raise _NotJsonError(message)
    return members


def _refuse_depth(value: object) -> None:
    """Refuse what is nested deeper than anybody would write; level by level, so that depth costs no stack."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST + 1:  # the innermost values are no level of their own
            message = f"nested more than {DEEPEST} deep"
            raise _NotJsonError(message)
        level = [inner for one in level for inner in _inside(one)]


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise _NotJsonError(message)
