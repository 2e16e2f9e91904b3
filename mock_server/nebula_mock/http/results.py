"""Results over HTTP: what a query shows of them, and the file behind a URL, whole or in part."""

import hashlib
from datetime import UTC, datetime

from flask import Request, Response, url_for

from nebula_mock.core.task import Task
from nebula_mock.dialects import DATA_URI_HEAD, video_mark
from nebula_mock.http.exchange import current_exchange
from nebula_mock.provider import Provider, Seen
from nebula_mock.video.film import Film

_SIGNATURE_DIGITS = 32
_EXPIRED = "expired"  # what the stored value of a data URI becomes (DOC, SRC)

_PARTIAL = 206
_NOT_SATISFIABLE = 416


def shown_results(provider: Provider, seen: Seen) -> tuple[list[str], list[Film]]:
    """What a query shows of the results, and the films that stand in the answer itself."""
    task, count = seen.task, provider.result_count(seen)
    if not count or not provider.gives_data_uris(task):
        return [_result_url(task, index) for index in range(count)], []
    if provider.has_lost_data_uris(task):
        return [_EXPIRED], []
    uris = [DATA_URI_HEAD + video_mark(index) for index in range(count)]
    return uris, [provider.film(task, index) for index in range(count)]


def _result_url(task: Task, index: int) -> str:
    """The URL of a result on this server, with what its storage would sign in the query string."""
    plain = url_for("operations.result", token=task.result_token, index=index, _external=True)
    if not task.family.result_query:
        return plain
    signature = hashlib.sha256(f"{task.result_token}/{index}".encode()).hexdigest()[:_SIGNATURE_DIGITS]
    ended = datetime.fromtimestamp(task.ends_at, UTC)
    query = task.family.result_query.format(
        expires=int(task.ends_at + task.url_valid_s),
        valid_s=int(task.url_valid_s),
        date=ended.strftime("%Y%m%dT%H%M%SZ"),
        signature=signature,
    )
    return f"{plain}?{query}"


def result_answer(film: Film, asked: Request) -> Response:
    """The MP4, or one range of it (RFC 9110, section 14); several ranges at once give the whole.

    A range means nothing to a HEAD, and nothing beside ``If-Range``: a result has no validator
    that could match.
    """
    wanted = asked.range if asked.method == "GET" and "If-Range" not in asked.headers else None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return _streamed(film, 0, film.length, 200)
    first, _ = wanted.ranges[0]
    is_long_suffix = first < -film.length  # more than there is: all of it
    span = (0, film.length) if is_long_suffix else wanted.range_for_length(film.length)
    if span is None:
        answer = Response(status=_NOT_SATISFIABLE, content_type=film.media_type)
        answer.headers["Content-Range"] = f"bytes */{film.length}"
        return answer
    start, stop = span
    answer = _streamed(film, start, stop, _PARTIAL)
    answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{film.length}"
    return answer


def _streamed(film: Film, start: int, stop: int, status: int) -> Response:
    current_exchange().media = [{"film_bytes": film.length, "from": start, "to": stop}]
    blocks = (bytes(block) for block in film.read(start, stop))
    answer = Response(blocks, status, content_type=film.media_type)
    answer.content_length = stop - start
    answer.headers["Accept-Ranges"] = "bytes"
    return answer
