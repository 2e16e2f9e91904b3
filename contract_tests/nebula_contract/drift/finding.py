"""One change as it is reported: where, what, whose matter, how bad, since when, and what to do."""

import hashlib
from dataclasses import dataclass

from nebula_contract.drift.observation import ANY
from nebula_contract.drift.rules import Rule, VerdictKind
from nebula_contract.judging.findings import Level
from nebula_contract.record.exchange import Exchange

JOINED = "+"
"""Between several families or states that one change is seen in."""


TIMING = frozenset({"DR411", "DR412", "DR413", "DR414"})
"""Rules about how long something takes: findings of theirs are never accepted."""

_NEVER_ACCEPTED = (
    "Change your client as said. Times alone are never accepted: take them over into the observed state by a live run "
    "with --update, or give the rule the severity none in a file of --severity."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is: what its id is made of, beside the rule and the key.

    Attributes:
        operation: The operation, ``*`` for all of them.
        family: The family, several joined by ``+``, ``*`` for all that were looked at, empty for none.
        outcome: ``ok`` or the refusal that was asked for; ``*`` for all.
        state: The task's status, several joined by ``+``, ``*`` for all; empty for none.
        location: JSON Pointer with ``[]`` for indexes, ``header NAME``, or what else differs.
    """

    operation: str
    family: str
    outcome: str
    state: str
    location: str

    def covers(self, other: "Place") -> bool:
        """Whether everything that ``other`` says is said here as well."""
        return self.location == other.location and all(
            _covers(mine, theirs)
            for mine, theirs in (
                (self.operation, other.operation),
                (self.family, other.family),
                (self.outcome, other.outcome),
                (self.state, other.state),
            )
        )


def _covers(mine: str, theirs: str) -> bool:
    return mine in (ANY, theirs) or set(theirs.split(JOINED)) <= set(mine.split(JOINED))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a change.

    Attributes:
        seen: How often it was seen.
        of: How often it could have been.
        exchanges: Numbers of exchanges that show it, the first first.
        example: The first of them; None where only the whole run shows it.
        reconfirmed: Whether a second look showed it again; None where none was taken.
    """

    seen: int
    of: int
    exchanges: tuple[int, ...] = ()
    example: Exchange | None = None
    reconfirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """A change.

    Attributes:
        rule: What kind.
        verdict: Which witnesses agree.
        severity: How bad.
        place: Where.
        key: What tells it from another change of the rule there.
        docs: What the documents say, in words.
        mock: What the mock says.
        baseline: What the last accepted run said; empty where it did not look.
        now: What is seen now.
        evidence: What shows it.
        held_until: The day on which it was last seen otherwise, as ISO 8601; empty where that is not known.
    """

    rule: Rule
    verdict: VerdictKind
    severity: Level
    place: Place
    key: str
    docs: str
    mock: str
    baseline: str
    now: str
    evidence: Evidence
    held_until: str = ""

    @property
    def id(self) -> str:
        """12 hex digits of its structure: no words of anybody, no values, no version."""
        return drift_id(self.rule.id, self.place, self.key)

    @property
    def flickered(self) -> bool:
        """Whether a second look did not show it again: it is told, and does not gate."""
        return self.evidence.reconfirmed is False

    @property
    def may_be_accepted(self) -> bool:
        """Whether an acceptance can cover it: a matter of time alone has no structure by which to know it again."""
        return self.rule.id not in TIMING

    @property
    def remedy(self) -> str:
        """What to do: the one who has to act, then the consumer."""
        advises_it = "accept it" in self.verdict.remedy.lower()
        act = _NEVER_ACCEPTED if advises_it and not self.may_be_accepted else self.verdict.remedy
        return f"{act} Consumer: {self.rule.remedy}"


def drift_id(rule: str, place: Place, key: str) -> str:
    """The id of a change of that structure, the same in every run."""
    parts = (rule, place.operation, place.family, place.outcome, place.state, place.location, key)
    text = " | ".join(
        part.replace("\\", "\\\\").replace("|", "\\|") for part in parts
    )  # no name can end a part
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
