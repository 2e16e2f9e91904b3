"""The answer to a query, whose ``url`` may hold whole videos as data URIs, in little memory.

It is read twice: first for its members, in which such a video is told by its head and length, then once more for
each video. The second answer is another one, so the video is named by its place in ``url``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from nebula_client.data_uri import LONGEST_HEAD, DataUriStream, data_uri_blocks, nothing_in
from nebula_client.json_stream import JsonStream
from nebula_client.strict_json import DocumentError, excerpt

__all__ = ["data_uri_blocks", "inline_video", "is_shortened", "task_members"]

_SKELETON_LIMIT = 1024 * 1024  # bytes of the answer without its urls, and again of the urls
_LONGEST_URL = 64 * 1024  # bytes that are kept whole
_DATA = b"data:"
_URL = "url"
_SHORTENED_END = " characters)"  # base64 has no space, so no whole data URI ends like this


def task_members(chunks: Iterable[bytes]) -> dict[str, Any]:
    """The members of the answer; a data URI in ``url`` over 64 KiB is its head and ``... (N characters)``.

    Raises:
        DocumentError: The answer is no whole JSON object, or has more than 1 MiB besides its data URIs.
    """
    stream = JsonStream({_URL}, items=True, skeleton_limit=_SKELETON_LIMIT)
    texts: list[str] = []
    text, kept = _Text(), 0
    for piece in stream.pieces(chunks):
        text.add(piece.data)
        if piece.ended:
            texts.append(text.shown())
            kept += len(texts[-1])
            text = _Text()
        if kept > _SKELETON_LIMIT:
            raise DocumentError(f"found more than {_SKELETON_LIMIT} characters in url, expected addresses")
    members = stream.members
    url = members.get(_URL)
    if isinstance(url, str):
        (members[_URL],) = texts
    elif isinstance(url, list):
        whole = iter(texts)
        members[_URL] = [next(whole) if isinstance(item, str) else item for item in url]
    return members


def is_shortened(url: str) -> bool:
    """Whether ``url`` stands for a data URI that was too long to keep, so that ``inline_video`` is needed."""
    return url[: len(_DATA)].lower() == _DATA.decode() and url.endswith(_SHORTENED_END)


def inline_video(chunks: Iterable[bytes], index: int) -> Iterator[bytes]:
    """A data URI of ``url``, decoded in blocks, which are the video only if nothing is raised.

    Args:
        chunks: The answer, read again; it is read to its end.
        index: Which of the texts in ``url`` that are not empty, from 0: the place in ``Task.urls``.

    Raises:
        DocumentError: The answer is no whole JSON object, has no such text, or that is no data URI in strict
            base64 with something in it.
    """
    stream = JsonStream({_URL}, items=True, skeleton_limit=_SKELETON_LIMIT)
    uri = DataUriStream(_URL)
    before, inside = 0, False  # texts that are over; whether this one has had content
    for piece in stream.pieces(chunks):
        inside = inside or bool(piece.data)
        if before == index:
            block = uri.decoded(piece.data)
            if block:
                yield block
        if piece.ended:
            before += inside
            inside = False
    if before <= index:
        raise DocumentError(f"found {before} texts in url, expected one at place {index}")
    uri.end()
    if not uri.characters:
        raise nothing_in(_URL)


class _Text:
    """A text of ``url`` that grows, until it is too long to be kept whole."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._length = 0

    def add(self, content: bytes) -> None:
        self._length += len(content)
        if self._length <= _LONGEST_URL:
            self._kept += content
            return
        is_ascii = self._kept.isascii() and content.isascii()
        self._kept += content[: max(LONGEST_HEAD - len(self._kept), 0)]
        if not is_ascii or self._kept[: len(_DATA)].lower() != _DATA:
            what = f"found {excerpt(bytes(self._kept))}, {self._length} bytes or more, in url"
            raise DocumentError(f"{what}, expected base64 or an address of at most {_LONGEST_URL}")
        del self._kept[LONGEST_HEAD:]

    def shown(self) -> str:
        try:
            text = self._kept.decode()
        except UnicodeDecodeError as error:
            raise DocumentError(f"found {excerpt(bytes(self._kept))} in url, expected UTF-8") from error
        if self._length <= _LONGEST_URL:
            return text
        head, comma, _ = text.partition(",")
        return f"{head}{comma}... ({self._length}{_SHORTENED_END}"
