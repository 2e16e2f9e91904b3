"""What was seen of a provider, counted: the common language of all four witnesses.

Everything is a *trait* of a *cell*: ``type /url`` of ``wan/query/ok/succeeded`` was ``string`` five times. Values of
traits are words of ours (types, forms, digests of nothing), so that two runs can be compared and neither holds a
prompt, an id or a URL.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

ABSENT = "absent"
"""Stands for a member that an object did not have, and for a header that an answer did not have."""

ANY = "*"
"""Stands for every family, operation or state that was looked at."""

NONE = "-"
"""Stands for no family, and for no state."""

OK = "ok"
"""The outcome of a request that the contract lets the provider accept."""

MOST_EXCHANGES = 64
"""Exchanges that are kept as evidence of each value of a trait: the first ones, and the last."""

MOST_SHOWN = 3
"""So many of them are shown."""


class CellKey(NamedTuple):
    """Where answers are of one kind.

    Attributes:
        family: Name of the family; ``-`` where the request is about none.
        operation: submit, query, download, result, route.
        outcome: What the contract lets come: ``ok``, or the row of the error table (several joined by ``|``).
        state: The task's status in the answer to a query; ``-`` elsewhere.
    """

    family: str
    operation: str
    outcome: str
    state: str = NONE

    def __str__(self) -> str:
        """As it stands in files: ``wan/query/ok/succeeded``."""
        return "/".join(self)

    @classmethod
    def of(cls, text: str) -> "CellKey":
        """The key that was written so.

        Raises:
            ValueError: It is none.
        """
        parts = text.split("/")
        if len(parts) != len(cls._fields) or not all(parts):
            message = f"entries: found {text[:80]!r}, expected family/operation/outcome/state"
            raise ValueError(message)
        return cls(*parts)


class Trait(NamedTuple):
    """What is looked at in a cell.

    Attributes:
        aspect: ``type``, ``word``, ``form``, ``header``, ``media``, ``answer``, ``docs``.
        location: JSON Pointer with ``[]`` for indexes, or a header's name; empty for the whole answer.
    """

    aspect: str
    location: str = ""

    def __str__(self) -> str:
        """As it stands in files: ``type /url``."""
        return f"{self.aspect} {self.location}" if self.location else self.aspect

    @classmethod
    def of(cls, text: str) -> "Trait":
        """The trait that was written so."""
        aspect, _, location = text.partition(" ")
        return cls(aspect, location)


Values = Counter[str]
"""Value of a trait to how often it was seen."""


@dataclass(slots=True)
class CellSeen:
    """What was seen in one cell.

    Attributes:
        samples: Answers that were looked at.
        traits: Every trait with its values.
        evidence: Trait and value to exchanges that show it; empty for what was read from a file.
    """

    samples: int = 0
    traits: dict[Trait, Values] = field(default_factory=dict)
    evidence: dict[tuple[Trait, str], list[int]] = field(default_factory=dict)

    def note(self, trait: Trait, value: str, number: int = 0, times: int = 1) -> None:
        """Count a value; ``number`` is the exchange that shows it, 0 for none."""
        self.traits.setdefault(trait, Counter())[value] += times
        if number:
            shown = self.evidence.setdefault((trait, value), [])
            if number not in shown:
                shown[MOST_EXCHANGES - 1 :] = [number]

    def values(self, trait: Trait) -> Values:
        """The values of a trait; for a member that was never there, how often its object was without it."""
        if trait in self.traits or trait.aspect not in ("type", "header"):
            return self.traits.get(trait, Counter())
        if trait.aspect == "header":
            return Counter({ABSENT: self.answers}) if self.answers else Counter()
        parent = Trait("type", trait.location.rpartition("/")[0])
        objects = self.traits.get(parent, Counter())["object"]
        return Counter({ABSENT: objects}) if objects else Counter()

    @property
    def answers(self) -> int:
        """Answers whose status and headers were looked at; the others count for their shape alone."""
        return self.traits.get(Trait("answer"), Counter()).total()

    def shows(self, trait: Trait, value: str) -> list[int]:
        """Exchanges that show a value: the first two, and the last."""
        shown = self.evidence.get((trait, value), [])
        return shown if len(shown) <= MOST_SHOWN else [*shown[: MOST_SHOWN - 1], shown[-1]]

    def lacks(self, whole: list[int], trait: Trait) -> list[int]:
        """Of the exchanges in which a trait could have been seen those in which it was not, as far as they are kept."""
        seen = {number for (one, _), numbers in self.evidence.items() if one == trait for number in numbers}
        known = whole if len(seen) < MOST_EXCHANGES else [one for one in whole if one <= max(seen)]
        return [number for number in known if number not in seen]

    def merge(self, other: "CellSeen") -> None:
        """Count what another saw as well; its evidence is of another run and is left behind."""
        self.traits = {
            trait: self.values(trait) + other.values(trait) for trait in {**self.traits, **other.traits}
        }
        self.samples += other.samples


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, in seconds.

    Attributes:
        count: Samples; at least one.
        least: The shortest.
        middle: The median; of a merged span the one of the younger run.
        most: The longest.
    """

    count: int
    least: float
    middle: float
    most: float

    def merged(self, older: "Span | None") -> "Span":
        """The span that holds both."""
        if older is None:
            return self
        return Span(
            self.count + older.count, min(self.least, older.least), self.middle, max(self.most, older.most)
        )


ARROW = " > "
"""Between the statuses of a trace."""


@dataclass(slots=True)
class LifeSeen:
    """What was seen of a family's tasks.

    Attributes:
        tasks: Tasks that were read at least once.
        traces: Statuses in order of their first reading, joined by `` > ``, to how often.
        spans: What to how long: ``to STATUS`` from the submit to the first reading of it, ``poll lag`` the time an end was
            known upstream before it was told, ``answer OPERATION`` the wall time of an answer.
        last: Status that tasks ended in, or were seen to stay in, to how often.
    """

    tasks: int = 0
    traces: Values = field(default_factory=Counter)
    spans: dict[str, Span] = field(default_factory=dict)
    last: Values = field(default_factory=Counter)


@dataclass(slots=True)
class RequestsSeen:
    """What became of requests that the contract lets the provider accept, for one family.

    Attributes:
        accepted: Feature of a request to how many accepted ones had it.
        refused: Features of each refused one, with what it was refused with and the exchange.
    """

    accepted: Values = field(default_factory=Counter)
    refused: list[tuple[frozenset[str], str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Observations:
    """Everything that one witness says.

    Attributes:
        cells: By key.
        lives: By family.
        requests: By family.
        checks: Code of a check to how often it looked, for those that held throughout.
        broken: Structural names of what checks found broken.
        variants: Matter of a contradiction to the sides seen.
        unobservable: What could not be looked at, and why, in words.
        troubled: Numbers of the exchanges that trouble of the provider, or of the account, has spoiled.
    """

    cells: dict[CellKey, CellSeen] = field(default_factory=dict)
    lives: dict[str, LifeSeen] = field(default_factory=dict)
    requests: dict[str, RequestsSeen] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    variants: dict[str, Values] = field(default_factory=dict)
    unobservable: Counter[str] = field(default_factory=Counter)
    troubled: set[int] = field(default_factory=set)

    def cell(self, key: CellKey) -> CellSeen:
        """The cell of that key, made where it is not there yet."""
        return self.cells.setdefault(key, CellSeen())

    def alike(self, key: CellKey) -> Iterator[CellSeen]:
        """The cell itself; where it was not seen, those of other families for a refusal that is of none alone."""
        if key in self.cells:
            yield self.cells[key]
        elif key.outcome != OK:
            yield from (seen for one, seen in self.cells.items() if one[1:] == key[1:])

    def whole(self, key: CellKey) -> CellSeen | None:
        """What was seen of a family's operation in every state, as one cell; None where nothing was."""
        mine = (seen for one, seen in self.cells.items() if one[:3] == key[:3] and one.state != ANY)
        return joined(mine)


def joined(cells: Iterable[CellSeen]) -> CellSeen | None:
    """One cell of several; None of none."""
    result: CellSeen | None = None
    for cell in cells:
        result = result or CellSeen()
        result.merge(cell)
    return result


def states_of(cells: Mapping[CellKey, CellSeen], key: CellKey) -> set[str]:
    """The states in which a family's operation was seen to end as in ``key``."""
    return {one.state for one in cells if one[:3] == key[:3]}
