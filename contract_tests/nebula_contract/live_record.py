"""The record of a live run: written as it happens, judged when it is over, and the one thing that moves dates."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from nebula_contract.drift.baseline import (
    OBSERVED_PATH,
    observed_from_record,
    read_observed,
    updated,
    write_observed,
)
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.freshness import (
    DEFAULT_PATH,
    move_freshness,
)
from nebula_contract.judged import Bounds, judged
from nebula_contract.live.commands import live_command
from nebula_contract.live.ended import LiveEnd, Reason
from nebula_contract.live.money import usd_text
from nebula_contract.live.options import CannotRunError
from nebula_contract.live.recording import Started
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordError, RecordWriter, read_record
from nebula_contract.record.run import RunEnd, RunHeader, Stop, TargetKind, plain_target
from nebula_contract.reports.terminal import terminal
from nebula_contract.reviewed import ReviewedFileError, changing
from nebula_contract.targets import is_loopback
from nebula_schemas.version import VERSION

_STOPS: dict[Reason, Stop] = {
    "done": "complete",
    "interrupted": "interrupted",
    "deadline": "deadline",
    "infra": "failed",
    "ledger": "failed",
    "record": "failed",
}


_NOT_JUDGED = 3
"""The record could not be judged: inconclusive."""


class FileRecording:
    """Keeps a live run in a file; at its end judges it on stderr, and dates the checks that held."""

    def __init__(
        self,
        path: Path,
        observed: Path = OBSERVED_PATH,
        update: bool = False,  # noqa: FBT001, FBT002 - as the command passes it on
        freshness: Path = DEFAULT_PATH,
    ) -> None:
        """Nothing is made before the run begins; ``observed`` is moved only where ``update`` is true."""
        self._path = path
        self._observed = observed
        self._updates = update
        self._freshness = freshness
        self._writer: RecordWriter | None = None

    def begin(self, started: Started) -> None:
        """Make the file; what cannot be recorded is not paid for, nor a state that cannot be updated."""
        if self._updates:
            _check_update(_kind(started), self._observed)
        header = RunHeader(
            tool=VERSION,
            target=plain_target(started.target),
            kind=_kind(started),
            started_at=_now(),
            seed=started.seed,
            profile="live",
            plan=started.plan,
            cap_usd=usd_text(started.cap_usd),
        )
        try:
            self._writer = RecordWriter(self._path, header)
        except RecordError as error:
            raise CannotRunError(f"--record: {error}") from error

    def keep(self, exchange: Exchange) -> None:
        """Append an exchange; an error ends the run."""
        if self._writer is not None:
            self._writer.add(exchange)

    def doubted(self) -> Collection[int]:
        """Exchanges that show a change which would break a client."""
        try:
            report = drifted(read_record(self._path), DriftBounds(baseline=self._observed))
        except (RecordError, ReviewedFileError) as error:
            click.echo(f"nebula-contract: no second look: {error}", err=True)
            return ()
        bad = [one for one in report.open if one.severity == "breaking"]
        return list(dict.fromkeys(number for one in bad for number in one.evidence.exchanges))

    def end(self, end: LiveEnd) -> int:
        """Write the end, judge, and date what held; gives the exit code of the verdict."""
        if self._writer is None:
            return 0
        notes = [f"not reached: {name}: {reason}" for name, reason in (*end.unseen, *end.left_out)]
        notes += [f"accepted, though it had to be refused: {name}" for name in end.surprises]
        told = [end.told] if end.told else []
        with self._writer as writer:
            if end.reason != "record":
                spent = usd_text(end.spent_usd)
                writer.end(RunEnd(_now(), _STOPS[end.reason], writer.written, spent, (*told, *notes)))
        code = self._judge()
        if self._updates:
            self._update(self._observed, end)
        return code

    def _update(self, path: Path, end: LiveEnd) -> None:
        """Take over what was seen, of a run that came to its end."""
        if end.reason != "done":
            click.echo(f"nebula-contract: {path} was not updated: {end.told}", err=True)
            return
        try:
            record = read_record(self._path)
            seen = observed_from_record(record).seen
            with changing(path, "The run itself is in its record."):
                write_observed(path, updated(read_observed(path), seen, record.header))
        except (RecordError, ReviewedFileError) as error:
            click.echo(f"nebula-contract: {error}", err=True)
            return
        click.echo(
            f"nebula-contract: {path} was updated. Before it is committed, another run without --update has to show "
            "no change: nebula-contract drift says so.",
            err=True,
        )

    def _judge(self) -> int:
        try:
            record = read_record(self._path)
            report = judged(record, Bounds(freshness=self._freshness), kept_at=str(self._path))
            told = report.end and replace(report.end, notes=())  # the command says those itself, at its end
            click.echo(terminal(replace(report, end=told)), err=True, nl=False)
            move_freshness(self._freshness, report.verdict, record.header)
        except (RecordError, ReviewedFileError) as error:
            click.echo(f"nebula-contract: {error}", err=True)
            return _NOT_JUDGED
        return report.ending.code


def _check_update(kind: TargetKind, path: Path) -> None:
    if kind != "live":
        raise CannotRunError(
            f"--update: found a {'mock' if kind == 'mock' else 'server on this machine'}, expected the live provider: "
            f"{path} tells what the provider does. Compare two rehearsals by nebula-contract drift --baseline RECORD. "
            "Nothing was sent."
        )
    try:
        read_observed(path)
    except ReviewedFileError as error:
        raise CannotRunError(f"--update: {error} Nothing was sent.") from error


def _kind(started: Started) -> TargetKind:
    """A run at this machine is a rehearsal, whatever answers there: it dates nothing."""
    if started.is_mock:
        return "mock"
    return "url" if is_loopback(urlsplit(started.target).hostname or "") else "live"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


live = live_command(FileRecording)
"""The command."""
