"""``nebula-contract calibrate``: what a record says of its target, as a scenario for the mock."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from nebula_contract.calibrating.calibrated import PARTS, CalibrationError, Part, calibrated
from nebula_contract.files import replace_file
from nebula_contract.judging.reading import read_run
from nebula_contract.options import PATH, CannotRunError, keep_apart, record_at
from nebula_contract.record.file import RecordError
from nebula_contract.reports.shown import shown

_LONGEST_NAME = 100


@click.command()
@click.argument("run", type=PATH, metavar="RUN")
@click.option("--out", type=PATH, metavar="FILE", help="Write the scenario there, not to standard output.")
@click.option("--overwrite", is_flag=True, help="Let --out replace a file that is there.")
@click.option(
    "--name",
    default="calibrated",
    show_default=True,
    metavar="NAME",
    help="What its description begins with.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(PARTS),
    help="Tell only this of the record; may be given several times. All where not given.",
)
def calibrate(run: Path, out: Path | None, name: str, only: tuple[Part, ...], *, overwrite: bool) -> None:
    """Make a scenario for the mock of the record RUN: times per family, failures, latency, and each task as a replay.

    Samples and what could not be told go to standard error. Prompts, addresses and keys stay in the record.
    """
    name = _checked(name)
    keep_apart((("RUN", run),), (("--out", out),))
    record = record_at(run)
    if record.partial:
        _note(f"{record.partial}; it counts as far as it goes")
    try:
        view = read_run(record.exchanges(), is_mock=record.header.is_mock)
        made = calibrated(view, record.header, name=name, parts=only or PARTS)
    except RecordError as error:
        raise CannotRunError(str(error)) from error
    except CalibrationError as error:
        raise CannotRunError(f"{run}: {error}Nothing was written.") from error
    for note in made.notes:
        _note(note)
    text = "\n".join(_lines(made.scenario)) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        _write(out, text, overwrite=overwrite)


def _checked(name: str) -> str:
    if name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME:
        return name.strip()
    raise CannotRunError(
        f"--name: found {shown(name)!r}, expected 1 to {_LONGEST_NAME} characters that can be printed."
    )


def _note(text: str) -> None:
    click.echo(f"nebula-contract: {shown(text, 400)}", err=True)


def _lines(scenario: Mapping[str, Any]) -> Iterator[str]:
    """JSON for people: a line for each rule, replay and family."""
    yield "{"
    last = len(scenario) - 1
    for place, (member, value) in enumerate(scenario.items()):
        *body, end = _member(member, value)
        yield from body
        yield end + ("," if place < last else "")
    yield "}"


def _member(member: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield from (
            f"  {line}" for line in f"{json.dumps(member)}: {json.dumps(value, indent=2)}".splitlines()
        )
        return
    yield f"  {json.dumps(member)}: ["
    yield from (
        f"    {json.dumps(one)}{',' if place < len(value) - 1 else ''}" for place, one in enumerate(value)
    )
    yield "  ]"


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    """The file; one that is there is replaced where that was said, and only as a whole.

    Raises:
        CannotRunError: It is there already, or cannot be written.
    """
    if not overwrite and path.exists():
        raise CannotRunError(f"--out: {path} is there already. Name another file, or say --overwrite.")
    try:
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        raise CannotRunError(
            f"--out: cannot write {path}: {error.strerror}. Name a file in a folder that exists and is yours."
        ) from error
