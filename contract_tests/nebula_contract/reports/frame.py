"""What every report has around its own part: the run as JSON, how it ended, and the lines of a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from nebula_contract.judging.findings import Level
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.reports.shown import shown
from nebula_contract.reports.summary import Ending

COLOURS: Mapping[Level, str] = {"breaking": "red", "risky": "yellow", "additive": "cyan", "info": "blue"}
"""Level to the colour in which a terminal shows it."""
LEAST_WIDTH = 40
"""Columns: a narrower terminal wraps what is written for this many."""


def run_document(
    header: RunHeader, end: RunEnd | None, *, exchanges: int, record: str, partial: str
) -> dict[str, Any]:
    """The run (``files/report.schema.json#/properties/run``).

    Args:
        header: What was known before it.
        end: How it ended; None for one that could not say.
        exchanges: How many there were.
        record: Where the record is kept; empty for nowhere.
        partial: Why it is no whole run; empty for one that is.
    """
    return {
        "tool": shown(header.tool),
        "target": shown(header.target),
        "target_kind": header.kind,
        "dialect": shown(header.dialect) or None,
        "profile": shown(header.profile) or None,
        "seed": header.seed,
        "hypothesis": shown(header.hypothesis) or None,
        "plan": shown(header.plan) or None,
        "cap_usd": shown(header.cap_usd) or None,
        "spent_usd": (shown(end.spent_usd) or None) if end else None,
        "started_at": shown(header.started_at),
        "ended_at": shown(end.ended_at) if end else None,
        "stop": end.stop if end else None,
        "partial": shown(partial) or None,
        "notes": [shown(note) for note in end.notes] if end else [],
        "exchanges": exchanges,
        "record": shown(record) or None,
    }


def exit_document(ending: Ending) -> dict[str, Any]:
    """The exit code and why."""
    return {
        "code": ending.code,
        "fail_on": ending.fail_on,
        "reasons": [shown(reason) for reason in ending.reasons],
    }


def section(title: str, lines: Iterable[str], width: int, most: int | None = None) -> Iterator[str]:
    """A title and a list of lines, at most so many; nothing where there are none."""
    told = list(lines)
    if told:
        yield ""
        yield click.style(title, bold=True)
    for line in told[:most]:
        yield textwrap.fill(
            line, width, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
    if most is not None and len(told) > most:
        yield f"  and {len(told) - most} more; the JSON report has them all"


def labelled(label: str, text: str, width: int, column: int) -> Iterator[str]:
    """A label and a text beside it, wrapped in its own column; nothing where there is no text."""
    if text:
        yield textwrap.fill(
            text,
            width,
            initial_indent=f"  {label:<{column}}",
            subsequent_indent=" " * (column + 2),
            break_on_hyphens=False,
        )


def spent_told(header: RunHeader, end: RunEnd | None) -> str:
    """What a run spent, and of whose money; empty where it spent nothing."""
    if end is None or not end.spent_usd:
        return ""
    whose = {"live": "", "mock": " of the mock's money", "url": " in a rehearsal"}[header.kind]
    return f"${shown(end.spent_usd)} spent{whose}"
