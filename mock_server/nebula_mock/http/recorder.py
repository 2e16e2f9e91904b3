"""The one place where exchanges are recorded: around the application, down to the last byte it hands over.

An entry must be in the journal as soon as its consumer has the whole answer. So it goes in before the last
block is handed over, as complete; should that block not be taken, the entry is revised when the answer is
closed. Nothing of a body is copied, and only an answer that is one small block is looked into.
"""

import functools
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

from nebula_mock.body_summaries import body_summary, long_text
from nebula_mock.core.clock import Clock
from nebula_mock.core.draws import DrawNote
from nebula_mock.core.journal_entry import BodySummary, Ended, JournalEntry
from nebula_mock.core.keeping import LONGEST_PROMPT, kept_json
from nebula_mock.http.exchange import Exchange
from nebula_mock.http.guards import ADMIN_PREFIX
from nebula_mock.journal import Journal
from nebula_mock.redaction import hidden
from nebula_mock.redactor import Redactor
from nebula_mock.wire_count import WireCount

_LONGEST_WORD = 256  # code points of an id or a model name
_LARGEST_SHOWN = 1024 * 1024  # bytes of an answer that is still hashed
_BODILESS = frozenset({204, 304})
_SECRET_PURPOSES = frozenset({"result"})  # draws that make a URL unguessable


@dataclass(frozen=True, slots=True)
class Recorder:
    """The application, with every exchange of the provider written into the journal; admin requests are not.

    Attributes:
        app: What answers.
        journal: Where entries go.
        clock: The time of a request whose account is not known.
        redactor: Hides the keys that the server was started with.
    """

    app: "WSGIApplication"
    journal: Journal
    clock: Clock
    redactor: Redactor

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, and record."""
        if environ["PATH_INFO"].startswith(ADMIN_PREFIX):
            return self.app(environ, start_response)
        record = _Record(self, environ)

        def started(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            record.status, record.headers = int(status[:3]), headers
            return start_response(status, headers, error)

        try:
            return _Blocks(self.app(environ, started), record)
        except BaseException:
            record.end("cut", 0)
            raise


class _Record:
    """What the recorder itself sees of one exchange."""

    __slots__ = (
        "_entry",
        "_expected",
        "_seq",
        "_started",
        "_wall_time",
        "environ",
        "exchange",
        "headers",
        "recorder",
        "status",
    )

    def __init__(self, recorder: Recorder, environ: "WSGIEnvironment") -> None:
        self.recorder = recorder
        self.environ = environ
        self.exchange = Exchange()
        self.exchange.begin(environ)
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self._entry: JournalEntry | None = None
        self._expected: tuple[Ended, int, int] = ("complete", 0, 0)
        self._seq = 0
        self._wall_time = time.time()
        self._started = time.perf_counter()

    def length(self) -> int | None:
        """The announced bytes of the answer's body."""
        if self.environ["REQUEST_METHOD"] == "HEAD" or self.status in _BODILESS:
            return 0
        given = next((value for name, value in self.headers if name.lower() == "content-length"), None)
        return int(given) if given is not None and given.isdecimal() else None

    def expect_end(self, sent: int, whole: bytes | None) -> None:
        """Put the entry into the journal, as it will be when the last block is taken."""
        ended: Ended = self.exchange.ended or "complete"
        self._entry = self._made(ended, sent, whole)
        self._expected = (ended, sent, len(self.exchange.faults))
        self._seq = self.recorder.journal.add(self._entry)

    def end(self, ended: Ended, sent: int, whole: bytes | None = None) -> None:
        """The answer is over: revise what was expected, where it came otherwise, and write it down."""
        journal = self.recorder.journal
        ended = self.exchange.ended or ended
        if self._entry is None:
            entry = self._made(ended, sent, whole)
            self._seq = journal.add(entry)
        elif (ended, sent, len(self.exchange.faults)) != self._expected:
            faults = tuple(self.exchange.faults)
            entry = replace(
                self._entry, ended=ended, bytes_sent=sent, faults=faults, duration_s=self._duration_s()
            )
            journal.revise(self._seq, entry)
        else:
            entry = self._entry
        journal.write(self._seq, entry)

    def _duration_s(self) -> float:
        return round(time.perf_counter() - self._started, 6)

    def _made(self, ended: Ended, sent: int, whole: bytes | None) -> JournalEntry:
        environ, exchange = self.environ, self.exchange
        redactor = self.recorder.redactor.of_request(environ.get("HTTP_AUTHORIZATION"))
        at = exchange.provider_time
        prompt = exchange.prompt or ""
        is_long = len(prompt) > LONGEST_PROMPT  # of such a one only length and digest are kept
        method, path, task_id, model, told = redactor.texts(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            exchange.task_id or "",
            exchange.model or "",
            "" if is_long else prompt,
        )
        return JournalEntry(
            seq=0,
            request_id=exchange.request_id,
            account=exchange.account,
            operation=exchange.operation,
            method=method,
            path=path,
            query=redactor.query(environ.get("QUERY_STRING", "")),
            request_headers=redactor.headers(_request_headers(environ)),
            request_body=self._request_body(redactor),
            prompt=None if exchange.prompt is None else long_text(prompt) if is_long else told,
            status=self.status,
            response_headers=redactor.headers(self.headers),
            response_body=self._response_body(redactor, whole),
            bytes_sent=sent,
            ended=ended,
            provider_time=self.recorder.clock.now() if at is None else at,
            wall_time=self._wall_time,
            duration_s=self._duration_s(),
            task_id=task_id[:_LONGEST_WORD] or None,
            problem_id=exchange.problem_id,
            model=model[:_LONGEST_WORD] or None,
            draws=tuple(map(_shown, exchange.draws)),
            faults=tuple(exchange.faults),
        )

    def _request_body(self, redactor: Redactor) -> BodySummary | None:
        raw = self.exchange.request_body
        return None if raw is None else body_summary(raw, self.environ.get("CONTENT_TYPE", ""), redactor)

    def _response_body(self, redactor: Redactor, whole: bytes | None) -> BodySummary | None:
        media_type = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        if self.exchange.media:
            frame = self.exchange.media_frame
            members = None if frame is None else kept_json(redactor.value(dict(frame)))
            size = self.length() or 0
            return BodySummary(media_type, size, members=members, media=tuple(self.exchange.media))
        if whole is not None:
            return body_summary(whole, media_type, redactor)
        length = self.length()
        return None if not length else BodySummary(media_type, length)


class _Blocks:
    """The blocks of an answer, counted as they are handed over.

    A server of ours closes an answer when it has sent it, and counts what was taken. Others may never
    close one that they have read to its end, as Flask's test client does: there the end is the end.
    """

    __slots__ = (
        "_blocks", "_close", "_handed", "_is_expected", "_is_over", "_length", "_record", "_whole", "_wire",
    )  # fmt: skip

    def __init__(self, blocks: Iterable[bytes], record: _Record) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._close = getattr(blocks, "close", None)
        self._record = record
        self._length = record.length()
        self._wire = WireCount.of(record.environ)
        self._handed = 0
        self._whole: bytes | None = None
        self._is_expected = self._is_over = False
        if self._wire is not None:  # who sees a broken answer may look into the journal at once
            self._wire.tell_break(self._end)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            block = next(self._blocks)
        except BaseException as error:  # StopIteration too
            if isinstance(error, StopIteration) and (self._length is None or self._handed >= self._length):
                self._expect_end()
            elif self._wire is None:
                self._end()
            raise
        is_first = not self._handed
        self._handed += len(block)
        if self._length is not None and self._handed >= self._length:
            self._whole = block if is_first and len(block) <= _LARGEST_SHOWN else None
            if self._wire is not None and self._wire.wire.is_faulty:
                self._wire.tell_last(self._length, self._expect_end)  # a fault takes its time with a block
            else:
                self._expect_end()
        return block

    def _expect_end(self) -> None:
        if not self._is_expected:
            self._is_expected = True
            self._record.expect_end(self._handed, self._whole)
            if self._wire is None:
                self._end()

    def close(self) -> None:
        try:
            if self._close is not None:
                self._close()
            if self._wire is not None and self._is_expected:
                with suppress(
                    OSError
                ):  # what a fault sends behind the end; how that ends stands on the count
                    self._wire.wire.finish()
        finally:
            self._end()

    def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        ended: Ended = "complete" if self._is_expected else "cut"
        if self._wire is None:
            self._record.end(ended, self._handed, self._whole)
        elif (broke := self._wire.broke) is None:
            self._record.end(ended, self._wire.body_bytes, self._whole)
        else:
            how: Ended = "reset" if isinstance(broke, ConnectionError) else "cut"
            self._record.end(how, self._wire.body_bytes, self._whole)


def _request_headers(environ: "WSGIEnvironment") -> Iterator[tuple[str, str]]:
    """The headers as the environment has them; names in the usual spelling."""
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield _spelled(name[5:]), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            yield _spelled(name), value


@functools.lru_cache(maxsize=1024)
def _spelled(name: str) -> str:
    return name.replace("_", "-").title()


def _shown(draw: DrawNote) -> DrawNote:
    if draw.purpose not in _SECRET_PURPOSES:
        return draw
    return DrawNote(  # not by replace, which takes five times as long
        draw.purpose, draw.account, draw.operation, draw.ordinal, draw.form, hidden(draw.value), draw.about
    )
