"""``contract/observed.json``: what the provider was last accepted to do. Only a live run writes it, when told to.

A plain run reads it and moves nothing, not even a date. An update replaces what the run looked at where it differs,
counts it as well where it agrees, and leaves alone what it did not look at.
"""

from collections.abc import Mapping
from pathlib import Path

from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.document import Dated, Observed, document_of, observed_of
from nebula_contract.drift.files import DriftFileError, read_document, write_document
from nebula_contract.drift.observation import CellSeen, Observations
from nebula_contract.drift.observing.observe import observed
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.record.file import Record
from nebula_contract.record.run import RunHeader
from nebula_schemas.version import VERSION

OBSERVED_PATH = Path("contract/observed.json")
_SCHEMA = "files/observed"
_REMEDY = "Take back the version that was committed; only nebula-contract live --update writes it."


def read_observed(path: Path) -> Observed | None:
    """What a file says; None where there is none.

    Raises:
        DriftFileError: It cannot be read, or is none.
    """
    document = read_document(path, _SCHEMA, _REMEDY)
    return None if document is None else observed_from(document, path)


def observed_from(document: Mapping[str, object], path: Path) -> Observed:
    """The observations of a document that keeps its schema.

    Raises:
        DriftFileError: An entry has a name that is none.
    """
    try:
        return observed_of(document)
    except ValueError as error:
        raise DriftFileError(f"{path}: entries: {error}. {_REMEDY}") from error


def write_observed(path: Path, observed: Observed) -> None:
    """Replace the file.

    Raises:
        DriftFileError: It cannot be written.
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
    """What is known after a live run: pure.

    Raises:
        ValueError: The run was not live.
    """
    if not header.is_live:
        message = f"a run at {header.kind} says nothing of the provider"
        raise ValueError(message)
    now = of_run(seen, header)
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
            spans = now.seen.lives[family].spans
            for what, span in life.spans.items():
                spans[what] = spans[what].merged(span) if what in spans else span
    for family, requests in before.seen.requests.items():
        if family not in now.seen.requests:
            now.seen.requests[family] = requests
        else:
            mine = now.seen.requests[family]
            refused = {feature for features, _, _ in mine.refused for feature in features}
            for feature, count in requests.accepted.items():
                if feature not in refused or feature in mine.accepted:
                    mine.accepted[feature] += count
    for family, when in before.families.items():
        now.families.setdefault(family, when)
