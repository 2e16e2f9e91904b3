"""A live run at a mock, its exchanges as a record of whatever kind, and what it comes to beside a baseline."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from nebula_contract.drift.drift import Compared, compared
from nebula_contract.drift.mock_witness import mock_witness
from nebula_contract.drift.observation import Observations
from nebula_contract.drift.rules import Severities
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.live.options import run_live
from nebula_contract.mutating.mutant import Lying, Mutant
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import Record, RecordWriter, read_record
from nebula_contract.record.run import RunEnd, RunHeader, TargetKind
from nebula_mock import MockServer
from nebula_mock.runner import Runner
from nebula_schemas.catalogue import Dialect
from spending import OWN, REDUCED, SECOND, Kept, options, plan_file

KEYS = {"NEBULA_API_KEY": OWN, "NEBULA_SECOND_API_KEY": SECOND, "NEBULA_REDUCED_API_KEY": REDUCED}
BEGAN = "2026-11-22T06:00:00Z"


def live_run(
    folder: Path, dialect: Dialect = "documented", wrong: Callable[[Any], Any] | Mutant | None = None
) -> list[Exchange]:
    """The exchanges of a whole plan, one paid task a family, at a mock whose clock passes the time.

    Args:
        folder: Where plan and ledger go.
        dialect: What the mock speaks.
        wrong: Something between the mock and the run: a wrong provider, or a WSGI layer.
    """
    plan = plan_file(folder, families=(), probes_rejections=True)
    kept = Kept()
    with MockServer(clock="manual", dialect=dialect, keys=(OWN, SECOND, REDUCED), seed=1) as mock:
        layer = (lambda app: Lying(app, wrong)) if isinstance(wrong, Mutant) else wrong
        with nullcontext(mock) if layer is None else Runner(layer(mock.app)) as place:
            run_live(options(folder, place.url, plan, max_spend="20", max_spend_day="50"), kept, KEYS)
    return kept.exchanges


def record_of(
    path: Path, exchanges: Iterable[Exchange], kind: TargetKind = "live", began: str = BEGAN
) -> Record:
    """The exchanges as a record."""
    header = RunHeader(
        "0.1.0", "https://llm.ai-nebula.com", kind, began, profile="live", plan="sha256:ab", cap_usd="20"
    )
    listed = list(exchanges)
    with RecordWriter(path, header, overwrite=True) as writer:
        for one in listed:
            writer.add(one)
        writer.end(RunEnd(began, "complete", len(listed), "1.2421"))
    return read_record(path)


def against(exchanges: Sequence[Exchange], baseline: Observations | None = None) -> Compared:
    """What the exchanges come to beside the mock and a baseline."""
    run = read_run(exchanges, is_mock=False)
    verdict = judge_run(run, is_live=True)
    return compared(run, verdict, Witnesses(mock_witness(), baseline), Severities())
