"""Promises of what a person sees while waiting: a live row on a terminal, plain lines elsewhere."""

import io
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from nebula_client import Task
from nebula_client.progress import live_progress, row_of, shown_progress


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


def test_a_line_of_text_and_a_warning_go_beside_the_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """A poll that failed is told where the polls are told, and only while they are."""
    log = logging.getLogger("nebula_client")
    with shown_progress("asking") as shown:
        shown.say("submitted video_1")
        log.warning("poll 2: no answer")
    assert capsys.readouterr().err == "submitted video_1\npoll 2: no answer\n"
    with shown_progress("asking", quiet=True):
        log.warning("poll 3: no answer")
    assert capsys.readouterr().err == ""
