"""The life of one task as an oracle: fed with each read in order, it says which law of the lifecycle is broken.

The same object judges generated runs at a mock, live runs and stored records. It knows no HTTP and no clock of its own:
a read is a body and the moment at which it was asked for, on the target's clock.

Laws: statuses have ranks that never fall (they may be skipped or repeated); ``unknown`` comes only before the others and
for one round of the gateway's own polling; ``succeeded`` and ``failed`` are never left; a task ends within a deadline
and not in the instant of its submit; progress never falls; a result, once shown, stays the same; facts that
belong to the task never change; a member that was shown for a status stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nebula_contract.judging.members import is_number, member, places
from nebula_contract.record.exchange import MISSING as _MISSING

Law = Literal[
    "order",
    "terminal",
    "unknown-early",
    "ends",
    "takes-time",
    "progress",
    "result",
    "facts",
    "members",
    "alike",
]

LIVENESS_DEADLINE_S = 900.0
"""A task that is not terminal so many seconds after its submit is stuck (samples give up after 300 to 600 s)."""

UNKNOWN_FOR_S = 31.0
"""``unknown`` lasts until the gateway has first asked the upstream, every 15 s (SRC); twice that is too long."""

RANKS: Mapping[str, int] = {
    "unknown": 0,
    "submitted": 1,
    "queued": 2,
    "in_progress": 3,
    "succeeded": 4,
    "failed": 4,
}
"""A status may be skipped or repeated; its rank never falls."""

TERMINAL = frozenset({"succeeded", "failed"})
EXPIRED = "expired"
"""What stands for a data URI that is no longer kept (DOC, SRC)."""

_FACTS = (
    *("/metadata/id", "/metadata/model", "/metadata/model_name", "/metadata/created_at", "/metadata/seconds"),
    *("/metadata/size", "/metadata/seed", "/metadata/resolution", "/metadata/ratio", "/metadata/duration"),
    *("/metadata/framespersecond", "/metadata/durationSeconds", "/metadata/aspectRatio", "/metadata/fps"),
    *("/metadata/sampleCount", "/metadata/generateAudio", "/metadata/output/task_id"),
    *("/metadata/output/submit_time", "/metadata/requested_seconds", "/metadata/token_name", "/format"),
    *("/metadata/remixed_from_video_id", "/created_at", "/seconds", "/size", "/model", "/prompt", "/object"),
)
"""What belongs to the task and never changes, where it stands."""

_OF_THE_END = (
    *("/metadata/completed_at", "/metadata/expires_at", "/metadata/output/end_time", "/metadata/usage"),
    *("/error", "/metadata/error", "/metadata/output/scheduled_time", "/metadata/updated_at"),
)
"""What never changes once the task has ended."""

_MAY_GO = frozenset({"/metadata/generate_audio"})
"""Members that stand only before the gateway first asks the upstream (SRC)."""

_TOLD_ELSEWHERE = frozenset({"/task_id", "/status", "/format", "/url", "/error"})
"""Members about which every single answer can be judged; a law about several would say it again."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken law.

    Attributes:
        law: Which.
        read: Place of the read that shows it among the reads, from 0; -1 for the submit.
        location: Where in the body.
        found: What came.
        expected: What the law asks for.
        key: What tells it from another breach of the law at that place.
    """

    law: Law
    read: int
    location: str
    found: Any
    expected: str
    key: str = ""


@dataclass(slots=True)
class LifecycleOracle:
    """Judges the reads of one task, in the order in which they were asked for.

    Attributes:
        submitted_at_s: When the task was made, on the target's clock.
        expired_after_s: Seconds after the end from which results may be gone.
        breaches: Every broken law so far.
        looked: How often each law had something to look at.
    """

    submitted_at_s: float
    expired_after_s: float = 12 * 3600.0
    breaches: list[Breach] = field(default_factory=list)
    looked: dict[Law, int] = field(default_factory=dict)
    _count: int = 0
    _rank: int = -1
    _last: str = ""
    _end: str = ""
    _ended_at_s: float | None = None
    _progress: dict[str, float] = field(default_factory=dict)
    _links: Any = None
    _facts: dict[str, Any] = field(default_factory=dict)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _at_s: float | None = None
    _body: Any = None
    _is_strange: bool = False

    def read(self, body: Mapping[str, Any], at_s: float) -> list[Breach]:
        """Take the next read; gives what it breaks."""
        before = len(self.breaches)
        status = body.get("status")
        if not isinstance(status, str) or status not in RANKS:
            self._is_strange = True  # what such a word promises, and whether it is an end, nobody can say
        else:
            self._judge_status(status, at_s)
            self._judge_result(body, status, at_s)
            self._judge_members(body, status)
        self._judge_progress(body)
        self._judge_facts(body, status)
        self._judge_alike(body, at_s)
        self._count += 1
        return self.breaches[before:]

    def over(self, at_s: float) -> list[Breach]:
        """No more reads come; ``at_s`` is when the last was asked for. Says whether the task ended in time."""
        before = len(self.breaches)
        age_s = at_s - self.submitted_at_s
        if self._end:
            self._look("ends")
        elif self._count and not self._is_strange and age_s >= LIVENESS_DEADLINE_S:
            self._look("ends")
            wanted = f"an end within {LIVENESS_DEADLINE_S:.0f} s"
            self._breach("ends", "/status", self._last, wanted, read=self._count - 1)
        return self.breaches[before:]

    def _judge_status(self, status: str, at_s: float) -> None:
        rank = RANKS[status]
        age_s = at_s - self.submitted_at_s
        if self._count == 0 and age_s < 1:
            self._look("takes-time")
            if status in TERMINAL:
                self._breach(
                    "takes-time", "/status", status, "a task that is still waiting or at work", key=status
                )
        self._look("terminal" if self._end else "order")
        if self._end and status != self._end:
            self._breach("terminal", "/status", status, f"{self._end}, which is never left", key=self._last)
        elif rank < self._rank:
            self._breach(
                "order", "/status", status, f"nothing before {self._last}", key=f"{self._last}>{status}"
            )
        if status == "unknown":
            self._look("unknown-early")
            if age_s > UNKNOWN_FOR_S:
                wanted = f"a status {UNKNOWN_FOR_S:.0f} s after the submit"
                self._breach("unknown-early", "/status", status, wanted)
        if status in TERMINAL and not self._end:
            self._end, self._ended_at_s = status, at_s
        if rank >= self._rank:
            self._rank, self._last = rank, status

    def _judge_progress(self, body: Mapping[str, Any]) -> None:
        for place in ("/metadata/progress", "/progress"):
            found = member(body, place)
            if not is_number(found):
                continue
            self._look("progress")
            highest = self._progress.get(place, found)
            if found < highest:
                self._breach("progress", place, found, f"no less than {highest}")
            self._progress[place] = max(found, highest)

    def _judge_result(self, body: Mapping[str, Any], status: str, at_s: float) -> None:
        url = body.get("url")
        if status != "succeeded" or not url:
            return
        if self._links is None:
            self._links = url
            return
        self._look("result")
        may_be_gone = self._ended_at_s is not None and at_s - self._ended_at_s >= self.expired_after_s - 60
        is_gone = url == EXPIRED or (isinstance(url, list) and set(map(str, url)) == {EXPIRED})
        if url != self._links and not (is_gone and may_be_gone):
            self._breach("result", "/url", url, "the URL that was shown before")

    def _judge_facts(self, body: Mapping[str, Any], status: object) -> None:
        places_now = (*_FACTS, *_OF_THE_END) if isinstance(status, str) and status in TERMINAL else _FACTS
        for place in places_now:
            found = member(body, place)
            if found is _MISSING:
                continue
            if place in self._facts:
                self._look("facts")
                if found != self._facts[place] or type(found) is not type(self._facts[place]):
                    self._breach("facts", place, found, f"{self._facts[place]!r} as before")
            else:
                self._facts[place] = found

    def _judge_members(self, body: Mapping[str, Any], status: str) -> None:
        now = {place for place, _ in places(body) if "[]" not in place}
        before = self._members.get(status)
        if before is None:
            self._members[status] = now
            return
        self._look("members")
        for place in sorted(before - now - _MAY_GO - _TOLD_ELSEWHERE):
            if not any(place.startswith(f"{one}/") for one in before - now):
                self._breach("members", place, "nothing", f"the member that earlier reads of {status} have")
        before |= now

    def _judge_alike(self, body: Mapping[str, Any], at_s: float) -> None:
        """Two reads at one instant of a standing clock say the same."""
        if self._at_s == at_s and self._body is not None:
            self._look("alike")
            for place in _differing(self._body, body):
                if place in _TOLD_ELSEWHERE - {"/status", "/url"}:
                    continue
                self._breach(
                    "alike",
                    place,
                    member(body, place),
                    f"{member(self._body, place)!r}, as asked just before",
                )
        self._at_s, self._body = at_s, body

    def _look(self, law: Law) -> None:
        self.looked[law] = self.looked.get(law, 0) + 1

    def _breach(
        self, law: Law, location: str, found: Any, expected: str, key: str = "", read: int | None = None
    ) -> None:
        self.breaches.append(
            Breach(law, self._count if read is None else read, location, found, expected, key)
        )


def _differing(one: Any, other: Any, at: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from _differing(one.get(name, _MISSING), other.get(name, _MISSING), f"{at}/{name}")
    elif one != other or type(one) is not type(other):
        yield at
