"""Faults in a video and its base64: text that does not decode, a file that does not play, a name that is an attack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import quote

from nebula_mock.core.byte_changes import (
    ByteChange,
    Cut,
    Ending,
    Flipped,
    Instead,
    Lines,
    Overlay,
    Substituted,
    Translated,
)
from nebula_mock.core.faults.protocol import Fault, Scene
from nebula_mock.core.json_paths import member_at
from nebula_mock.core.reply import DATA_URI_HEAD, FileContent, JsonContent, Reply, Video, video_mark

_GROUP = 4  # characters of base64 that make three bytes (RFC 4648, section 4)
_MIME_WIDTH = 76
_URL_SAFE = {ord("+"): ord("-"), ord("/"): ord("_")}

TEXTS: Mapping[str, Callable[[float], ByteChange]] = {
    "cut-in-group": lambda at: Cut(at, _GROUP, 2),
    "cut-at-group": lambda at: Cut(at, _GROUP),
    "whitespace": lambda _: Lines(_MIME_WIDTH, b"\\r\\n"),
    "url-safe": lambda _: Translated(_URL_SAFE),
    "illegal-character": lambda at: Overlay(at, b"*"),
    "padding": lambda _: Ending(0, b"="),
}
"""Ways in which base64 is corrupt, by their names in JSON; line ends are escaped, as JSON has them."""

_STORAGE_ERROR = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>\n"
)

FILES: Mapping[str, Callable[[float], ByteChange]] = {
    "no-index": lambda _: Substituted(b"moov", b"skip"),  # in a box "free" FFmpeg looks for one, and finds it
    "cut": Cut,
    "flipped-bit": Flipped,
    "no-mp4": lambda _: Instead(_STORAGE_ERROR),
    "empty": lambda _: Instead(b""),
}
"""Ways in which a file is broken, by their names in JSON."""


def _videos(reply: Reply) -> tuple[Video, ...]:
    content = reply.content
    if isinstance(content, FileContent):
        return (content.video,)
    return content.videos if isinstance(content, JsonContent) else ()


def _with_videos(reply: Reply, videos: tuple[Video, ...]) -> Reply:
    content = reply.content
    if isinstance(content, FileContent):
        return replace(reply, content=replace(content, video=videos[0]))
    if isinstance(content, JsonContent):
        return replace(reply, content=replace(content, videos=videos))
    return reply


@dataclass(frozen=True, slots=True)
class CorruptBase64(Fault):
    """Base64 that is none, or is that of fewer bytes.

    Attributes:
        how: A name of ``TEXTS``.
        at_fraction: Where in the text, 0 to 1.
    """

    kind: ClassVar[str] = "corrupt-base64"
    how: str = "cut-in-group"
    at_fraction: float = 0.5

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with every text corrupt."""
        del scene
        if not isinstance(reply.content, JsonContent) or not reply.content.videos:
            return reply
        change = TEXTS[self.how](self.at_fraction)
        changed = (replace(one, of_text=(*one.of_text, change)) for one in reply.content.videos)
        return _with_videos(reply, tuple(changed))


@dataclass(frozen=True, slots=True)
class BrokenMp4(Fault):
    """A video whose bytes are not those that were made; its ``size`` is the true one.

    Attributes:
        how: A name of ``FILES``.
        at_fraction: Where in the file, 0 to 1.
    """

    kind: ClassVar[str] = "broken-mp4"
    how: str = "no-index"
    at_fraction: float = 0.5

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with every video broken."""
        del scene
        before = _videos(reply)
        if not before:
            return reply
        change = FILES[self.how](self.at_fraction)
        after = tuple(replace(one, of_bytes=(*one.of_bytes, change)) for one in before)
        changed = _with_videos(reply, after)
        content = changed.content
        if isinstance(content, JsonContent) and member_at(content.body, "size") == before[0].length:
            body = {**content.body, "size": after[0].length}
            return replace(changed, content=replace(content, body=body))
        return changed


@dataclass(frozen=True, slots=True)
class DifferingVideos(Fault):
    """A download whose ``base64`` and ``data_url`` are two videos, alike but for one bit."""

    kind: ClassVar[str] = "differing-videos"

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with another video in its ``data_url``."""
        del scene
        content = reply.content
        if not isinstance(content, JsonContent) or "data_url" not in content.body:
            return reply
        video = content.videos[0]
        other = replace(video, of_bytes=(*video.of_bytes, Flipped(0.5)))
        index = len(content.videos)
        body = {**content.body, "data_url": DATA_URI_HEAD + video_mark(index)}
        return replace(reply, content=replace(content, body=body, videos=(*content.videos, other)))


HOSTILE_NAMES = (
    "../../etc/passwd",
    "..\\..\\windows\\system32\\drivers\\etc\\hosts",
    "/etc/cron.d/video",
    "C:\\Users\\Public\\video.mp4",
    "\\\\server\\share\\video.mp4",
    "~/.ssh/authorized_keys",
    ".",
    "..",
    "",
    "   ",
    ".bashrc",
    "video.mp4\x00.exe",
    "video\r\nSet-Cookie: stolen=1.mp4",
    "\x1b[2Jvideo.mp4",
    "video\u202e4pm.exe",
    "CON",
    "NUL.mp4",
    "video.mp4. . .",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "v" * 300 + ".mp4",
)
"""File names that a careless consumer writes where it should not: other folders, devices, terminals, nothing."""


@dataclass(frozen=True, slots=True)
class HostileFileName(Fault):
    """A suggested file name that is an attack: ``filename`` of a download, Content-Disposition of a file.

    Attributes:
        variant: Which of ``HOSTILE_NAMES``, from 1; None for one after the other, for each task.
    """

    kind: ClassVar[str] = "hostile-file-name"
    variant: int | None = None

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with the name; a header has it percent-encoded (RFC 6266), so that it stays one header."""
        number = scene.facts.draw_ordinal if self.variant is None else self.variant - 1
        name = HOSTILE_NAMES[number % len(HOSTILE_NAMES)]
        content = reply.content
        if isinstance(content, FileContent):
            plain = "".join(one if " " <= one <= "~" and one not in '"\\' else "_" for one in name)
            told = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
            return replace(reply, headers={**reply.headers, "Content-Disposition": told})
        if isinstance(content, JsonContent) and content.videos:
            return replace(reply, content=replace(content, body={**content.body, "filename": name}))
        return reply
