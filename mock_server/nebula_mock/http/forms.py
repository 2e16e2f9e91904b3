"""A submit as a multipart form: its text fields, and its picture by form alone.

Reading is Werkzeug's, with bounds of ours: a form of a thousand tiny parts costs more than its bytes.
"""

import base64
from io import BytesIO
from typing import IO

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import JsonObject

MOST_PARTS, LONGEST_FIELDS = 1000, 500_000
"""Limits of a form: its parts, and the bytes of all its text fields together."""

# How the files begin that the provider reads as a picture (DOC: JPEG and PNG; SRC: webp too).
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}
_HEAD = 24  # bytes of a picture that are kept: enough to see what it is


def form_fields(raw: bytes, boundary: str) -> JsonObject:
    """The fields of a form; of several with one name the first, as the provider's framework reads them.

    A file is told as a data URI of its first bytes where it is a picture, else left out; so is a part without a name,
    as Go's ``mime/multipart`` leaves it out.

    Raises:
        RefusalError: ``broken-form``, with the reason.
    """
    if not boundary:
        raise RefusalError("broken-form", reason="no multipart boundary param in Content-Type")
    parser = MultiPartParser(
        stream_factory=_in_memory, max_form_memory_size=LONGEST_FIELDS, max_form_parts=MOST_PARTS
    )
    try:
        texts, files = parser.parse(BytesIO(raw), boundary.encode("latin-1", "replace"), len(raw))
    except RequestEntityTooLarge as error:
        reason = f"over {MOST_PARTS} parts, or over {LONGEST_FIELDS} bytes of text"
        raise RefusalError("broken-form", reason=reason) from error
    except ValueError as error:
        reason = (
            "multipart: the form breaks off, or its parts do not begin with the boundary of the Content-Type"
        )
        raise RefusalError("broken-form", reason=reason) from error
    pictures = {name: _picture(file) for name, file in files.items()}
    named = {**{name: shown for name, shown in pictures.items() if shown}, **texts.to_dict()}
    return {name: value for name, value in named.items() if name}


def _in_memory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    """Where a file of the form goes: the whole body is in memory already, and no disk can fill up."""
    del total_content_length, content_type, filename, content_length
    return BytesIO()


def _picture(file: FileStorage) -> str | None:
    head = file.stream.read(_HEAD)
    media_type = next((kind for start, kind in _PICTURES.items() if head.startswith(start)), None)
    return None if media_type is None else f"data:{media_type};base64,{base64.b64encode(head).decode()}"
