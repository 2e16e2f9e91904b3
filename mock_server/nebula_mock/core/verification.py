"""Did it happen, and how often: an answer that never claims more than the journal still knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nebula_mock.core.journal_entry import JournalEntry
from nebula_mock.core.journal_match import Difference, Match, differences
from nebula_mock.core.json_paths import MISSING

Outcome = Literal["verified", "failed", "unknown"]

_MOST_MISSES = 3


@dataclass(frozen=True, slots=True)
class Times:
    """How often something is to be found.

    Attributes:
        at_least: From this often.
        at_most: To this often; None for any number.
    """

    at_least: int = 1
    at_most: int | None = None

    @classmethod
    def exactly(cls, count: int) -> "Times":
        """Neither more nor less."""
        return cls(count, count)

    def in_words(self) -> str:
        """As it is told: ``exactly 1``, ``at least 2``, ``2 to 3``, ``at most 3``."""
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_most == self.at_least:
            return f"exactly {self.at_least}"
        return f"{self.at_least} to {self.at_most}" if self.at_least else f"at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An entry that is nearly what was looked for.

    Attributes:
        entry: The entry.
        differences: Where it is not; at least one.
    """

    entry: JournalEntry
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        """One line for the exchange, one for each difference."""
        one = self.entry
        lines = [f"#{one.seq} {one.method} {one.path} -> {one.status} ({one.operation})"]
        return "\n".join([*lines, *(f"    {difference}" for difference in self.differences)])


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer.

    Attributes:
        outcome: ``verified``; ``failed``; ``unknown`` where what is no longer kept could decide it.
        found: How many entries are what was looked for.
        seqs: Their numbers.
        evicted: How many entries that may have been it had to make room.
        undecided: How many entries may be it, had more of them been kept.
        near_misses: The closest of the others, closest first, where too few were found.
        match: What was looked for.
        times: How often.
    """

    outcome: Outcome
    found: int
    seqs: tuple[int, ...]
    evicted: int
    undecided: int
    near_misses: tuple[NearMiss, ...]
    match: Match
    times: Times

    @property
    def verified(self) -> bool:
        """Whether it is certain."""
        return self.outcome == "verified"

    def in_words(self) -> str:
        """What was looked for, what was found, why that is not certain, and what came closest."""
        which = f": {', '.join(f'#{seq}' for seq in self.seqs[:20])}" if self.seqs else ""
        lines = [f"Found {self.found}, expected {self.times.in_words()} of {self.match.in_words()}{which}."]
        if self.outcome == "unknown" and self.evicted:
            lines.append(
                f"Unknown: {self.evicted} entries that may have been it were evicted; keep more with --journal-entries "
                "and --journal-bytes, or verify earlier."
            )
        if self.outcome == "unknown" and self.undecided:
            lines.append(f"Unknown: of {self.undecided} entries too little is kept to tell.")
        if self.near_misses:
            lines += ["Closest:", *(f"  {miss}" for miss in self.near_misses)]
        return "\n".join(lines)


def verification(entries: Iterable[JournalEntry], match: Match, times: Times, evicted: int) -> Verification:
    """Compare what was looked for with what is there, and with what could have been. Pure."""
    compared = [(entry, differences(match, entry)) for entry in entries]
    seqs = tuple(entry.seq for entry, found in compared if not found)
    undecided = sum(1 for _, found in compared if found and not any(one.is_certain for one in found))
    least, most = len(seqs), len(seqs) + undecided + evicted
    outcome = _outcome(times, least, most)
    others = [NearMiss(entry, found) for entry, found in compared if found] if least < times.at_least else []
    others.sort(key=lambda miss: (_distance(miss), -miss.entry.seq))
    return Verification(outcome, least, seqs, evicted, undecided, tuple(others[:_MOST_MISSES]), match, times)


def _outcome(times: Times, least: int, most: int) -> Outcome:
    """What follows for certain from how often it happened at least and at most."""
    if least >= times.at_least and (times.at_most is None or most <= times.at_most):
        return "verified"
    if most < times.at_least or (times.at_most is not None and least > times.at_most):
        return "failed"
    return "unknown"


def _distance(miss: NearMiss) -> tuple[int, int, int]:
    """The smaller, the closer: another value is closer than none."""
    missing = sum(1 for one in miss.differences if one.found is MISSING)
    certain = sum(1 for one in miss.differences if one.is_certain)
    return certain, missing, len(miss.differences)
