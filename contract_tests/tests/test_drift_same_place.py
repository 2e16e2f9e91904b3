"""Where a check found something, as one place: one that is there, and that holds all of them."""

from collections.abc import Sequence

import pytest

from nebula_contract.drift.comparing.moved import innermost
from nebula_contract.drift.comparing.same_place import location_of_all
from verdicts import finding


@pytest.mark.parametrize(
    ("places", "inner"),
    [
        (["/a"], "/a"),
        (["/a/b", "/a/c"], "/a"),
        (["/a/x/c", "/a/y/c"], "/a"),
        (["/a", "/b"], ""),
        (["", "/a"], ""),
    ],
)
def test_the_innermost_object_is_one_that_all_are_in(places: Sequence[str], inner: str) -> None:
    assert innermost(places) == inner


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (["/a/b"], "/a/b"),
        (["/a/b", "/a/c"], "/a/b+c"),
        (["/a/x/c/d", "/a/y/c/e"], "/a"),
        (["/a/d", "/b/e"], "/a+b"),
        (["header x", "header y"], "header x+header y"),
    ],
)
def test_several_places_of_a_check_are_told_as_one_that_is_there(places: Sequence[str], told: str) -> None:
    assert location_of_all([finding(location=place) for place in places]) == told
