"""What the provider tells, as frozen values. Members nobody knows yet are kept in ``extra``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from nebula_client.statuses import CANCELLED, FAILED, TERMINAL_STATUSES, status_of

_KNOWN_OF_SUBMIT = frozenset({"task_id", "status", "metadata"})
_KNOWN_OF_QUERY = frozenset({"task_id", "status", "url", "metadata", "error"})


class Members(Mapping[str, Any]):
    """The members of a JSON object, read-only; unlike a mapping proxy they can be pickled."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any] | None = None) -> None:
        self._members = dict(members or {})

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return repr(self._members)


@dataclass(frozen=True, slots=True)
class Submission:
    """An accepted submit.

    Attributes:
        task_id: The provider's id; everything else is asked for with it.
        model: The model it was submitted to.
        status: As answered, usually ``submitted``; None where the family answers none (Veo).
        price_usd: What it costs if it succeeds, in US dollars, from the catalogue; None for an unknown model.
        idempotency_key: The ``Idempotency-Key`` that was sent, 1 to 255 characters.
        request_id: ``X-Oneapi-Request-Id``, or None.
        metadata: The upstream's own object, as answered; empty where there is none.
        extra: Every other member of the answer.
    """

    task_id: str
    model: str
    status: str | None = None
    price_usd: Decimal | None = None
    idempotency_key: str = ""
    request_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=Members)
    extra: Mapping[str, Any] = field(default_factory=Members)


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed.

    Attributes:
        message: The upstream's reason.
        code: A number (400 in most documents) or text; None where there is none.
    """

    message: str
    code: int | str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as one query found it.

    Attributes:
        task_id: The provider's id.
        status: The status in the contract's words: ``submitted``, ``queued``, ``in_progress``, ``succeeded``,
            ``failed``, ``cancelled`` or ``unknown`` (not looked at yet); a word that no document has is kept as it is.
        urls: Where the results are; empty before success, and always for Sora. Of a data URI over 64 KiB only the
            head stands here; ``download`` streams it.
        progress_percent: 0 to 100 where the family tells it, else None.
        error: Why it failed; None unless the status is ``failed`` or ``cancelled``.
        request_id: ``X-Oneapi-Request-Id``, or None.
        metadata: The upstream's own object, with the values really used.
        extra: Every other member of the answer.
        reported_status: The status as the provider spelt it.
        retry_after_s: Seconds after which it would be asked again, or None.
    """

    task_id: str
    status: str
    urls: tuple[str, ...] = ()
    progress_percent: int | None = None
    error: TaskError | None = None
    request_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=Members)
    extra: Mapping[str, Any] = field(default_factory=Members)
    reported_status: str = ""
    retry_after_s: float | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether it can no longer change: ``succeeded``, ``failed`` or ``cancelled``."""
        return self.status in TERMINAL_STATUSES


@dataclass(frozen=True, slots=True)
class Video:
    """A video on disk, whole.

    Attributes:
        path: The file.
        size_bytes: Its length in bytes, above 0.
        sha256: Digest of its bytes, 64 hexadecimal digits.
        task_id: The task it came from.
        size_checked: Whether the provider told its length too, and the same one.
        copies_compared: Whether it came twice and the copies were compared (``verify="compare"``).
    """

    path: Path
    size_bytes: int
    sha256: str
    task_id: str
    size_checked: bool = False
    copies_compared: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """From prompt to file: what ``generate`` did.

    Attributes:
        submission: The accepted submit.
        task: The task at its end.
        videos: The files, at least one; several when several samples were asked for.
        polls: Queries tried while waiting, from 1.
    """

    submission: Submission
    task: Task
    videos: tuple[Video, ...]
    polls: int

    @property
    def video(self) -> Video:
        """The first file."""
        return self.videos[0]


def submission_from(
    body: Mapping[str, Any],
    *,
    model: str,
    price_usd: Decimal | None,
    idempotency_key: str,
    request_id: str | None,
) -> Submission:
    """The submission an answer tells of; ``body`` has a ``task_id`` that is text."""
    status = body.get("status")
    return Submission(
        task_id=body["task_id"],
        model=model,
        status=status if isinstance(status, str) else None,
        price_usd=price_usd,
        idempotency_key=idempotency_key,
        request_id=request_id,
        metadata=_object(body.get("metadata")),
        extra=_without(body, _KNOWN_OF_SUBMIT),
    )


def task_from(body: Mapping[str, Any], request_id: str | None, retry_after_s: float | None = None) -> Task:
    """The task a query answer tells of; ``body`` has ``task_id`` and ``status`` that are text."""
    metadata = _object(body.get("metadata"))
    status = status_of(body["status"])
    return Task(
        task_id=body["task_id"],
        status=status,
        urls=_urls(body.get("url")),
        progress_percent=_percent(metadata.get("progress", body.get("progress"))),
        error=_error(body, metadata) if status in {FAILED, CANCELLED} else None,
        request_id=request_id,
        metadata=metadata,
        extra=_without(body, _KNOWN_OF_QUERY),
        reported_status=body["status"],
        retry_after_s=retry_after_s,
    )


def _object(value: object) -> Mapping[str, Any]:
    return Members(value if isinstance(value, dict) else None)


def _without(body: Mapping[str, Any], known: frozenset[str]) -> Mapping[str, Any]:
    return Members({name: value for name, value in body.items() if name not in known})


def _urls(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    return tuple(url for url in several if isinstance(url, str) and url)


def _percent(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        return None
    return int(min(max(value, 0), 100))


def _error(body: Mapping[str, Any], metadata: Mapping[str, Any]) -> TaskError | None:
    """``error`` where there is one; else Wan's ``metadata.output``."""
    for holder in (body.get("error"), metadata.get("output"), metadata.get("error")):
        if isinstance(holder, dict) and isinstance(holder.get("message"), str):
            code = holder.get("code")
            return TaskError(holder["message"], code if isinstance(code, int | str) else None)
    return None
