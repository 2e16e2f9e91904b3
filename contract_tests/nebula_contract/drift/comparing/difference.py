"""One way in which what is seen now differs from what a witness says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nebula_contract.drift.observation import CellKey, Trait

_MOST_TOLD = 6

FLOOR = 3.0
"""So many times something must have been expected before its absence says anything."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference at one place of one cell.

    Attributes:
        rule: Id of the rule it falls under.
        cell: Where.
        trait: What differs.
        key: What tells it from another difference of the rule at that place, such as the new word or a pair of types.
        value: The value of the trait that shows it.
        before: What the witness says, in words of ours.
        now: What is seen now.
        seen: How often it was seen now.
        of: How often it could have been.
        exchanges: Exchanges that show it.
        is_loss: Whether something is no longer seen; else something is there that was not.
        to: Where a member stands now that was renamed or moved; empty else.
    """

    rule: str
    cell: CellKey
    trait: Trait
    key: str
    value: str
    before: str
    now: str
    seen: int = 0
    of: int = 0
    exchanges: tuple[int, ...] = ()
    is_loss: bool = False
    to: str = ""


def told(values: Mapping[str, int], words: Callable[[str], str] = str) -> str:
    """Values with how often: ``string (5), absent (2)``; the six most frequent.

    Args:
        values: Value to how often.
        words: A value to how a person reads it.
    """
    if not values:
        return "nothing of the kind"
    ordered = sorted(values.items(), key=lambda one: (-one[1], one[0]))
    more = f" and {len(ordered) - _MOST_TOLD} more" if len(ordered) > _MOST_TOLD else ""
    return ", ".join(f"{words(value)} ({count})" for value, count in ordered[:_MOST_TOLD]) + more
