"""How a wait is shown: a live bar on a terminal, plain lines elsewhere. Always on standard error."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Task as Row
from rich.text import Text

from nebula_client.cli_output import printable, whisper
from nebula_client.errors import quoted
from nebula_client.input_rules import ChangedValueWarning
from nebula_client.models import Task
from nebula_client.statuses import SUCCEEDED

Update = Callable[[Task, int], None]

_WHOLE = 100
_SPEED_OVER_S = 600.0  # polls are up to 15 s apart; rich's own 30 s would see two or three of them


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown while a command runs.

    Attributes:
        update: The callback for ``on_update``.
        say: Shows one line of text beside the progress, without disturbing it.
        warn: The same for what must not be missed; also where nothing else is shown.
    """

    update: Update
    say: Callable[[str], None]
    warn: Callable[[str], None]


def _unfailing(show: Callable[..., object]) -> Callable[..., None]:
    """``show`` that loses its words where they cannot be shown: no display is worth a paid task."""

    def shown(*words: object) -> None:
        with suppress(OSError):
            show(*words)

    return shown


@contextmanager
def shown_progress(first: str, *, quiet: bool = False) -> Iterator[Shown]:
    """The display for as long as the block runs.

    Args:
        first: The status before the first answer, such as ``submitting``.
        quiet: Show nothing but warnings.
    """
    # By what standard error is, not by FORCE_COLOR: a live bar makes a log unreadable.
    console = Console(stderr=True, force_terminal=sys.stderr is not None and sys.stderr.isatty())
    if quiet:
        yield Shown(nothing, nothing, whisper)
    elif console.is_terminal and not console.is_dumb_terminal:
        with live_progress(console) as progress:
            say = _unfailing(
                lambda text: progress.console.print(printable(text), markup=False, highlight=False)
            )
            yield Shown(_unfailing(row_of(progress, "task", first)), say, say)
    else:
        yield Shown(_plain_lines(), whisper, whisper)


def live_progress(console: Console) -> Progress:
    """The live display: a spinner, a bar where the family tells progress, the status, the time and what is left."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[status]}", markup=False),
        TimeElapsedColumn(),
        _TimeLeft(),
        console=console,
        speed_estimate_period=_SPEED_OVER_S,
    )


class _TimeLeft(ProgressColumn):
    """The time that is left as it looks now, where the family tells progress."""

    max_refresh = 0.5

    def render(self, row: Row) -> Text:
        left_s = row.time_remaining
        if row.finished or row.total is None or not left_s:
            return Text("")
        return Text(f"about {timedelta(seconds=int(left_s))} left")


class _Furthest:
    """The progress to show: what the provider tells, but never less than it told before."""

    def __init__(self) -> None:
        self._percent: int | None = None

    def after(self, task: Task) -> int | None:
        """The percentage to show once ``task`` is known; None as long as none was told."""
        told = _WHOLE if task.status == SUCCEEDED else task.progress_percent
        if told is not None:
            self._percent = max(told, self._percent or 0)
        return self._percent


def row_of(progress: Progress, name: str, first: str) -> Update:
    """A callback that shows one task's polls as a row of ``progress``; ``first`` is its first status."""
    row = progress.add_task(name, total=None, status=first)
    furthest = _Furthest()

    def update(task: Task, polls: int) -> None:
        percent = furthest.after(task)
        total = None if percent is None else _WHOLE
        status = f"{quoted(task.status)}, {polls} poll{'' if polls == 1 else 's'}"
        progress.update(row, total=total, completed=percent or 0, status=status)

    return update


def _plain_lines() -> Update:
    told: list[str] = []
    furthest = _Furthest()

    def update(task: Task, polls: int) -> None:
        percent = furthest.after(task)
        shown = "" if percent is None or task.progress_percent is None else f" {percent} %"
        line = f"{quoted(task.status)}{shown}"
        if told[-1:] != [line]:
            told.append(line)
            whisper(f"poll {polls}: {line}")

    return update


def nothing(*_shown: object) -> None:
    """Nothing is shown."""


@contextmanager
def told_warnings(of_values: Callable[[str], None], of_the_log: Callable[[str], None]) -> Iterator[None]:
    """Warnings of the client are told as text for as long as the block runs, each one once.

    Args:
        of_values: Told that a value is not used as given, which changes what is made and paid for.
        of_the_log: Told the client's other warnings, such as a poll that failed.
    """
    told: set[str] = set()

    def once(tell: Callable[[str], None], text: str) -> None:
        if text not in told:
            told.add(text)
            tell(text)

    log, teller = logging.getLogger("nebula_client"), _Teller(lambda text: once(of_the_log, text))
    log.addHandler(teller)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ChangedValueWarning)
            as_before = warnings.showwarning

            def show(
                message: Warning | str,
                category: type[Warning],
                filename: str,
                lineno: int,
                file: TextIO | None = None,
                line: str | None = None,
            ) -> None:
                if issubclass(category, ChangedValueWarning):
                    once(of_values, str(message))
                else:
                    as_before(message, category, filename, lineno, file, line)

            _set_showwarning(show)
            yield
    finally:
        log.removeHandler(teller)


def _set_showwarning(show: Any) -> None:
    """Python's own door for it; ``catch_warnings`` puts back what was there."""
    warnings.showwarning = show


class _Teller(logging.Handler):
    """Hands the client's warnings to whoever tells them."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.getMessage())
