"""Answers that are given before the application is reached: in JSON, and with what every answer carries."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from nebula_mock.http.request_ids import new_request_id
from nebula_schemas.version import VERSION

SERVER_NAME = "nebula-mock"
"""What the Server header says, without versions."""


def early_answer(
    status: HTTPStatus,
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str = "bad_request",
    retry_after_s: int | None = None,
    has_body: bool = True,
) -> bytes:
    """A whole answer as it travels; the connection is to be closed after it.

    Args:
        status: Its status.
        message: What it says in its error; must not quote what was received.
        kind: The type of the error.
        code: The word for programs.
        retry_after_s: When to try again, where that may help.
        has_body: False for the answer to a HEAD, which ends after its headers.
    """
    error = {"message": message, "type": kind, "code": code}
    body = json.dumps({"error": error}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Server: {SERVER_NAME}",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        f"X-Oneapi-Request-Id: {new_request_id(datetime.now(UTC))}",
        f"X-Nebula-Mock: {VERSION}",
        "Connection: close",
        *([] if retry_after_s is None else [f"Retry-After: {retry_after_s}"]),
        "\r\n",
    )
    return "\r\n".join(head).encode() + (body if has_body else b"")
