"""What HTTP clients for Python raise for each event, as is seen with a mock of one's own."""

import json
import socket
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from types import ModuleType

from client_events import LIMIT_S, VIDEO_BYTES, Event, Outcome
from http_clients import Asked, HttpClient, Progress
from nebula_mock import MockServer, Plan
from parcels import in_parcels

_MORE_PATIENT = (1, 4, 16, 64)  # times the limit, where a slow machine may have been the cause
_GENERATIONS = "/v1/video/generations"
_SUBMIT = json.dumps({"model": "sora-2", "prompt": "A cat"}).encode()
_TELL_NOTHING = ("ValueError", "CancelledError")  # of what went wrong


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one client and one event.

    Attributes:
        in_pieces: The body read piece by piece.
        at_once: The body read all at once; None where that was not tried.
        tasks: How many tasks the request made.
    """

    in_pieces: Outcome
    at_once: Outcome | None
    tasks: int


class Laboratory:
    """A mock with an account for each trial, so that none sees another's faults."""

    def __init__(self, mock: MockServer) -> None:
        """Try things at that mock, which is started."""
        self._mock = mock
        self._numbers = count(1)

    def seen(self, client: HttpClient, event: Event) -> Seen | None:
        """What that client does; None where the event is nothing for it.

        Raises:
            AssertionError: A trial proves nothing, or two that should agree do not.
        """
        if event.only_limited and not client.limits_the_whole:
            return None
        in_pieces, tasks = self._settled(client, event, in_pieces=True)
        if not event.at_once:
            return Seen(in_pieces, None, tasks)
        at_once, again = self._settled(client, event, in_pieces=False)
        assert again == tasks, f"{client.name}, {event.title}: {tasks} tasks, then {again}"
        return Seen(in_pieces, at_once, tasks)

    def _settled(self, client: HttpClient, event: Event, *, in_pieces: bool) -> tuple[Outcome, int]:
        """An outcome that is none of a slow machine, and how many tasks the request made."""
        for times in _MORE_PATIENT:
            found = self._tried(client, event, LIMIT_S * times, in_pieces=in_pieces)
            if not event.maybe_slow(found[0]):
                break
        return found

    def _tried(
        self, client: HttpClient, event: Event, limit_s: float, *, in_pieces: bool
    ) -> tuple[Outcome, int]:
        key = f"sk-trial-{next(self._numbers)}"
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        account = self._mock.account(key)
        asked = Asked("POST", self._mock.url + _GENERATIONS, headers, _SUBMIT)
        if event.operation == "download":
            client.ask(asked, Progress())
            path = f"{_GENERATIONS}/download?id={account.tasks[0].task_id}"
            asked = replace(asked, method="GET", url=self._mock.url + path, body=None)
        asked = replace(asked, in_pieces=in_pieces)
        if event.limit == "read":
            asked = replace(asked, read_s=limit_s)
        elif event.limit == "whole":
            asked = replace(asked, whole_s=limit_s)
        before = len(account.tasks)
        if event.step is not None:
            account.faults.script(event.operation, [event.step(limit_s)])
        progress = Progress()
        with self._reached(event, progress) as url:
            asked = replace(asked, url=asked.url.replace(self._mock.url, url))
            outcome, took_s = _outcome(client, asked, progress)
        if event.limit == "read" and outcome.end == "complete":
            assert took_s > limit_s, (
                f"{client.name}, {event.title}: over in {took_s} s, too soon to prove anything"
            )
        return outcome, len(account.tasks) - before

    @contextmanager
    def _reached(self, event: Event, progress: Progress) -> Iterator[str]:
        """Where the client is to ask."""
        if event.step is None:
            with socket.socket() as bound:  # and not listening
                bound.bind(("127.0.0.1", 0))
                yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        elif event.parcels == "as-they-come":
            yield self._mock.url
        else:
            apart = progress.head_is_read if event.parcels == "head-apart" else None
            with in_parcels(self._mock.url, apart) as url:
                yield url


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    """One that is set up, for as long as a ``with`` block."""
    with MockServer(plan=Plan(0, 0), video_size_bytes=VIDEO_BYTES) as mock:
        yield Laboratory(mock)


def _outcome(client: HttpClient, asked: Asked, progress: Progress) -> tuple[Outcome, float]:
    """What the client does, and the seconds that it takes."""
    began = time.monotonic()
    try:
        client.ask(asked, progress)
    except Exception as error:  # noqa: BLE001 - what comes is what is asked for
        return _raised(client, progress, error), time.monotonic() - began
    took_s = time.monotonic() - began
    if progress.left_off:
        return Outcome("left-off", "body"), took_s
    if progress.announced_bytes not in {None, progress.taken_bytes}:
        return Outcome("short", "body"), took_s
    return Outcome("complete", "status"), took_s


def _raised(client: HttpClient, progress: Progress, error: Exception) -> Outcome:
    chain = list(_chain(error))
    telling = [one for one in chain if type(one).__name__ not in _TELL_NOTHING]
    last = type(telling[-1])
    cause = "" if last.__name__ == type(error).__name__ else _name(last, None)
    timed_out = any(isinstance(one, TimeoutError) for one in chain)
    _close(error)
    return Outcome("raised", progress.stage, _name(type(error), client.exceptions), cause, timed_out)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, and so on."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _name(kind: type[BaseException], published: ModuleType | None) -> str:
    """Its name with its module: the one where its users find it, where it is published there."""
    if kind.__module__ == "builtins":
        return kind.__name__
    if getattr(published, kind.__name__, None) is kind:
        return f"{published.__name__ if published else ''}.{kind.__name__}"
    return f"{kind.__module__}.{kind.__name__}"


def _close(error: Exception) -> None:
    """An ``HTTPError`` of urllib is the answer too, and is closed as one."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
