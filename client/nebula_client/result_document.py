"""The answer of a download, in which the video stands twice, as decoded blocks of the first copy."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from nebula_client.base64_stream import Base64Stream
from nebula_client.data_uri import DataUriStream
from nebula_client.json_stream import JsonStream, Piece
from nebula_client.strict_json import DocumentError

Verify = Literal["skip", "stop", "compare"]

_COPIES = ("base64", "data_url")
_LONGEST_SHOWN = 60
_NEEDED_TO_STOP = frozenset({"success", "task_id", "size"})


class IntegrityProblem(DocumentError):
    """The video is not as long as the answer says, or its two copies differ."""


class InnerRefusalError(DocumentError):
    """An answer with status 200 holds an error object.

    Attributes:
        members: Those of the answer, ``error`` among them.
    """

    def __init__(self, members: Mapping[str, Any]) -> None:
        """Keep the members."""
        super().__init__(members)
        self.members = members

    def __str__(self) -> str:
        """What the error object says."""
        return f"found error {_shown(self.error)} in an answer with status 200, expected a video"

    @property
    def error(self) -> Mapping[str, Any]:
        """The error object."""
        error: Mapping[str, Any] = self.members["error"]
        return error


class ResultDocument:
    """One answer of a download, read once.

    The video is the first of ``base64`` and ``data_url``, whichever comes first, that holds anything: null, missing
    and empty are no copy. How the answer must end depends on ``verify``:

    - ``skip``: the other copy is not decoded, nor looked at for raw control characters, but the JSON must be whole and
      proper to the last brace.
    - ``compare``: the same, and the other copy, where there is one, must be the same bytes.
    - ``stop``: reading ends behind the first copy, as soon as ``success``, ``task_id`` and ``size`` are known and
      right. Of what comes later nothing is known. Where one of the three never comes, it is as ``skip``.

    Attributes:
        members: Of the answer, without the copies; those that were read, even where the answer was then refused.
        size_checked: Whether the answer told a ``size``, which was the video's.
        copies_compared: Whether there were two copies, which were the same.
    """

    def __init__(self, task_id: str, *, verify: Verify = "skip", allow_line_breaks: bool = False) -> None:
        r"""Say what the answer must be.

        Args:
            task_id: The task that was asked for.
            verify: What becomes of the second copy, see above.
            allow_line_breaks: Skip ``\r`` and ``\n`` in the base64.
        """
        self.members: Mapping[str, Any] = {}
        self.size_checked = False
        self.copies_compared = False
        self._task_id = task_id
        self._verify = verify
        self._allow_line_breaks = allow_line_breaks
        self._first = _Copy()
        self._second = _Copy()

    def video(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The decoded video in blocks, as they come.

        The blocks are the video only if nothing is raised, be it behind the last one.

        Raises:
            IntegrityProblem: The video has another length than ``size``, or another content than the second copy.
            InnerRefusalError: The answer holds an error object.
            DocumentError: It is no whole JSON object, of another task, does not say success, or has no video or
                not in strict base64.
        """
        stream = JsonStream(_COPIES, finds_controls=False)
        text = self._text_of(_COPIES[0])
        begins = True
        for piece in stream.pieces(chunks):
            if begins:
                text = self._text_of(piece.name)
            begins = piece.ended
            yield from self._blocks(piece, text)
            if self._first.ended and self._verify == "stop" and stream.settled >= _NEEDED_TO_STOP:
                self._check(stream.settled_members())
                return
        self._check(stream.members)

    def _text_of(self, name: str) -> Base64Stream | DataUriStream:
        kind = Base64Stream if name == "base64" else DataUriStream
        return kind(name, allow_line_breaks=self._allow_line_breaks)

    def _blocks(self, piece: Piece, text: Base64Stream | DataUriStream) -> Iterator[bytes]:
        copy = self._second if self._first.ended else self._first
        if copy is self._second and self._verify != "compare":
            if not piece.data.isascii():
                raise DocumentError(f"found letters beyond ASCII in {piece.name}, expected base64")
            return
        block = text.decoded(piece.data)
        if block:
            copy.size_bytes += len(block)
            if self._verify == "compare":
                copy.digest.update(block)
            if copy is self._first:
                yield block
        if piece.ended:
            text.end()
            copy.ended = copy.size_bytes > 0

    def _check(self, members: dict[str, Any]) -> None:
        self.members = {name: value for name, value in members.items() if name not in _COPIES}
        error = members.get("error")
        if isinstance(error, dict) and error:
            raise InnerRefusalError(self.members)
        if members.get("success") is not True:
            raise DocumentError(f"found success {_shown(members.get('success'))}, expected true")
        if members.get("task_id") != self._task_id:
            found = _shown(members.get("task_id"))
            raise DocumentError(f"found task_id {found}, expected the one asked for")
        for name in _COPIES:
            if not isinstance(members.get(name), str | None):
                raise DocumentError(f"found {name} {_shown(members[name])}, expected text")
        if not self._first.ended:
            raise DocumentError("found no base64 and no data_url, expected the video in one of them")
        self._check_size(members.get("size"))
        self._check_copies()

    def _check_size(self, size: object) -> None:
        if size is None:
            return
        length = self._first.size_bytes
        if type(size) is not int or size != length:
            what = f"found size {_shown(size)}, expected {length}, the length of the decoded video"
            raise IntegrityProblem(what)
        self.size_checked = True

    def _check_copies(self) -> None:
        if not self._second.ended:
            return
        if self._first.digest.digest() != self._second.digest.digest():
            sizes = f"{self._first.size_bytes} and {self._second.size_bytes} bytes"
            raise IntegrityProblem(
                f"found base64 and data_url of {sizes} that differ, expected the same video"
            )
        self.copies_compared = True


class _Copy:
    """What has been decoded of one copy."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self.digest = hashlib.sha256()
        self.ended = False


def _shown(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
