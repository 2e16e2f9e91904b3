"""What a record says of its run: before the first exchange, and after the last."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

FORMAT = 1
"""Of the record file; a reader refuses any other."""

TargetKind = Literal["mock", "url", "live"]
"""``mock`` says that it is one, wherever it runs; ``url`` is another server on this machine; ``live`` charges."""

Stop = Literal["complete", "interrupted", "failed", "cap", "deadline"]
"""Why a run ended: all was sent, somebody stopped it, it could not go on, or a bound on money or time was met."""


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What is known before anything is sent.

    Attributes:
        tool: Version of this package.
        target: ``mock`` or an address, without credentials and query.
        kind: What the target is.
        started_at: ISO 8601 in UTC, by this machine's clock.
        dialect: Which of the two the target speaks, where that is known before; empty else.
        seed: Of the generated inputs; None where nothing is generated.
        profile: How much is generated; ``live`` for a plan.
        hypothesis: Version of the library that generates; another one generates other inputs from one seed.
        plan: ``sha256:`` and the digest of the plan; empty where there is none.
        cap_usd: The most a live run may spend, as decimal text; empty elsewhere.
    """

    tool: str
    target: str
    kind: TargetKind
    started_at: str
    dialect: str = ""
    seed: int | None = None
    profile: str = ""
    hypothesis: str = ""
    plan: str = ""
    cap_usd: str = ""

    @property
    def is_mock(self) -> bool:
        """Whether the target says that it is a mock."""
        return self.kind == "mock"

    @property
    def is_planned(self) -> bool:
        """Whether it carries out a live plan, at the provider or as a rehearsal: what the plan leaves out is not missing."""
        return self.profile == "live"

    @property
    def is_live(self) -> bool:
        """Whether the target charges."""
        return self.kind == "live"


@dataclass(frozen=True, slots=True)
class RunEnd:
    """What is known when the last exchange was written. A run that was killed has none.

    Attributes:
        ended_at: As ``RunHeader.started_at``.
        stop: Why it ended.
        exchanges: How many were written.
        spent_usd: What a live run spent, as decimal text; empty elsewhere.
        notes: What the run itself has to say, a sentence each.
    """

    ended_at: str
    stop: Stop
    exchanges: int
    spent_usd: str = ""
    notes: tuple[str, ...] = ()


def plain_target(name: str) -> str:
    """The name of a target as it may be kept: an address without credentials, query and fragment."""
    try:
        parts = urlsplit(name)
        if not parts.netloc:
            return name.partition("?")[0].partition("#")[0]
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return "an address that is none"
