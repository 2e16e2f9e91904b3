"""An answer before it is HTTP: a value that faults can change, and that is turned into bytes at the edge.

Videos are never part of it as bytes. A JSON body has a mark where the base64 of one goes; who sends the
answer puts it there block by block.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from nebula_mock.core.byte_changes import Block, ByteChange, changed, changed_length
from nebula_mock.core.task import Task

JsonObject = dict[str, Any]

DATA_URI_HEAD = "data:video/mp4;base64,"

# No body with a mark in it quotes the consumer.
_MARK = "@@video:{index}@@"


def video_mark(index: int = 0) -> str:
    """What stands in a body where the base64 of the video of that index goes."""
    return _MARK.format(index=index)


# Errors and submit answers carry a charset, a query answer does not (SRC, INF from the framework).
JSON_WITH_CHARSET = "application/json; charset=utf-8"
JSON_PLAIN = "application/json"


class Footage(Protocol):
    """The bytes of a video, made when they are read."""

    media_type: ClassVar[str]

    @property
    def length(self) -> int:
        """How many."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
        """From ``start`` to before ``stop``, in blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Video:
    """A video of an answer.

    Attributes:
        footage: Its bytes.
        of_bytes: What is done to them.
        of_text: What is done to their base64.
    """

    footage: Footage
    of_bytes: tuple[ByteChange, ...] = ()
    of_text: tuple[ByteChange, ...] = ()

    @property
    def is_spoilt(self) -> bool:
        """Whether anything is done to it."""
        return bool(self.of_bytes or self.of_text)

    @property
    def length(self) -> int:
        """How many bytes there are after the changes."""
        return changed_length(self.of_bytes, self.footage.length)

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """The changed bytes from ``start`` to before ``stop``, in blocks."""
        if not self.of_bytes:
            yield from self.footage.read(start, stop)
            return
        end = self.length if stop is None else stop
        at = 0
        for block in changed(self.of_bytes, self.footage.read(), self.footage.length):
            if at >= end:
                return
            if at + len(block) > start:
                yield block[max(0, start - at) : end - at]
            at += len(block)


@dataclass(frozen=True, slots=True)
class JsonContent:
    """A JSON object.

    Attributes:
        body: It, with a ``video_mark`` where the base64 of a video goes.
        videos: The video of each mark, by its index.
    """

    body: Mapping[str, Any]
    videos: tuple[Video, ...] = ()


@dataclass(frozen=True, slots=True)
class FileContent:
    """A video as a file, of which a part can be asked for.

    Attributes:
        video: The video.
    """

    video: Video


Content = JsonContent | FileContent | bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        content: Its body.
        status: HTTP status.
        media_type: Content-Type; empty for none.
        headers: Further headers.
        of_bytes: What is done to the bytes of the body.
        is_gzipped: Whether they are compressed in the end, asked or not.
        task: The task that it is about; None for none.
    """

    content: Content
    status: int = 200
    media_type: str = JSON_WITH_CHARSET
    headers: Mapping[str, str] = field(default_factory=dict)
    of_bytes: tuple[ByteChange, ...] = ()
    is_gzipped: bool = False
    task: Task | None = None

    def has_whole_video(self, length: int | None) -> bool:
        """Whether an answer of ``length`` bytes has a video in it, all of it, that nothing spoils."""
        content = self.content
        if length is None or self.of_bytes or isinstance(content, bytes):
            return False
        if isinstance(content, FileContent):
            return not content.video.is_spoilt and length == content.video.length
        return bool(content.videos) and not any(video.is_spoilt for video in content.videos)
