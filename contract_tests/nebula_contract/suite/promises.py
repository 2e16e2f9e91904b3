"""What the tests of the suite are made from: the promises of an area, and how each stands to the live provider."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from nebula_contract.freshness import Freshness
from nebula_contract.judging.coverage import Wanted, wanted_cells
from nebula_contract.judging.registry import all_checks
from nebula_schemas.catalogue import catalogue

ALL = "all"
"""Stands for every family at once, and for what is about none."""

Test = Callable[..., Any]


def promises(area: str) -> Callable[[Test], Test]:
    """One test for each promise of an area, and for each family where it is about one."""
    return pytest.mark.nebula_area(area)


def promise_parameters(area: str, fresh: Freshness) -> Iterable[Any]:
    """Code and family of each test of an area, as pytest's parameters with their mark."""
    families = [family.name for family in catalogue().families]
    for check in all_checks():
        if check.code[2] != area:
            continue
        mark = getattr(pytest.mark, fresh.standing(check.code))
        for family in (ALL, *(families if check.scope != "run" else ())):
            yield pytest.param(check.code, family, id=f"{check.code}-{check.name}-{family}", marks=mark)


def cell_parameters() -> Iterable[Any]:
    """Each thing that a run should look at, as pytest's parameters with its mark."""
    for cell in wanted_cells():
        yield pytest.param(cell.name, id=cell.name.replace(" ", "-"), marks=_mark(cell))


def _mark(cell: Wanted) -> pytest.MarkDecorator:
    return pytest.mark.live_pending if cell.at_live else pytest.mark.mock_only
