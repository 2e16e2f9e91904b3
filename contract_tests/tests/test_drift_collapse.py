"""One change is told once, at a place that is as wide as the change."""

from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.drift.comparing.collapse import collapsed, places_of
from nebula_contract.drift.finding import Place
from nebula_contract.drift.observation import NONE, CellKey, Observations
from nebula_contract.drift.witnesses import Witnesses, weighed
from observations import FAMILIES, STATES, keys, observations

cells = st.sets(keys, min_size=1, max_size=14)
"""Kinds of answers that could show a change."""

TASKS = ("queued", "in_progress", "succeeded")


def place_of(key: CellKey) -> Place:
    """The place of one kind of answer."""
    family, operation, outcome, state = ("" if part == NONE else part for part in key)
    return Place(operation, family, outcome, state, "/url")


def told(shown: Collection[CellKey], could: Collection[CellKey]) -> list[Place]:
    """Places of a change that is shown by some of those that could."""
    return [place for place, _ in places_of(sorted(shown), sorted(could), "/url")]


@st.composite
def changes(draw: st.DrawFn) -> tuple[set[CellKey], set[CellKey]]:
    """What shows a change, and what could have."""
    could = draw(cells)
    return draw(st.sets(st.sampled_from(sorted(could)), min_size=1)), could


@settings(max_examples=150)
@given(changes())
def test_every_kind_of_answer_is_in_one_place_that_covers_it(
    change: tuple[set[CellKey], set[CellKey]],
) -> None:
    shown, could = change
    found = [*places_of(sorted(shown), sorted(could), "/url")]
    assert sorted(key for _, held in found for key in held) == sorted(shown)
    for place, held in found:
        for key in held:
            assert (
                place.covers(place_of(key)) or NONE in key
            )  # no family and no state has no name to be covered by
        for part, name in (("family", 0), ("operation", 1), ("outcome", 2), ("state", 3)):
            names = {key[name] for key in held} - {NONE}
            said = getattr(place, part)
            assert said == "*" or {*said.split("+")} - {""} == names


@settings(max_examples=150)
@given(changes())
def test_places_of_one_change_are_told_apart(change: tuple[set[CellKey], set[CellKey]]) -> None:
    """Else two findings would have one id, and one of them would be dropped."""
    found = told(*change)
    assert len(set(found)) == len(found)


@given(changes())
def test_the_order_of_seeing_changes_no_place(change: tuple[set[CellKey], set[CellKey]]) -> None:
    shown, could = change
    backwards = [
        place for place, _ in places_of(sorted(shown, reverse=True), sorted(could, reverse=True), "/url")
    ]
    assert set(backwards) == set(told(shown, could))


@given(cells)
def test_a_change_of_everything_that_could_show_it_is_one_place(could: set[CellKey]) -> None:
    (place,) = told(could, could)
    for part, name in (("family", 0), ("operation", 1), ("outcome", 2), ("state", 3)):
        names = {key[name] for key in could}
        only = "".join(names - {NONE})
        assert getattr(place, part) == ("*" if len(names) > 1 else only)


@given(cells, st.sampled_from(FAMILIES[1:]), st.sampled_from(["submit", "query"]))
def test_a_change_of_one_family_names_that_family_alone(
    others: set[CellKey], family: str, operation: str
) -> None:
    """Whatever other kinds of answers there are."""
    shown = {CellKey(family, operation, "ok", state) for state in TASKS}
    could = others | shown
    assert {place.family for place in told({key for key in could if key.family == family}, could)} == {family}


@given(
    st.sets(st.sampled_from(FAMILIES[1:]), min_size=2, max_size=3),
    st.sets(st.sampled_from(STATES[2:]), min_size=1, max_size=3),
)
def test_families_that_change_in_the_same_states_are_joined(families: set[str], states: set[str]) -> None:
    could = {CellKey(family, "query", "ok", state) for family in FAMILIES[1:] for state in STATES[2:]}
    shown = {key for key in could if key.family in families and key.state in states}
    (place,) = told(shown, could)
    assert place.family == "+".join(sorted(families))
    assert place.state == "+".join(sorted(states))


def test_families_that_change_in_different_states_are_not_joined() -> None:
    could = {CellKey(family, "query", "ok", state) for family in ("sora", "veo", "wan") for state in TASKS}
    shown = {CellKey("sora", "query", "ok", state) for state in TASKS} | {
        CellKey("wan", "query", "ok", "succeeded")
    }
    assert {(place.family, place.state) for place in told(shown, could)} == {
        ("sora", "*"),
        ("wan", "succeeded"),
    }


def seen(**members: str) -> Observations:
    """Three families' tasks in three states; ``members`` are those of the tasks of a family."""
    return observations(
        {
            f"{family}/query/ok/{state}": {
                "type": {"object": 3},
                "type /status": {"string": 3},
                "answer": {"200 task": 3},
                **({f"type {members[family]}": {"string": 3}} if family in members else {}),
            }
            for family in ("sora", "veo", "wan")
            for state in TASKS
        }
    )


def groups(before: Observations, after: Observations) -> list[tuple[str, Place, int]]:
    """Rule, place and how many testimonies there are of each change."""
    found = collapsed(weighed(after, Witnesses({}, before)), after)
    return [(those[0].difference.rule, place, len(those)) for place, those in found]


def test_a_member_that_comes_in_every_family_and_state_is_one_change() -> None:
    everywhere = seen(sora="/seed", veo="/seed", wan="/seed")
    assert groups(seen(), everywhere) == [("DR202", Place("query", "*", "ok", "*", "/seed"), 9)]
    assert groups(everywhere, seen()) == [("DR201", Place("query", "*", "ok", "*", "/seed"), 9)]


def test_a_member_that_goes_in_one_family_of_three_names_that_family() -> None:
    everywhere, but_wan = seen(sora="/seed", veo="/seed", wan="/seed"), seen(sora="/seed", veo="/seed")
    assert groups(but_wan, but_wan) == []
    assert groups(seen(), but_wan) == [("DR202", Place("query", "sora+veo", "ok", "*", "/seed"), 6)]
    assert groups(everywhere, but_wan) == [("DR201", Place("query", "wan", "ok", "*", "/seed"), 3)]


def test_different_members_are_different_changes() -> None:
    found = groups(seen(), seen(sora="/seed", wan="/cost"))
    assert {(place.family, place.location) for _, place, _ in found} == {("sora", "/seed"), ("wan", "/cost")}


def test_every_signature_of_one_change_is_counted() -> None:
    """Two refusals with other words that have one new status are one change, of both."""
    cell = "-/query/unknown-task/-"
    before = observations({cell: {"answer": {"404 e1 a/b": 3}}})
    after = observations({cell: {"answer": {"410 e1 a/b": 2, "410 e1 a/c": 1}}})
    ((rule, place, times),) = groups(before, after)
    assert (rule, place.location, times) == ("DR105", "", 2)
