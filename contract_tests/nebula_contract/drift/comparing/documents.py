"""What is seen now against the documents, where a mock does the same: then a document is stale."""

from collections.abc import Iterator, Sequence

from nebula_contract.drift.comparing.difference import Difference, told
from nebula_contract.drift.observation import ABSENT, CellKey, CellSeen, Observations, Trait, joined

_OF_MEMBERS = {"new": "DR202", "required": "DR201"}
"""Keyword of the documents to the rule of a member that they do not name, or that they demand."""
_OF_VALUES = "DR222"


def against_documents(now: Observations, mocks: Sequence[Observations]) -> Iterator[Difference]:
    """Every place at which the provider and a mock break the documents in one way, the outermost alone.

    Refusals are left out: their words are told as variants.
    """
    for key, cell in now.cells.items():
        broken = sorted(trait for trait in cell.traits if trait.aspect == "docs" and trait.location)
        alike = [one for mock in mocks if broken and (one := joined(mock.alike(key))) is not None]
        told_at: list[str] = []
        for trait in broken:
            both = {word for word in cell.traits[trait] if any(word in one.values(trait) for one in alike)}
            if both and not any(f"{trait.location}/".startswith(f"{outer}/") for outer in told_at):
                told_at.append(trait.location)
                yield from (_difference(key, cell, trait, keyword) for keyword in sorted(both))


def _difference(key: CellKey, cell: CellSeen, trait: Trait, keyword: str) -> Difference:
    member = Trait("type", trait.location)
    is_of_member = keyword in _OF_MEMBERS
    return Difference(
        _OF_MEMBERS.get(keyword, _OF_VALUES),
        key,
        member if is_of_member else trait,
        "" if is_of_member else keyword,
        ABSENT if keyword == "required" else keyword,
        f"the documents say otherwise ({keyword})",
        told(cell.values(member)),
        cell.traits[trait][keyword],
        cell.samples,
        tuple(cell.shows(trait, keyword)),
    )
