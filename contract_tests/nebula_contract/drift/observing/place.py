"""Which cell an answer belongs to: by what was asked for, never by what the provider made of it."""

from nebula_contract.drift.observation import NONE, OK, CellKey
from nebula_contract.drift.observing.walk import word_of
from nebula_contract.judging.views import Seen

CONDITIONS = frozenset({"", "failing"})
"""A task that was made to fail looks like one that fails by itself; anything else that is arranged does not happen live."""


def cell_of(seen: Seen) -> CellKey | None:
    """The cell in which the answer counts; None for one that nothing can be learned from.

    Answers that no source promises anything about, and those that were arranged at a mock, are of no cell.
    """
    exchange = seen.exchange
    if exchange.condition not in CONDITIONS or not seen.expected.outcomes:
        return None
    family = NONE if seen.family is None else seen.family.name
    return CellKey(family, exchange.operation, asked(seen), NONE)


def asked(seen: Seen) -> str:
    """What the contract lets come: ``ok``, a refusal, or several of them where the sources disagree."""
    refusals = sorted({one.problem_id for one in seen.expected.refusals})
    return "|".join([*([OK] if seen.expected.accepts else []), *refusals])


def state_of(body: object) -> str:
    """The status that a task's answer tells; ``-`` where it tells none."""
    status = body.get("status") if isinstance(body, dict) else None
    if not isinstance(status, str) or not status:
        return NONE
    return word_of(status)
