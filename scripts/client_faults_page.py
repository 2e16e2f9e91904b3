"""How the client takes each fault: ``docs/reference/client-faults.md``, from what each trial has to come to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from client_trials import (
    disk,
    documents,
    host,
    losses,
    meaning,
    payload,
    processes,
    protocol,
    refusals,
    transport,
    unreachable,
)
from client_trials.trial import Trial
from page_text import page, table

FAULTS: tuple[Mapping[str, Any], ...] = tuple(
    json.loads((Path(__file__).parent.parent / "docs/client-faults.json").read_text("utf-8"))
)
"""Every fault: ``number``, ``group``, ``fault`` and ``behaviour``."""
TRIALS: tuple[Trial, ...] = tuple(
    trial
    for room in (
        losses,
        transport,
        unreachable,
        refusals,
        protocol,
        meaning,
        documents,
        payload,
        disk,
        processes,
        host,
    )
    for trial in room.TRIALS
)
"""Every trial, in no order."""

_CASES, _NEXT, _LINES = "**: ", "; ", "<br>"
_INTRO = """\
75 things that go wrong around a paid API, and what `VideoClient` does then, as seen by trying: {count} trials, against
the mock where it can bring the fault about, else against a raw socket. A line says what came of a
call (the exception, or what was returned), the requests that were sent and the pauses in seconds, with random numbers
of 0.5; then after which variant of the fault, and in which call. `connection` is one that was made and on which no whole request was read. *Then well* means that the provider
answers rightly from the next request on.

After each trial these hold too: one create at most was sent, but where the answer before was a refusal that says when
to come back; the file is whole or absent, and no `.part` is left; file descriptors and threads are as many as before,
with the error still kept; no deadline was passed by more than a second; the error has the task's id where it was
known, and survives pickling; the key stands in no message, log, repr, traceback, pickle or journal. Processes that
were killed leave their `.part`, which does no harm.

The trials are in `scripts/client_trials`; `tests/test_client_faults.py` runs them and compares this page."""


def client_faults_page() -> str:
    """The page."""
    parts = [_INTRO.format(count=len(TRIALS))]
    for group in dict.fromkeys(fault["group"] for fault in FAULTS):
        rows = [_row(fault) for fault in FAULTS if fault["group"] == group]
        parts += [f"## {group.capitalize()}", table(("", "fault", "right behaviour", "seen"), rows)]
    return page("Faults and the client", *parts)


def _row(fault: Mapping[str, Any]) -> tuple[str, ...]:
    """The row of a fault: each outcome, with the cases that have it; the tests try them all, and compare."""
    cases: dict[str, list[str]] = {}
    for trial in TRIALS:
        if trial.fault == fault["number"]:
            cases.setdefault(escaped(trial.expected), []).append(escaped(trial.case))
    seen = [f"**{told}{_CASES}{_NEXT.join(names)}" for told, names in cases.items()]
    return str(fault["number"]), fault["fault"], fault["behaviour"], _LINES.join(seen)


def outcomes(text: str) -> Mapping[tuple[int, str], str]:
    """What a page says was seen, for each fault's number and case; all of it escaped."""
    return {
        (int(cells[0]), case): told.removeprefix("**")
        for cells in (
            line[2:-2].split(" | ")
            for line in text.splitlines()
            if line.startswith("| ") and line[2].isdigit()
        )
        for told, _, cases in (seen.partition(_CASES) for seen in cells[3].split(_LINES))
        for case in cases.split(_NEXT)
    }


def escaped(text: str) -> str:
    """Text whose every sign stands for itself in Markdown and in any encoding."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(f"\\{sign}" if sign in "\\*_<>`" else sign for sign in plain)
