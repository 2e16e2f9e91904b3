"""Recorded tasks as the ``replays`` of a scenario: transitions with their times, which the mock's clock plays."""

from collections.abc import Mapping, Sequence
from typing import Any

from nebula_contract.calibrating.lives import DIGITS, Life
from nebula_contract.calibrating.reasons import failure_of
from nebula_contract.calibrating.timings import LONGEST_S
from nebula_contract.calibrating.values import is_remix, matched_values

MOST = 1000
"""As many as a scenario can have."""


def replays_of(lives: Sequence[Life], dialect: str) -> tuple[list[Mapping[str, Any]], list[str]]:
    """A replay of each task, in the order of their submits; and what could not be said. Pure.

    Args:
        lives: Tasks that were moved by time.
        dialect: Which the target speaks; empty where nobody knows.
    """
    notes = []
    short = [life for life in lives if life.ended.middle <= LONGEST_S]
    if len(short) < len(lives):
        notes.append(f"replays: {len(lives) - len(short)} tasks that took over a day are left out")
    if len(short) > MOST:
        notes.append(
            f"replays: {len(short) - MOST} tasks behind the first {MOST} are left out, the most there can be"
        )
    replays = [_replay(life, dialect) for life in short[:MOST]]
    notes.insert(0, f"replays: {len(replays)} tasks, each with its own times")
    wide = sum(not life.ended.is_close for life in short[:MOST])
    if wide:
        notes.append(
            f"replays: {wide} of them were read so seldom that their end is not known to within a factor of two; it is "
            "told in the middle"
        )
    return replays, notes


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
