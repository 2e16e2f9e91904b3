"""Recorded tasks as the ``replays`` of a scenario: transitions with their times, which the mock's clock plays."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nebula_contract.calibrating.lives import DIGITS, Life, tasks
from nebula_contract.calibrating.reasons import failure_of
from nebula_contract.calibrating.timings import LONGEST_S
from nebula_contract.calibrating.values import is_remix, matched_values

MOST, LARGEST_BYTES = 1000, 700_000
"""As many as a scenario can have, and as much of its file of at most 1 MiB as they may fill."""


def replays_of(lives: Sequence[Life], dialect: str) -> tuple[list[Mapping[str, Any]], list[str]]:
    """A replay of each task, in the order of their submits; and what could not be said. Pure.

    Args:
        lives: Tasks that were moved by time.
        dialect: Which the target speaks; empty where nobody knows.
    """
    short = [life for life in lives if life.ended.middle <= LONGEST_S]
    replays = list(_as_many_as_fit(short, dialect))
    notes = [f"replays: {tasks(len(replays))}, each with its own times"]
    if len(short) < len(lives):
        notes.append(f"replays: left out are {tasks(len(lives) - len(short))} that took over a day")
    if len(replays) < len(short):
        left = tasks(len(short) - len(replays))
        notes.append(f"replays: left out are {left} behind the first {len(replays)}, which fill a scenario")
    wide = sum(not life.ended.is_close for life in short[: len(replays)])
    if wide:
        notes.append(
            f"replays: {wide} of them were read so seldom that their end is not known to within a factor of two; it is "
            "told in the middle"
        )
    return replays, notes


def _as_many_as_fit(lives: Sequence[Life], dialect: str) -> Iterator[Mapping[str, Any]]:
    size = 0
    for life in lives[:MOST]:
        replay = _replay(life, dialect)
        size += len(json.dumps(replay))
        if size > LARGEST_BYTES:
            return
        yield replay


def _replay(life: Life, dialect: str) -> Mapping[str, Any]:
    end_s = life.ended.middle
    waiting_s = min(life.started.middle, end_s)
    replay: dict[str, Any] = {"model": life.task.model}
    if values := matched_values(life.task, dialect):
        replay["values"] = values
    if is_remix(life.task):
        replay["remix"] = True
    if life.was_unknown:
        replay["unknown_s"] = min(life.known.middle, waiting_s)
    replay["waiting_s"] = waiting_s
    replay["running_s"] = round(end_s - waiting_s, DIGITS)
    if life.points:
        replay["progress"] = [list(point) for point in life.points if point[0] <= LONGEST_S]
    if life.has_failed:
        replay["failure"] = failure_of(life.task)
    return replay
