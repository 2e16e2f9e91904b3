"""A result file over HTTP: whole, or the byte range a player asks for when it seeks."""

from flask import Request, Response

from nebula_mock.video.film import Film

_PARTIAL = 206
_NOT_SATISFIABLE = 416


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
    blocks = (bytes(block) for block in film.read(start, stop))
    answer = Response(blocks, status, content_type=film.media_type)
    answer.content_length = stop - start
    answer.headers["Accept-Ranges"] = "bytes"
    return answer
