"""What a run saw of a family's tasks: traces of statuses, how long each took, and how late an end was told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from nebula_contract.drift.observation import ARROW, LifeSeen, Span
from nebula_contract.drift.observing.place import CONDITIONS
from nebula_contract.drift.observing.walk import word_of
from nebula_contract.judging.members import is_moment, member
from nebula_contract.judging.oracle import RANKS, TERMINAL
from nebula_contract.judging.views import TaskHistory

_LONGEST_TRACE = 12
_STAYS_S = 60.0
_WHOLE = (100, "100%")


def lives_of(tasks: Iterable[TaskHistory]) -> dict[str, LifeSeen]:
    """By family, of those tasks that were read and went their own way."""
    lives: dict[str, LifeSeen] = {}
    samples: dict[tuple[str, str], list[float]] = {}
    for task in tasks:
        if not task.statuses or any(one.condition not in CONDITIONS for one in (task.submit, *task.reads)):
            continue
        life = lives.setdefault(task.family.name, LifeSeen())
        life.tasks += 1
        life.traces[ARROW.join(_trace(task))] += 1
        if _has_stayed(task):
            life.last[word_of(task.statuses[-1][0])] += 1
        for what, seconds in _durations(task):
            samples.setdefault((task.family.name, what), []).append(seconds)
    for (family, what), seconds_of in sorted(samples.items()):
        lives[family].spans[what] = span_of(seconds_of)
    return lives


def span_of(seconds: Sequence[float]) -> Span:
    """The span of at least one duration, to the millisecond."""
    return Span(len(seconds), round(min(seconds), 3), round(median(seconds), 3), round(max(seconds), 3))


def _trace(task: TaskHistory) -> list[str]:
    """Each status when it was new; a status that comes again after another is told again."""
    trace: list[str] = []
    for status, _ in task.statuses:
        word = word_of(status)
        if not trace or trace[-1] != word:
            trace.append(word)
    return trace[:_LONGEST_TRACE]


def _has_stayed(task: TaskHistory) -> bool:
    """Whether the task's last status is one to stay in: an end that is known, or one it was seen in for a minute.

    A strange one is an end at once where the answer shows one: a provider with a new word for it shows no less.

    A status that is known to pass is none, however long it lasted.
    """
    status, last = task.statuses[-1]
    if status in RANKS:
        return status in TERMINAL
    first = next(one for word, one in task.statuses if word == status)
    return task.reads[-1].at_s - first.at_s >= _STAYS_S or _shows_an_end(last.json)


def _shows_an_end(body: Mapping[str, Any]) -> bool:
    """Whether an answer has what only a task that is over has: a result, an error, the whole progress or a moment."""
    whole = any(member(body, place) in _WHOLE for place in ("/progress", "/metadata/progress"))
    return whole or any(member(body, place) for place in ("/url", "/error", "/metadata/completed_at"))


def _durations(task: TaskHistory) -> Iterator[tuple[str, float]]:
    """The time from the submit to the first reading of each status; upper bounds, as exact as it was asked for."""
    told: set[str] = set()
    for status, exchange in task.statuses:
        if status not in told:
            told.add(status)
            yield f"to {word_of(status)}", max(0.0, exchange.until_s - task.submit.at_s)
    lag = _poll_lag(task)
    if lag is not None:
        yield "poll lag", lag


def _poll_lag(task: TaskHistory) -> float | None:
    """How long after its end upstream the task was still told to run: the least that it can have been.

    Only where the upstream's own times stand in the answer, in whole seconds (Sora).
    """
    if task.end is None or task.end.json.get("status") not in TERMINAL:
        return None
    began = member(task.end.json, "/metadata/created_at")
    ended = member(task.end.json, "/metadata/completed_at")
    if not is_moment(began) or not is_moment(ended):
        return None
    known_at_s = task.submit.at_s + float(ended - began)
    opened = [
        one.at_s for status, one in task.statuses if status not in TERMINAL and one.at_s < task.end.at_s
    ]
    return max(0.0, max(opened, default=known_at_s) - known_at_s)
