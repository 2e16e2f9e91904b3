"""How long the tasks of each family took, as the ``lifecycle`` of a scenario."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nebula_contract.calibrating.lives import DIGITS, Life, tasks
from nebula_contract.calibrating.spread import Form, common_moment, form_of, sigma_of, summary_of

LONGEST_S = 86_400.0
"""The longest stage that a scenario can say."""

_LEAST_CLOSE = 2


@dataclass(frozen=True, slots=True)
class Timing:
    """What one family's tasks come to.

    Attributes:
        told: The member of ``lifecycle.families``.
        notes: What it was made of, a sentence each.
    """

    told: Mapping[str, Any]
    notes: tuple[str, ...]


def timing_of(family: str, lives: Sequence[Life], lag_s: float) -> Timing:
    """The times of a family, of at least one life. Pure.

    Args:
        family: Its name.
        lives: Tasks that nothing was arranged for.
        lag_s: How old what the target says may be, which the mock's own dialect adds again.
    """
    notes = list(_seen(family, lives))
    at_work = [life for life in lives if life.was_seen_at_work]
    if not at_work:
        notes.append(f"{family}: in_progress was never read, so all of the time is told as waiting")
    elif len(at_work) < len(lives):
        notes.append(f"{family}: counted below are {tasks(len(at_work))} read in_progress, of {len(lives)}")
    waiting, running = _stages(at_work or lives, lag_s)
    form = form_of(waiting, running)
    if max(*waiting, *running) > LONGEST_S:
        notes.append(f"{family}: stages over a day are told as one of a day, the longest there is")
        waiting, running = ([min(sample, LONGEST_S) for sample in stage] for stage in (waiting, running))
    notes.append(f"{family}: waiting {summary_of(waiting)}; running {summary_of(running)}; told as {form}")
    return Timing(_told(form, waiting, running), tuple(notes))


def _seen(family: str, lives: Sequence[Life]) -> Iterator[str]:
    """The moments as they were seen, each the middle of its span."""
    known, started, ended = (
        summary_of([span.middle for span in spans])
        for spans in zip(*((life.known, life.started, life.ended) for life in lives), strict=True)
    )
    widest = max(life.ended.high - life.ended.low for life in lives)
    yield (
        f"{family}: since the submit, known after {known}; at work after {started}; ended after {ended}; "
        f"each known to within {widest:.3g} s or better"
    )


def _stages(lives: Sequence[Life], lag_s: float) -> tuple[list[float], list[float]]:
    """Waiting and running: once, where one moment explains all that was seen; else for each task."""
    starts = [life.started.sooner(lag_s) for life in lives]
    ends = [life.ended.sooner(lag_s) for life in lives]
    start, end = common_moment(starts), common_moment(ends)
    if start is not None and end is not None:
        start = min(start, end)
        return [start] * len(lives), [round(end - start, DIGITS)] * len(lives)
    close = [place for place, span in enumerate(ends) if span.is_close]
    places = close if len(close) >= _LEAST_CLOSE else range(len(lives))
    waiting = [min(starts[place].middle, ends[place].middle) for place in places]
    whole = [ends[place].middle for place in places]
    return waiting, [round(all_s - first_s, DIGITS) for first_s, all_s in zip(waiting, whole, strict=True)]


def _told(form: Form, waiting: Sequence[float], running: Sequence[float]) -> Mapping[str, Any]:
    if form == "fixed":
        return {"timing": form, "waiting_s": waiting[0], "running_s": running[0]}
    if form == "uniform":
        return {"timing": form, "waiting_s": _bounds(waiting), "running_s": _bounds(running)}
    return {"timing": form, "waiting": shape_of(waiting), "running": shape_of(running)}


def _bounds(samples: Sequence[float]) -> list[float]:
    found = summary_of(samples)
    return [found.least, found.most]


def shape_of(samples: Sequence[float]) -> dict[str, float]:
    """The members of a lognormal form, cut at what was seen; all samples are above 0. Pure."""
    found = summary_of(samples)
    return {
        "median_s": found.median,
        "sigma": sigma_of(samples),
        "min_s": found.least,
        "max_s": found.most,
    }
