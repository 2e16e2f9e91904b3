"""How much of what was looked at the mock does as the provider does: a number with its samples and its age."""

from collections.abc import Iterable
from dataclasses import dataclass

from nebula_contract.drift.observation import ABSENT, NONE, CellKey, Observations, Trait
from nebula_contract.drift.witnesses import Place, Witnesses, unlike_the_mock

_COMPARED = frozenset({"type", "word", "form", "answer", "media", "envelope", "header"})


@dataclass(frozen=True, slots=True)
class Parity:
    """The parity of one family.

    Attributes:
        family: Its name; ``-`` for requests that are about none.
        equal: Traits in which the mock says what was seen.
        compared: Traits that both were seen to have, or one of them; 0 where nothing could be compared.
        samples: Answers that were looked at.
        cells: Kinds of answers that were.
        unseen: Kinds of answers that the mock has and the run did not see.
    """

    family: str
    equal: int
    compared: int
    samples: int
    cells: int
    unseen: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was compared."""
        return self.equal / self.compared if self.compared else None


def parities(now: Observations, witnesses: Witnesses) -> list[Parity]:
    """By family, in order of its name; what is about no family last."""
    unlike = set(unlike_the_mock(now, witnesses))
    known = {key for one in witnesses.mocks.values() for key in one.cells}
    families = sorted(
        {key.family for key in now.cells} | {key.family for key in known}, key=lambda one: (one == NONE, one)
    )
    return [_parity(family, now, known, unlike) for family in families]


def total(parts: Iterable[Parity]) -> Parity:
    """All families together."""
    those = list(parts)
    return Parity(
        "*",
        sum(one.equal for one in those),
        sum(one.compared for one in those),
        sum(one.samples for one in those),
        sum(one.cells for one in those),
        sum(one.unseen for one in those),
    )


def _parity(family: str, now: Observations, known: set[CellKey], unlike: set[Place]) -> Parity:
    mine = {key: cell for key, cell in now.cells.items() if key.family == family and key in known}
    places = {
        (key, trait)
        for key, cell in mine.items()
        for trait, values in cell.traits.items()
        if _counts(trait, values)
    }
    different = {place for place in unlike if place[0] in mine and place[1].aspect in _COMPARED}
    compared = places | different
    return Parity(
        family,
        len(compared - different),
        len(compared),
        sum(cell.samples for cell in mine.values()),
        len(mine),
        len([key for key in known if key.family == family and key not in now.cells]),
    )


def _counts(trait: Trait, values: Iterable[str]) -> bool:
    return trait.aspect in _COMPARED and any(value != ABSENT for value in values)
