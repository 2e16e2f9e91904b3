"""Promises of rules and limits: which requests they meet, how often, and that one account's are no other's."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.core.account import account_of
from nebula_mock.core.draws import Draws
from nebula_mock.core.facts import Facts
from nebula_mock.core.faults import Scene
from nebula_mock.core.faults.problem import ProblemFault
from nebula_mock.core.globs import found_in, globbed
from nebula_mock.core.limits import Admitted, RequestLimit
from nebula_mock.core.play import Play
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.rule import Rule
from nebula_mock.scenario_reading import scenario_from
from nebula_schemas.catalogue import DIALECTS, Dialect
from nebula_schemas.problems import problem_table

DRAWS = Draws(b"seed")
FACTS = Facts(
    operation="submit",
    account=account_of("sk-me"),
    ordinal=2,
    elapsed_s=60.0,
    model="veo-3.1-fast-generate-preview",
    family="veo",
    prompt="A cat in a storm",
    headers={"x-attempt": "12"},
)


def rule_of(match: dict[str, Any], **members: Any) -> Rule:
    """A rule that delays what it matches, as its JSON says."""
    value = {"description": "x", "rules": [{"name": "one", "match": match, "delay": 1, **members}]}
    return scenario_from(value, "x").rules[0]


def play_of(*rules: dict[str, Any], **members: Any) -> Play:
    """A play of a scenario with those rules, which began at 0."""
    return Play(scenario_from({"description": "x", "rules": list(rules), **members}, "x"), lambda _: 0.0)


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        ({}, True),
        ({"operation": "submit"}, True),
        ({"operation": "query"}, False),
        ({"model": "veo-*"}, True),
        ({"model": "*fast*preview"}, True),
        ({"model": "veo"}, False),
        ({"family": "veo"}, True),
        ({"family": "sora"}, False),
        ({"account": "sk-me"}, True),
        ({"account": "sk-you"}, False),
        ({"prompt": "storm"}, True),
        ({"prompt": "Storm"}, False),
        ({"prompt": "A cat*"}, True),
        ({"prompt": "cat*"}, False),
        ({"header": {"name": "X-ATTEMPT", "value": "12"}}, True),
        ({"header": {"name": "X-Attempt", "value": "1*"}}, True),
        ({"header": {"name": "X-Attempt", "value": "2"}}, False),
        ({"header": {"name": "X-Other", "value": "*"}}, False),
        ({"nth": 3}, True),
        ({"nth": 2}, False),
        ({"nth": [1, 3]}, True),
        ({"nth": {"every": 3}}, True),
        ({"nth": {"every": 2}}, False),
        ({"from_s": 60}, True),
        ({"from_s": 60.5}, False),
        ({"to_s": 60}, False),
        ({"to_s": 60.5}, True),
        ({"operation": "submit", "family": "veo", "nth": 3, "prompt": "storm"}, True),
        ({"operation": "submit", "family": "veo", "nth": 3, "prompt": "sun"}, False),
    ],
)
def test_a_rule_matches_what_is_all_of_its_match(match: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 - a table
    assert rule_of(match).match.holds(FACTS) is holds


@pytest.mark.parametrize("match", [{"model": "*"}, {"prompt": ""}, {"prompt": "*"}, {"family": "veo"}])
def test_what_is_not_known_matches_nothing(match: dict[str, Any]) -> None:
    unknown = replace(FACTS, model=None, family=None, prompt=None)
    assert not rule_of(match).match.holds(unknown)


texts = st.text("ab*", max_size=12)


@given(texts, st.text("ab", max_size=12))
def test_a_pattern_is_as_in_a_shell_with_stars_alone(pattern: str, text: str) -> None:
    assert globbed(pattern, text) == fnmatchcase(text, pattern)


@given(st.text("ab", max_size=3), st.text("ab", max_size=12))
def test_a_pattern_without_a_star_is_looked_for_in_a_prompt(pattern: str, text: str) -> None:
    assert found_in(pattern, text) == (pattern in text)


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not globbed("*a" * 200 + "b", "a" * 20_000)


@given(st.integers(1, 5), st.integers(0, 20), st.floats(0, 1, exclude_max=True))
def test_a_rule_fires_at_most_so_many_times(times: int, fired: int, chance: float) -> None:
    rule = rule_of({}, times=times)
    assert rule.fires(FACTS, fired, chance) == (fired < times)


def test_a_rule_of_probability_0_never_fires_and_one_of_1_always_does() -> None:
    plays = {p: play_of({"name": "one", "probability": p, "delay": 1}) for p in (0, 1)}
    fired = {
        p: [bool(play.effects(replace(FACTS, ordinal=n), DRAWS).fired) for n in range(100)]
        for p, play in plays.items()
    }
    assert (any(fired[0]), all(fired[1])) == (False, True)


@pytest.mark.parametrize("about", [lambda n: {"draw_ordinal": n}, lambda n: {"about": f"{n}"}])
def test_a_probable_rule_fires_as_often_as_it_says_and_on_the_same_requests_each_time(
    about: Callable[[int], dict[str, Any]],
) -> None:
    """Whichever comes first: the number of a request of the account means nothing."""

    def run(order: list[int]) -> set[int]:
        play = play_of({"name": "one", "probability": 0.25, "delay": 1})
        came = enumerate(order)
        return {n for at, n in came if play.effects(replace(FACTS, ordinal=at, **about(n)), DRAWS).fired}

    forwards = run(list(range(2000)))
    assert forwards == run(list(range(1999, -1, -1)))
    assert len(forwards) / 2000 == pytest.approx(0.25, abs=0.03)


def test_rules_are_asked_in_order_and_the_first_decides() -> None:
    play = play_of(
        {"name": "elsewhere", "match": {"operation": "query"}, "delay": 9},
        {"name": "late", "delay": 2},
        {"name": "later", "delay": 5},
        {"name": "broken", "fault": {"fault": "problem", "id": "server-error"}},
        {"name": "both", "delay": 7, "fault": {"fault": "problem", "id": "rate-limited"}},
    )
    effects = play.effects(FACTS, DRAWS)
    assert (effects.fired, effects.delay_s) == (("late", "broken"), 2)
    assert effects.fault == ProblemFault("server-error")
    assert play.fired() == {"elsewhere": 0, "late": 1, "later": 0, "broken": 1, "both": 0}


def test_times_and_nth_count_for_each_account_by_itself() -> None:
    play = play_of({"name": "first-two", "times": 2, "delay": 1})
    fired = []
    for account in ("a", "a", "b", "a", "b", "b"):
        call = play.call(account, "submit", 0.0)
        facts = replace(FACTS, account=account, ordinal=call.ordinal)
        fired.append((account, call.ordinal, bool(play.effects(facts, DRAWS).fired)))
    assert fired == [
        ("a", 0, True),
        ("a", 1, True),
        ("b", 0, True),
        ("a", 2, False),
        ("b", 1, True),
        ("b", 2, False),
    ]
    assert (play.fired("a"), play.fired()) == ({"first-two": 2}, {"first-two": 4})


def test_operations_are_counted_apart() -> None:
    play = play_of()
    ordinals = [
        play.call("a", operation, 0.0).ordinal for operation in ("submit", "query", "query", "submit")
    ]
    assert ordinals == [0, 0, 1, 1]


@given(
    st.sampled_from(["fixed", "sliding"]),
    st.integers(0, 5),
    st.integers(1, 10),
    st.lists(st.integers(0, 4), max_size=60),
)
def test_no_window_has_more_requests_than_its_limit(
    window: Any, most: int, per_s: int, steps: list[int]
) -> None:
    limit, admitted = RequestLimit(most, per_s, window), Admitted()
    now, let_through = 0, list[int]()
    for step in steps:
        now += step
        if admitted.refused_for(limit, now) is None:
            let_through.append(now)
    if window == "fixed":
        windows = [[t for t in let_through if t // per_s == index] for index in range(now // per_s + 1)]
    else:
        windows = [[t for t in let_through if start <= t < start + per_s] for start in range(now + 1)]
    assert all(len(times) <= most for times in windows)


@given(st.sampled_from(["fixed", "sliding"]), st.integers(1, 5), st.integers(1, 10), st.floats(0, 50))
def test_who_waits_as_long_as_told_is_let_through(window: Any, most: int, per_s: int, start: float) -> None:
    limit, admitted = RequestLimit(most, per_s, window), Admitted()
    for _ in range(most):
        admitted.refused_for(limit, start)
    wait_s = admitted.refused_for(limit, start)
    assert wait_s is not None
    assert 0 < wait_s <= per_s + 1e-6
    assert admitted.refused_for(limit, start + wait_s + 1e-6) is None


def test_a_limit_counts_only_its_operations() -> None:
    play = play_of(limits={"requests": {"most": 1, "per_s": 10, "operations": ["submit"]}})
    play.call("a", "submit", 0.0)
    play.call("a", "query", 0.0)
    play.call("b", "submit", 0.0)
    with pytest.raises(RefusalError) as caught:
        play.call("a", "submit", 7.5)
    assert (caught.value.problem_id, caught.value.retry_after_s) == ("rate-limited", 3)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("problem_id", problem_table())
def test_every_row_of_the_error_table_can_be_a_fault(problem_id: str, dialect: Dialect) -> None:
    """With words that have no placeholder left, and of a row that the dialect has."""
    scene = Scene(replace(FACTS, dialect=dialect), "/", "localhost", lambda _: None)
    refusal = ProblemFault(problem_id, 2.5).instead(scene)
    wire = problem_table()[refusal.problem_id].answer(dialect, refusal.family)
    body = wire.body({**refusal.facts, "request_id": "1"})
    assert body
    assert refusal.problem_id in {problem_id, "server-error"}
    assert refusal.retry_after_s == 3
