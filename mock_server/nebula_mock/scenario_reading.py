"""A scenario from JSON that is valid by the schema ``files/scenario``: tables from members to values."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from nebula_mock.core.account import account_of
from nebula_mock.core.faults import fault_from
from nebula_mock.core.lifecycle import Failure, Plan, Polls
from nebula_mock.core.limits import RequestLimit
from nebula_mock.core.outcomes import Outcome, Outcomes
from nebula_mock.core.progress import Curve
from nebula_mock.core.replays import Made, Replay
from nebula_mock.core.rule import Match, Nth, Rule
from nebula_mock.core.scenario import Scenario
from nebula_mock.core.terms import Terms
from nebula_mock.core.timing import ByPolls, ByTime, Duration, Fixed, Lognormal, Timing, Uniform
from nebula_mock.json_files import without_secrets
from nebula_schemas.failures import failure_table

Json = Mapping[str, Any]

LONGEST_STAGE_S, LONGEST_DELAY_S = 86_400.0, 3_600.0
"""What a lognormal distribution is cut at where its JSON does not say, in seconds."""

_NEVER_WAITING_S, _NEVER_RUNNING_S = 2.0, 8.0


def scenario_from(given: Json, name: str) -> Scenario:
    """The scenario of that name that a JSON object tells.

    Raises:
        TimingError: Bounds are the wrong way round.
        OutcomesError: No outcome can be drawn.
    """
    value: Json = with_whole_numbers(given)
    lifecycle: Json = value.get("lifecycle", {})
    limits: Json = value.get("limits", {})
    outcomes = value.get("outcomes")
    balance = value.get("balance_usd")
    return Scenario(
        name=name,
        description=value["description"],
        timing=_timing(lifecycle["default"]) if "default" in lifecycle else None,
        families={family: _timing(one) for family, one in lifecycle.get("families", {}).items()},
        curve=_curve(lifecycle["progress"]) if "progress" in lifecycle else None,
        outcomes=None if outcomes is None else Outcomes(tuple(map(_outcome, outcomes))),
        replays=tuple(map(_replay, value.get("replays", ()))),
        rules=tuple(map(_rule, value.get("rules", ()))),
        requests=_request_limit(limits["requests"]) if "requests" in limits else None,
        most_running=limits.get("most_running"),
        balance_usd=None if balance is None else Decimal(balance),
        dialect=value.get("dialect"),
        terms=Terms(
            **value.get("retention", {}),
            video_size_bytes=value.get("video_size_bytes"),
            video_results=value.get("video_results"),
        ),
        told=without_secrets(dict(value)),
    )


def with_whole_numbers(value: Any) -> Any:
    """The value with 2.0 as 2: to a schema that is an integer too, to an answer it is not."""
    if isinstance(value, Mapping):
        return {name: with_whole_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lognormal(value: Json, longest_s: float) -> Lognormal:
    return Lognormal(
        value["median_s"], value["sigma"], value.get("min_s", 0.0), value.get("max_s", longest_s)
    )


_TIMINGS: Mapping[str, Callable[[Json], Timing]] = {
    "fixed": lambda of: ByTime(Fixed(of["waiting_s"]), Fixed(of["running_s"])),
    "uniform": lambda of: ByTime(Uniform(*of["waiting_s"]), Uniform(*of["running_s"])),
    "lognormal": lambda of: ByTime(
        _lognormal(of["waiting"], LONGEST_STAGE_S), _lognormal(of["running"], LONGEST_STAGE_S)
    ),
    "by-polls": lambda of: ByPolls(Polls(of["waiting"], of["running"])),
    "instant": lambda _: ByTime(Fixed(0.0), Fixed(0.0)),
    "never": lambda of: ByTime(
        Fixed(of.get("waiting_s", _NEVER_WAITING_S)),
        Fixed(of.get("running_s", _NEVER_RUNNING_S)),
        is_endless=True,
    ),
}

_DELAYS: Mapping[str, Callable[[Json], Duration]] = {
    "fixed": lambda of: Fixed(of["seconds"]),
    "uniform": lambda of: Uniform(of["min_s"], of["max_s"]),
    "lognormal": lambda of: _lognormal(of, LONGEST_DELAY_S),
}


def _timing(value: Json) -> Timing:
    return _TIMINGS[value["timing"]](value)


def delay_from(value: Any) -> Duration:
    """A delay as a rule has it: seconds, or a distribution."""
    return _DELAYS[value["delay"]](value) if isinstance(value, Mapping) else Fixed(value)


def _curve(value: Json) -> Curve:
    settings = {name: one for name, one in value.items() if name != "curve"}
    return Curve(value["curve"], **settings)


def _outcome(value: Json) -> Outcome:
    return Outcome(value.get("weight", 1), _failure(value.get("failure")))


def _failure(value: Any) -> Failure | None:
    if isinstance(value, str):
        named = failure_table()[value]
        return Failure(named.message, named.code)
    return None if value is None else Failure(**value)


def _replay(value: Json) -> Replay:
    wanted = Made(value["model"], value.get("values", {}), value.get("remix", False))
    plan = Plan(
        waiting_s=value["waiting_s"],
        running_s=value["running_s"],
        failure=_failure(value.get("failure")),
        points=tuple((at_s, percent) for at_s, percent in value.get("progress", ())),
        unknown_s=value.get("unknown_s", 0.0),
    )
    return Replay(wanted, plan)


def _request_limit(value: Json) -> RequestLimit:
    operations = {"operations": tuple(value["operations"])} if "operations" in value else {}
    return RequestLimit(**{**value, **operations})


def _rule(value: Json) -> Rule:
    delay, fault = value.get("delay"), value.get("fault")
    return Rule(
        name=value["name"],
        match=match_from(value.get("match", {})),
        probability=value.get("probability", 1.0),
        times=value.get("times"),
        delay=None if delay is None else delay_from(delay),
        fault=None if fault is None else fault_from(fault),
    )


def match_from(value: Json) -> Match:
    """What a request must be, as a rule has it."""
    changed: dict[str, Any] = {}
    if "account" in value:
        changed["account"] = account_of(value["account"])
    if "header" in value:
        changed["header"] = (value["header"]["name"].lower(), value["header"]["value"])
    if "nth" in value:
        changed["nth"] = _nth(value["nth"])
    return Match(**{**value, **changed})


def _nth(value: Any) -> Nth:
    if isinstance(value, Mapping):
        return Nth(every=value["every"])
    return Nth(frozenset(value if isinstance(value, list) else [value]))
