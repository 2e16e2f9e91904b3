"""``contract/observed.json``: what the provider was last accepted to do. Only a live run writes it, when told to.

A plain run reads it and moves nothing, not even a date. An update replaces what the run looked at where it differs,
counts it as well where it agrees, and leaves alone what it did not look at.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from pathlib import Path

from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.comparing.requests import TOGETHER, WHOLE, blamed
from nebula_contract.drift.document import Dated, Observed, document_of, observed_of
from nebula_contract.drift.observation import CellSeen, Observations, RequestsSeen
from nebula_contract.drift.observing.observe import observed
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.record.file import Record
from nebula_contract.record.run import RunHeader
from nebula_contract.reviewed import ReviewedFileError, read_document, write_document
from nebula_schemas.version import VERSION

OBSERVED_PATH = Path("contract/observed.json")
_SCHEMA = "files/observed"
_REMEDY = "Take back the version that was committed; only nebula-contract live --update writes it."


def read_observed(path: Path) -> Observed | None:
    """What a file says; None where there is none.

    Raises:
        ReviewedFileError: It cannot be read, or is none.
    """
    document = read_document(path, _SCHEMA, _REMEDY)
    return None if document is None else observed_from(document, path)


def observed_from(document: Mapping[str, object], path: Path) -> Observed:
    """The observations of a document that keeps its schema.

    Raises:
        ReviewedFileError: An entry has a name that is none, or a moment that never was.
    """
    try:
        found = observed_of(document)
        for when in (*found.cells.values(), *found.families.values(), found.run):
            _verify(when)
    except ValueError as error:
        raise ReviewedFileError(f"{path}: {error}. {_REMEDY}") from error
    return found


def _verify(when: Dated) -> None:
    """Raise ValueError where the date is none; ages are counted from it."""
    try:
        datetime.fromisoformat(when.verified_at or "1970-01-01")
    except ValueError as error:
        message = f"verified_at: found {when.verified_at!r}, expected a moment such as 2026-01-05T08:00:00Z"
        raise ValueError(message) from error


def write_observed(path: Path, observed: Observed) -> None:
    """Replace the file.

    Raises:
        ReviewedFileError: It cannot be written.
    """
    write_document(path, document_of(observed), "The run itself is in its record.")


def dated(header: RunHeader) -> Dated:
    """The date of a run."""
    return Dated(header.started_at, header.plan, header.target, VERSION)


def of_run(seen: Observations, header: RunHeader) -> Observed:
    """What one run says, as a baseline of its own."""
    when = dated(header)
    return Observed(
        seen, dict.fromkeys(seen.cells, when), dict.fromkeys({*seen.lives, *seen.requests}, when), when
    )


def observed_from_record(record: Record) -> Observed:
    """What another record says, to compare with.

    Raises:
        RecordError: It is damaged.
    """
    run = read_run(record.exchanges(), is_mock=record.header.is_mock)
    return of_run(observed(run, judge_run(run, is_live=record.header.is_planned)), record.header)


def updated(before: Observed | None, seen: Observations, header: RunHeader) -> Observed:
    """What is known after a live run: pure, so ``seen`` stays what the run alone says.

    Raises:
        ValueError: The run was not live.
    """
    if not header.is_live:
        message = f"a run at {header.kind} says nothing of the provider"
        raise ValueError(message)
    now = of_run(deepcopy(seen), header)
    if before is None:
        return now
    changed = {one.cell for one in differences(before.seen, seen, both_ways=True)}
    for key, cell in before.seen.cells.items():
        if key not in now.seen.cells:
            now.seen.cells[key], now.cells[key] = cell, before.cells[key]
        elif key not in changed:
            now.seen.cells[key] = _counted(now.seen.cells[key], cell)
    _carry_families(before, now)
    now.seen.checks = {**before.seen.checks, **now.seen.checks}
    looked = {name.partition(" ")[0] for name in now.seen.broken} | set(seen.checks)
    now.seen.broken |= {name for name in before.seen.broken if name.partition(" ")[0] not in looked}
    now.seen.checks = {
        code: count
        for code, count in sorted(now.seen.checks.items())
        if not any(name.startswith(f"{code} ") for name in now.seen.broken)
    }
    now.seen.variants = {**before.seen.variants, **now.seen.variants}
    return now


def _counted(now: CellSeen, before: CellSeen) -> CellSeen:
    both = CellSeen(now.samples, dict(now.traits))
    both.merge(before)
    return both


def _carry_families(before: Observed, now: Observed) -> None:
    for family, life in before.seen.lives.items():
        if family not in now.seen.lives:
            now.seen.lives[family] = life
        else:
            mine = now.seen.lives[family]
            mine.last += life.last  # of words that are carried over it is known that tasks ended in them
            spans = mine.spans
            for what, span in life.spans.items():
                spans[what] = spans[what].merged(span) if what in spans else span
    for family, requests in before.seen.requests.items():
        if family not in now.seen.requests:
            now.seen.requests[family] = requests
        else:
            _carry_requests(requests, now.seen.requests[family])
    for family, when in before.families.items():
        now.families.setdefault(family, when)


def _carry_requests(before: RequestsSeen, now: RequestsSeen) -> None:
    """Count in what was accepted and refused before, of features that the run did not ask for or agrees about."""
    if now.refused and not now.accepted:
        return  # every request is refused: nothing of before holds
    refused = {feature for features, _, _ in now.refused for feature in features}
    for feature, told, _ in blamed(before):
        if feature not in {*refused, *now.accepted, WHOLE, TOGETHER}:
            now.refused.append((frozenset({feature}), told, 0))
    for feature, count in before.accepted.items():
        if feature not in refused or feature in now.accepted:
            now.accepted[feature] += count
