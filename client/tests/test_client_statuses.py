"""Promises about statuses: the documents' words and their aliases, whatever their case."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import (
    BrokenContractError,
    RefusedError,
    TaskCancelled,
    TaskFailed,
    VideoClient,
    WaitTimeoutError,
)
from nebula_client.statuses import ALIASES, ORDER, is_known, status_of
from nebula_schemas.catalogue import catalogue
from scripted import Answer, Scripted, told

TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"


class World:
    """A provider by script, a client of it, and a clock that its pauses move."""

    def __init__(self, *, strict: bool = False) -> None:
        """Start at an odd moment."""
        self.now = 7.0
        self.pauses: list[float] = []
        self.provider = Scripted()
        self.client = VideoClient(
            "sk-test",
            "http://127.0.0.1:9",
            adapter=self.provider,
            strict=strict,
            sleep=self.sleep,
            monotonic=lambda: self.now,
            random=lambda: 0.5,
        )

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.pauses.append(seconds)
        self.now += seconds

    def tells(self, *statuses: str) -> None:
        """Answer queries with those statuses, the last one for ever."""
        self.provider.script(*(told({"task_id": TASK_ID, "status": status}) for status in statuses))


@pytest.fixture
def world() -> Iterator[World]:
    """A world of its own for each test."""
    world = World()
    with world.client:
        yield world


def test_every_status_of_every_family_is_known() -> None:
    words = {word for family in catalogue().families for words in family.statuses.values() for word in words}
    assert all(is_known(status_of(word)) for word in words)


@given(st.sampled_from(sorted({*ORDER, *ALIASES})), st.sampled_from(["", " ", "\t", "\n"]), st.booleans())
def test_case_and_spaces_do_not_matter(word: str, space: str, upper: bool) -> None:  # noqa: FBT001 - drawn
    assert status_of(f"{space}{word.upper() if upper else word}{space}") == ALIASES.get(word, word)


@given(st.text())
def test_a_word_nobody_knows_stands_for_itself(word: str) -> None:
    status = status_of(word)
    assert is_known(status) or status == word


@pytest.mark.parametrize("word", ["SUCCESS", "Completed", " succeeded "])
def test_an_alias_of_success_ends_a_wait_and_is_kept_as_told(world: World, word: str) -> None:
    world.tells("queued", word)
    task = world.client.wait(TASK_ID)
    assert (task.status, task.reported_status) == ("succeeded", word)


@pytest.mark.parametrize(
    ("word", "end"), [("FAILURE", TaskFailed), ("canceled", TaskCancelled), ("cancelled", TaskCancelled)]
)
def test_a_bad_end_has_its_own_class_and_names_the_task(
    world: World, word: str, end: type[TaskFailed]
) -> None:
    world.tells(word)
    with pytest.raises(TaskFailed) as caught:
        world.client.wait(TASK_ID)
    assert (type(caught.value), caught.value.task_id) == (end, TASK_ID)


def test_a_status_nobody_knows_counts_as_running_and_is_told_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.tells(*["thinking"] * 5, "succeeded")
    assert world.client.wait(TASK_ID).status == "succeeded"
    assert caplog.text.count("a status nobody knows, thinking") == 1


def test_it_counts_until_the_deadline_and_no_longer(world: World) -> None:
    world.tells("thinking")
    with pytest.raises(WaitTimeoutError, match='still "thinking"'):
        world.client.wait(TASK_ID, timeout_s=60)
    assert world.now == 67.0


def test_to_a_strict_client_it_is_an_error() -> None:
    world = World(strict=True)
    world.tells("thinking")
    with (
        world.client,
        pytest.raises(BrokenContractError, match="found status 'thinking', expected unknown, submitted"),
    ):
        world.client.wait(TASK_ID)


def test_a_task_that_goes_backwards_is_told_once_and_waited_for(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.tells("in_progress", "queued", "in_progress", "queued", "succeeded")
    assert world.client.wait(TASK_ID).status == "succeeded"
    assert caplog.text.count("went backwards") == 1


def test_the_first_terminal_status_counts(world: World) -> None:
    world.tells("succeeded", "in_progress")
    assert world.client.wait(TASK_ID).status == "succeeded"
    assert len(world.provider.requests) == 1


@pytest.mark.parametrize(("hint", "pause"), [("7", 7), ("0", 0.5), ("600", 60), ("soon", 2.0)])
def test_the_providers_hint_between_polls_wins_within_bounds(world: World, hint: str, pause: float) -> None:
    running = told({"task_id": TASK_ID, "status": "queued"}, Retry_After=hint)
    world.provider.script(running, told({"task_id": TASK_ID, "status": "succeeded"}))
    world.client.wait(TASK_ID)
    assert world.pauses == [pause]


def test_a_task_is_young_for_five_seconds(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A provider of several machines may not know it yet everywhere."""
    caplog.set_level(logging.WARNING)
    missing = Answer(404, b"{}")
    done = told({"task_id": TASK_ID, "status": "succeeded"})
    world.provider.script(told({"task_id": TASK_ID}), missing, missing, done, missing)
    world.client.submit("A cat", model="sora-2")
    assert world.client.wait(TASK_ID).status == "succeeded"
    world.now += 10
    with pytest.raises(RefusedError):
        world.client.query(TASK_ID)
