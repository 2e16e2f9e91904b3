"""Promises of what a person sees while waiting: a live row on a terminal, plain lines elsewhere."""

import io
import logging
import sys
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from nebula_client import ChangedValueWarning, Task
from nebula_client.progress import live_progress, row_of, shown_progress, told_warnings


def terminal() -> tuple[Console, io.StringIO]:
    """A terminal that keeps what is written to it."""
    written = io.StringIO()
    return Console(file=written, force_terminal=True, width=100, color_system=None), written


def task(status: str, percent: int | None = None) -> Task:
    """A task at that point."""
    return Task("video_1", status, progress_percent=percent)


def test_plain_lines_tell_each_change_once(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("asking") as shown:
        seen = [task("queued", 0), task("queued", 0), task("in_progress", 42), task("succeeded")]
        for polls, found in enumerate(seen, start=1):
            shown.update(found, polls)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "poll 1: queued 0 %\npoll 3: in_progress 42 %\npoll 4: succeeded\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("asking", quiet=True) as shown:
        shown.update(task("queued", 0), 1)
    assert capsys.readouterr() == ("", "")


@settings(deadline=None)
@given(st.text(max_size=500))
def test_a_status_cannot_write_to_the_terminal(status: str) -> None:
    """It is the provider's text, and might hold escape sequences or markup."""
    console, written = terminal()
    progress = live_progress(console)
    row_of(progress, "waiting", "asking")(task(f"\x1b]0;{status}\x07[bold]"), 1)
    console.print(progress.get_renderable())
    assert "\x1b]0;" not in written.getvalue()
    assert "\x07" not in written.getvalue()


@pytest.mark.parametrize(
    ("found", "completed", "total"),
    [
        (task("queued"), 0, None),
        (task("in_progress", 42), 42, 100),
        (task("in_progress", 0), 0, 100),
        (task("succeeded"), 100, 100),
    ],
)
def test_a_row_shows_progress_where_the_family_tells_it(
    found: Task, completed: float, total: float | None
) -> None:
    progress = live_progress(terminal()[0])
    row_of(progress, "waiting", "asking")(found, 3)
    (row,) = progress.tasks
    assert (row.completed, row.total, row.fields["status"]) == (completed, total, f"{found.status}, 3 polls")


def test_several_tasks_have_a_row_each() -> None:
    progress = live_progress(terminal()[0])
    for name in ("cat", "dog"):
        row_of(progress, name, "asking")(task("queued"), 1)
    assert [row.description for row in progress.tasks] == ["cat", "dog"]


def test_on_a_terminal_the_row_is_live(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console, written = terminal()
    monkeypatch.setattr("nebula_client.progress.Console", lambda **_: console)
    with shown_progress("asking") as shown:
        shown.update(task("in_progress", 42), 3)
    assert "in_progress, 3 polls" in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_progress_never_falls_though_the_providers_does() -> None:
    """A second machine of the provider may be behind the first."""
    progress = live_progress(terminal()[0])
    update = row_of(progress, "waiting", "asking")
    shown = []
    for percent in (20, 60, 40, None, 70):
        update(task("in_progress", percent), 1)
        shown.append(progress.tasks[0].completed)
    assert shown == [20, 60, 60, 60, 70]


def test_plain_lines_never_fall_either(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("asking") as shown:
        for polls, percent in enumerate((60, 40, 70), start=1):
            shown.update(task("in_progress", percent), polls)
    assert capsys.readouterr().err == "poll 1: in_progress 60 %\npoll 3: in_progress 70 %\n"


@pytest.mark.parametrize(("percents", "count"), [((20, 40), 1), ((None, None), 0)])
def test_a_terminal_shows_the_time_left_where_progress_is_told(
    percents: tuple[int | None, ...], count: int
) -> None:
    console, written = terminal()
    clock = iter(range(0, 10_000, 10))
    progress = live_progress(console)
    progress.get_time = lambda: float(next(clock))
    update = row_of(progress, "waiting", "asking")
    for percent in percents:
        update(task("in_progress", percent), 1)
    console.print(progress.get_renderable())
    assert written.getvalue().count(" left") == count


def test_a_log_gets_plain_lines_even_where_colour_is_forced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with shown_progress("asking") as shown:
        shown.update(task("queued"), 1)
    assert capsys.readouterr().err == "poll 1: queued\n"


class Gone(io.StringIO):
    """Standard error whose reader went away."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_display_that_nobody_reads_does_not_end_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The video that is waited for is paid for; a pager that was closed is no reason to leave it."""
    monkeypatch.setattr(sys, "stderr", Gone())
    with shown_progress("asking") as shown:
        shown.update(task("queued"), 1)
        shown.say("submitted video_1")
        shown.warn("seconds: found 7")


def test_warnings_of_the_client_are_told_once_each_and_as_text() -> None:
    values: list[str] = []
    lines: list[str] = []
    log = logging.getLogger("nebula_client")
    with told_warnings(values.append, lines.append):
        for _ in range(2):
            log.warning("poll 2: no answer")
            warnings.warn("seconds: found 7", ChangedValueWarning, stacklevel=1)
    assert (values, lines) == (["seconds: found 7"], ["poll 2: no answer"])
    log.warning("poll 3: no answer")
    assert lines == ["poll 2: no answer"]


def test_other_warnings_go_where_they_went() -> None:
    with pytest.warns(UserWarning, match="another"), told_warnings(_refuse, _refuse):
        warnings.warn("another", UserWarning, stacklevel=1)


def _refuse(text: str) -> None:
    raise AssertionError(text)
