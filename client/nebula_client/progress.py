"""How a wait is shown: a live bar on a terminal, plain lines elsewhere. Always on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from nebula_client.errors import quoted
from nebula_client.models import SUCCEEDED, Task

Update = Callable[[Task, int], None]

_WHOLE = 100


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Update]:
    """A callback for ``on_update`` that shows each poll for as long as the block runs."""
    console = Console(stderr=True)
    if quiet:
        yield _silent
    elif console.is_terminal:
        with live_progress(console) as progress:
            yield row_of(progress, "waiting")
    else:
        yield _plain_lines()


def live_progress(console: Console) -> Progress:
    """The live display; a spinner, a bar where the family tells progress, the status, the time."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[status]}", markup=False),
        TimeElapsedColumn(),
        console=console,
    )


def row_of(progress: Progress, name: str) -> Update:
    """A callback that shows one task's polls as a row of ``progress``."""
    row = progress.add_task(name, total=None, status="submitted")

    def update(task: Task, polls: int) -> None:
        percent = _WHOLE if task.status == SUCCEEDED else task.progress_percent
        total = None if percent is None else _WHOLE
        status = f"{quoted(task.status)}, {polls} polls"
        progress.update(row, total=total, completed=percent or 0, status=status)

    return update


def _plain_lines() -> Update:
    told: list[str] = []

    def update(task: Task, polls: int) -> None:
        percent = "" if task.progress_percent is None else f" {task.progress_percent} %"
        line = f"{quoted(task.status)}{percent}"
        if told[-1:] != [line]:
            told.append(line)
            click.echo(f"poll {polls}: {line}", err=True)

    return update


def _silent(_task: Task, _polls: int) -> None:
    """Nothing is shown."""
