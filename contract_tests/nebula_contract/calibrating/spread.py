"""From moments that were seen to a form of distribution, chosen by how many they are.

- *fixed*, where one number explains everything that was seen; so always for a single one;
- *lognormal*, from ``LEAST_FOR_A_SHAPE`` on, all above 0: enough to see a shape, cut at what was seen;
- *uniform* for all else, from the least to the most that was seen: some numbers show bounds and no shape.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula_contract.calibrating.lives import DIGITS, Span

LEAST_FOR_A_SHAPE = 20
"""How many samples a shape takes, and a share: below, one sample more would move either by over 5 %."""

_LARGEST_SIGMA = 5.0

Form = Literal["fixed", "uniform", "lognormal"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What samples come to, in seconds.

    Attributes:
        count: How many there are.
        least: The smallest.
        median: Half are not above.
        most: The largest.
    """

    count: int
    least: float
    median: float
    most: float

    def __str__(self) -> str:
        """For people."""
        return f"min {self.least:.3g} s, median {self.median:.3g} s, max {self.most:.3g} s of {self.count}"


def summary_of(samples: Sequence[float]) -> Summary:
    """The summary of at least one sample. Pure."""
    return Summary(
        len(samples),
        round(min(samples), DIGITS),
        round(statistics.median(samples), DIGITS),
        round(max(samples), DIGITS),
    )


def form_of(*stages: Sequence[float]) -> Form:
    """The form that every stage can have, none of them empty. Pure."""
    if all(min(samples) == max(samples) for samples in stages):
        return "fixed"
    may_have_shape = all(len(samples) >= LEAST_FOR_A_SHAPE and min(samples) > 0 for samples in stages)
    return "lognormal" if may_have_shape else "uniform"


def sigma_of(samples: Sequence[float]) -> float:
    """The deviation of the logarithms of samples above 0 about that of their median. Pure."""
    middle = math.log(statistics.median(samples))
    squares = [(math.log(sample) - middle) ** 2 for sample in samples]
    return min(_LARGEST_SIGMA, round(math.sqrt(sum(squares) / len(squares)), DIGITS))


def common_moment(spans: Sequence[Span]) -> float | None:
    """The middle of what all spans have in common: one moment that explains each; None where there is none. Pure."""
    low, high = max(span.low for span in spans), min(span.high for span in spans)
    return Span(low, high).middle if low <= high else None
