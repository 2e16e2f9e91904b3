"""What a schema cannot say about a scenario: bounds the right way round, names used once, rows that exist."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nebula_mock.scenario_reading import LONGEST_DELAY_S, LONGEST_STAGE_S
from nebula_schemas.catalogue import DIALECTS
from nebula_schemas.problems import problem_table

if TYPE_CHECKING:
    from nebula_schemas.violations import Violation

SCHEMA = "files/scenario"
"""The schema that a scenario must be valid by before anything here is asked."""


def scenario_violations(value: Any) -> "tuple[Violation, ...]":
    """Every reason why a JSON value is no scenario: of the schema, and where there is none, of sense."""
    from nebula_mock.json_files import violations
    from nebula_schemas.violations import Violation

    found = violations(SCHEMA, value)
    if found:
        return found
    return tuple(
        Violation(SCHEMA, path, "sense", expected, told) for path, told, expected in _senseless(value)
    )


Found = tuple[str, str, str]  # JSON path, what was found, what was expected


def _senseless(value: Mapping[str, Any]) -> Iterator[Found]:
    lifecycle = value.get("lifecycle", {})
    if "default" in lifecycle:
        yield from _timing(lifecycle["default"], "$.lifecycle.default")
    for family, timing in lifecycle.get("families", {}).items():
        yield from _timing(timing, f"$.lifecycle.families.{family}")
    outcomes = value.get("outcomes")
    if outcomes is not None and not any(one.get("weight", 1) > 0 for one in outcomes):
        yield "$.outcomes", "only weights of 0", "at least one weight above 0"
    for index, replay in enumerate(value.get("replays", ())):
        yield from _replay(replay, f"$.replays[{index}]")
    names: dict[str, int] = {}
    for index, rule in enumerate(value.get("rules", ())):
        place = f"$.rules[{index}]"
        first = names.setdefault(rule["name"], index)
        if first != index:
            yield f"{place}.name", f'"{rule["name"]}" a second time', f"a name that $.rules[{first}] has not"
        yield from _rule(rule, place, value.get("dialect"))


def _timing(timing: Mapping[str, Any], place: str) -> Iterator[Found]:
    for stage in ("waiting", "running"):
        if timing["timing"] == "uniform":
            least, most = timing[f"{stage}_s"]
            yield from _crossed(f"{place}.{stage}_s", least, most)
        if timing["timing"] == "lognormal":
            yield from _spread(timing[stage], f"{place}.{stage}", LONGEST_STAGE_S)


def _replay(replay: Mapping[str, Any], place: str) -> Iterator[Found]:
    most_s = replay["waiting_s"] + replay["running_s"]
    if replay.get("unknown_s", 0) > most_s:
        yield f"{place}.unknown_s", f"{replay['unknown_s']}", f"at most {most_s}, when the task ends"
    for index, (before, after) in enumerate(pairwise(replay.get("progress", ())), 1):
        if not before[0] < after[0] or before[1] > after[1]:
            told = f"{after[0]} s and {after[1]} % after {before[0]} s and {before[1]} %"
            yield f"{place}.progress[{index}]", told, "later seconds, and no less progress"


def _rule(rule: Mapping[str, Any], place: str, dialect: str | None) -> Iterator[Found]:
    match, delay, fault = rule.get("match", {}), rule.get("delay"), rule.get("fault")
    if match.get("from_s", 0) >= match.get("to_s", float("inf")):
        expected = "more than from_s, which comes first"
        yield f"{place}.match.to_s", f"{match['to_s']} after {match.get('from_s', 0)}", expected
    if isinstance(delay, Mapping) and delay["delay"] != "fixed":
        yield from _spread(delay, f"{place}.delay", LONGEST_DELAY_S)
    if fault is not None and fault["fault"] in {"problem", "error-with-200"} and "id" in fault:
        answers = problem_table()[fault["id"]].answers
        missing = [name for name in ((dialect,) if dialect else DIALECTS) if name not in answers]
        if missing:
            told = f'"{fault["id"]}", which the {missing[0]} dialect does not have'
            only = next(iter(answers))
            yield f"{place}.fault.id", told, f'a row of that dialect, or "dialect": "{only}" in the scenario'


def _spread(value: Mapping[str, Any], place: str, longest_s: float) -> Iterator[Found]:
    yield from _crossed(place, value.get("min_s", 0.0), value.get("max_s", longest_s))


def _crossed(place: str, least: float, most: float) -> Iterator[Found]:
    if least > most:
        yield place, f"{least} as the least and {most} as the most", "the least not above the most"
