"""A data URI with base64 in it, decoded as it arrives."""

import re
from collections.abc import Iterator

from nebula_client.base64_stream import Base64Stream
from nebula_client.strict_json import DocumentError, excerpt

LONGEST_HEAD = 256  # bytes, the comma counted
_HEAD = re.compile(rb"data:[ -+\--~]*;base64,", re.IGNORECASE)
_STEP = 64 * 1024  # characters


class DataUriStream:
    """One ``data:...;base64,...`` of any media type, upper or lower case, fed in pieces of any length."""

    def __init__(self, name: str, *, allow_line_breaks: bool = False) -> None:
        """Begin one, which is called ``name`` in errors; see ``Base64Stream`` for line breaks."""
        self._name = name
        self._head = b""
        self._text = Base64Stream(name, allow_line_breaks=allow_line_breaks)
        self._begun = False

    @property
    def characters(self) -> int:
        """Characters of base64 that have been decoded."""
        return self._text.characters

    def decoded(self, text: bytes) -> bytes:
        """What ``text`` adds to the bytes.

        Raises:
            DocumentError: It is no data URI, is not base64, or not strictly so.
        """
        if self._begun:
            return self._text.decoded(text)
        missing = LONGEST_HEAD - len(self._head)
        self._head += text[:missing]
        comma = self._head.find(b",")
        if comma < 0 and len(self._head) < LONGEST_HEAD:
            return b""
        if not _HEAD.fullmatch(self._head, 0, comma + 1):
            raise self._no_head()
        self._begun = True
        rest = self._head[comma + 1 :] + text[missing:]
        return self._text.decoded(rest)

    def end(self) -> None:
        """Confirm that it may end here. Nothing at all is no data URI, but no broken one either.

        Raises:
            DocumentError: It ends in its head, or its last group is not whole.
        """
        if self._head and not self._begun:
            raise self._no_head()
        self._text.end()

    def _no_head(self) -> DocumentError:
        return DocumentError(f"found {excerpt(self._head)} in {self._name}, expected data:video/mp4;base64,")


def data_uri_blocks(uri: str) -> Iterator[bytes]:
    """The bytes of a data URI that is whole in memory, in blocks.

    Raises:
        DocumentError: It is no data URI, is not base64, not strictly so, or holds nothing.
    """
    stream = DataUriStream("url")
    for start in range(0, len(uri), _STEP):
        block = stream.decoded(uri[start : start + _STEP].encode("utf-8", "replace"))
        if block:
            yield block
    stream.end()
    if not stream.characters:
        raise nothing_in("url")


def nothing_in(name: str) -> DocumentError:
    """What is raised where ``name`` holds no bytes."""
    return DocumentError(f"found nothing in {name}, expected a video")
