"""Small answers: JSON as the provider writes it, refusals from the error table, problems of the admin API."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import JSON_WITH_CHARSET, JsonContent, Reply
from nebula_mock.redaction import redacted
from nebula_schemas.catalogue import Dialect
from nebula_schemas.problems import problem_table

PROBLEM_JSON = "application/problem+json"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encoded(body: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, non-ASCII as itself; a lone surrogate becomes U+FFFD, as in Go."""
    text = _ENCODER.encode(body)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def json_answer(
    body: Mapping[str, Any], status: int = 200, *, media_type: str = JSON_WITH_CHARSET
) -> Response:
    """A whole JSON answer."""
    return Response(encoded(body), status, content_type=media_type)


def refusal_reply(dialect: Dialect, refusal: RefusalError, request_id: str) -> Reply:
    """The answer that the error table gives for a refusal, in that dialect."""
    wire = problem_table()[refusal.problem_id].answer(dialect, refusal.family)
    facts = {name: redacted(fact) if isinstance(fact, str) else fact for name, fact in refusal.facts.items()}
    after = refusal.retry_after_s
    return Reply(
        JsonContent(wire.body({**facts, "request_id": request_id})),
        refusal.status or wire.status,
        headers={} if after is None else {"Retry-After": str(after)},
    )


def admin_problem(status: int, title: str, detail: str) -> Response:
    """An error of the admin API: a problem document (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return json_answer(body, status, media_type=PROBLEM_JSON)
