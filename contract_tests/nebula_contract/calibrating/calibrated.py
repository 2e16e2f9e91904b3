"""A record to a scenario for the mock, and in sentences what it was made of and what could not be said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from nebula_contract.calibrating.failures import outcomes_of
from nebula_contract.calibrating.latency import latency_of
from nebula_contract.calibrating.lives import Life, life_of, tasks
from nebula_contract.calibrating.replays import replays_of
from nebula_contract.calibrating.timings import timing_of
from nebula_contract.judging.oracle import RANKS, TERMINAL
from nebula_contract.judging.views import LAG_S, RunView
from nebula_contract.record.run import RunHeader
from nebula_schemas.loader import contract

Part = Literal["timings", "failures", "latency", "replays"]

PARTS: tuple[Part, ...] = get_args(Part)
"""What a scenario can be made of."""

_TARGETS = {"mock": "a mock", "url": "a server", "live": "the live provider"}
_SCHEMA = "files/scenario"
_LONGEST_DESCRIPTION = 1000


class CalibrationError(Exception):
    """There is nothing in the record that a scenario could be made of; the message says what was missing."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a record comes to.

    Attributes:
        scenario: A JSON object valid by ``files/scenario``.
        notes: What it was made of, and what could not be said, a sentence each.
    """

    scenario: dict[str, Any]
    notes: tuple[str, ...]


def calibrated(
    view: RunView, header: RunHeader, *, name: str = "calibrated", parts: Collection[Part] = PARTS
) -> Calibrated:
    """The scenario that a run comes to. Pure.

    Args:
        view: The run, read.
        header: What the record says of it.
        name: What its description begins with.
        parts: What is told of it.

    Raises:
        CalibrationError: None of the parts can be told.
    """
    by_time = [task for task in view.tasks if task.submit.condition != "by-polls"]
    lives = [life for task in by_time if (life := life_of(task)) is not None]
    plain = [life for life in lives if not life.was_arranged]
    dialect = _dialect(view, header)
    notes = _counted(view, lives, plain)
    told: dict[str, Any] = {}
    if "timings" in parts and plain:
        told["lifecycle"], found = _lifecycle(plain, lag_s=LAG_S if dialect == "gateway" else 0.0)
        notes += found
    if "failures" in parts and plain:
        told["outcomes"], found = outcomes_of(plain)
        notes += found
    if "replays" in parts and lives:
        told["replays"], found = replays_of(lives, dialect)
        notes += found
    if "latency" in parts:
        told["rules"], found = latency_of(view.exchanges)
        notes += found
    told = {member: value for member, value in told.items() if value}
    if not told:
        raise CalibrationError(_nothing(view, lives, parts, notes))
    description = _description(name, header, lives)
    spoken = {"dialect": dialect} if dialect else {}
    scenario = {"$schema": "scenario.schema.json", "description": description, **spoken, **told}
    contract().check(_SCHEMA, scenario)
    return Calibrated(scenario, tuple(notes))


def _lifecycle(plain: Sequence[Life], lag_s: float) -> tuple[dict[str, Any], list[str]]:
    families: dict[str, list[Life]] = {}
    for life in plain:
        families.setdefault(life.task.family.name, []).append(life)
    timings = {name: timing_of(name, lives, lag_s) for name, lives in sorted(families.items())}
    notes = [note for timing in timings.values() for note in timing.notes]
    return {"families": {name: timing.told for name, timing in timings.items()}}, notes


def _dialect(view: RunView, header: RunHeader) -> str:
    """What the target says that it speaks, or what its answers show; empty where neither tells.

    Only the gateway ever says ``unknown``, and gives ``url`` to tasks that have no result yet (SRC).
    """
    if header.dialect:
        return header.dialect
    reads = (read for task in view.tasks for read in task.statuses)
    shows_gateway = any(
        status == "unknown" or (status in RANKS and status not in TERMINAL and "url" in one.json)
        for status, one in reads
    )
    return "gateway" if shows_gateway else ""


def _counted(view: RunView, lives: Sequence[Life], plain: Sequence[Life]) -> list[str]:
    notes = [f"tasks: {tasks(len(view.tasks))} were made, {len(lives)} of them were seen to end"]
    by_polls = sum(task.submit.condition == "by-polls" for task in view.tasks)
    if by_polls:
        notes.append(f"tasks: left out are {tasks(by_polls)} moved by queries and not by time")
    if len(plain) < len(lives):
        arranged = len(lives) - len(plain)
        notes.append(f"tasks: replayed alone are {tasks(arranged)} that the run arranged something for")
    strange = {status for task in view.tasks for status, _ in task.statuses if status not in RANKS}
    if strange:
        notes.append("tasks: left out are reads in a status that no document knows")
    return notes


def _nothing(view: RunView, lives: Sequence[Life], parts: Collection[Part], notes: Sequence[str]) -> str:
    asked = ", ".join(part for part in PARTS if part in parts)
    if lives or "replays" not in parts:
        return f"it shows nothing to tell of {asked}. " + "".join(
            f"{note[:1].upper()}{note[1:]}. " for note in notes
        )
    found = f"found {tasks(len(view.tasks))} of which none was seen to end" if view.tasks else "found no task"
    return f"{found}, expected one at least that was polled until it succeeded or failed ({asked}). "


def _description(name: str, header: RunHeader, lives: Sequence[Life]) -> str:
    """One sentence, without the target's address."""
    day = header.started_at[:10]
    seen = f"{tasks(len(lives))} that {'was' if len(lives) == 1 else 'were'} seen to end"
    text = f"{name}: as {_TARGETS[header.kind]} was on {day}, by {seen}."
    return text[:_LONGEST_DESCRIPTION]
