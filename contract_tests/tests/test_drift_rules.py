"""Every rule has a change that falls under it alone, and a mirror that is less or worse as the direction says."""

from collections import Counter
from dataclasses import replace

import pytest

from golden_drift import GOLDEN, KEYLESS, fired, of_answer
from nebula_contract.drift.comparing.requests import TOGETHER
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.observation import Observations, RequestsSeen
from nebula_contract.drift.promises import broken_promises
from nebula_contract.drift.rules import (
    Severities,
    all_rules,
    rule_of,
)
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.findings import LEVELS, Finding
from nebula_contract.judging.registry import all_checks

CHANGES = {rule.id: rule for rule in all_rules().values() if rule.id.startswith("DR")}
PROMISES = {rule.id: rule for rule in all_rules().values() if not rule.id.startswith("DR")}


def test_every_rule_of_a_change_has_a_golden_pair() -> None:
    assert [*GOLDEN] == [*CHANGES]


@pytest.mark.parametrize("rule", GOLDEN)
def test_a_change_falls_under_its_rule_alone_and_backwards_under_its_mirror(rule: str) -> None:
    pair, mirror = GOLDEN[rule], CHANGES[rule].mirror
    assert fired(pair.before, pair.after, pair.mocks) == [(rule, pair.key)]
    assert fired(pair.after, pair.before, pair.mocks) == ([(mirror, pair.back)] if mirror else [])


@pytest.mark.parametrize("rule", GOLDEN)
def test_what_did_not_change_falls_under_no_rule(rule: str) -> None:
    pair = GOLDEN[rule]
    for one in (pair.before, pair.after):
        assert fired(one, one, pair.mocks) == []


def test_a_promise_that_is_broken_after_it_held_is_told_by_its_check() -> None:
    """The way back of DR490."""
    before, after = GOLDEN["DR490"].after, GOLDEN["DR490"].before
    broken = Finding("1" * 12, "NC405", "breaking", "query", "wan", 200, "", "/progress", "9", "8", 1, 2)
    (told,) = broken_promises([broken], [], after, Witnesses({}, before), Severities(), {})
    assert (told.rule.id, told.rule.mirror, told.verdict.name) == ("NC405", "DR490", "provider_changed")


def test_a_broken_promise_is_as_bad_as_its_check_found_it_and_all_of_it_is_counted() -> None:
    """The worst where a family has several; what a severity file says counts before either."""
    mild = Finding(
        "1" * 12, "NC405", "risky", "query", "wan", 200, "queued", "/progress", "9", "8", 1, 2, (4,)
    )
    bad = replace(mild, level="breaking", state="failed", found="11", seen=3, of=5, exchanges=(7,))

    def told(said: Severities, *those: Finding) -> DriftFinding:
        (one,) = broken_promises(those, [], Observations(), Witnesses({}), said, {})
        return one

    both = told(Severities(), mild, bad)
    assert (told(Severities(), mild).severity, both.severity, both.now) == ("risky", "breaking", "11")
    assert (both.evidence.seen, both.evidence.of, both.evidence.exchanges) == (4, 7, (7, 4))
    assert told(Severities({"NC405": "info"}), mild, bad).severity == "info"


def test_a_key_that_is_asked_for_again_is_the_mirror_of_one_that_was_let_through() -> None:
    """Whatever else the request without a key came to: here the task was unknown."""
    pair = of_answer(KEYLESS, "401 e1 a/b", "404 e1 c/d", "", "404>401")
    assert fired(pair.before, pair.after, {}) == [("DR111", pair.key)]
    assert fired(pair.after, pair.before, {}) == [("DR112", pair.back)]


def test_a_combination_is_refused_where_each_of_its_parts_was_accepted() -> None:
    accepted = Counter({"duration=10": 1, "model=veo-3": 1})
    after = RequestsSeen(accepted, [(frozenset(accepted), "400 e1 a/b", 3)])
    told = fired(
        Observations(requests={"veo": RequestsSeen(accepted)}), Observations(requests={"veo": after}), {}
    )
    assert told == [("DR309", TOGETHER)]


def test_ids_are_unique_and_in_order_and_names_are_words_with_dashes() -> None:
    for those in (CHANGES, PROMISES):
        assert [*those] == sorted(set(those))
    names = [rule.name for rule in all_rules().values()]
    assert len(names) == len(set(names))
    assert all(name and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert [*PROMISES] == [check.code for check in all_checks()]


def test_every_rule_has_a_mirror_that_has_it_for_its_own_or_a_reason() -> None:
    for rule in CHANGES.values():
        if rule.mirror is None:
            assert len(rule.without_mirror) > 20, rule.id
        else:
            assert (CHANGES[rule.mirror].mirror, rule.without_mirror) == (rule.id, ""), rule.id
    assert {rule.mirror for rule in PROMISES.values()} == {"DR490"}


OPPOSITE = {
    "add": "remove", "generalize": "specialize", "increase": "decrease", "change": "change",
    "remove": "add", "specialize": "generalize", "decrease": "increase",
}  # fmt: skip


def test_a_mirror_is_the_same_axes_backwards() -> None:
    for rule in CHANGES.values():
        if rule.mirror is not None:
            mine, theirs = rule.axes, CHANGES[rule.mirror].axes
            assert (theirs.area, theirs.kind, theirs.direction) == (mine.area, mine.kind, mine.direction), (
                rule.id
            )
            assert theirs.action == OPPOSITE[mine.action], rule.id


WORSE = {
    ("remove", "response", "existence"), ("decrease", "response", "requiredness"), ("generalize", "response", "type"),
    ("specialize", "request", "values"), ("remove", "request", "values"), ("remove", "request", "existence"),
    ("remove", "request", "structure"), ("add", "response", "values"), ("increase", "response", "constraints"),
}  # fmt: skip
"""Actions that are worse than their opposites: a server may accept more and promise more, and neither less."""


def test_a_mirror_pair_is_worse_in_the_direction_that_hurts() -> None:
    compared = 0
    for rule in CHANGES.values():
        axes = rule.axes
        if (axes.action, axes.direction, axes.kind) in WORSE and rule.mirror is not None:
            compared += 1
            mirror = CHANGES[rule.mirror]
            assert LEVELS.index(rule.severity) > LEVELS.index(mirror.severity), rule.id
    assert compared >= 15


@pytest.mark.parametrize(
    ("worse", "better"),
    [("DR201", "DR202"), ("DR205", "DR206"), ("DR309", "DR310"), ("DR302", "DR301"), ("DR303", "DR304")],
)
def test_less_is_worse_than_more(worse: str, better: str) -> None:
    assert CHANGES[worse].severity == "breaking"
    assert LEVELS.index(CHANGES[better].severity) < LEVELS.index("risky")


def test_a_rule_is_found_by_id_and_by_name_in_any_case() -> None:
    assert {rule_of("dr201"), rule_of("DR201"), rule_of("Required-Member-Removed")} == {CHANGES["DR201"]}
    with pytest.raises(KeyError):
        rule_of("DR999")
