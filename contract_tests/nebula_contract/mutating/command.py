"""``nebula-contract mutate``: which check finds which wrong provider, and whether the right one is left alone."""

import contextlib
import itertools
import json
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import click

from nebula_contract.judging.judge import judge
from nebula_contract.mutating.mutate import (
    ABOUT_THE_CLIENT,
    Killed,
    MutantsError,
    Wrong,
    dialects_of,
    every_wrong,
    idle_checks,
    mutants_in,
    run_until_found,
    run_wrong,
)
from nebula_contract.mutating.switchboard import EQUIVALENT
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_mock
from nebula_schemas.catalogue import DIALECTS, Dialect

_IN_A_CHECKOUT = Path(__file__).parents[2] / "tests" / "mutants"
_USAGE = 2


@dataclass(frozen=True, slots=True)
class _Job:
    """One run: the wrong provider of that place among all, or the right one under a seed."""

    place: int
    dialect: Dialect
    profile: str
    seed: int
    folder: Path | None
    until_found: bool = False


@click.command()
@click.option(
    "--mutants",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of wrong providers; that of the project, where this runs in a checkout of it.",
)
@click.option(
    "--dialect",
    "dialects",
    type=click.Choice(DIALECTS),
    multiple=True,
    help="Only as this dialect answers; both where it is not given.",
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default="quick",
    show_default=True,
    help="How much each run sends.",
)
@click.option("--only", metavar="TEXT", default="", help="Only wrong providers whose name has this in it.")
@click.option("--seed", type=int, default=5, show_default=True, help="Repeats a run.")
@click.option(
    "--seeds",
    type=click.IntRange(0, 100_000),
    default=0,
    help="Also the right provider, under so many seeds.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Runs at once; one for each core."
)
@click.option(
    "--until-found",
    is_flag=True,
    help="End each run where it is found, and begin with short runs: faster, and names fewer checks.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def mutate(
    folder: Path | None,
    dialects: Sequence[Dialect],
    profile: str,
    only: str,
    seed: int,
    seeds: int,
    jobs: int,
    *,
    until_found: bool,
    as_json: bool,
) -> None:
    """Run the suite against wrong providers, and print which check finds which.

    The mock's own faults are always among them. Exit codes: 0 every one was found by a check that is meant to, every
    check found one, and the right provider gave no finding; 1 not so; 2 usage.
    """
    folder = folder or (_IN_A_CHECKOUT if _IN_A_CHECKOUT.is_dir() else None)
    try:
        wrong = list(every_wrong(mutants_in(folder) if folder else ()))
    except MutantsError as error:
        click.echo(str(error), err=True)
        raise SystemExit(_USAGE) from error
    if not any(only in one.name for one in wrong):
        click.echo(f"--only: found {only!r}, expected a part of a name; there are {len(wrong)}.", err=True)
        raise SystemExit(_USAGE)
    chosen = dialects or DIALECTS
    given = _Job(-1, chosen[0], profile, seed, folder, until_found)
    todo = list(_jobs(wrong, chosen, given, only))
    results: list[Killed] = []
    accused: list[Killed] = []
    with _pool(jobs) as pool:
        for one in pool.map(_run, todo):
            results.append(one)
            if not as_json:
                click.echo(_line(one))
        right = [_Job(-1, dialect, profile, number, None) for number in range(seeds) for dialect in chosen]
        for one in pool.map(_run, right, chunksize=4):
            if one.found:
                accused.append(one)
                click.echo(
                    f"the right provider as {one.dialect}, {one.name}: {_codes(one.found)}", err=as_json
                )
    idle = () if only or folder is None or len(chosen) < len(DIALECTS) else idle_checks(results)
    _tell(results, accused, idle, len(right), as_json=as_json)
    is_good = all(one.is_killed for one in results) and not accused and not idle
    raise SystemExit(0 if is_good else 1)


@contextlib.contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with this one: whatever ends it early does not wait for their runs."""
    pool = ProcessPoolExecutor(jobs, initializer=_leave_signals_to_the_parent)
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _leave_signals_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _jobs(wrong: Sequence[Wrong], dialects: Sequence[Dialect], given: _Job, only: str) -> Iterator[_Job]:
    for (place, one), dialect in itertools.product(enumerate(wrong), dialects):
        if only in one.name and dialect in dialects_of(one):
            yield replace(given, place=place, dialect=dialect)


def _run(job: _Job) -> Killed:
    """One run, in a process of its own: a wrong provider cannot be sent there, but found there again."""
    profile = PROFILES[job.profile]
    if job.place >= 0:
        wrong = list(every_wrong(mutants_in(job.folder) if job.folder else ()))
        chosen = wrong[job.place]
        if job.until_found:
            return run_until_found(chosen, job.dialect, job.seed)
        return run_wrong(chosen, job.dialect, profile, job.seed)
    with open_mock(dialect=job.dialect, seed=job.seed) as target:
        send_all(target, profile, job.seed)
        exchanges = target.recorder.exchanges
    verdict = judge(exchanges, is_mock=True)
    found = Counter(one.code for one in verdict.findings)
    return Killed(f"seed {job.seed}", job.dialect, (), found, len(exchanges))


def _line(one: Killed) -> str:
    mark = "found" if one.is_killed else "MISSED"
    meant = ", ".join(code for code in one.expected if one.found[code])
    others = Counter({code: count for code, count in one.found.items() if code not in one.expected})
    beside = f"; beside it {_codes(others)}" if others else ""
    by = f"by {meant}" if one.is_killed else f"by none of {', '.join(one.expected)}"
    return f"{mark:7}{one.dialect:11}{one.name}: {by}{beside}"


def _codes(found: Counter[str]) -> str:
    return ", ".join(sorted(found))


def _tell(
    results: Sequence[Killed], accused: Iterable[Killed], idle: Sequence[str], right: int, *, as_json: bool
) -> None:
    killed = sum(one.is_killed for one in results)
    if as_json:
        document = {
            "found": killed,
            "of": len(results),
            "runs": [
                {
                    "name": one.name,
                    "dialect": one.dialect,
                    "is_found": one.is_killed,
                    "expected": list(one.expected),
                    "codes": dict(sorted(one.found.items())),
                    "requests": one.requests,
                }
                for one in results
            ],
            "right_provider": {
                "runs": right,
                "accused": [
                    {"name": one.name, "dialect": one.dialect, "codes": dict(one.found)} for one in accused
                ],
            },
            "idle_checks": list(idle),
            "equivalent_faults": dict(EQUIVALENT),
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    click.echo()
    share = 100 * killed / len(results)
    click.echo(f"{killed} of {len(results)} wrong providers found ({share:.1f} %).")
    if right:
        click.echo(f"The right provider: {len(list(accused))} of {right} runs gave a finding.")
    if idle:
        click.echo(f"Checks that found no wrong provider: {', '.join(idle)}.")
    click.echo(
        f"Faults that break no promise: {', '.join(EQUIVALENT)}; {', '.join(ABOUT_THE_CLIENT)} judges the client."
    )
