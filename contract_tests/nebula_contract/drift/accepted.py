"""``contract/accepted.json``: changes that somebody has seen, with a reason, and for how long that holds.

An entry covers a finding of its rule, key and place, or of a narrower place; not one that is worse than it allows, and
none after its day. What only took longer is never accepted: it has no structure by which to know it again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from nebula_contract.drift.comparing.requests import OF_FEATURES
from nebula_contract.drift.finding import JOINED, DriftFinding, Place
from nebula_contract.drift.observation import ANY
from nebula_contract.drift.rules import all_rules
from nebula_contract.judging.findings import LEVELS, Level
from nebula_contract.record.redaction import redacted
from nebula_contract.reports.shown import shown
from nebula_contract.reviewed import ReviewedFileError, changing, read_document, write_document

ACCEPTED_PATH = Path("contract/accepted.json")
DEFAULT_DAYS = 90
LONGEST_DAYS = 366
FORMAT = 1
_SCHEMA = "files/accepted"
_UNWRITTEN = "Nothing was accepted."
_REMEDY = "Mend it, or take back the version that was committed."

_KEPT_AGAIN = "DR490"
"""The rule whose key is the code of the check that it is about."""

_PARTS = ("operation", "family", "outcome", "state")
"""Of a place, those that may name several."""

Standing = Literal["new", "accepted", "expired", "worse"]
"""Nobody has seen it; an entry covers it; the entry's day is past; it is worse than the entry allows."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One entry.

    Attributes:
        id: Of the finding that was accepted.
        rule: Its rule.
        operation: As in ``Place``, like the next four.
        family: As said.
        outcome: As said.
        state: As said.
        location: As said.
        key: The finding's key.
        reason: Why it is accepted, by whoever did.
        owner: Who looks after it; may be empty.
        accepted: The day on which it was, ISO 8601.
        expires: The last day on which it holds, ISO 8601.
        max_severity: How bad a finding may be that it covers.
    """

    id: str
    rule: str
    operation: str
    family: str
    outcome: str
    state: str
    location: str
    key: str
    reason: str
    owner: str
    accepted: str
    expires: str
    max_severity: Level

    @property
    def place(self) -> Place:
        """Where it holds, without secrets, as ``acceptance_of`` writes it."""
        return _redacted(Place(self.operation, self.family, self.outcome, self.state, self.location))

    def is_about(self, finding: DriftFinding) -> bool:
        """Whether the finding is of its rule and key, at its place or within it; secrets are hidden on both sides."""
        mine, theirs = (self.rule, redacted(self.key)), (finding.rule.id, redacted(finding.key))
        return mine == theirs and self.place.covers(_redacted(finding.place))


@dataclass(frozen=True, slots=True)
class Stand:
    """How a finding stands, and by which entry."""

    standing: Standing
    entry: Acceptance | None = None


class AcceptError(ValueError):
    """A finding cannot be accepted so: what was found, what was expected."""


def stand_of(finding: DriftFinding, entries: Iterable[Acceptance], today: date) -> Stand:
    """How a finding stands; of several entries the one that covers it best."""
    about = [one for one in entries if one.is_about(finding)]
    if not about:
        return Stand("new")
    fits = [one for one in about if LEVELS.index(finding.severity) <= LEVELS.index(one.max_severity)]
    holds = [one for one in fits if date.fromisoformat(one.expires) >= today]
    if holds:
        return Stand("accepted", holds[0])
    return Stand("expired", fits[0]) if fits else Stand("worse", about[0])


def acceptance_of(
    finding: DriftFinding,
    reason: str,
    *,
    owner: str,
    today: date,
    expires: date | None,
    max_severity: Level | None,
) -> Acceptance:
    """The entry that accepts a finding. What looks like a secret in the words of its place and key is hidden.

    Raises:
        AcceptError: It cannot be: no reason, one with a secret in it, a day that is past or more than a year off, or a matter of time alone.
    """
    if not finding.may_be_accepted:
        raise AcceptError(
            f"{finding.id}: {finding.rule.id} is a matter of time alone, and is never accepted. Take it over by a "
            "live run with --update, or give it the severity none."
        )
    if not reason.strip():
        raise AcceptError("--reason: found no reason, expected a sentence by which others understand it.")
    for option, text in (("--reason", reason), ("--owner", owner)):
        if redacted(text) != text:
            raise AcceptError(
                f"{option}: found a key, credentials or the query of a URL ({shown(text, 100)}), expected words "
                "without them: the file is committed."
            )
    until = expires or today + timedelta(days=DEFAULT_DAYS)
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise AcceptError(
            f"--expires: found {until.isoformat()}, expected a day from today on and within {LONGEST_DAYS} days."
        )
    worst = max_severity or finding.severity
    if LEVELS.index(worst) < LEVELS.index(finding.severity):
        raise AcceptError(
            f"--max-severity: found {worst}, expected {finding.severity} or worse, which the finding is."
        )
    place = _redacted(finding.place)
    return Acceptance(
        finding.id, finding.rule.id, place.operation, place.family, place.outcome, place.state, place.location,
        redacted(finding.key), reason.strip(), owner.strip(), today.isoformat(), until.isoformat(), worst,
    )  # fmt: skip


def with_entry(entries: Sequence[Acceptance], one: Acceptance) -> tuple[Acceptance, ...]:
    """The entries with that one in the place of an older of the same finding; sorted."""
    return tuple(sorted([*(other for other in entries if other.id != one.id), one], key=_order))


def pruned(
    entries: Sequence[Acceptance], findings: Sequence[DriftFinding], looked: Iterable[Place]
) -> tuple[tuple[Acceptance, ...], tuple[Acceptance, ...]]:
    """Entries that are still needed, and those that are not: what was looked at and differs no longer.

    An entry about a place that the run did not look at, or not at all of it, stays, expired or not.
    """
    places = [_redacted(place) for place in looked]
    kept: list[Acceptance] = []
    dropped: list[Acceptance] = []
    for entry in entries:
        is_needed = any(entry.is_about(one) for one in findings)
        (kept if is_needed or not _was_looked_at(entry, places) else dropped).append(entry)
    return tuple(kept), tuple(dropped)


def _redacted(place: Place) -> Place:
    """The place with what looks like a secret hidden, each name by itself where there are several."""
    parts = {part: JOINED.join(map(redacted, getattr(place, part).split(JOINED))) for part in _PARTS}
    return replace(place, location=redacted(place.location), **parts)


def _was_looked_at(entry: Acceptance, places: Sequence[Place]) -> bool:
    """Whether the run looked at everything that the entry names; where it says ``*``, at something of the kind."""
    code = entry.key if entry.rule == _KEPT_AGAIN else entry.rule
    if code.startswith("NC"):
        return any(place.outcome == code for place in places)
    mine = entry.place if code in OF_FEATURES else replace(entry.place, location="")
    within = [place for place in places if mine.covers(place)]
    parts = [(getattr(mine, part), {getattr(place, part) for place in within}) for part in _PARTS]
    return bool(within) and all(names == ANY or set(names.split(JOINED)) <= seen for names, seen in parts)


def read_accepted(path: Path) -> tuple[Acceptance, ...]:
    """The entries of a file; none where there is no file.

    Raises:
        ReviewedFileError: It cannot be read, does not keep its schema, or names a day or rule that there is not.
    """
    document = read_document(path, _SCHEMA, _REMEDY)
    if document is None:
        return ()
    return tuple(_entry(one, path) for one in document["entries"])


def write_accepted(path: Path, entries: Sequence[Acceptance], remedy: str = _UNWRITTEN) -> None:
    """Replace the file; ``remedy`` ends what is said where that fails.

    Raises:
        ReviewedFileError: It cannot be written.
    """
    listed = [asdict(one) for one in sorted(entries, key=_order)]
    write_document(path, {"format": FORMAT, "entries": listed}, remedy)


def change_accepted(
    path: Path, change: Callable[[tuple[Acceptance, ...]], Sequence[Acceptance]], remedy: str = _UNWRITTEN
) -> tuple[Acceptance, ...]:
    """Replace the entries by what ``change`` makes of them, while nobody else changes any; gives those of before.

    Raises:
        ReviewedFileError: It cannot be read or written.
    """
    with changing(path, remedy):
        before = read_accepted(path)
        after = tuple(change(before))
        if after != before:
            write_accepted(path, after, remedy)
    return before


def prune_accepted(
    path: Path, findings: Iterable[DriftFinding], looked: Iterable[Place]
) -> tuple[tuple[Acceptance, ...], tuple[Acceptance, ...]]:
    """Drop from the file what ``pruned`` drops; gives both. As ``change_accepted``."""
    found, parts = tuple(findings), []

    def kept_of(entries: tuple[Acceptance, ...]) -> Sequence[Acceptance]:
        parts.append(pruned(entries, found, looked))
        return parts[0][0]

    change_accepted(path, kept_of, "Nothing was dropped.")
    kept, dropped = parts[0]
    return tuple(kept), tuple(dropped)


def _entry(members: dict[str, Any], path: Path) -> Acceptance:
    for name in ("accepted", "expires"):
        try:
            date.fromisoformat(members[name])
        except ValueError as error:
            raise ReviewedFileError(
                f"{path}: {members['id']}: {name}: found {members[name]!r}, expected a day such as 2026-01-31. {_REMEDY}"
            ) from error
    if members["rule"] not in all_rules():
        raise ReviewedFileError(
            f"{path}: {members['id']}: rule: found {members['rule']!r}, which this version does not know. {_REMEDY}"
        )
    return Acceptance(**{name: members[name] for name in Acceptance.__slots__})


def _order(entry: Acceptance) -> tuple[str, str, str, str, str]:
    return entry.rule, entry.operation, entry.family, entry.location, entry.id
