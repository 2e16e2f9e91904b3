"""All 75 faults, each in every way that makes a difference, and what must hold after each of them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from client_faults_page import FAULTS, TRIALS, escaped, outcomes
from client_trials.trial import Trial

PAGE = (Path(__file__).parent.parent / "docs/reference/client-faults.md").read_text("utf-8")
ON_PAGE = outcomes(PAGE)


@pytest.mark.parametrize(
    "trial", TRIALS, ids=lambda trial: f"{trial.fault}, {trial.case}".encode("ascii", "replace").decode()
)
def test_the_client_does_what_is_right_and_leaves_nothing_behind(trial: Trial) -> None:
    seen = trial.seen()
    assert (seen.told, seen.broken) == (trial.expected, ())
    assert re.search(trial.says, seen.words, re.DOTALL), seen.words
    assert ON_PAGE[trial.fault, escaped(trial.case)] == escaped(seen.told)


def test_every_fault_is_tried() -> None:
    assert [fault["number"] for fault in FAULTS] == list(range(1, 76))
    assert {trial.fault for trial in TRIALS} == {fault["number"] for fault in FAULTS}


def test_every_trial_has_a_name_of_its_own() -> None:
    assert [
        name for name, count in Counter((trial.fault, trial.case) for trial in TRIALS).items() if count > 1
    ] == []


def test_the_page_has_every_trial_and_no_other() -> None:
    assert set(ON_PAGE) == {(trial.fault, escaped(trial.case)) for trial in TRIALS}
    assert f": {len(TRIALS)} trials" in PAGE
