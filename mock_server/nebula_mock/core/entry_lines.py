"""Exchanges as lines for people: what was asked, what came, what was done to it. Pure."""

from collections.abc import Mapping
from typing import Any

from nebula_mock.core.journal_entry import JournalEntry


def in_a_line(entry: JournalEntry) -> str:
    """One exchange on one line, such as ``#3 query GET /v1/... -> 503, 81 bytes, complete; http by script-1, step 0``.

    What the consumer wrote is shown as JSON would escape it, so that it stays on the line.
    """
    path = entry.path.encode("unicode_escape").decode()
    told = f"#{entry.seq} {entry.operation} {entry.method} {path} -> {entry.status or 'no answer'}"
    told += f", {entry.bytes_sent} bytes, {entry.ended}"
    if entry.problem_id is not None:
        told += f", {entry.problem_id}"
    return "; ".join([told, *map(_fault, entry.faults)])


def _fault(fault: Mapping[str, Any]) -> str:
    by = (
        f"{fault['script']}, step {fault['step']}"
        if "script" in fault
        else f"rules {', '.join(fault['rules'])}"
    )
    what = fault["fault"] or "no fault"
    late = f", {fault['delay_s']:g} s late" if fault["delay_s"] else ""
    idle = "" if fault["did"] else ", which found nothing to change"
    return f"{what}{late} by {by}{idle}"
