"""What a broken promise looks like: one finding for each place it is broken at, however often it was seen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["breaking", "risky", "additive", "info"]
"""How bad: a correct consumer can fail; a strict one can, or it cannot be decided; something new; worth knowing."""

LEVELS: tuple[Level, ...] = ("info", "additive", "risky", "breaking")
"""From the least to the worst."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What one look of a check found wrong.

    Attributes:
        found: What came, in words a stranger understands; short, without secrets.
        expected: What was promised, the same way.
        number: The exchange that shows it.
        location: Where in the body, as a JSON Pointer with ``[]`` for indexes; or ``header NAME``; empty for the whole.
        key: What else tells this break from another at the same place, such as the new value. No text that changes
            from run to run.
        level: Where it differs from the check's own.
    """

    found: str
    expected: str
    number: int
    location: str = ""
    key: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise at one place.

    Attributes:
        id: 12 hex digits from code, operation, family, state, location and key: no words, no values, no version.
        code: The check's code, such as ``NC301``.
        level: How bad.
        operation: The operation whose answer shows it; ``run`` where it takes several.
        family: The family; empty where it is not about one.
        status: HTTP status of the answer that shows it; 0 for none.
        state: The task's status in that answer; empty where there is none.
        location: As in ``Broken``.
        found: What came.
        expected: What was promised.
        seen: How often it was found.
        of: How often the check looked there (this code, operation and family).
        exchanges: Numbers of exchanges that show it, the plainest first; at most five.
        case: The case of the first of them.
    """

    id: str
    code: str
    level: Level
    operation: str
    family: str
    status: int
    state: str
    location: str
    found: str
    expected: str
    seen: int
    of: int
    exchanges: tuple[int, ...] = ()
    case: str = ""


def finding_id(code: str, operation: str, family: str, state: str, location: str, key: str) -> str:
    """The finding's id: the same for the same break in every run."""
    text = f"{code} | {operation} | {family} | {state} | {location} | {key}"
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What became of one check.

    Attributes:
        code: Its code.
        looked: How often its precondition was met.
        broken: How often it found something.
        families: How often it looked at each family, empty for what is about none.
    """

    code: str
    looked: int
    broken: int
    families: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that a run has to have looked at.

    Attributes:
        name: Such as ``query wan succeeded``, unique.
        what: In a sentence, what was to be seen.
        seen: How often it was.
        is_required: Whether the run proves too little without it.
        reason: Why it was not seen, where that is known (``nothing can be arranged at this target``).
    """

    name: str
    what: str
    seen: int
    is_required: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Which side of a contradiction the target takes, as seen.

    Attributes:
        number: The row of ``contradictions/table.json``; 0 for one that is only in the error table.
        matter: In words.
        seen: Side to how often it was seen.
    """

    number: int
    matter: str
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a record comes to.

    Attributes:
        findings: The worst first, then by code and place.
        checks: Every check with how often it looked, in order of code.
        cells: What was looked at, in order.
        variants: What the target says where its documents disagree.
        infra: What kept the run from looking: answers such as 429, 5xx of a live target, lost connections.
        exchanges: How many were judged.
        quarantined: Answers that a check could not read, a sentence each: they are in the record, and say nothing.
    """

    findings: tuple[Finding, ...]
    checks: tuple[CheckRun, ...]
    cells: tuple[Cell, ...]
    variants: tuple[Variant, ...]
    infra: tuple[str, ...]
    exchanges: int
    quarantined: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Cell, ...]:
        """Required cells that were not seen."""
        return tuple(cell for cell in self.cells if cell.is_required and not cell.seen)
