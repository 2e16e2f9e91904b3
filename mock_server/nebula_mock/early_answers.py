"""Answers that are given before the application is reached: in JSON, and with what every answer carries."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from nebula_mock.http.request_ids import new_request_id
from nebula_schemas.problems import problem_table
from nebula_schemas.version import VERSION

SERVER_NAME = "nebula-mock"
"""What the Server header says, without versions."""


def early_answer(
    problem_id: str, reason: str, *, retry_after_s: int | None = None, has_body: bool = True
) -> bytes:
    """A whole answer as it travels; the connection is to be closed after it.

    Args:
        problem_id: The row of the error table; its words are the same in every dialect.
        reason: What its message says; must not quote what was received.
        retry_after_s: When to try again, where that may help.
        has_body: False for the answer to a HEAD, which ends after its headers.
    """
    wire = problem_table()[problem_id].answers["documented"]
    request_id = new_request_id(datetime.now(UTC))
    body = json.dumps(wire.body({"reason": reason, "request_id": request_id})).encode()
    head = (
        f"HTTP/1.1 {wire.status} {HTTPStatus(wire.status).phrase}",
        f"Server: {SERVER_NAME}",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        f"X-Oneapi-Request-Id: {request_id}",
        f"X-Nebula-Mock: {VERSION}",
        "Connection: close",
        *([] if retry_after_s is None else [f"Retry-After: {retry_after_s}"]),
        "\r\n",
    )
    return "\r\n".join(head).encode() + (body if has_body else b"")


def early_status(problem_id: str) -> int:
    """The HTTP status of that row."""
    return problem_table()[problem_id].answers["documented"].status
