"""The generated inputs are what they are called: the schemas are the oracle."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.strategies import Refused, coerced_requests, documented_requests, refused_requests
from nebula_schemas.catalogue import Family, catalogue, read_request
from nebula_schemas.loader import contract
from nebula_schemas.problems import problem_table

FAMILIES = catalogue().families
each_family = pytest.mark.parametrize("family", FAMILIES, ids=[family.name for family in FAMILIES])


@each_family
def test_documented_requests_validate_and_are_used_as_given(family: Family) -> None:
    @given(documented_requests(family))
    @settings(max_examples=200, deadline=None)
    def check(body: dict[str, Any]) -> None:
        assert contract().violations(f"submit/{family.name}", body) == ()
        usage = read_request(family, family.model(body["model"]), body)
        assert not usage.with_outcome("coerced")
        assert not usage.with_outcome("rejected")

    check()


@each_family
def test_refused_requests_break_the_schema_and_name_a_row_of_the_table(family: Family) -> None:
    @given(refused_requests(family))
    @settings(max_examples=200, deadline=None)
    def check(refused: Refused) -> None:
        assert refused.problem_id in problem_table()
        try:
            body = json.loads(refused.body)
        except ValueError:
            assert refused.problem_id == "malformed-json"
        else:
            assert contract().violations(f"submit/{family.name}", body)

    check()


@each_family
def test_coerced_requests_are_never_refused_by_the_catalogue(family: Family) -> None:
    @given(coerced_requests(family))
    @settings(max_examples=200, deadline=None)
    def check(body: dict[str, Any]) -> None:
        assert not read_request(family, family.model(body["model"]), body).with_outcome("rejected")

    check()


@given(st.data())
@settings(deadline=None)
def test_every_model_and_every_documented_name_is_drawn(data: st.DataObject) -> None:
    """What is drawn stays inside the catalogue, so that adding a model adds its inputs."""
    family = data.draw(st.sampled_from(FAMILIES))
    body = data.draw(documented_requests(family))
    names = {name for parameter in family.parameters for name in parameter.names}
    assert set(body) <= names | {"model", "prompt", "metadata"}
    assert body["model"] in {model.id for model in family.models}
