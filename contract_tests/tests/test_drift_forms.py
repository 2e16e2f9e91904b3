"""Observations hold the shape of answers and nothing that stands in them: any JSON is observed, and no value comes through."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges import answer_of, answered, exchanges, submitted
from nebula_contract.drift.document import document_of
from nebula_contract.drift.observation import CellKey, CellSeen, Observations, Trait
from nebula_contract.drift.observing.forms import form_of, is_formed, script_of
from nebula_contract.drift.observing.observe import INFRA_CHECKS, fill_absent, observed
from nebula_contract.drift.observing.place import state_of
from nebula_contract.drift.observing.walk import LONGEST, WORDS, type_of, walked
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.record.exchange import Exchange
from observations import observed_on

CANARY = "7Canary7"
"""Stands in every text of an answer; begins with a digit, as no prefix of an id does."""

names = st.sampled_from(
    [
        "id",
        "task_id",
        "url",
        "created_at",
        "metadata",
        "output",
        "error",
        "code",
        "message",
        "data",
        "seed",
        "a/b~c",
    ]
) | st.text(max_size=5)
texts = st.builds(
    lambda before, after: f"{before}{CANARY}{after}",
    st.sampled_from(["", " ", "/", "https://host.example/", "data:video/mp4;base64,", "sk-", "video_", "\u4e2d", "\ud800"]),
    st.text(max_size=5),
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
"""Any JSON value each text of which holds the canary."""


def observed_of(*every: Exchange) -> Observations:
    """What is observed of exchanges, with what their checks came to."""
    run = read_run(every, is_mock=False)
    return observed(run, judge_run(run, is_live=False))


def everything(seen: Observations) -> str:
    """All that is observed, and all that stands in its file."""
    return repr(seen) + json.dumps(document_of(observed_on(seen, "2027-02-01")))


@given(values)
def test_any_json_is_walked_and_none_of_its_values_comes_through(body: Any) -> None:
    for trait, value in walked(body, {}):
        assert trait.aspect in {"type", "word", "form"}
        assert CANARY not in value or trait.location in WORDS
        assert len(value) <= 40


@settings(max_examples=60)
@given(values, values, st.sampled_from([200, 201, 302, 400, 401, 404, 429, 500]))
def test_any_answer_is_observed_and_none_of_its_values_comes_through(
    body: Any, inner: Any, status: int
) -> None:
    task = {"task_id": "video_1", "status": "succeeded", "url": CANARY, "metadata": inner, "seed": body}
    message = {"message": CANARY, "type": "a_type", "code": "a_code"}
    headers = {
        "content-type": "application/json",
        "x-oneapi-request-id": CANARY,
        "x-limit": CANARY,
        "location": CANARY,
    }
    every = (
        submitted(),
        submitted(number=2, answer=answer_of({**task, "task_id": "video_2"}, status)),
        answered(task, status, number=3),
        answered({"error": message}, status, number=4),
        answered({"code": "a_code", "message": CANARY, "data": body}, status, number=5),
        answered(body, status, number=6),
    )
    seen = observed_of(
        *(replace(one, answer=replace(one.answer, headers=headers)) for one in every if one.answer)
    )
    told = everything(seen)
    assert CANARY not in told
    assert "video_1" not in told
    looked = {key.operation for key in seen.cells}
    assert {"submit", "query"} <= looked or status not in (200, 201, 400, 404)  # the others are trouble


@settings(max_examples=60)
@given(st.lists(exchanges(), max_size=4))
def test_any_exchanges_are_observed(every: list[Exchange]) -> None:
    seen = observed_of(*every)
    assert all(cell.samples > 0 for cell in seen.cells.values())
    everything(seen)


LONG = "a text of more than 40 characters"


def test_words_of_short_lists_come_through_and_long_ones_do_not() -> None:
    body = {
        "status": "paused",
        "format": "mp4" * 99,
        "object": {"status": CANARY},
        "metadata": {"status": "queued"},
    }
    words = {trait.location: value for trait, value in walked(body, {}) if trait.aspect == "word"}
    assert words == {"/status": "paused", "/format": LONG, "/metadata/status": "queued"}


@given(values)
def test_a_type_is_one_of_seven_words(value: Any) -> None:
    assert type_of(value) in {"string", "boolean", "integer", "number", "array", "object", "null"}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("", "empty"),
        ("https://a.example/b?c=d", "https-url"),
        ("HTTP://a.example", "http-url"),
        ("data:video/mp4;base64,AAAA", "data-uri"),
        ("ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97", "uuid"),
        ("2027-01-05T08:00:00Z", "iso-moment"),
        ("2027-01-05T08:00:00.123+08:00", "iso-moment"),
        ("2027-01-05 08:00:00.123", "spaced-moment"),
        ("1767600000", "digits"),
        ("/v1/video/generations/a", "path"),
        ("expired", "expired"),
        ("queued", "word"),
        ("video_0123456789abcdef", "video_..."),
        ("cgt-20270105-abcde", "cgt-..."),
        ("two words", "text"),
        ("\ud800", "text"),
        (1767600000, "seconds"),
        (1767600000000, "milliseconds"),
        (1767600000000000, "microseconds"),
        (5, "number"),
        (-(10**400), "number"),
        (True, ""),
        (1.5, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_a_text_or_number_has_a_form(value: Any, form: str) -> None:
    assert form_of(value, {}) == form


@given(values)
def test_any_value_has_a_form_or_none_and_it_holds_nothing_of_it(value: Any) -> None:
    assert CANARY not in form_of(value, {})
    assert script_of(str(value)) in {"latin", "han", "other"}


@pytest.mark.parametrize(
    "name", ["id", "task_id", "url", "video_url", "created_at", "end_time", "taskId", "videoUrl", "createdAt"]
)
def test_ids_links_and_moments_are_known_by_their_names(name: str) -> None:
    assert is_formed(name)
    assert not is_formed(f"{name}_of_nothing")


@given(
    st.text(min_size=1),
    st.text(min_size=1),
    st.sampled_from(["id", "task_id", "url", "video_url", "taskId"]),
    st.integers(0, 3),
)
def test_the_task_that_was_asked_for_is_known_wherever_it_stands(
    task_id: str, other: str, name: str, depth: int
) -> None:
    body: Any = {name: task_id, "ids": [task_id, other]}
    for _ in range(depth):
        body = {"a": [body]}
    forms = Counter(value for trait, value in walked(body, {task_id: "<task>"}) if trait.aspect == "form")
    assert forms["<task>"] == (2 if other != task_id else 3)
    elsewhere = Counter(
        value for trait, value in walked(body, {f"{task_id}!": "<task>"}) if trait.aspect == "form"
    )
    assert elsewhere["<task>"] == (other == f"{task_id}!")


def test_an_answer_about_another_task_differs_though_the_ids_look_alike() -> None:
    task_id, other = "video_1", "video_2"
    own, strange = (
        observed_of(submitted(), answered({"task_id": one, "status": "queued", "format": "mp4"}))
        for one in (task_id, other)
    )
    key, trait = CellKey("sora", "query", "ok", "queued"), Trait("form", "/task_id")
    assert own.cells[key].traits[trait] == {"<task>": 1}
    assert "<task>" not in strange.cells[key].traits[trait]
    assert own.cells[key].shows(trait, "<task>") == [2]


@given(st.integers(401, 900), st.integers(9, 60))
def test_no_more_than_400_places_eight_deep_are_looked_at(members: int, depth: int) -> None:
    wide = [*walked({f"k{number}": number for number in range(members)}, {})]
    assert len(wide) == 400
    body: Any = "x"
    for _ in range(depth):
        body = {"a": body}
    assert len([*walked(body, {})]) == 9
    assert len([*walked([body] * 99, {})]) < 99
    assert all(
        len(trait.location) <= LONGEST + len("/[]") * 9 for trait, _ in walked({"k" * 9999: [[{"a": 1}]]}, {})
    )


def test_an_answer_of_thousands_of_members_is_kept_small() -> None:
    body = {"task_id": "video_1", "status": "queued", **{f"k{number}": number for number in range(5000)}}
    seen = observed_of(submitted(), answered({**body, "k" * 9999: 1, "metadata": {"k" * 9999: {"a": 1}}}))
    assert len(seen.cells[CellKey("sora", "query", "ok", "queued")].traits) < 1000
    assert len(everything(seen)) < 1_000_000


def test_a_member_that_nobody_documents_is_so_by_whatever_name() -> None:
    """The name of its place is one in types and documents, though it holds a slash."""
    seen = observed_of(
        submitted(), answered({"task_id": "video_1", "status": "queued", "metadata/id": 1, "a~b": 1})
    )
    traits = seen.cells[CellKey("sora", "query", "ok", "queued")].traits
    assert {trait.location for trait in traits if trait.aspect == "docs"} >= {"/metadata~1id", "/a~0b"}
    assert {"/metadata~1id", "/a~0b"} <= {trait.location for trait in traits if trait.aspect == "type"}


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"status": "queued"}, "queued"),
        ({"status": "a/b"}, "a_b"),
        ({"status": "*"}, "_"),
        ({"status": "queued+failed"}, "queued_failed"),
        ({"status": "x" * 99}, LONG),
        ({"status": ""}, "-"),
        ({"status": 3}, "-"),
        ({}, "-"),
        ([], "-"),
        (None, "-"),
    ],
)
def test_no_status_has_a_meaning_in_the_name_of_a_place(body: Any, state: str) -> None:
    assert state_of(body) == state


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3), min_size=1, max_size=5))
def test_what_an_answer_lacks_is_counted_where_another_has_it(bodies: list[Mapping[str, int]]) -> None:
    cell = CellSeen(len(bodies))
    for body in bodies:
        for trait, value in walked({"metadata": body}, {}):
            cell.note(trait, value)
    fill_absent(cell)
    for name in "abc":
        there = sum(name in body for body in bodies)
        counts = cell.values(Trait("type", f"/metadata/{name}"))
        assert (counts["integer"], counts["absent"]) == (there, len(bodies) - there)


def test_trouble_of_the_provider_is_no_state_of_it() -> None:
    """Neither a cell nor a promise that is broken: else its end would be told as a promise kept again."""
    trouble = {"error": {"message": "busy", "type": "server_error", "code": "busy"}}
    seen = observed_of(submitted(), answered(trouble, 503), answered(trouble, 429, number=3))
    assert {key.operation for key in seen.cells} == {"submit"}
    assert seen.unobservable.total() >= 2
    assert {name[:5] for name in seen.broken}.isdisjoint(INFRA_CHECKS)
