"""The checks as data: a code each, all that a stranger asks, and nothing twice."""

import re

import pytest

from nebula_contract.judging.findings import LEVELS, finding_id
from nebula_contract.judging.registry import AREAS, Check, all_checks, check_of

CHECKS = all_checks()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_every_check_says_what_a_stranger_asks(check: Check) -> None:
    assert re.fullmatch(r"NC[1-9]\d\d", check.code)
    assert check.code[2] in AREAS
    assert check.level in LEVELS
    assert re.fullmatch(r"[a-z0-9-]{8,60}", check.name)
    for text in (check.promise, check.cause, check.remedy):
        assert text.endswith(".")
        assert text[0].isupper() or text[0].islower()
    assert re.search(r"PAGE|DOC|SRC|INF|RFC|ISO", check.source)


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_a_check_is_found_by_its_code_and_by_its_name() -> None:
    for check in CHECKS:
        assert check_of(check.code.lower()) is check
        assert check_of(check.name.upper()) is check
    with pytest.raises(KeyError):
        check_of("NC000")


def test_an_id_is_made_of_places_alone() -> None:
    """The same break has the same id, whatever was found or however it is worded."""
    one = finding_id("NC305", "query", "wan", "", "/task_id", "")
    assert one == finding_id("NC305", "query", "wan", "", "/task_id", "")
    others = [
        finding_id("NC306", "query", "wan", "", "/task_id", ""),
        finding_id("NC305", "submit", "wan", "", "/task_id", ""),
        finding_id("NC305", "query", "sora", "", "/task_id", ""),
        finding_id("NC305", "query", "wan", "failed", "/task_id", ""),
        finding_id("NC305", "query", "wan", "", "/status", ""),
        finding_id("NC305", "query", "wan", "", "/task_id", "other"),
    ]
    assert len({one, *others}) == len(others) + 1
    assert re.fullmatch("[0-9a-f]{12}", one)
