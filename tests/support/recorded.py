"""Runs for tests of what is made of records: played at a mock at any rhythm, or written down read by read."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from exchanges import GENERATIONS, answer_of
from nebula_contract.judging.reading import read_run
from nebula_contract.judging.views import RunView
from nebula_contract.record.exchange import Exchange, Request
from nebula_contract.record.file import RecordWriter
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.sending.asking import Case, task_id_of
from nebula_contract.sending.bodies import REALISTIC_REQUESTS
from nebula_contract.sending.target import open_mock
from nebula_schemas.catalogue import Dialect

BODIES = tuple(REALISTIC_REQUESTS.values())
Read = tuple[float, str] | tuple[float, str, Mapping[str, Any]]
"""Seconds since the submit, the status, and what else stood in the answer."""


def header_of(dialect: str = "documented", kind: Any = "mock") -> RunHeader:
    """What a record says of its run."""
    return RunHeader("0.1.0", "https://video.example/", kind, "2026-01-05T08:00:00Z", dialect)


def played(
    scenario: Mapping[str, Any],
    pauses: Sequence[float],
    *,
    dialect: Dialect = "documented",
    bodies: Sequence[Any] = BODIES,
) -> RunView:
    """A run at a mock under a scenario: every body is submitted, then every task is read after each pause."""
    with open_mock(scenario=dict(scenario), dialect=dialect, seed=1) as target:
        case = Case(target, "played/1")
        made = [task_id_of(case.submit(body)) for body in bodies]
        for pause in pauses:
            target.clock.pass_time(pause)
            for task_id in made:
                assert task_id is not None
                case.query(task_id)
        return read_run(target.recorder.exchanges, is_mock=True)


def lived(
    reads: Sequence[Read],
    *,
    body: Mapping[str, Any] = REALISTIC_REQUESTS["sora"],
    task_id: str = "video_1",
    since_s: float = 0.0,
    took_s: float = 0.0,
    **facts: Any,
) -> Iterator[Exchange]:
    """One task as it was submitted and read; ``took_s`` is how long each answer took on the target's clock."""
    times = {"took_s": took_s, **facts}
    raw = json.dumps(body).encode()
    asked = Request("POST", GENERATIONS, "own", {"content-type": "application/json"}, raw)
    made = answer_of({"task_id": task_id, "status": "submitted", "format": "mp4"})
    ends_s = since_s + took_s
    yield Exchange(
        1, "lived/1", "submit", asked, made, at_s=since_s, until_s=ends_s, purpose="submit", **times
    )
    for at_s, status, *more in reads:
        told = {"task_id": task_id, "status": status, "format": "mp4", **dict(*more)}
        path = Request("GET", f"{GENERATIONS}/{task_id}", "own")
        sent_s = since_s + at_s
        yield Exchange(
            1, "lived/1", "query", path, answer_of(told), at_s=sent_s, until_s=sent_s + took_s,
            purpose="poll", subject=task_id, **times,
        )  # fmt: skip


def view_of(*lives: Iterator[Exchange]) -> RunView:
    """Those tasks as a run."""
    return read_run(numbered(*lives), is_mock=False)


def numbered(*lives: Iterator[Exchange]) -> list[Exchange]:
    """The exchanges of those tasks with numbers of one run."""
    from dataclasses import replace

    return [replace(one, number=number) for number, one in enumerate(itertools.chain(*lives), 1)]


def kept(path: Path, exchanges: Sequence[Exchange], header: RunHeader, *, is_whole: bool = True) -> Path:
    """A record of those exchanges, with or without its end."""
    with RecordWriter(path, header) as writer:
        for exchange in exchanges:
            writer.add(exchange)
        if is_whole:
            writer.end(RunEnd("2026-01-05T08:01:00Z", "complete", len(exchanges)))
    return path
