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


@given(*(st.booleans() for _ in range(6)))
def test_the_first_of_the_codes_wins_and_all_reasons_are_told(
    interrupted: bool,
    unusable: bool,
    broken: bool,
    quarantined: bool,
    missing: bool,
    forgiven: bool,  # noqa: FBT001
) -> None:
    ending = ending_of(
        verdict(*([finding()] if broken else []), cells=MISSING if missing else ()),
        problem="a report was not written" if unusable else "",
        quarantined=["exchange 3"] if quarantined else [],
        is_interrupted=interrupted,
        inconclusive_ok=forgiven,
    )
    order = [
        (interrupted, INTERRUPTED),
        (unusable, UNUSABLE),
        (broken, BROKEN),
        (quarantined, QUARANTINE),
        (missing and not forgiven, INCONCLUSIVE),
    ]
    assert ending.code == next((code for holds, code in order if holds), HELD)
    assert len(ending.reasons) == sum((interrupted, unusable, broken, quarantined, missing))


def test_every_code_is_described() -> None:
    assert sorted(EXIT_CODES) == [0, 1, 2, 3, 4, 130]
