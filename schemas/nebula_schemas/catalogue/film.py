"""What the result of a task looks like: frame size, frame rate, duration, how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nebula_schemas.catalogue.values import Family, Model

_COUNT = "sampleCount"


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """The measurable facts of a task's result.

    Attributes:
        width: Frame width in pixels.
        height: Frame height in pixels.
        fps: Frames per second.
        duration_s: Duration in seconds.
        count: How many videos the task gives.
    """

    width: int
    height: int
    fps: int
    duration_s: int
    count: int = 1


def film_facts(family: Family, model: Model, values: Mapping[str, Any]) -> FilmFacts:
    """The facts that follow from the parameter values in effect.

    Pure. ``values`` are those of ``read_request``, so every one is allowed by the catalogue.
    """
    rule = model.video
    width, height = _frame_size(family, model, values)
    return FilmFacts(
        width=width,
        height=height,
        fps=rule.fps if isinstance(rule.fps, int) else values[rule.fps],
        duration_s=values[rule.duration],
        count=values.get(_COUNT, 1),
    )


def _frame_size(family: Family, model: Model, values: Mapping[str, Any]) -> tuple[int, int]:
    rule = model.video
    if rule.size_table is None:
        text = values[rule.size_parameter or ""]
    else:
        row = family.frame_sizes[rule.size_table][values[rule.size_rows or ""]]
        text = row if isinstance(row, str) else row[values[rule.size_columns or ""]]
    width, height = text.replace("*", "x").split("x")
    return int(width), int(height)
