"""A remix: a new video after a finished one, with a new prompt and everything else as it was."""

from collections.abc import Mapping
from typing import Any

from nebula_mock.core.intake import Intake
from nebula_mock.core.task import Task


def source_id(taken: Intake) -> str | None:
    """The id of the task to remake; None for an ordinary submit."""
    for reading in taken.usage.readings:
        if reading.parameter.form == "remix" and isinstance(reading.used, str):
            return reading.used
    return None


def remixed_values(taken: Intake, source: Task) -> Mapping[str, Any]:
    """The values in effect: length and frame size are those of the source.

    DOC and SRC say that only the prompt of a remix counts; that it has its source's form is the
    upstream's behaviour (INF).
    """
    rule = source.model.video
    shaping = (rule.duration, rule.fps, rule.size_parameter, rule.size_rows, rule.size_columns)
    names = [name for name in shaping if isinstance(name, str)]
    kept = {name: source.parameters[name] for name in names if name in source.parameters}
    return {**taken.values, **kept}
