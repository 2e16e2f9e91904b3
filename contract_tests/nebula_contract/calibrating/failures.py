"""How many tasks failed and why, as the ``outcomes`` of a scenario: never a share that too few tasks show."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from nebula_contract.calibrating.lives import Life
from nebula_contract.calibrating.reasons import failure_of
from nebula_contract.calibrating.spread import LEAST_FOR_A_SHAPE


def outcomes_of(lives: Sequence[Life]) -> tuple[list[dict[str, Any]], list[str]]:
    """The outcomes by weight, none where nothing failed or too little was seen; and what was seen. Pure.

    Args:
        lives: Tasks that nothing was arranged for. Their families are taken together, as a scenario has it.
    """
    failed = [life for life in lives if life.has_failed]
    count, all_of = len(failed), len(lives)
    by_family = Counter(life.task.family.name for life in failed)
    told = ", ".join(f"{number} of {name}" for name, number in sorted(by_family.items()))
    seen = f"failures: {count} of {all_of} tasks failed{f' ({told})' if told else ''}"
    if not failed:
        return [], [f"{seen}; that says nothing about how seldom they do, so none is drawn"]
    if all_of < LEAST_FOR_A_SHAPE:
        return [], [f"{seen}; a share takes {LEAST_FOR_A_SHAPE} tasks, so none is drawn"]
    reasons = Counter(json.dumps(failure_of(life.task), sort_keys=True) for life in failed)
    outcomes: list[dict[str, Any]] = [
        {"outcome": "failed", "failure": json.loads(reason), "weight": number}
        for reason, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    ]
    if count < all_of:
        outcomes.insert(0, {"outcome": "succeeded", "weight": all_of - count})
    return _longest_first(outcomes, seen)


_MOST_OUTCOMES = 100


def _longest_first(outcomes: list[dict[str, Any]], seen: str) -> tuple[list[dict[str, Any]], list[str]]:
    """As many outcomes as a scenario can have; the weight of the others goes to the last of them."""
    kept, left = outcomes[:_MOST_OUTCOMES], outcomes[_MOST_OUTCOMES:]
    if left:
        kept[-1] = {**kept[-1], "weight": kept[-1]["weight"] + sum(one["weight"] for one in left)}
        seen = f"{seen}; of their {len(outcomes)} reasons the last {len(left)} are told as one"
    return kept, [f"{seen}; told as their share"]
