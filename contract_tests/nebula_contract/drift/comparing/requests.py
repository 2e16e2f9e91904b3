"""Which feature of a request is refused now: what no accepted request had, the one that explains most first."""

from collections import Counter
from collections.abc import Iterable, Mapping

from nebula_contract.drift.observation import RequestsSeen, Values
from nebula_contract.drift.observing.features import UNKNOWN

WHOLE = "every request"
"""Stands for a family none of whose requests was accepted."""
TOGETHER = "a combination"
"""Stands for refused requests each of whose features was accepted elsewhere."""

Blame = tuple[str, str, tuple[int, ...]]
"""The feature, what it is refused with, and the exchanges that show it."""


def blamed(requests: RequestsSeen) -> list[Blame]:
    """The fewest features that explain every refusal of a request that the contract allows."""
    left = list(requests.refused)
    if left and not requests.accepted:
        return [(WHOLE, left[0][1], tuple(number for _, _, number in left[:3]))]
    found: list[Blame] = []
    while left:
        counts = _suspects((features for features, _, _ in left), requests.accepted)
        feature = _worst(counts) if counts else TOGETHER
        explained = [one for one in left if feature in one[0] or not counts]
        found.append((feature, explained[0][1], tuple(number for _, _, number in explained[:3])))
        left = [one for one in left if one not in explained]
    return found


def _suspects(refused: Iterable[frozenset[str]], accepted: Values) -> Values:
    counts: Values = Counter()
    for features in refused:
        counts.update(one for one in features if one not in accepted)
    return counts


def _worst(counts: Values) -> str:
    """The feature of the most refusals; of several the most telling: a model before a value before an absence."""
    return min(counts, key=lambda one: (-counts[one], _rank(one), one))


def _rank(feature: str) -> int:
    if feature.startswith("model="):
        return 0
    if feature.startswith("without "):
        return 3
    return 4 if feature == UNKNOWN else 2 if " as " in feature else 1


_RULES: Mapping[str, tuple[str, str]] = {
    "model=": ("DR305", "DR306"),
    "without ": ("DR303", "DR304"),
    WHOLE: ("DR311", "DR312"),
}
"""How a feature begins to the rules of its being refused and accepted."""
_OF_ALIASES, _OF_VALUES = ("DR307", "DR308"), ("DR309", "DR310")
OF_FEATURES = frozenset(rule for rules in (*_RULES.values(), _OF_ALIASES, _OF_VALUES) for rule in rules)
"""The rules of changes whose location is a feature of requests."""


def rule_of(feature: str, *, is_refused: bool) -> str:
    """The rule of a feature that is refused now, or accepted now that was refused."""
    otherwise = _OF_ALIASES if " as " in feature else _OF_VALUES
    rules = next((rules for beginning, rules in _RULES.items() if feature.startswith(beginning)), otherwise)
    return rules[0] if is_refused else rules[1]
