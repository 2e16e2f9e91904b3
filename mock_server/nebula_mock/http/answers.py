"""Bodies to responses: JSON as the provider writes it, refusals from the error table, streams."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response

from nebula_mock.core.refusal import RefusalError
from nebula_mock.dialects import JsonObject, video_mark
from nebula_mock.http.exchange import current_exchange
from nebula_mock.redaction import redacted
from nebula_mock.video.film import Film
from nebula_mock.video.stream import base64_blocks, base64_length
from nebula_schemas.catalogue import Dialect
from nebula_schemas.problems import problem_table

# Errors and submit answers carry a charset, a query answer does not (SRC, INF from the framework).
JSON_WITH_CHARSET = "application/json; charset=utf-8"
JSON_PLAIN = "application/json"
PROBLEM_JSON = "application/problem+json"


def encoded(body: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, non-ASCII as itself; a lone surrogate becomes U+FFFD, as in Go."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def json_answer(
    body: Mapping[str, Any], status: int = 200, *, media_type: str = JSON_WITH_CHARSET
) -> Response:
    """A whole JSON answer."""
    return Response(encoded(body), status, content_type=media_type)


def refusal_answer(dialect: Dialect, refusal: RefusalError, request_id: str) -> Response:
    """The answer that the error table gives for a refusal, in that dialect."""
    wire = problem_table()[refusal.problem_id].answer(dialect, refusal.family)
    facts = {name: redacted(fact) if isinstance(fact, str) else fact for name, fact in refusal.facts.items()}
    answer = json_answer(wire.body({**facts, "request_id": request_id}), wire.status)
    if refusal.retry_after_s is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after_s)
    return answer


def admin_problem(status: int, title: str, detail: str) -> Response:
    """An error of the admin API: a problem document (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return json_answer(body, status, media_type=PROBLEM_JSON)


def streamed(body: JsonObject, films: Sequence[Film], *, media_type: str = JSON_WITH_CHARSET) -> Response:
    """A JSON answer with a film in base64 at each of its marks, streamed; its length is known first.

    A film is produced and encoded block by block, once for each mark, and never held whole.
    """
    parts: list[bytes | Film] = [encoded(body)]
    for index, film in enumerate(films):
        parts = [piece for part in parts for piece in _split(part, video_mark(index).encode(), film)]
    lengths = [(film.length, base64_length(film.length)) for film in films]
    exchange = current_exchange()
    exchange.media_frame = body
    exchange.media = [{"film_bytes": size, "base64_length": encoded_size} for size, encoded_size in lengths]
    length = sum(len(part) if isinstance(part, bytes) else base64_length(part.length) for part in parts)

    def stream() -> Iterator[bytes]:
        for part in parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from base64_blocks(part.read())

    answer = Response(stream(), 200, content_type=media_type)
    answer.content_length = length
    return answer


def _split(part: bytes | Film, mark: bytes, film: Film) -> Iterator[bytes | Film]:
    """The pieces of ``part`` with the film between them, at each mark."""
    if not isinstance(part, bytes):
        yield part
        return
    first, *rest = part.split(mark)
    yield first
    for piece in rest:
        yield film
        yield piece
