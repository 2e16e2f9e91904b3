"""How long answers took, as the delays of a scenario: only where time at the target was that of the wall."""

from collections.abc import Mapping, Sequence
from typing import Any

from nebula_contract.calibrating.lives import DIGITS, is_arranged
from nebula_contract.calibrating.spread import form_of, summary_of
from nebula_contract.calibrating.timings import shape_of
from nebula_contract.record.exchange import Exchange, Operation

OPERATIONS: tuple[Operation, ...] = ("submit", "query", "download", "result")
LEAST_S = 0.01
"""A median below is what a mock takes itself, and is no delay."""
LONGEST_S = 3600.0
"""The longest delay that a scenario can say."""

_OK = 200


def is_on_the_wall(exchanges: Sequence[Exchange]) -> bool:
    """Whether the target's clock ran while it answered: one that is moved by hand stands still meanwhile. Pure."""
    answered = [one for one in exchanges if one.answer is not None]
    running = sum(one.until_s > one.at_s for one in answered)
    return 2 * running > len(answered)


def latency_of(exchanges: Sequence[Exchange]) -> tuple[list[dict[str, Any]], list[str]]:
    """The rules that delay each operation, and what they were made of, a sentence each. Pure.

    Counted are answers under 200 to requests that nothing was arranged for: a refusal is quicker than what it refuses.
    """
    if not is_on_the_wall(exchanges):
        return [], ["latency: the target's clock was moved by hand, so how long answers take says nothing"]
    rules, notes = [], []
    for operation in OPERATIONS:
        took = [
            min(round(one.took_s, DIGITS), LONGEST_S)
            for one in exchanges
            if one.operation == operation and one.status == _OK and not is_arranged(one)
        ]
        if not took:
            notes.append(f"latency: no {operation} was answered with 200")
            continue
        found = summary_of(took)
        if found.median < LEAST_S:
            notes.append(f"latency: {operation} {found}, which is as quick as the mock itself; left out")
            continue
        delay = _delay(took)
        rules.append({"name": f"latency-{operation}", "match": {"operation": operation}, "delay": delay})
        notes.append(f"latency: {operation} {found}; told as {delay['delay']}")
    return rules, notes


def _delay(took: Sequence[float]) -> Mapping[str, Any]:
    form, found = form_of(took), summary_of(took)
    if form == "fixed":
        return {"delay": form, "seconds": found.median}
    if form == "uniform":
        return {"delay": form, "min_s": found.least, "max_s": found.most}
    return {"delay": form, **shape_of(took)}
