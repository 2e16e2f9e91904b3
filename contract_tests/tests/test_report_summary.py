"""Exit codes: what a run comes to, whatever else it comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.judging.findings import LEVELS, Cell, Level, Verdict
from nebula_contract.reports.summary import (
    BROKEN,
    EXIT_CODES,
    FAIL_ON,
    HELD,
    INCONCLUSIVE,
    INTERRUPTED,
    QUARANTINE,
    UNUSABLE,
    FailOn,
    ending_of,
)
from verdicts import finding, verdict

MISSING = (Cell("query wan failed", "a task that fails", 0, is_required=True),)
PARTIAL = "the record has no end"


def test_a_run_that_held_is_zero_without_a_reason() -> None:
    ending = ending_of(verdict())
    assert (ending.code, ending.reasons) == (HELD, ())


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_a_finding_counts_from_the_bound_on(level: Level, fail_on: FailOn) -> None:
    ending = ending_of(verdict(finding(level=level)), fail_on=fail_on)
    counts = fail_on != "none" and LEVELS.index(level) >= LEVELS.index(fail_on)
    assert ending.code == (BROKEN if counts else HELD)


@pytest.mark.parametrize(
    "judged",
    [
        verdict(cells=MISSING),
        verdict(infra=("exchange 1: HTTP 503",)),
        verdict(checks=()),
        Verdict((), (), (), (), (), 0),
    ],
)
def test_what_was_not_looked_at_is_never_green(judged: Verdict) -> None:
    assert ending_of(judged).code == INCONCLUSIVE
    forgiven = ending_of(judged, inconclusive_ok=True)
    assert forgiven.code == HELD
    assert forgiven.reasons == ending_of(judged).reasons != ()


def test_a_partial_run_and_a_stale_check_are_inconclusive() -> None:
    assert ending_of(verdict(), partial=PARTIAL).reasons == (PARTIAL,)
    assert ending_of(verdict(), stale=["NC301"]).code == INCONCLUSIVE


@given(st.sets(st.sampled_from([INTERRUPTED, UNUSABLE, BROKEN, QUARANTINE, INCONCLUSIVE])), st.booleans())
def test_the_first_of_the_codes_wins_and_all_reasons_are_told(holds: set[int], forgiven: bool) -> None:  # noqa: FBT001
    ending = ending_of(
        verdict(*([finding()] if BROKEN in holds else []), cells=MISSING if INCONCLUSIVE in holds else ()),
        problem="a report was not written" if UNUSABLE in holds else "",
        quarantined=["exchange 3"] if QUARANTINE in holds else [],
        is_interrupted=INTERRUPTED in holds,
        inconclusive_ok=forgiven,
    )
    left = holds - {INCONCLUSIVE} if forgiven else holds
    precedence = [INTERRUPTED, UNUSABLE, BROKEN, QUARANTINE, INCONCLUSIVE]
    assert ending.code == next((code for code in precedence if code in left), HELD)
    assert len(ending.reasons) == len(holds)


def test_every_code_is_described() -> None:
    assert sorted(EXIT_CODES) == [0, 1, 2, 3, 4, 130]
