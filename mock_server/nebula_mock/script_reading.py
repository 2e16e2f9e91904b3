"""A fault script from JSON: every reason why a value is none, and what it stands for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nebula_mock.core.faults import fault_from
from nebula_mock.core.rule import Match
from nebula_mock.core.scripts import Step
from nebula_mock.core.steps import StepError, step_of_text
from nebula_mock.json_files import told_without_secrets, violations, without_secrets
from nebula_mock.redaction import redacted_text
from nebula_mock.scenario_reading import delay_from, match_from, with_whole_numbers

if TYPE_CHECKING:
    from nebula_schemas.violations import Violation

SCHEMA = "admin/fault-script"

Json = Mapping[str, Any]


class ScriptError(ValueError):
    """A value is no fault script; every reason, with where, what was found and what was expected."""


def script_in(given: Any, account: str | None = None) -> tuple[Match, tuple[Step, ...], Json]:
    """Which requests a script is for, what happens to them, and both as they may be shown.

    Args:
        given: A JSON value.
        account: Whose requests alone, whatever the script says; None for those that it says.

    Raises:
        ScriptError: It is no script.
    """
    value = with_whole_numbers(given)
    lines = told_without_secrets("script", violations(SCHEMA, value), value)
    if not lines:
        lines = list(_told_steps(value["steps"]))
    if lines:
        raise ScriptError("\n".join(lines))
    operation = value["operation"]
    match = match_from(value.get("match", {}))
    match = replace(match, operation=None if operation == "any" else operation)
    if account is not None:
        if match.account not in (None, account):
            message = "script, $.match.account: found another account than that of the request, expected one of them"
            raise ScriptError(message)
        match = replace(match, account=account)
    told = {"operation": operation, "match": without_secrets(value.get("match", {}))}
    return match, tuple(map(_step, value["steps"])), told


def _told_steps(steps: Sequence[Any]) -> Iterator[str]:
    """What is wrong with the steps that are texts."""
    for index, step in enumerate(steps):
        if not isinstance(step, str):
            continue
        place = f"script, $.steps[{index}]"
        try:
            meant = step_of_text(step)
        except StepError as error:
            yield f"{place}: {error}."
            continue
        found = violations(SCHEMA, {"operation": "any", "steps": [meant]}) if meant else ()
        yield from (f"{place}: found {step!r}, of which {_wrong(one)}" for one in found)


def _wrong(one: "Violation") -> str:
    return f"{one.json_path.removeprefix('$.steps[0].')} is {one.found}, expected {one.expected}."


def _step(told: Any) -> Step:
    value: Json = step_of_text(told) if isinstance(told, str) else told
    fault, delay = value.get("fault"), value.get("delay")
    if isinstance(fault, str):  # the step is a fault itself
        fault = value
    return Step(
        redacted_text(told) if isinstance(told, str) else without_secrets(told),
        None if fault is None else fault_from(fault),
        None if delay is None else delay_from(delay),
    )
