"""Faults in how a body is sent: a wrong type, broken JSON, a redirect, a coding that nobody asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from nebula_mock.core.byte_changes import ByteChange, Cut, Ending
from nebula_mock.core.faults.protocol import Fault, Scene
from nebula_mock.core.reply import JsonContent, Reply

BREAKS: Mapping[str, ByteChange] = {
    "wrong-bracket": Ending(1, b"]"),
    "cut": Cut(0.5),
    "trailing-comma": Ending(1, b",}"),
    "two-documents": Ending(0, b"{}"),
}
"""Ways in which JSON is none, by their names in JSON; the announced length is that of what is sent."""


@dataclass(frozen=True, slots=True)
class ContentType(Fault):
    """The body as it is, under another Content-Type.

    Attributes:
        media_type: It; empty for no such header.
    """

    kind: ClassVar[str] = "content-type"
    media_type: str = "text/html"

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer with that type."""
        del scene
        return replace(reply, media_type=self.media_type)


@dataclass(frozen=True, slots=True)
class BrokenJson(Fault):
    """A body that is nearly JSON.

    Attributes:
        how: A name of ``BREAKS``.
    """

    kind: ClassVar[str] = "broken-json"
    how: str = "wrong-bracket"

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer, broken; a file is no JSON."""
        del scene
        if not isinstance(reply.content, JsonContent):
            return reply
        return replace(reply, of_bytes=(*reply.of_bytes, BREAKS[self.how]))


@dataclass(frozen=True, slots=True)
class Gzip(Fault):
    """A compressed body, whether it was asked for or not; its length is not announced."""

    kind: ClassVar[str] = "gzip"

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer, compressed."""
        del scene
        return replace(reply, is_gzipped=True)


@dataclass(frozen=True, slots=True)
class Redirect(Fault):
    """A redirect to another origin instead of the operation.

    Attributes:
        status: HTTP status.
        to: Where; None for this server by its other name, so that who follows arrives, and the journal tells
            with which headers.
    """

    kind: ClassVar[str] = "redirect"
    status: int = 307
    to: str | None = None

    def instead(self, scene: Scene) -> Reply:
        """The redirect."""
        location = self.to or f"http://{scene.other_host}{scene.target}"
        return Reply(b"", self.status, media_type="", headers={"Location": location})
