"""Half of a surrogate pair, which JSON may hold and UTF-8 may not, anywhere in an answer: judged, compared and told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drifting import live_run, record_of
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.reporting.formats import DRIFT_FORMATS
from nebula_contract.judging.judge import judge
from nebula_contract.mutating.lies import on, put
from nebula_contract.mutating.mutant import Lie, Mutant, When

HALF = "\ud800"
PLACES: dict[str, tuple[When, Callable[[dict[str, Any]], object]]] = {
    "a status": (on("query"), put("/status", HALF)),
    "a word of the upstream": (on("query"), put("/metadata/status", HALF)),
    "the name of a member": (on("query"), lambda body: body.update({HALF: 1})),
    "a code": (on("query", status=404), lambda body: body.update({"code": HALF, "error": {"code": HALF}})),
    "an id": (on("submit"), put("/task_id", HALF)),
}


def escaped(when: When, change: Callable[[dict[str, Any]], object]) -> Lie:
    """A lie that is told in escapes, as JSON in ASCII has them."""

    def lie(ask: Any, told: Any) -> None:
        if when(ask, told) and isinstance(told.json, dict):
            body = told.json
            change(body)
            told.turn(body=json.dumps(body).encode())

    return lie


@pytest.mark.parametrize("place", PLACES)
def test_half_a_pair_breaks_no_judgement_and_no_format(place: str, tmp_path: Path) -> None:
    live = live_run(tmp_path, wrong=Mutant(place, ("NC104",), escaped(*PLACES[place])))
    assert judge(live, is_mock=False, is_live=True).exchanges == len(live)
    bounds = DriftBounds(baseline=tmp_path / "none.json", accepted=tmp_path / "accepted.json")
    report = drifted(record_of(tmp_path / "run.ndjson", live), bounds)
    for name, made in DRIFT_FORMATS.items():
        assert made(report).encode("utf-8"), name
