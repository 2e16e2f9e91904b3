"""Promises of the error table: every refusal has a body of the envelope it names, in both dialects."""

import string
from typing import Any, get_args

import pytest

from nebula_schemas import Problem, contract, problem_table
from nebula_schemas.catalogue import Dialect, catalogue
from nebula_schemas.problems import WireError

ANSWERS = [
    pytest.param(wire, id=f"{problem.id}-{number}")
    for problem in problem_table().values()
    for number, wire in enumerate(problem.all_answers)
]


class AnyFact(dict[str, Any]):
    """A fact for every placeholder."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def placeholders(text: str | None) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text or "") if name}


@pytest.mark.proves("envelope.e1", "envelope.e2", "envelope.e3")
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
    assert set(problem.operations) <= {"submit", "query", "download", "content", "result", "any"}
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


@pytest.mark.proves("errors.masking")
@pytest.mark.parametrize("word", ["post", "dial", "http", "POST", "Dial", "hTTp"])
def test_a_message_that_tells_an_address_is_replaced_as_a_whole(word: str) -> None:
    """The gateway hides its upstreams: their refusals lose their text, its own checks do not (SRC)."""
    table = problem_table()
    hidden = table["remix-unknown"].answers["gateway"].body({"task_id": f"video_{word}"})
    shown = table["wrong-field-type"].answers["gateway"].body({"field": word, "expected": "a", "found": "b"})
    assert hidden["message"] == "请求上游地址失败"
    assert word in shown["message"]


@pytest.mark.parametrize("family", ["wan", "sora", None])
def test_a_family_may_word_a_refusal_its_own_way(family: str | None) -> None:
    """Wan's page has codes of its own for what the other documents call permission_denied (DOC)."""
    wire = problem_table()["quota-not-enough"].answer("documented", family)
    expected = "InsufficientQuota" if family == "wan" else "quota_not_enough"
    assert (wire.status, wire.code) == (403, expected)


def test_rows_of_the_catalogue_are_rows_of_the_table() -> None:
    """A family names the rows that its own refusals meet."""
    for dialect in get_args(Dialect):
        for family in catalogue().in_dialect(dialect).families:
            named = set(family.problems.values())
            for parameter in family.parameters:
                rules = [parameter, parameter.in_form] if parameter.in_form else [parameter]
                named |= {rule.problem for rule in rules if rule.problem and rule.outside == "reject"}
                named |= {rule.problem_too_large for rule in rules if rule.problem_too_large}
            assert all(dialect in problem_table()[row].answers for row in named if row != "missing-content")
