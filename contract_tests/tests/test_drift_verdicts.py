"""Who agrees with what is seen now makes the verdict; what a finding is made of, and nothing else, makes its id."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.drift.comparing.collapse import collapsed
from nebula_contract.drift.comparing.difference import Difference
from nebula_contract.drift.drift import verdict_of
from nebula_contract.drift.finding import DriftFinding, Evidence, Place, drift_id
from nebula_contract.drift.observation import CellKey, Observations, Trait
from nebula_contract.drift.rules import all_rules, verdict_kinds
from nebula_contract.drift.witnesses import Testimony as Said
from nebula_contract.drift.witnesses import Witnesses, documents_allow, weighed
from nebula_contract.judging.findings import LEVELS
from nebula_schemas.catalogue import DIALECTS, Dialect
from observations import observations

QUERY = "wan/query/ok/succeeded"
KEY = CellKey.of(QUERY)

TABLE: Mapping[tuple[bool, bool, bool | None], str] = {
    (True, False, True): "mock_bug",
    (True, False, None): "mock_bug",
    (False, True, True): "docs_stale",
    (False, True, None): "docs_stale",
    (False, False, True): "contract_gap",
    (False, False, None): "contract_gap",
    (True, False, False): "provider_changed",
    (False, False, False): "provider_changed",
    (False, True, False): "provider_changed_followed",
    (True, True, False): "provider_changed",
}
"""Whether documents, mock and baseline say what is seen now, None for not looked at, to the row of the verdicts."""

AGREED = {(True, True, True), (True, True, None)}
"""Where nobody says otherwise there is nothing to tell."""


def difference(
    rule: str = "DR205", trait: str = "type /url", value: str = "absent", **facts: Any
) -> Difference:
    """A difference, plain but for what is said of it."""
    plain = Difference(rule, KEY, Trait.of(trait), "", value, "string (3)", "absent (3)")
    return replace(plain, **facts)


def test_every_row_of_the_table_is_looked_at() -> None:
    every = {
        (docs, mock, base) for docs in (True, False) for mock in (True, False) for base in (True, False, None)
    }
    assert {*TABLE} == every - AGREED
    assert {*TABLE.values(), "variant_resolved"} == {*verdict_kinds()}


@pytest.mark.parametrize("agree", TABLE)
def test_who_agrees_makes_the_verdict(agree: tuple[bool, bool, bool | None]) -> None:
    docs, mock, baseline = agree
    assert verdict_of(Said(difference(), docs, mock, baseline)) == TABLE[agree]


@pytest.mark.parametrize("docs", [True, False])
@pytest.mark.parametrize("mock", [True, False])
@pytest.mark.parametrize("baseline", [True, False, None])
def test_another_dialect_is_a_variant_whoever_agrees(
    *, docs: bool, mock: bool, baseline: bool | None
) -> None:
    one = Said(difference(), docs, mock, baseline, switched=("documented", "gateway"))
    assert verdict_of(one) == "variant_resolved"


Traits = Mapping[str, Mapping[str, int]]

ASPECTS: Mapping[str, tuple[str, Traits, Traits, Traits]] = {
    "type": (
        QUERY,
        {"type": {"object": 3}, "type /seconds": {"integer": 3}},
        {"type": {"object": 3}, "type /seconds": {"string": 3}},
        {"docs /seconds": {"type": 3}},
    ),
    "answer": (
        "wan/query/unknown-task/-",
        {"answer": {"404 e2 a/b": 3}},
        {"answer": {"404 e1 a/b": 3}},
        {"docs": {"404 e2 a/b": 3}},
    ),
    "word": (
        QUERY,
        {"type": {"object": 3}, "word /format": {"webm": 9}},
        {"type": {"object": 3}, "word /format": {"mp4": 9}},
        {"docs /format": {"enum": 9}},
    ),
}
"""Aspect to a cell, what is seen in it now, what may stand there else, and how the documents deny the former."""

INTEGER, TEXT = ASPECTS["type"][1:3]


def mock_of(one: Observations, other: Observations) -> Mapping[Dialect, Observations]:
    """What the mock says in its dialects."""
    return {"documented": one, "gateway": other}


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("docs", [True, False])
@pytest.mark.parametrize("mock", [True, False])
@pytest.mark.parametrize("baseline", [True, False, None])
def test_the_table_holds_for_what_is_observed(
    aspect: str, *, docs: bool, mock: bool, baseline: bool | None
) -> None:
    """Refusals the mock takes from the documents' table: what that allows it says as well, in some run.

    Those that the table does not allow, and that both give, are told as variants.
    """
    says_so = mock or (aspect == "answer" and docs)
    cell, mine, theirs, denied = ASPECTS[aspect]
    now = observations({cell: mine if docs else {**mine, **denied}})
    others = {True: now, False: observations({cell: theirs})}
    witnesses = Witnesses(
        mock_of(others[mock], others[mock]),
        None if baseline is None else others[baseline],
        {} if baseline is None else {KEY: "2027-01-01"},
    )
    found = weighed(now, witnesses)
    wanted = TABLE.get((docs, says_so, baseline), "")
    untold = {"", "docs_stale"} if aspect == "answer" else {""}
    assert {verdict_of(one) for one in found} == ({wanted} - untold)
    assert {(one.docs, one.mock, one.baseline) for one in found} <= {(docs, says_so, baseline)}


@pytest.mark.parametrize("only", DIALECTS)
def test_the_mock_agrees_where_it_does_in_one_of_its_dialects(only: Dialect) -> None:
    now, other = observations({QUERY: INTEGER}), observations({QUERY: TEXT})
    mocks = mock_of(now, other) if only == "documented" else mock_of(other, now)
    assert weighed(now, Witnesses(mocks)) == []


def test_where_the_baseline_did_not_look_it_says_neither() -> None:
    now = observations({QUERY: INTEGER})
    elsewhere = observations({"wan/query/ok/failed": {"type": {"object": 3}}})
    other = observations({QUERY: TEXT})
    (one,) = weighed(now, Witnesses(mock_of(other, other), elsewhere))
    assert (one.baseline, verdict_of(one)) == (None, "mock_bug")


@pytest.mark.parametrize("is_denied", [True, False])
@pytest.mark.parametrize("baseline", [True, False])
def test_what_a_check_found_broken_the_documents_do_not_allow(*, is_denied: bool, baseline: bool) -> None:
    now, other = observations({QUERY: INTEGER}), observations({QUERY: TEXT})
    denied = {("query", "/seconds")} if is_denied else {("query", "/url"), ("submit", "/seconds")}
    found = weighed(now, Witnesses(mock_of(other, other), now if baseline else other), denied)
    assert [one.docs for one in found] == [not is_denied]


ALLOWED = [
    # Rule and trait, what the documents say of the place now, and whether they allow it.
    ("DR107", "media", {}, False),
    ("DR108", "header x-oneapi-request-id", {}, False),
    ("DR108", "header x-other", {}, True),
    ("DR109", "header x-other", {}, True),
    ("DR115", "envelope", {}, False),
    ("DR116", "envelope", {}, True),
    ("DR201", "type /url", {}, True),
    ("DR201", "type /url", {"docs /url": {"required": 1}}, False),
    ("DR201", "type /url", {"docs /url": {"type": 1}}, True),
    ("DR203", "type /url", {"docs /url": {"required": 1}}, False),
    ("DR205", "type /url", {"docs /url": {"required": 1}}, False),
    ("DR205", "type /url", {"docs /other": {"required": 1}}, True),
    ("DR202", "type /url", {}, True),
    ("DR202", "type /url", {"docs /url": {"new": 1}}, False),
    ("DR202", "type /url", {"docs /url": {"type": 1}}, True),
    ("DR204", "type /url", {"docs /url": {"new": 1}}, False),
    ("DR206", "type /url", {"docs /url": {"required": 1}}, True),
    *((rule, "type /url", {"docs /url": {"type": 1}}, False) for rule in ("DR207", "DR209", "DR211", "DR212", "DR214")),
    *((rule, "type /url", {"docs /url": {"new": 1}}, True) for rule in ("DR207", "DR209", "DR211", "DR212", "DR214")),
    ("DR217", "word /format", {"docs /format": {"enum": 1}}, False),
    ("DR217", "word /format", {}, True),
    ("DR219", "form /task_id", {}, False),
    ("DR220", "form /task_id", {}, True),
    ("DR221", "form /url", {}, True),
    ("DR221", "form /url", {"docs /url": {"pattern": 1}}, False),
    ("DR222", "docs /url", {"docs /url": {"maximum": 1}}, False),
    *((rule, "word /status", {}, False) for rule in ("DR223", "DR224", "DR407", "DR409")),
    *((rule, "word /status", {}, True) for rule in ("DR218", "DR408", "DR410")),
    *((rule, "request duration=5", {}, False) for rule in ("DR303", "DR305", "DR307", "DR309", "DR311")),
    *((rule, "request duration=5", {}, True) for rule in ("DR304", "DR306", "DR308", "DR310", "DR312")),
    *((rule, "span to succeeded", {}, True) for rule in ("DR411", "DR412", "DR413", "DR414")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "trait", "docs", "allowed"), ALLOWED)
def test_what_the_documents_allow(rule: str, trait: str, docs: Any, *, allowed: bool) -> None:
    now = observations(
        {
            QUERY: {"type": {"object": 1}, **docs},
            "wan/query/ok/failed": {"docs /url": {"required": 1, "type": 1, "new": 1}},
        }
    )
    assert documents_allow(now, difference(rule, trait)) is allowed


@pytest.mark.parametrize(
    "rule", ["DR101", "DR102", "DR104", "DR105", "DR106", "DR111", "DR112", "DR301", "DR302"]
)
def test_of_an_answer_the_documents_allow_what_may_come(rule: str) -> None:
    now = observations({QUERY: {"answer": {"404 e1 a/b": 1, "410 e1 a/b": 1}, "docs": {"410 e1 a/b": 1}}})
    assert documents_allow(now, difference(rule, "answer", "404 e1 a/b"))
    assert not documents_allow(now, difference(rule, "answer", "410 e1 a/b"))


def test_what_is_of_every_state_is_allowed_where_every_state_allows_it() -> None:
    now = observations(
        {"wan/query/ok/*": {"word /status": {"queued": 1}}, QUERY: {"docs /status": {"enum": 1}}}
    )
    one = difference("DR217", "word /status", cell=CellKey("wan", "query", "ok", "*"))
    assert not documents_allow(now, one)
    assert documents_allow(now, replace(one, cell=CellKey("veo", "query", "ok", "*")))


# Places

parts = st.sampled_from(["", "*", "a", "b", "a+b", "a+b+c"])
places = st.builds(Place, parts, parts, parts, parts, st.sampled_from(["", "/url"]))


@given(places)
def test_a_place_covers_itself(place: Place) -> None:
    assert place.covers(place)


@settings(max_examples=300)
@given(places, places, places)
def test_what_is_covered_by_what_is_covered_is_covered(one: Place, two: Place, three: Place) -> None:
    if one.covers(two) and two.covers(three):
        assert one.covers(three)
    if one.covers(two) and two.covers(one):
        assert one == two


@given(places)
def test_a_star_covers_everything_at_its_location_and_nothing_covers_it(place: Place) -> None:
    every = Place("*", "*", "*", "*", place.location)
    assert every.covers(place)
    assert not replace(every, location="/other").covers(place)
    assert place.covers(every) == (place == every)


# Ids

words = st.text(max_size=12) | st.text("a| \\", max_size=5)
findings = st.builds(
    DriftFinding, st.sampled_from([*all_rules().values()]), st.sampled_from([*verdict_kinds().values()]),
    st.sampled_from(LEVELS), st.builds(Place, words, words, words, words, words), words,
    words, words, words, words, st.builds(Evidence, st.integers(0, 9), st.integers(0, 9)), words,
)  # fmt: skip


@given(findings, findings)
def test_an_id_is_of_rule_place_and_key_alone(one: DriftFinding, other: DriftFinding) -> None:
    """Other words, samples, days, severities and verdicts change nothing; any other rule, place or key does."""
    reworded = replace(other, rule=replace(other.rule, id=one.rule.id), place=one.place, key=one.key)
    assert reworded.id == one.id == drift_id(one.rule.id, one.place, one.key)
    structures = [(each.rule.id, each.place, each.key) for each in (one, other)]
    assert (one.id == other.id) == (structures[0] == structures[1])
    assert len(one.id) == 12
    assert int(one.id, 16) >= 0


@pytest.mark.parametrize("part", ["operation", "family", "outcome", "state", "location"])
def test_each_part_of_a_place_is_part_of_the_id(part: str) -> None:
    place = Place("query", "wan", "ok", "succeeded", "/url")
    other = replace(place, **{part: "x"})
    assert drift_id("DR201", place, "") != drift_id("DR201", other, "")


def test_the_same_words_in_other_places_are_another_id() -> None:
    assert drift_id("DR201", Place("a", "b", "", "", ""), "") != drift_id(
        "DR201", Place("b", "a", "", "", ""), ""
    )
    assert drift_id("DR201", Place("a", "", "b", "", ""), "") != drift_id(
        "DR201", Place("a", "b", "", "", ""), ""
    )
    assert drift_id("DR201", Place("a | b", "c", "", "", ""), "") != drift_id(
        "DR201", Place("a", "b | c", "", "", ""), ""
    )


@given(st.integers(1, 50), st.integers(1, 50))
def test_how_often_something_was_seen_changes_no_id(before: int, after: int) -> None:
    """Nor which exchanges show it."""

    def ids(times: int) -> set[str]:
        now = observations(
            {
                QUERY: {
                    "type": {"object": times},
                    "type /seed": {"string": times},
                    "form /url": {"path": times},
                }
            }
        )
        old = observations({QUERY: {"type": {"object": before}, "form /url": {"uuid": before}}})
        groups = collapsed(weighed(now, Witnesses({}, old)), now)
        return {drift_id(those[0].difference.rule, place, those[0].difference.key) for place, those in groups}

    assert len(ids(after)) == 2
    assert ids(after) == ids(1)
