"""Promises of the error table: every refusal has a body of the envelope it names, in both dialects."""

import string
from typing import Any, get_args

import pytest

from nebula_schemas import Problem, contract, problem_table
from nebula_schemas.catalogue import Dialect
from nebula_schemas.problems import WireError

ANSWERS = [
    pytest.param(wire, id=f"{problem.id}-{dialect}")
    for problem in problem_table().values()
    for dialect, wire in problem.answers.items()
]


class AnyFact(dict[str, Any]):
    """A fact for every placeholder."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def placeholders(text: str | None) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text or "") if name}


@pytest.mark.parametrize("wire", ANSWERS)
def test_every_answer_has_the_shape_it_names(wire: WireError) -> None:
    body = wire.body(AnyFact())
    assert contract().violations(f"errors/{wire.envelope}", body) == ()
    assert contract().violations("errors/any", body) == ()


@pytest.mark.parametrize("wire", ANSWERS)
def test_every_placeholder_is_filled(wire: WireError) -> None:
    told = str(wire.body(AnyFact()))
    for name in placeholders(wire.message) | placeholders(wire.details):
        assert f"<{name}>" in told
        assert f"{{{name}}}" not in told


@pytest.mark.parametrize("problem", problem_table().values(), ids=lambda problem: problem.id)
def test_every_problem_is_refused_in_some_dialect(problem: Problem) -> None:
    assert problem.answers
    assert set(problem.answers) <= set(get_args(Dialect))
    assert set(problem.operations) <= {"submit", "query", "download", "any"}
    assert problem.when.strip()
    assert problem.source.strip()


def test_rows_are_known_by_their_own_id() -> None:
    assert all(name == problem.id for name, problem in problem_table().items())


def test_braces_in_a_fact_stay_as_they_are() -> None:
    """What a request holds is quoted, never taken for a form."""
    wire = problem_table()["unknown-model"].answers["documented"]
    body = wire.body({"model": "{request_id} {0} {", "request_id": "r1"})
    assert "{request_id} {0} {" in body["error"]["message"]


@pytest.mark.parametrize(
    ("problem_id", "dialect", "expected"),
    [
        (
            "missing-key",
            "documented",
            {
                "error": {
                    "message": "Invalid API key",
                    "type": "authentication_error",
                    "code": "invalid_api_key",
                }
            },
        ),
        ("missing-prompt", "gateway", {"code": "invalid_request", "message": "prompt is required", "data": None}),
    ],
)  # fmt: skip
def test_known_refusals_are_worded_as_the_sources_have_them(
    problem_id: str, dialect: Dialect, expected: dict[str, Any]
) -> None:
    assert problem_table()[problem_id].answers[dialect].body({}) == expected
