"""The four witnesses, and what each says of one difference: documents, mock, the last accepted run, and the run of now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.comparing.difference import Difference
from nebula_contract.drift.comparing.documents import against_documents
from nebula_contract.drift.comparing.moved import parted
from nebula_contract.drift.comparing.same_place import is_beside
from nebula_contract.drift.observation import ANY, OK, CellKey, CellSeen, Observations, Trait
from nebula_schemas.catalogue import Dialect

Place = tuple[CellKey, Trait]
"""Where a difference is."""

_PRESENCE = frozenset({"DR201", "DR203", "DR205"})
_NEW = frozenset({"DR202", "DR204"})
_UNDOCUMENTED = frozenset(
    {
        *("DR107", "DR115", "DR219", "DR222", "DR407", "DR409"),
        *("DR223", "DR224", "DR303", "DR305", "DR307", "DR309", "DR311"),
    }
)
"""What a right provider by its documents never does: the comparison itself says so."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is compared with what is seen now.

    Attributes:
        mocks: What the mock says, in each dialect.
        baseline: What was accepted last; None where nothing was.
        held_until: Cell to the day on which the baseline saw it; empty where that is not known.
    """

    mocks: Mapping[Dialect, Observations]
    baseline: Observations | None = None
    held_until: Mapping[CellKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Testimony:
    """A difference, and who agrees with what is seen now.

    Attributes:
        difference: The difference; from the baseline where there is one, else from the mock.
        docs: Whether the documents allow it.
        mock: Whether the mock does the same, in either dialect.
        baseline: Whether the last accepted run did; None where it did not look.
        switched: The dialect that only the baseline spoke and the one that is spoken now, where that explains it.
    """

    difference: Difference
    docs: bool
    mock: bool
    baseline: bool | None
    switched: tuple[Dialect, Dialect] | None = None


def weighed(
    now: Observations, witnesses: Witnesses, denied: Collection[tuple[str, str]] = ()
) -> list[Testimony]:
    """Every difference from the mock or the baseline, each place once.

    Args:
        now: What is seen.
        witnesses: What it is compared with.
        denied: Operations and locations at which a check found a promise of the documents broken.
    """

    def allowed(one: Difference) -> bool:
        return (one.cell.operation, one.trait.location) not in denied and documents_allow(now, one)

    by_mock = _by_mock(now, witnesses)
    from_mock = _from_every(by_mock, witnesses)
    baseline = witnesses.baseline
    from_baseline = _by_place(differences(baseline, now, both_ways=True)) if baseline else {}
    before_by_mock = _by_mock(baseline, witnesses) if baseline and from_baseline else {}
    switch = _switch(by_mock, before_by_mock)
    moved = [(one.cell, one.to) for those in from_baseline.values() for one in those if one.to]
    found: list[Testimony] = []
    for place in dict.fromkeys([*from_baseline, *from_mock]):
        news, unlike_mock = from_baseline.get(place, []), from_mock.get(place, [])
        found += [
            Testimony(
                one,
                allowed(one),
                mock=not _among(one, unlike_mock) or _is_worded(now, one),
                baseline=False,
                switched=switch
                if switch and _is_of(switch[1], one, by_mock, is_allowed=allowed(one))
                else None,
            )
            for one in news
        ]
        looked = None if baseline is None or not _looked(baseline, place) else True
        found += [
            Testimony(one, allowed(one), mock=False, baseline=looked)
            for one in unlike_mock
            if not _among(one, news) and not _is_worded(now, one) and not _is_moved(one, moved)
        ]
    told = {*from_baseline, *from_mock}
    found += [
        Testimony(one, docs=False, mock=True, baseline=_agrees(baseline, one))
        for one in against_documents(now, list(witnesses.mocks.values()))
        if not any(_overlaps(one, place) for place in told)
    ]
    return found


def _agrees(baseline: Observations | None, one: Difference) -> bool | None:
    """Whether the baseline, which is told to differ nowhere near, looked there."""
    return True if baseline is not None and _looked(baseline, (one.cell, one.trait)) else None


def _overlaps(one: Difference, place: Place) -> bool:
    cell, trait = place
    return cell == one.cell and is_beside(one.trait.location, trait.location)


def _is_moved(one: Difference, moved: Collection[tuple[CellKey, str]]) -> bool:
    """Whether it is the new place of what was told to be renamed or moved."""
    place = one.trait.location
    return any(
        cell == one.cell and (place == to or to.startswith(f"{place}/") or parted(place)[0] == to.rstrip("/"))
        for cell, to in moved
    )


def _is_of(
    dialect: Dialect,
    one: Difference,
    by_mock: Mapping[Dialect, Mapping[Place, list[Difference]]],
    *,
    is_allowed: bool,
) -> bool:
    """Whether the dialect explains a difference: its mock does the same, or a refusal is worded as its documents say."""
    return (one.cell, one.trait) not in by_mock[dialect] or (one.trait.aspect == "answer" and is_allowed)


def unlike_the_mock(now: Observations, witnesses: Witnesses) -> Collection[Place]:
    """The places at which the mock never does what is seen now, whichever dialect it speaks."""
    unlike = _from_every(_by_mock(now, witnesses), witnesses)
    return [place for place, those in unlike.items() if not all(_is_worded(now, one) for one in those)]


def _is_worded(now: Observations, one: Difference) -> bool:
    """Whether it is a refusal of the error table, which the mock takes its own from: in some run it says the same."""
    return one.trait.aspect == "answer" and documents_allow(now, one)


def _by_mock(seen: Observations, witnesses: Witnesses) -> dict[Dialect, dict[Place, list[Difference]]]:
    return {
        dialect: _by_place(differences(one, seen, both_ways=False))
        for dialect, one in witnesses.mocks.items()
    }


def _among(one: Difference, others: Collection[Difference]) -> bool:
    """Whether another witness tells the same difference; what it said before need not be the same."""
    if one.trait.aspect == "word":
        return any(set(other.key.split("+")) & set(one.key.split("+")) for other in others)
    if one.trait.aspect in _ONE_EACH:
        return any(other.value == one.value for other in others)
    return bool(others)


_ONE_EACH = frozenset({"answer", "docs", "media", "language"})
"""Aspects of which several values may be new, each on its own."""


def _by_place(found: Collection[Difference]) -> dict[Place, list[Difference]]:
    places: dict[Place, list[Difference]] = {}
    for one in found:
        places.setdefault((one.cell, one.trait), []).append(one)
    return places


def _from_every(
    by_mock: Mapping[Dialect, Mapping[Place, list[Difference]]], witnesses: Witnesses
) -> dict[Place, list[Difference]]:
    """Differences from the mock whichever dialect it speaks: at places where it differs in each that has the cell.

    They are told as from the dialect that is spoken, where that is known; a status that it does not have is compared with
    nothing, since the answers of the other dialect are no measure of it.
    """
    spoken = _spoken(by_mock)
    new_places = {dialect: _new_places(places) for dialect, places in by_mock.items()}
    found: dict[Place, list[Difference]] = {}
    for place in dict.fromkeys(place for places in by_mock.values() for place in places):
        looked = [dialect for dialect, one in witnesses.mocks.items() if _looked(one, place)]
        told = {dialect: by_mock[dialect][place] for dialect in looked if place in by_mock[dialect]}
        is_of_queries = place[0].operation == "query" and place[0].outcome == OK
        if spoken is not None and spoken not in told and (spoken in looked or is_of_queries):
            continue
        if told and all(dialect in told or place in new_places[dialect] for dialect in looked):
            found[place] = told[spoken] if spoken in told else min(told.values(), key=len)
    return found


def _new_places(places: Mapping[Place, list[Difference]]) -> set[Place]:
    """Where members stand now that were renamed or moved: they are new there, though it is told where they were."""
    return {
        (one.cell, Trait("type", one.to.rstrip("/"))) for those in places.values() for one in those if one.to
    }


def _looked(witness: Observations, place: Place) -> bool:
    """Whether a witness has looked where the difference is."""
    cell, trait = place
    if trait.aspect == "request":
        return cell.family in witness.requests
    if trait.aspect == "span":
        return cell.family in witness.lives
    return any(True for _ in witness.alike(cell))


def _switch(
    by_mock: Mapping[Dialect, Mapping[Place, list[Difference]]],
    before_by_mock: Mapping[Dialect, Mapping[Place, list[Difference]]],
) -> tuple[Dialect, Dialect] | None:
    """The dialect that was spoken and the one that is, where they are two."""
    before, now = _spoken(before_by_mock), _spoken(by_mock)
    return (before, now) if before and now and before != now else None


def _spoken(by_mock: Mapping[Dialect, Mapping[Place, list[Difference]]]) -> Dialect | None:
    """The dialect whose mock differs at fewest places; None where both differ at as many."""
    counts = sorted((len(places), dialect) for dialect, places in by_mock.items())
    return counts[0][1] if len(counts) > 1 and counts[0][0] < counts[1][0] else None


def documents_allow(now: Observations, one: Difference) -> bool:
    """Whether the documents let come what is seen now."""
    if one.rule in _UNDOCUMENTED:
        return False
    if one.trait.aspect == "answer":
        return all(one.value not in cell.traits.get(Trait("docs"), ()) for cell in _cells(now, one.cell))
    if one.rule in ("DR108", "DR117"):
        return one.trait.location != "x-oneapi-request-id"
    keywords = _breaks(now, one.cell, one.trait.location)
    if one.to:
        return "required" not in keywords and not _is_undocumented(now, one)
    if one.rule in _NEW:
        return "new" not in keywords
    return "required" not in keywords if one.rule in _PRESENCE else not keywords - {"new", "required"}


def _is_undocumented(now: Observations, one: Difference) -> bool:
    """Whether no document names the new place of a member, or of the members of an object that was unfolded."""
    is_unfolded = one.trait.location.startswith(one.to)
    at = one.to.rstrip("/")
    return any(
        "new" in keywords and (parted(trait.location)[0] == at if is_unfolded else trait.location == at)
        for cell in _cells(now, one.cell)
        for trait, keywords in cell.traits.items()
        if trait.aspect == "docs"
    )


def _breaks(now: Observations, cell: CellKey, location: str) -> set[str]:
    """What of the documents is broken at a place, as keywords of their schemas."""
    return {keyword for seen in _cells(now, cell) for keyword in seen.traits.get(Trait("docs", location), ())}


def _cells(now: Observations, key: CellKey) -> list[CellSeen]:
    """The cells in which a difference is seen: that of every state is seen in each."""
    return [
        cell for one, cell in now.cells.items() if one == key or (key.state == ANY and one[:3] == key[:3])
    ]
