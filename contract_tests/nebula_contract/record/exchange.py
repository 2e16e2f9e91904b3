"""One request with its answer, as data: reduced to what checks need, and without secrets.

Every check reads these values and nothing else, so that a stored run gives the findings of the run itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Operation = Literal["submit", "query", "download", "result", "route"]
"""The three operations of the provider, ``result`` (where a result URL points), and any other route."""

Credential = Literal["own", "second", "unused", "none", "malformed", "reduced"]
"""Whose key a request carried: the run's account, its second account, a key that owns nothing, no key at all,
a header that names none, or one of an account with too little to spend. The keys themselves are never kept."""

Condition = Literal[
    "",
    "failing",
    "expired",
    "broke",
    "rate-limited",
    "outage",
    "one-at-a-time",
    "data-uris",
    "by-polls",
]
"""What the run arranged at a mock before a request, so that what is else rare can be looked at; empty for nothing.
At a live provider nothing can be arranged."""

EARLIER = "known"
"""How the name of a case begins that is about a task of an earlier run, which the ledger knows: ``known/FAMILY/...``."""

REOBSERVED = "reobserve"
"""Purpose of a read of a live run that is sent once more, since what it showed is bad news."""

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING", "__bool__": lambda _: False})()
"""Stands for no JSON body."""


def nothing() -> Mapping[str, Any]:
    """An empty mapping, as a default."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Film:
    """What the bytes of a video say of it, read from its boxes.

    Attributes:
        size: Length in bytes.
        sha256: Digest of the bytes, in hex.
        problem: Why no player would show it, in one sentence; empty when nothing is wrong.
        duration_s: Seconds it lasts by its index; None where there is none.
        width: Pixels of its frame; None where there is no index.
        height: As ``width``.
        frames: How many pictures its index names; None where there is no index, as for what follows.
        fps: Frames a second, by the times of its pictures.
        codec: The four letters that say how its pictures are coded, such as ``avc1``; empty where nothing does.
        has_sound: Whether there is a track of sound.
    """

    size: int
    sha256: str
    problem: str = ""
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    codec: str = ""
    has_sound: bool | None = None


@dataclass(frozen=True, slots=True)
class LongText:
    """A text of a JSON body that was cut when the exchange was recorded.

    Attributes:
        length: Its characters.
        sha256: Digest of its UTF-8 bytes, in hex.
        after_comma: For a data URI, the digest of what follows its comma; else that of the whole.
        film: The video that it decodes to as strict base64, behind a data URI's head; None when it does not decode.
        problem: Why it does not decode; empty when it does.
    """

    length: int
    sha256: str
    after_comma: str
    film: Film | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of an answer.

    Attributes:
        length: Bytes that came.
        sha256: Their digest, in hex.
        json: The JSON value, its long texts cut to their first 64 characters; ``MISSING`` when it is not JSON.
        json_problem: Why it is not JSON, in a sentence; empty when it is, and for videos.
        long_texts: JSON Pointer to the facts of each text that was cut.
        film: For a body that is a video itself (media type ``video/*``, or bytes that begin as an MP4).
        head: How it begins, for people: at most 300 characters, without secrets.
    """

    length: int
    sha256: str
    json: Any = MISSING
    json_problem: str = ""
    long_texts: Mapping[str, LongText] = field(default_factory=nothing)
    film: Film | None = None
    head: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came.

    Attributes:
        status: HTTP status.
        headers: Header names in lower case to values; of a repeated header the values joined by ", ".
        body: Its body.
    """

    status: int
    headers: Mapping[str, str]
    body: Body

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty where none is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. It holds no key: ``credential`` says whose it carried.

    Attributes:
        method: HTTP method.
        path: Path with query as sent; for a result, its whole URL with the query's values hidden.
        credential: Whose key it carried.
        headers: The headers that the suite set, names in lower case, but ``authorization``.
        body: Its bytes; None for none. Long ones are cut when stored (``body_sha256`` tells what they were).
        body_sha256: Digest of the whole body; empty for none.
        scheme: For a malformed credential, what stood in ``Authorization``; made up, never a key.
    """

    method: str
    path: str
    credential: Credential
    headers: Mapping[str, str] = field(default_factory=nothing)
    body: bytes | None = None
    body_sha256: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer, or with how it failed.

    Attributes:
        number: Place in the run, from 1.
        case: The case it belongs to, such as ``lifecycle/sora/2``: what can be done again with ``replay``.
        operation: What was asked for.
        request: What was asked.
        answer: What came; None when nothing whole came.
        failure: How it failed, where ``answer`` is None: a word, a colon and a sentence.
        at_s: When it was sent, in seconds of the target's clock since the run began.
        until_s: When its answer had come, on the same clock.
        took_s: Seconds it took on the wall.
        condition: What the run had arranged.
        purpose: Why it was sent, in a word, such as ``poll``, ``early-download``, ``again``, ``twin``.
        subject: The task it is about, as known from an earlier answer; empty for none. For a twin, the number of its
            other half.
        label: The input class the generator meant it to be of: accepted, coerced, ignored, rejected; empty for none.
        target_time: When it was sent by the target's own clock, in seconds since 1970, where the target lets the run
            move that clock and so tells it; None elsewhere.
    """

    number: int
    case: str
    operation: Operation
    request: Request
    answer: Answer | None
    failure: str = ""
    at_s: float = 0.0
    until_s: float = 0.0
    took_s: float = 0.0
    condition: Condition = ""
    purpose: str = ""
    subject: str = ""
    label: str = ""
    target_time: float | None = None

    @property
    def json(self) -> Any:
        """The JSON body; ``MISSING`` when there is none."""
        return MISSING if self.answer is None else self.answer.body.json

    @property
    def status(self) -> int:
        """The HTTP status; 0 when no answer came."""
        return 0 if self.answer is None else self.answer.status
