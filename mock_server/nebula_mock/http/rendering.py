"""From a reply to what Flask sends: lengths first, videos block by block, ranges of files (RFC 9110, section 14)."""

import zlib
from collections.abc import Iterable, Iterator, Mapping

from flask import Request, Response

from nebula_mock.core.byte_changes import Block, changed, changed_length
from nebula_mock.core.reply import Content, FileContent, JsonContent, Reply, Video, video_mark
from nebula_mock.http.answers import encoded, json_answer
from nebula_mock.http.exchange import current_exchange
from nebula_mock.video.stream import base64_blocks, base64_length

_OK, _PARTIAL, _NOT_SATISFIABLE = 200, 206, 416
_GZIP = zlib.MAX_WBITS | 16  # with the header of gzip, whose time is 0

Part = bytes | Video  # of a JSON body: text, or the video whose base64 comes here


def rendered(reply: Reply, asked: Request) -> Response:
    """The response to a request."""
    content = reply.content
    if isinstance(content, JsonContent) and not (content.videos or reply.of_bytes or reply.is_gzipped):
        plain = json_answer(content.body, reply.status, media_type=reply.media_type)  # as nearly all are
        return _with_headers(plain, reply.media_type, reply.headers)
    headers = dict(reply.headers)
    status, length, blocks = _body(reply, asked, headers)
    if reply.is_gzipped:
        answer = Response(_gzipped(blocks), status)
        headers["Content-Encoding"] = "gzip"
    elif isinstance(blocks, bytes):
        answer = Response(blocks, status)
    else:
        answer = Response(map(bytes, blocks), status)
        answer.content_length = length
    answer.content_type = reply.media_type
    return _with_headers(answer, reply.media_type, headers)


def _with_headers(answer: Response, media_type: str, headers: Mapping[str, str]) -> Response:
    if not media_type:
        del answer.headers["Content-Type"]
    if headers:
        answer.headers.extend(headers)
    return answer


def _body(reply: Reply, asked: Request, headers: dict[str, str]) -> tuple[int, int, Iterable[Block] | bytes]:
    """Status, length and bytes of a body; headers that it needs are added."""
    content = reply.content
    if isinstance(content, FileContent) and reply.status == _OK:
        return _file(content.video, asked, headers)
    parts = _parts(content)
    if not reply.of_bytes and all(isinstance(part, bytes) for part in parts):
        whole = b"".join(part for part in parts if isinstance(part, bytes))
        return reply.status, len(whole), whole
    length = sum(map(_length, parts))
    return (
        reply.status,
        changed_length(reply.of_bytes, length),
        changed(reply.of_bytes, _streamed(parts), length),
    )


def _parts(content: Content) -> list[Part]:
    if isinstance(content, bytes):
        return [content]
    if isinstance(content, FileContent):
        return [b""]
    parts: list[Part] = [encoded(content.body)]
    for index, video in enumerate(content.videos):
        parts = [piece for part in parts for piece in _split(part, video_mark(index).encode(), video)]
    if content.videos:
        exchange = current_exchange()
        exchange.media_frame = content.body
        exchange.media = [
            {"film_bytes": one.length, "base64_length": _text_length(one)} for one in content.videos
        ]
    return parts


def _split(part: Part, mark: bytes, video: Video) -> Iterator[Part]:
    """The pieces of ``part`` with the video between them, at each mark."""
    if not isinstance(part, bytes):
        yield part
        return
    first, *rest = part.split(mark)
    yield first
    for piece in rest:
        yield video
        yield piece


def _length(part: Part) -> int:
    return len(part) if isinstance(part, bytes) else _text_length(part)


def _text_length(video: Video) -> int:
    return changed_length(video.of_text, base64_length(video.length))


def _streamed(parts: Iterable[Part]) -> Iterator[Block]:
    """A video is produced and encoded block by block, once for each mark, and never held whole."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            yield from changed(part.of_text, base64_blocks(part.read()), base64_length(part.length))


def _file(video: Video, asked: Request, headers: dict[str, str]) -> tuple[int, int, Iterable[Block] | bytes]:
    """The whole file, or the one range that is asked for; several ranges at once give the whole.

    A range means nothing to a HEAD, and nothing beside ``If-Range``: a result has no validator
    that could match.
    """
    wanted = asked.range if asked.method == "GET" and "If-Range" not in asked.headers else None
    status, span = _OK, (0, video.length)
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        first, _ = wanted.ranges[0]
        is_long_suffix = first < -video.length  # more than there is: all of it
        found = span if is_long_suffix else wanted.range_for_length(video.length)
        if found is None:
            headers["Content-Range"] = f"bytes */{video.length}"
            return _NOT_SATISFIABLE, 0, b""
        status, span = _PARTIAL, found
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{video.length}"
    start, stop = span
    current_exchange().media = [{"film_bytes": video.length, "from": start, "to": stop}]
    headers["Accept-Ranges"] = "bytes"
    return status, stop - start, video.read(start, stop)


def _gzipped(blocks: Iterable[Block] | bytes) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for block in [blocks] if isinstance(blocks, bytes) else blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
