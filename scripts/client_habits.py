"""What HTTP clients do by themselves: follow a redirect, unpack a body, send a request again; as is seen with a mock."""

import json
import urllib.error
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from client_events import VIDEO_BYTES
from http_clients import CLIENTS, Asked, HttpClient, Progress
from nebula_mock import MockServer, Plan

_GENERATIONS = "/v1/video/generations"
_SUBMIT = json.dumps({"model": "sora-2", "prompt": "A cat"}).encode()
_FOLLOWED = {
    200: "follows, **with the key**",
    307: "does not follow",
    401: "follows, without the key",  # which is what the other origin says to that
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen of one request.

    Attributes:
        status: Of the answer that it ended with; None where there was none.
        taken_bytes: Bytes of the body that the caller was given.
        plain_bytes: Bytes of the same body without a fault; 0 of a submit.
        sent: How many requests met the fault.
    """

    status: int | None
    taken_bytes: int
    plain_bytes: int
    sent: int


@dataclass(frozen=True, slots=True)
class Habit:
    """What one step brings to light.

    Attributes:
        step: The step.
        operation: What is asked for.
        times: How many requests meet it, if there are as many.
        told: What the page says of what was found.
    """

    step: str
    operation: Literal["submit", "download"]
    times: int
    told: Callable[[Found], str]

    @property
    def title(self) -> str:
        """What the page calls it."""
        return f"`{self.step}` of a {self.operation}"


def _follows(found: Found) -> str:
    return _FOLLOWED[found.status or 0]


def _unpacks(found: Found) -> str:
    return "unpacks it" if found.taken_bytes == found.plain_bytes else "**leaves it packed**"


def _sends_again(found: Found) -> str:
    return {1: "sends it once", 2: "**sends it again**, once"}[found.sent]


HABITS = (
    Habit("redirect", "submit", 1, _follows),
    Habit("redirect", "download", 1, _follows),
    Habit("gzip", "download", 1, _unpacks),
    Habit("reset", "submit", 3, _sends_again),
    Habit("reset", "download", 3, _sends_again),
    Habit("empty", "submit", 3, _sends_again),
    Habit("empty", "download", 3, _sends_again),
)
"""Every habit, in the order of the page."""

_numbers = count(1)


def mock_for_habits() -> AbstractContextManager[MockServer]:
    """A provider to see them with, whose tasks are over at once."""
    return MockServer(plan=Plan(0, 0), video_size_bytes=VIDEO_BYTES)


def habit_row(mock: MockServer, habit: Habit) -> tuple[str, ...]:
    """The row of one habit, tried now.

    Raises:
        KeyError: Something else was seen than there are words for.
    """
    return (habit.title, *(habit.told(_found(mock, client, habit)) for client in CLIENTS))


def _found(mock: MockServer, client: HttpClient, habit: Habit) -> Found:
    key = f"sk-habit-{next(_numbers)}"
    account = mock.account(key)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    asked = Asked("POST", mock.url + _GENERATIONS, headers, _SUBMIT)
    plain = Progress()
    if habit.operation == "download":
        client.ask(asked, Progress())
        url = f"{asked.url}/download?id={account.tasks[0].task_id}"
        asked = Asked("GET", url, headers)
        client.ask(asked, plain)
    script = account.faults.script(habit.operation, [habit.step] * habit.times)
    progress = Progress()
    status: int | None = 200
    try:
        client.ask(asked, progress)
    except Exception as error:  # noqa: BLE001 - what comes is what is asked for
        status = _status(error)
    return Found(status, progress.taken_bytes, plain.taken_bytes, len(script.fired))


def _status(error: Any) -> int | None:
    """The status that an exception tells; None for none."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
    answer = getattr(error, "response", error)
    told = [getattr(answer, name, None) for name in ("status_code", "status")]
    return next((status for status in told if status is not None), None)
