"""How a task ends: one of several outcomes, each as likely as its weight says."""

from collections.abc import Sequence
from dataclasses import dataclass

from nebula_mock.core.draws import Draw
from nebula_mock.core.lifecycle import Failure


class OutcomesError(ValueError):
    """Outcomes of which none can be drawn."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way to end.

    Attributes:
        weight: How likely it is beside the others, at least 0.
        failure: Why the task fails; None when it succeeds.
    """

    weight: float
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Every way to end.

    Attributes:
        all: At least one of a weight above 0.
    """

    all: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        """Refuse weights that leave nothing to draw."""
        if not _total(self.all) > 0:
            message = f"found weights that add up to {_total(self.all)}, expected at least one above 0"
            raise OutcomesError(message)

    def drawn(self, draw: Draw) -> Failure | None:
        """Why this draw's task fails; None when it succeeds. An outcome of weight 0 is never drawn."""
        left = draw.unit() * _total(self.all)
        possible = [outcome for outcome in self.all if outcome.weight > 0]
        for outcome in possible:
            left -= outcome.weight
            if left < 0:
                return outcome.failure
        return possible[-1].failure  # what rounding left over


def _total(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.weight for outcome in outcomes)
