"""Generated submits are what they are called, in both dialects, and the mock of each answers as said."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.judging.expected import submit_expected
from nebula_contract.record.exchange import Request
from nebula_contract.sending.asking import Case, task_id_of
from nebula_contract.sending.defects import rejected_requests, twice_rejected_requests
from nebula_contract.sending.inputs import CLASSES, large_pictures
from nebula_contract.sending.strategies import (
    Generated,
    accepted_requests,
    coerced_requests,
    foreign_names,
    ignored_requests,
)
from nebula_contract.sending.target import GENERATIONS, Target, open_target
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, catalogue
from nebula_schemas.loader import contract
from nebula_schemas.problems import problem_table

FAMILIES = catalogue().families
each_family = pytest.mark.parametrize("family", FAMILIES, ids=[family.name for family in FAMILIES])
EXAMPLES = settings(max_examples=80, deadline=None)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[Dialect, Target]]:
    with (
        open_target("mock", dialect="documented") as documented,
        open_target("mock", dialect="gateway") as gateway,
    ):
        yield {"documented": documented, "gateway": gateway}


def _request(one: Generated) -> Request:
    return Request("POST", GENERATIONS, "own", {"content-type": one.content_type}, one.body)


def _problems(one: Generated) -> dict[Dialect, str]:
    outcomes = submit_expected(_request(one)).outcomes
    return {found.dialect: found.problem_id for found in outcomes if found.kind == "refused"}


@each_family
@pytest.mark.parametrize("name", CLASSES)
def test_what_is_generated_meets_what_it_says_in_both_dialects(family: Family, name: str) -> None:
    @given(CLASSES[name](family))
    @EXAMPLES
    def check(one: Generated) -> None:
        assert _problems(one) == dict(one.problems), one.what

    check()


@each_family
def test_accepted_submits_are_valid_and_used_as_given(family: Family) -> None:
    @given(accepted_requests(family))
    @EXAMPLES
    def check(one: Generated) -> None:
        assert one.label == "accepted"
        (documented, _) = submit_expected(_request(one)).outcomes
        assert documented.usage is not None
        assert not documented.usage.with_outcome("coerced")

    check()


@each_family
def test_coerced_submits_have_a_value_that_is_replaced(family: Family) -> None:
    @given(coerced_requests(family))
    @EXAMPLES
    def check(one: Generated) -> None:
        (documented, _) = submit_expected(_request(one)).outcomes
        assert documented.usage is not None
        assert bool(documented.usage.with_outcome("coerced")) == (one.label == "coerced")

    check()


@each_family
def test_ignored_submits_have_a_field_without_effect(family: Family) -> None:
    names = {name for one in family.parameters for name in (*one.names, *one.plain, *one.joined_from)}

    @given(ignored_requests(family))
    @EXAMPLES
    def check(one: Generated) -> None:
        (documented, _) = submit_expected(_request(one)).outcomes
        assert documented.usage is not None
        has_unknown = bool(set(json.loads(one.body)) - names - {"model", "prompt", "metadata"})
        assert has_unknown or documented.usage.with_outcome("ignored")

    check()


@each_family
def test_two_defects_are_of_different_rank_and_one_decides(family: Family) -> None:
    @given(twice_rejected_requests(family))
    @EXAMPLES
    def check(one: Generated) -> None:
        assert " + " in one.what
        assert set(one.problems.values()) <= set(problem_table())

    check()


@each_family
def test_the_mock_of_each_dialect_answers_so(family: Family, mocks: dict[Dialect, Target]) -> None:
    everything = st.one_of([requests(family) for requests in CLASSES.values()])

    @given(everything)
    @EXAMPLES
    def check(one: Generated) -> None:
        for dialect in DIALECTS:
            _answers_so(mocks[dialect], dialect, family, one)

    check()


@pytest.mark.parametrize("family", [one for one in FAMILIES if list(large_pictures(one))], ids=str)
def test_picture_at_its_bound_fits_and_past_it_does_not(family: Family, mocks: dict[Dialect, Target]) -> None:
    for one in large_pictures(family):
        assert _problems(one) == dict(one.problems)
        for dialect in DIALECTS:
            _answers_so(mocks[dialect], dialect, family, one)


def _answers_so(target: Target, dialect: Dialect, family: Family, one: Generated) -> None:
    sent = Case(target, "audit/1").submit(one.body, label=one.label, content_type=one.content_type)
    problem_id = one.problems.get(dialect)
    if problem_id is None:
        assert task_id_of(sent) is not None, (one, sent.exchange.json)
        return
    wire = problem_table()[problem_id].answer(dialect, family.name)
    told = sent.exchange.json
    error = told.get("error", told)
    assert (sent.exchange.status, error.get("code")) == (wire.status, wire.code), (one, told)
    assert contract().violations(f"errors/{wire.envelope}", told) == ()


@each_family
def test_every_model_and_every_defect_is_drawn(family: Family) -> None:
    """What is drawn follows the catalogue, so that adding a model or a rule adds its inputs."""
    models: set[str] = set()
    problems: set[str] = set()

    @given(accepted_requests(family), rejected_requests(family))
    @settings(max_examples=400, deadline=None, derandomize=True)
    def collect(one: Generated, other: Generated) -> None:
        models.add(json.loads(one.body)["model"])
        problems.update(other.problems.values())

    collect()
    assert models == {model.id for model in family.models}
    assert {"wrong-content-type", "malformed-json", "missing-model", "unknown-model"} <= problems
    assert family.problems["no_prompt"] in problems


@each_family
def test_names_without_effect_are_nobodys_in_any_dialect(family: Family) -> None:
    for dialect in DIALECTS:
        own = catalogue().in_dialect(dialect).family(family.name)
        read = {
            name for one in own.parameters for name in (*one.names, *one.plain, *one.alone, *one.joined_from)
        }
        assert not read & set(foreign_names(family))
        assert not set(own.typed_fields) & set(foreign_names(family))
