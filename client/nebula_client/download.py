"""From a task to its video in blocks, whichever way its family delivers it; the writing is elsewhere.

Sora                 the JSON of the download operation, the video in base64
Wan, Seedance, Veo   a URL of another host, asked without the key
Veo, older           a data URI in the answer to a query, asked for again and read in blocks
"""

import contextlib
import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from nebula_client.answers import (
    malformed,
    refusal_from,
    refusal_in,
    refuse_a_document,
    refuse_unless_json,
)
from nebula_client.errors import BrokenContractError, ConfigurationError, IntegrityError, NebulaError
from nebula_client.failures import Failure, LostAnswerError
from nebula_client.mp4_boxes import BoxWalk
from nebula_client.query_document import data_uri_blocks, inline_video, is_shortened
from nebula_client.reply import Reply
from nebula_client.result_document import InnerRefusalError, IntegrityProblem, ResultDocument, Verify
from nebula_client.retries import Backoff, by_kind
from nebula_client.strict_json import DocumentError
from nebula_client.transport import Transport

_log = logging.getLogger("nebula_client")

_MP4_MARK = b"ftyp"
_MARK_AT = 4  # bytes; an MP4 begins with the length of its first box, then "ftyp" (PAGE sample)
GENERATIONS = "/v1/video/generations"

# A file that broke off is fetched whole again; of a task that has succeeded, one that is not there yet is asked for
# again. Neither is ever submitted again.
_TRIES: Mapping[str, Backoff] = {
    "not sent": Backoff(3),
    "lost": Backoff(4),
    "malformed": Backoff(3),
    "408": Backoff(6),
    "425": Backoff(6),
    "429": Backoff(6, first_s=1.0),
    "5xx": Backoff(6),
}
_NOT_READY = frozenset({404, 409, 425})
_UNTIL_READY = Backoff(8, first_s=4.0, growth=1.5, longest_s=30.0)


@dataclass(frozen=True, slots=True)
class Checks:
    """What a download is held to.

    Attributes:
        verify: What is done with the second copy of a video that comes twice (Sora): ``skip`` reads on to the
            document's end without decoding it, ``stop`` leaves it where it is, ``compare`` decodes it too.
        require_mp4: Whether a file that does not begin as an MP4 is an error, not only a warning.
        line_breaks: Whether base64 may be broken into lines.
    """

    verify: Verify = "skip"
    require_mp4: bool = False
    line_breaks: bool = False

    def __post_init__(self) -> None:
        """Refuse a word that is none of the three.

        Raises:
            ConfigurationError: What was found.
        """
        if self.verify not in get_args(Verify):
            message = f"verify: found {repr(self.verify)[:80]}, expected {', '.join(get_args(Verify))}."
            raise ConfigurationError(message)


class Source:
    """One video of one task: its blocks, as often as they are asked for.

    Attributes:
        size_checked: Whether the last reading found its length told, and right.
        copies_compared: Whether it found two copies, and compared them.
    """

    def __init__(
        self, task_id: str, checks: Checks, opened: Callable[[], contextlib.AbstractContextManager[Reply]]
    ) -> None:
        """Ask nothing yet; ``opened`` sends the request."""
        self.task_id = task_id
        self.size_checked = self.copies_compared = False
        self._checks = checks
        self._opened = opened

    def blocks(self) -> Generator[bytes, None, None]:
        """The video.

        Raises:
            BrokenContractError, IntegrityError, RefusedError, UnreachableError: At any block; what came before is
                then worth nothing.
        """
        try:
            # Closed at once, whatever is raised: an error that a caller keeps would else keep the connection.
            with contextlib.closing(self._video()) as video:
                yield from mp4_checked(
                    video, self.task_id, require=self._checks.require_mp4, operation=self._operation
                )
        except IntegrityProblem as problem:
            raise IntegrityError(self._operation, str(problem), self.task_id) from problem
        except DocumentError as problem:
            raise BrokenContractError(self._operation, str(problem), self.task_id) from problem

    _operation = "result"

    def _video(self) -> Generator[bytes, None, None]:
        with self._opened() as reply:
            if not reply.is_success:
                raise refusal_in(self._operation, reply)
            yield from self._read(reply)

    def _read(self, reply: Reply) -> Iterable[bytes]:
        refuse_a_document(reply, self.task_id)
        return reply.blocks() if reply.announces_its_end else _walked(reply.blocks())


class DocumentSource(Source):
    """The video of a Sora task."""

    _operation = "download"

    def _read(self, reply: Reply) -> Iterable[bytes]:
        refuse_unless_json("download", reply, self.task_id)
        document = ResultDocument(
            self.task_id, verify=self._checks.verify, allow_line_breaks=self._checks.line_breaks
        )
        try:
            yield from document.video(reply.blocks())
        except InnerRefusalError as inner:
            raise refusal_from("download", reply, inner.members) from inner
        self.size_checked, self.copies_compared = document.size_checked, document.copies_compared


class InlineSource(Source):
    """A video that stands in the answer to a query."""

    _operation = "query"

    def __init__(
        self,
        task_id: str,
        checks: Checks,
        opened: Callable[[], contextlib.AbstractContextManager[Reply]],
        index: int,
    ) -> None:
        """As ``Source``; ``index`` is which of the answer's videos."""
        super().__init__(task_id, checks, opened)
        self._index = index

    def _read(self, reply: Reply) -> Iterable[bytes]:
        refuse_unless_json("query", reply, self.task_id)
        return inline_video(reply.blocks(), self._index)


class WholeSource(Source):
    """A video that stands in a data URI that is here already."""

    def __init__(self, task_id: str, checks: Checks, uri: str) -> None:
        """Nothing is ever asked."""
        super().__init__(task_id, checks, contextlib.nullcontext)  # type: ignore[arg-type]  # never opened
        self._uri = uri

    def _video(self) -> Generator[bytes, None, None]:
        yield from data_uri_blocks(self._uri)


def source_of_url(transport: Transport, task_id: str, url: str, index: int, checks: Checks) -> Source:
    """The video behind a result URL or data URI of a task."""
    if not url.lower().startswith("data:"):
        return Source(task_id, checks, lambda: transport.get_result(url))
    if not is_shortened(url):
        return WholeSource(task_id, checks, url)
    return InlineSource(task_id, checks, lambda: transport.get("download", f"{GENERATIONS}/{task_id}"), index)


def source_of_document(transport: Transport, task_id: str, checks: Checks) -> Source:
    """The video that the download operation gives."""
    return DocumentSource(
        task_id, checks, lambda: transport.get("download", f"{GENERATIONS}/download", {"id": task_id})
    )


def _walked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a file whose end only a closed connection tells, which may be a lost one.

    Raises:
        LostAnswerError: It is an MP4 by its beginning and breaks off, or breaks off before that can be told.
    """
    walk, head, told = BoxWalk(), b"", _MARK_AT + len(_MP4_MARK)
    for block in blocks:
        walk.take(block)
        head += block[: told - len(head)]
        yield block
    if 0 < len(head) < told or (head[_MARK_AT:] == _MP4_MARK and not walk.is_whole):
        reason = "the connection was closed within the video, whose length was not announced"
        raise LostAnswerError(Failure(reason, was_sent=True, passes=True))


def backoff_for(error: NebulaError, *, has_succeeded: bool) -> Backoff | None:
    """How a failed download may be tried again; None where it may not.

    Args:
        error: The attempt's.
        has_succeeded: Whether the task is known to have succeeded, so that its file must come.
    """
    if has_succeeded and error.status in _NOT_READY:
        return _UNTIL_READY
    return by_kind(_TRIES, error)


def mp4_checked(
    blocks: Iterable[bytes], task_id: str, *, require: bool, operation: str = "download"
) -> Iterator[bytes]:
    """The blocks as they come, once the first shows how they begin.

    Raises:
        BrokenContractError: There is not a byte.
        IntegrityError: They are no MP4, and it is required.
    """
    coming = iter(blocks)
    head = b""
    for block in coming:
        head += block
        if len(head) >= _MARK_AT + len(_MP4_MARK):
            break
    if not head:
        raise malformed(operation, "found a video of 0 bytes, expected an MP4", task_id)
    if head[_MARK_AT : _MARK_AT + len(_MP4_MARK)] != _MP4_MARK:
        what = f"found a video that begins with {head[:12]!r}, expected an MP4"
        if require:
            raise IntegrityError(operation, what, task_id)
        _log.warning("task %s: %s; it was kept as it came", task_id, what)
    yield head
    yield from coming
