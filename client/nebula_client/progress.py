"""How a wait is shown: a live bar on a terminal, plain lines elsewhere. Always on standard error."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nebula_client.errors import quoted
from nebula_client.input_rules import ChangedValueWarning
from nebula_client.models import Task
from nebula_client.statuses import SUCCEEDED

Update = Callable[[Task, int], None]

_WHOLE = 100


def unfailing(show: Callable[..., object]) -> Callable[..., None]:
    """``show`` that loses its words where they cannot be shown: no display is worth a paid task."""

    def shown(*words: object) -> None:
        with suppress(OSError):
            show(*words)

    return shown


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown while a command runs.

    Attributes:
        update: The callback for ``on_update``.
        say: Shows one line of text beside the progress, without disturbing it.
    """

    update: Update
    say: Callable[[str], None]


@contextmanager
def shown_progress(first: str, *, quiet: bool = False) -> Iterator[Shown]:
    """The display for as long as the block runs; warnings of the client go to it as well.

    Args:
        first: The status before the first answer, such as ``submitting``.
        quiet: Show nothing.
    """
    console = Console(stderr=True)
    if quiet:
        shown = Shown(_nothing, _nothing)
        with _warnings_to(shown):
            yield shown
    elif console.is_terminal:
        with live_progress(console) as progress:
            say = progress.console.print
            shown = Shown(
                unfailing(row_of(progress, "task", first)),
                unfailing(lambda text: say(text, markup=False, highlight=False)),
            )
            with _warnings_to(shown):
                yield shown
    else:
        shown = Shown(unfailing(_plain_lines()), unfailing(_say_on_stderr))
        with _warnings_to(shown):
            yield shown


@contextmanager
def shown_words(*, quiet: bool = False) -> Iterator[Shown]:
    """As ``shown_progress`` for a command that has none to show: its words alone."""
    shown = Shown(_nothing, _nothing if quiet else unfailing(_say_on_stderr))
    with _warnings_to(shown):
        yield shown


def live_progress(console: Console) -> Progress:
    """The live display; a spinner, a bar where the family tells progress, the status, the time and what is left."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[status]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left", markup=False),
        TimeRemainingColumn(),
        console=console,
    )


def row_of(progress: Progress, name: str, first: str) -> Update:
    """A callback that shows one task's polls as a row of ``progress``; ``first`` is its first status."""
    row = progress.add_task(name, total=None, status=first)
    furthest = Furthest()

    def update(task: Task, polls: int) -> None:
        percent = _WHOLE if task.status == SUCCEEDED else furthest.of(task)
        total = None if percent is None else _WHOLE
        status = f"{quoted(task.status)}, {polls} poll{'' if polls == 1 else 's'}"
        progress.update(row, total=total, completed=percent or 0, status=status)

    return update


class Furthest:
    """The progress that is shown: it never falls, whatever the provider says."""

    def __init__(self) -> None:
        """Start before the first answer."""
        self._percent: int | None = None

    def of(self, task: Task) -> int | None:
        """The furthest a task has been, in percent; None where its family tells none."""
        if task.progress_percent is not None:
            self._percent = max(self._percent or 0, task.progress_percent)
        return self._percent


def _plain_lines() -> Update:
    told: list[str] = []
    furthest = Furthest()

    def update(task: Task, polls: int) -> None:
        reached = furthest.of(task)
        percent = "" if task.progress_percent is None else f" {reached} %"
        line = f"{quoted(task.status)}{percent}"
        if told[-1:] != [line]:
            told.append(line)
            click.echo(f"poll {polls}: {line}", err=True)

    return update


def _say_on_stderr(text: str) -> None:
    click.echo(text, err=True)


def _nothing(*_shown: object) -> None:
    """Nothing is shown."""


class _Teller(logging.Handler):
    """Hands the client's warnings, such as a poll that failed, to the display."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(record.getMessage())


@contextmanager
def _warnings_to(shown: Shown) -> Iterator[None]:
    log, teller = logging.getLogger("nebula_client"), _Teller(shown.say)
    log.addHandler(teller)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ChangedValueWarning)
            warnings.showwarning = lambda message, *_where: shown.say(f"warning: {message}")
            yield
    finally:
        log.removeHandler(teller)
