"""Tasks that were recorded elsewhere, to be made again: which submit takes which, and what becomes of it.

A recorded task is kept as times and not as a list of answers, so that whoever polls, at whatever speed, sees the task
where it stood so long after its submit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from nebula_mock.core.lifecycle import Plan


def _no_values() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Made:
    """The task that a submit is about to make, as far as a replay looks at it.

    Attributes:
        model: The id of its model.
        values: The parameter values in effect, after coercion.
        is_remix: Whether it makes a finished task again.
    """

    model: str
    values: Mapping[str, Any] = field(default_factory=_no_values)
    is_remix: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """One recorded task.

    Attributes:
        wanted: Its model, the values that must be in effect, and whether it is a remix.
        plan: What became of it.
    """

    wanted: Made
    plan: Plan

    def fits(self, made: Made) -> bool:
        """Whether a submit comes to the same; values that it does not name may be anything. Pure."""
        wanted = self.wanted
        return (
            wanted.model == made.model
            and wanted.is_remix == made.is_remix
            and all(_same(made.values.get(name), value) for name, value in wanted.values.items())
        )


def first_left(replays: Sequence[Replay], taken: set[int], made: Made) -> int | None:
    """The place of the first replay that fits and was not taken; None where there is none. Pure."""
    return next(
        (place for place, one in enumerate(replays) if place not in taken and one.fits(made)),
        None,
    )


def _same(one: object, other: object) -> bool:
    """Equal, and no truth for a number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
