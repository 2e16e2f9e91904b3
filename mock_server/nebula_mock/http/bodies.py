"""A submit body from the wire: its content type, its size, its JSON."""

from flask import Request

from nebula_mock.core.intake import FORM, JSON, Submitted
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import JsonObject
from nebula_mock.http.exchange import current_exchange
from nebula_mock.http.forms import form_fields
from nebula_mock.json_reading import NotJsonError, read_json

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest submit body; an inline image fits. Held before the JSON is read, chunked bodies too."""

_BLOCK_BYTES = 64 * 1024


def submitted_body(request: Request) -> Submitted:
    """What a submit carries, as JSON or as a form.

    Raises:
        RefusalError: ``wrong-content-type``, ``encoded-body``, ``body-too-large``, ``malformed-json`` or
            ``broken-form``.
    """
    media_type = request.mimetype
    if media_type not in {JSON, FORM}:
        raise RefusalError("wrong-content-type", found=media_type or "none")
    raw = body_of(request, MAX_BODY_BYTES)
    current_exchange().request_body = raw
    if media_type == FORM:
        return Submitted(form_fields(raw, request.mimetype_params.get("boundary", "")), FORM)
    return Submitted(parsed(raw))


def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body, at most ``most_bytes`` long, with a length said first or in chunks.

    Raises:
        RefusalError: ``encoded-body``; ``body-too-large``; ``malformed-json`` when it breaks off.
    """
    environ = request.environ
    for header, plain in (("HTTP_CONTENT_ENCODING", "identity"), ("HTTP_TRANSFER_ENCODING", "chunked")):
        encoding = environ.get(header, plain)
        if encoding.strip().lower() not in {plain, ""}:
            raise RefusalError("encoded-body", found=encoding)
    length = request.content_length
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    if length is not None and length > most_bytes:
        raise RefusalError("body-too-large", limit=most_bytes)
    most = most_bytes + 1 if length is None else length
    stream, raw = environ["wsgi.input"], bytearray()
    try:
        while len(raw) < most and (block := stream.read(min(_BLOCK_BYTES, most - len(raw)))):
            raw += block
    except OSError as error:
        raise RefusalError("malformed-json", reason="the body breaks off") from error
    if len(raw) > most_bytes:
        raise RefusalError("body-too-large", limit=most_bytes)
    if length is not None and len(raw) < length:
        raise RefusalError("malformed-json", reason="the body breaks off")
    return bytes(raw)


def parsed(raw: bytes) -> JsonObject:
    """The JSON object in ``raw``.

    Raises:
        RefusalError: ``malformed-json``, with the reason and where.
    """
    try:
        value = read_json(raw)
    except NotJsonError as error:
        raise RefusalError("malformed-json", reason=str(error)) from error
    if not isinstance(value, dict):
        raise RefusalError("malformed-json", reason="expected a JSON object at the top")
    return value
