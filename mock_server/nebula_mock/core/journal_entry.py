"""A journal entry: one exchange as it is remembered, without secrets and without the bytes of videos.

An entry is told as one line of JSON, the same in a file and in the admin API; what a test sees is made of
that line. The line is written when somebody asks: most entries make room for others before anybody does.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from nebula_mock.core.draws import DrawNote
from nebula_mock.core.keeping import kept_json

Operation = Literal["submit", "query", "download", "result", "content", "other"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
"""What a request asked for; ``other`` where there is no such route."""

Ended = Literal["complete", "cut", "reset", "refused"]
"""How an answer ended.

``complete``: all of it was handed to the system. ``cut``: it ended before its announced length, by the mock or
because nobody took it any more. ``reset``: the connection was reset, by a fault of the mock, which is then among
the faults, or by the consumer. ``refused``: the runner could not end it as a fault asked, and said so.
"""

Headers = tuple[tuple[str, str], ...]

BODY_END_BYTES = 256
"""How much of a body is kept at either end."""


@dataclass(frozen=True, slots=True)
class LongText:
    """A text too long to be kept.

    Attributes:
        characters: Its code points.
        sha256: Of its UTF-8, in hexadecimal digits.
    """

    characters: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BodySummary:
    """What is kept of a body.

    Attributes:
        media_type: As its Content-Type says, with parameters; empty where it says nothing.
        size: Its bytes, as far as they were read.
        sha256: In hexadecimal digits; None where the body was streamed.
        head: Its first 256 bytes as text, without secrets; None where the body was streamed.
        tail: Its last 256 bytes, where there are more than in ``head``.
        members: The value of a JSON body under 16 KiB, without secrets, with long texts cut; else None.
        media: Facts of each video in it, such as ``{"film_bytes": 300000, "base64_length": 400000}``.
    """

    media_type: str
    size: int
    sha256: str | None = None
    head: str | None = None
    tail: str | None = None
    members: Any = None
    media: tuple[Mapping[str, Any], ...] = ()


class UnreadBody(BodySummary):
    """A small body of JSON in which nothing has to be hidden: summarised when somebody asks.

    Most entries go before anybody does.
    """

    __slots__ = ("_text",)

    _text: str

    def __init__(self, media_type: str, text: str) -> None:
        """Keep ``text``, which is ASCII."""
        object.__setattr__(self, "media_type", media_type)
        object.__setattr__(self, "_text", text)

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self._text)

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    @property
    def head(self) -> str:
        """How it begins."""
        return self._text[:BODY_END_BYTES]

    @property
    def tail(self) -> str | None:
        """How it ends, where the head is not all of it."""
        return self._text[-BODY_END_BYTES:] if len(self._text) > BODY_END_BYTES else None

    @property
    def members(self) -> Any:
        """The value with its long texts cut; None where it is no JSON after all."""
        try:
            return kept_json(json.loads(self._text))
        except (ValueError, RecursionError):
            return None

    @property
    def media(self) -> tuple[Mapping[str, Any], ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One exchange.

    Attributes:
        seq: Its number, from 1; never given twice, and larger the later the exchange ended.
        request_id: ``X-Oneapi-Request-Id`` of its answer.
        account: Digest of the key; None where no account was let in.
        operation: What was asked for.
        method: As sent.
        path: Without query, decoded, without secrets.
        query: The query string, without secrets.
        request_headers: In the order of the environment, without secrets.
        request_body: What the mock read of it; None where it read nothing.
        prompt: Of a submit, whatever became of it; over 10,000 code points its length and digest.
        status: Of the answer; 0 where there was none.
        response_headers: As the application set them; the server adds Server, Date and Connection.
        response_body: Of the answer as it was made, however much of it was sent.
        bytes_sent: Bytes of the answer's body that the system took; framing of chunks counts.
        ended: How the answer ended.
        provider_time: When the request was let in, on the clock of its account; seconds since the epoch.
        wall_time: When it came, on the machine's clock; seconds since the epoch.
        duration_s: From then to the end of the answer, in seconds of the machine.
        task_id: The task that was made or asked about.
        problem_id: The row of the error table, where the request was refused.
        model: As the submit named it, or of the task that was asked about.
        draws: Every draw that was made for it.
        faults: Every fault that was done to it.
    """

    seq: int
    request_id: str
    account: str | None
    operation: Operation
    method: str
    path: str
    query: str
    request_headers: Headers
    request_body: BodySummary | None
    prompt: str | LongText | None
    status: int
    response_headers: Headers
    response_body: BodySummary | None
    bytes_sent: int
    ended: Ended
    provider_time: float
    wall_time: float
    duration_s: float
    task_id: str | None = None
    problem_id: str | None = None
    model: str | None = None
    draws: tuple[DrawNote, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = field(default=())

    def as_line(self) -> bytes:
        """Compact JSON in ASCII, on one line, ``seq`` first."""
        plain = {name: getattr(self, name) for name in _NAMES}
        return _ENCODER.encode(plain).encode("ascii")

    @classmethod
    def of_line(cls, line: bytes | str) -> "JournalEntry":
        """The entry that a line tells; the reverse of ``as_line``.

        Raises:
            ValueError: It is no such line.
        """
        return cls.of_json(json.loads(line))

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "JournalEntry":
        """The entry that a JSON object tells.

        Raises:
            ValueError: It is no entry.
        """
        try:
            prompt = value["prompt"]
            return cls(
                **{
                    **value,
                    "request_headers": _pairs(value["request_headers"]),
                    "response_headers": _pairs(value["response_headers"]),
                    "request_body": _summary(value["request_body"]),
                    "response_body": _summary(value["response_body"]),
                    "prompt": LongText(**prompt) if isinstance(prompt, dict) else prompt,
                    "draws": tuple(DrawNote(**one) for one in value["draws"]),
                    "faults": tuple(value["faults"]),
                }
            )
        except (TypeError, KeyError) as error:
            message = "found something else, expected a journal entry as GET /_mock/journal gives it"
            raise ValueError(message) from error

    def weight(self) -> int:
        """About how many bytes it takes in memory: its texts, and what every entry has."""
        texts = [self.path, self.query]
        for headers in (self.request_headers, self.response_headers):
            for name, value in headers:
                texts += (name, value)
        size = sum(map(len, texts)) + _EMPTY_WEIGHT + _DRAW_WEIGHT * len(self.draws)
        if isinstance(self.prompt, str):
            size += len(self.prompt)
        for body in (self.request_body, self.response_body):
            if body is not None:
                size += _weight(body)
        return size

    def request_header(self, name: str) -> str | None:
        """The first request header of that name, in any case; None where there is none."""
        return next((value for one, value in self.request_headers if one.lower() == name.lower()), None)


_NAMES = tuple(one.name for one in fields(JournalEntry))


def _members(value: Any) -> Any:
    names = _SUMMARY if isinstance(value, BodySummary) else type(value).__slots__
    return {name: getattr(value, name) for name in names}


_SUMMARY = tuple(one.name for one in fields(BodySummary))
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_members)


# Bytes of an entry whose texts are empty, and of one draw, as CPython keeps them.
_EMPTY_WEIGHT, _DRAW_WEIGHT = 1500, 150


def _weight(body: BodySummary) -> int:
    if isinstance(body, UnreadBody):
        return body.size
    size = 0 if body.members is None else len(_ENCODER.encode(body.members))
    return size + len(body.head or "") + len(body.tail or "") + 200 * len(body.media)


def _pairs(value: Sequence[Sequence[str]]) -> Headers:
    return tuple((name, text) for name, text in value)


def _summary(value: Mapping[str, Any] | None) -> BodySummary | None:
    return None if value is None else BodySummary(**{**value, "media": tuple(value["media"])})
