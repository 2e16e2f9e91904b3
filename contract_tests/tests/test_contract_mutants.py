"""The suite is tested too: every wrong provider is found by a check that is meant to, the right one never accused.

Here each wrong provider answers in one dialect, in turn, and until it is found; ``nebula-contract mutate`` runs them
whole and in both.
"""

from pathlib import Path

import pytest

from nebula_contract.judging.judge import judge
from nebula_contract.judging.registry import all_checks
from nebula_contract.mutating.mutate import (
    ABOUT_THE_CLIENT,
    Wrong,
    dialects_of,
    every_wrong,
    mutants_in,
    run_until_found,
)
from nebula_contract.mutating.switchboard import EQUIVALENT, SWITCHBOARD
from nebula_contract.sending.asking import Case
from nebula_contract.sending.lifecycle import brief, full
from nebula_contract.sending.schedule import interleaved
from nebula_contract.sending.spread import planned_tasks
from nebula_contract.sending.target import open_mock
from nebula_mock.core.faults import FAULTS
from nebula_schemas.catalogue import DIALECTS, Dialect, catalogue

MUTANTS = Path(__file__).parent / "mutants"
WRONG = list(every_wrong(mutants_in(MUTANTS)))
SEEDS, SLICES = 1000, 40


def _dialect(place: int, wrong: Wrong) -> Dialect:
    has = dialects_of(wrong)
    return DIALECTS[place % 2] if DIALECTS[place % 2] in has else next(one for one in DIALECTS if one in has)


@pytest.mark.parametrize(
    ("wrong", "dialect"),
    [(wrong, _dialect(place, wrong)) for place, wrong in enumerate(WRONG)],
    ids=[wrong.name for wrong in WRONG],
)
def test_a_wrong_provider_is_found_by_a_check_that_is_meant_to(wrong: Wrong, dialect: Dialect) -> None:
    killed = run_until_found(wrong, dialect, seed=5)
    assert killed.is_killed, f"expected one of {killed.expected}, found {dict(killed.found)}"


def test_there_are_wrong_providers_for_every_check() -> None:
    meant = {code for wrong in WRONG for code in wrong.codes}
    assert {check.code for check in all_checks()} - meant - ABOUT_THE_CLIENT == set()
    assert len({wrong.name for wrong in WRONG}) == len(WRONG)


def test_every_fault_of_the_mock_is_on_the_switchboard_or_breaks_no_promise() -> None:
    named = {str(one.fault["fault"]) for one in SWITCHBOARD}
    assert named | set(EQUIVALENT) == set(FAULTS)
    assert not named & set(EQUIVALENT)


@pytest.mark.parametrize("part", range(SLICES))
def test_the_right_provider_is_never_accused(part: int) -> None:
    """A thousand seeds, every other one in each dialect: a task of every family, in half of the seeds one with all that can be asked."""
    families = catalogue().families
    for seed in range(part * SEEDS // SLICES, (part + 1) * SEEDS // SLICES):
        dialect = DIALECTS[seed % 2]
        with open_mock(dialect=dialect, seed=seed) as target:
            cases = []
            for place, family in enumerate(families):
                planned = planned_tasks(family, seed, 1)[0]
                case = Case(target, f"seed/{seed}/{family.name}", planned.owner)
                is_full = seed // len(DIALECTS) % (2 * len(families)) == place
                cases.append(full(case, planned, is_first=False) if is_full else brief(case, planned))
            interleaved(target.clock, cases)
            verdict = judge(target.recorder.exchanges, is_mock=True)
        assert verdict.findings == (), (seed, dialect, verdict.findings[0])
