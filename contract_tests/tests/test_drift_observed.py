"""The observed state: what stands in it comes back, and only what a live run saw moves."""

import json
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_contract.drift.baseline import dated, read_observed, updated, write_observed
from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.comparing.requests import blamed
from nebula_contract.drift.document import Observed, document_of, observed_of
from nebula_contract.drift.observation import CellKey, LifeSeen, Observations, RequestsSeen, Span, Trait
from nebula_contract.reviewed import text_of
from nebula_schemas import contract
from observations import LIVE, any_observations, observations, observed_on

QUERY, FAILED = "wan/query/ok/succeeded", "wan/query/ok/failed"


def blames(seen: Observations) -> dict[str, dict[str, str]]:
    """By family, what refused requests are blamed on, and what they were refused with."""
    return {
        family: {one[0]: one[1] for one in blamed(requests)} for family, requests in seen.requests.items()
    }


@settings(max_examples=40)
@given(any_observations())
def test_what_was_observed_comes_back_from_its_document(seen: Observations) -> None:
    """Of refused requests what they are blamed on comes back; exchanges are of one run and do not."""
    kept = observed_on(seen, "2027-02-01")
    back = observed_of(document_of(kept))
    assert blames(back.seen) == blames(seen)
    were, are = ({name: one.accepted for name, one in those.requests.items()} for those in (seen, back.seen))
    assert are == were
    assert replace(back.seen, requests={}) == replace(seen, requests={})
    assert (back.cells, back.families, back.run) == (kept.cells, kept.families, kept.run)


@settings(max_examples=40)
@given(any_observations(), st.randoms(use_true_random=False))
def test_the_text_of_what_was_observed_does_not_depend_on_the_order_of_seeing(
    seen: Observations, random: Any
) -> None:
    def shuffled(one: dict[Any, Any]) -> dict[Any, Any]:
        names = [*one]
        random.shuffle(names)
        return {name: one[name] for name in names}

    kept = observed_on(seen, "2027-02-01")
    text = text_of(document_of(kept))
    other = deepcopy(seen)
    other.cells, other.lives, other.checks = (
        shuffled(other.cells),
        shuffled(other.lives),
        shuffled(other.checks),
    )
    for cell in other.cells.values():
        cell.traits = shuffled({trait: Counter(shuffled(values)) for trait, values in cell.traits.items()})
    assert text_of(document_of(observed_on(other, "2027-02-01"))) == text
    assert text_of(document_of(observed_of(json.loads(text)))) == text
    assert [*document_of(kept)["entries"]] == [str(key) for key in sorted(seen.cells)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=any_observations())
def test_what_is_written_keeps_its_schema_and_is_read_again(seen: Observations, tmp_path: Path) -> None:
    path = tmp_path / "observed.json"
    kept = observed_on(seen, "2027-02-01")
    write_observed(path, kept)
    assert contract().violations("files/observed", json.loads(path.read_bytes())) == ()
    back = read_observed(path)
    assert back is not None
    assert document_of(back) == document_of(kept)
    assert [one.name for one in tmp_path.iterdir()] == ["observed.json"]


def test_a_name_that_is_no_text_is_kept_as_json_writes_it(tmp_path: Path) -> None:
    """JSON may hold half of a pair of surrogates; UTF-8 may not."""
    path = tmp_path / "observed.json"
    seen = observations({QUERY: {"type /\ud800": {"string": 1}}})
    write_observed(path, observed_on(seen, "2027-02-01"))
    back = read_observed(path)
    assert back is not None
    assert back.seen.cells == seen.cells


# Updates


def entries(observed: Observed) -> dict[str, str]:
    """Every entry of a document as it stands in the file."""
    document = document_of(observed)
    those = {**document["entries"], **document["families"]}
    return {name: text_of(entry) for name, entry in those.items()}


@pytest.mark.parametrize("kind", ["mock", "url"])
def test_only_a_live_run_says_something_of_the_provider(kind: Any) -> None:
    with pytest.raises(ValueError, match=f"a run at {kind} says nothing of the provider"):
        updated(None, Observations(), replace(LIVE, kind=kind))


@settings(max_examples=40)
@given(any_observations(), any_observations())
def test_what_a_run_did_not_look_at_stays_as_it_is_with_its_date(
    old: Observations, new: Observations
) -> None:
    before = observed_on(old, "2027-01-01")
    texts = entries(before)
    after = updated(before, new, LIVE)
    untouched = {
        name: text
        for name, text in texts.items()
        if name not in {*map(str, new.cells), *new.lives, *new.requests}
    }
    assert {name: text for name, text in entries(after).items() if name in untouched} == untouched
    looked = {name for name in entries(after) if name not in untouched}
    assert looked == {*map(str, new.cells), *new.lives, *new.requests}
    dates = {**{str(key): one for key, one in after.cells.items()}, **after.families}
    assert {dates[name] for name in looked} <= {dated(LIVE)}
    assert after.run == dated(LIVE)


@settings(max_examples=40)
@given(any_observations(), any_observations())
def test_an_update_changes_neither_what_it_was_given(old: Observations, new: Observations) -> None:
    before = observed_on(old, "2027-01-01")
    kept = deepcopy((before, new))
    updated(before, new, LIVE)
    assert (before, new) == kept


@settings(max_examples=80)
@given(any_observations(), any_observations())
def test_the_same_run_after_an_update_shows_nothing_new(old: Observations, new: Observations) -> None:
    after = updated(observed_on(old, "2027-01-01"), new, LIVE)
    assert differences(after.seen, new, both_ways=True) == []


def test_the_first_update_is_what_the_run_says() -> None:
    seen = observations({QUERY: {"type /url": {"string": 2}}}, checks={"NC101": 2})
    after = updated(None, seen, LIVE)
    assert (after.seen, after.cells, after.run) == (seen, {CellKey.of(QUERY): dated(LIVE)}, dated(LIVE))


def test_a_cell_that_agrees_is_counted_as_well_and_one_that_differs_is_replaced() -> None:
    before = observed_on(
        observations(
            {
                QUERY: {"type": {"object": 2}, "type /url": {"string": 2}},
                FAILED: {"type": {"object": 5}, "type /error": {"object": 5}},
            }
        ),
        "2027-01-01",
    )
    now = observations(
        {
            QUERY: {"type": {"object": 1}, "type /url": {"string": 1}},
            FAILED: {"type": {"object": 1}, "type /error": {"string": 1}},
        }
    )
    after = updated(before, now, LIVE).seen.cells
    assert (after[CellKey.of(QUERY)].samples, after[CellKey.of(FAILED)].samples) == (3, 1)
    assert after[CellKey.of(QUERY)].traits[Trait("type", "/url")] == {"string": 3}
    assert after[CellKey.of(FAILED)].traits[Trait("type", "/error")] == {"string": 1}


def test_what_a_check_found_broken_stays_until_the_check_looks_again() -> None:
    before = Observations(
        checks={"NC101": 9, "NC301": 9}, broken={"NC405 query sora", "NC406 query wan /url"}
    )
    now = Observations(checks={"NC405": 3}, broken={"NC301 query wan /status"})
    after = updated(observed_on(before, "2027-01-01"), now, LIVE).seen
    assert after.broken == {"NC406 query wan /url", "NC301 query wan /status"}
    assert after.checks == {"NC101": 9, "NC405": 3}


def test_spans_widen_and_statuses_that_tasks_ended_in_are_remembered() -> None:
    """So that a status which is gone later is told as one in which tasks ended."""
    words = "wan/query/ok/*"
    before = observations(
        {words: {"word /status": {"succeeded": 3, "failed": 3}}},
        lives={
            "wan": LifeSeen(
                6, spans={"to succeeded": Span(3, 50, 60, 70)}, last=Counter(succeeded=3, failed=3)
            )
        },
    )
    now = observations(
        {words: {"word /status": {"succeeded": 1}}},
        lives={"wan": LifeSeen(1, spans={"to succeeded": Span(1, 90, 90, 90)}, last=Counter(succeeded=1))},
    )
    after = updated(observed_on(before, "2027-01-01"), now, LIVE).seen
    assert after.lives["wan"].spans == {"to succeeded": Span(4, 50, 90, 90)}
    later = observations(
        {words: {"word /status": {"succeeded": 30}}}, lives={"wan": LifeSeen(30, last=Counter(succeeded=30))}
    )
    assert [(one.rule, one.key) for one in differences(after, later, both_ways=True)] == [("DR408", "failed")]


def test_a_feature_that_was_not_asked_for_again_keeps_what_was_said_of_it() -> None:
    before = RequestsSeen(
        Counter({"prompt": 2, "duration=5": 2}), [(frozenset({"model=veo-3", "prompt"}), "400 e1 a/b", 1)]
    )
    now = RequestsSeen(Counter({"prompt": 1}), [(frozenset({"duration=5"}), "400 e1 c/d", 2)])
    after = updated(
        observed_on(Observations(requests={"veo": before}), "2027-01-01"),
        Observations(requests={"veo": now}),
        LIVE,
    )
    assert document_of(after)["families"]["veo"]["accepted"] == {"prompt": 3}
    assert document_of(after)["families"]["veo"]["refused"] == {
        "duration=5": "400 e1 c/d",
        "model=veo-3": "400 e1 a/b",
    }
