"""Clocks, threads, tasks, settings and descriptors of the machine (faults 70 to 75)."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from unittest.mock import patch

from client_trials.answers import downloaded, submitted, task
from client_trials.raw_provider import answer, hangs, resets, says
from client_trials.rig import KEY, Rig
from client_trials.trial import MODEL, PROMPT, Run, Trial, download, generate, query, submit, wait
from client_trials.unreachable import environment
from nebula_client import NebulaError, Timeouts

_DAY_S, _HOUR_S = 86_400.0, 3600.0


def _wall_jumps(by_s: float) -> Run:
    """The machine's clock is set by a day at every look; the monotonic one goes on."""

    def run(rig: Rig) -> object:
        jumps = itertools.count(1)
        plays = [says(submitted()), *[says(task("queued"))] * 3, says(task()), says(downloaded())]
        client = rig.client(rig.provider(*plays))
        real = time.time()
        with patch.object(time, "time", lambda: real + by_s * next(jumps)):
            return generate(client, rig)

    return run


def _suspended(*, within_a_poll: bool) -> Run:
    """An hour passes on the monotonic clock, while a poll is answered or during a pause."""

    def run(rig: Rig) -> object:
        client = rig.client(
            rig.provider(says(task("queued")), says(task())),
            sleep=lambda s: rig.clock.sleep(s if within_a_poll else s + _HOUR_S),
        )

        def suspend(_task: object, _polls: int) -> None:
            rig.clock.moved += _HOUR_S

        return wait(client, rig, on_update=suspend if within_a_poll else None)

    return run


def _threads(rig: Rig) -> object:
    """Sixteen threads share a client; each makes a video of its own."""
    mock = rig.mock()
    client = rig.client(mock)
    ends: list[str] = []

    def one(number: int) -> None:
        try:
            task_id = client.submit(f"{PROMPT}, {number}", model=MODEL, seconds=4).task_id
            assert client.query(task_id).task_id == task_id
            ends.append(task_id)
        except NebulaError as error:
            ends.append(repr(error))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == sorted(each.task_id for each in mock.tasks)
    return f"{len(set(ends))} tasks"


def _cancelled_in(place: str) -> Run:
    """A cancellation that is raised where the client calls its caller."""

    def cancel(*_args: object) -> None:
        raise asyncio.CancelledError

    async def inside(call: Callable[[], object]) -> object:
        return call()

    def run(rig: Rig) -> object:
        lost = resets()
        plays = {
            "on_update": [says(submitted()), says(task("queued"))],
            "sleep of a wait": [says(submitted()), says(task("queued"))],
            "sleep of a download": [says(submitted()), says(task()), lost],
        }[place]
        options = {"sleep": cancel} if place.startswith("sleep") else {}
        client = rig.client(rig.provider(*plays), **options)
        more = {"on_update": cancel} if place == "on_update" else {}
        try:
            return asyncio.run(inside(lambda: generate(client, rig, **more)))
        except asyncio.CancelledError:
            assert list(rig.folder.iterdir()) == []
            return "CancelledError"

    return run


def _cancelled_thread(rig: Rig) -> object:
    """A task that waits in a thread is cancelled; the thread ends with its request, and no submit follows."""
    provider = rig.provider(says(submitted()), hangs())
    client = rig.client(provider, timeouts=Timeouts(poll_read_s=0.3, poll_total_s=0.3))
    begun = threading.Event()

    def work() -> object:
        return generate(client, rig, timeout_s=0, on_submit=lambda _: begun.set())

    async def inside() -> None:
        waiting = asyncio.ensure_future(asyncio.to_thread(work))
        await asyncio.to_thread(begun.wait, 5)
        waiting.cancel()
        await waiting

    try:
        asyncio.run(inside())
    except asyncio.CancelledError:
        return "CancelledError"
    return "went on"


def _key(secret: str | None, **environ: str) -> Run:
    """A client with that key, which then submits."""

    def run(rig: Rig) -> object:
        rig.enter(environment(**environ))
        provider = rig.provider(says(submitted()))
        try:
            client = rig.client(provider, api_key=secret)
        except ValueError:  # which every ConfigurationError is
            rig.counts.clear()
            raise
        made = submit(client, rig)
        assert f"Authorization: Bearer {KEY}\r\n".encode() in provider.requests[0]
        return made

    return run


def _proxied(rig: Rig) -> object:
    """Proxies for everything, and a provider on this machine."""
    proxy = rig.provider(says(answer(502, b"")))
    names = ("http_proxy", "https_proxy", "all_proxy")
    rig.enter(environment(**{spelt: proxy.url for name in names for spelt in (name, name.upper())}))
    made = submit(rig.client(rig.provider(says(submitted()))), rig)
    assert proxy.connections == 0
    return made


def _thousand(rig: Rig) -> object:
    """A thousand calls that fail in turn in every way, their errors kept."""
    kinds = [
        resets(),
        says(b""),
        says(b"HTTP/1.1 200 OK\r\nContent-Le"),
        says(downloaded()[:-100]),
        says(b"\x16\x03\x01"),
        says(answer(500, b"")),
        says(answer(404, {"error": {"message": "no"}})),
        says(answer(200, b"<html>", "Content-Type: text/html")),
    ]
    provider = rig.provider(*itertools.islice(itertools.cycle(kinds), 1001))
    client = rig.client(provider, request_retries=0)
    kept: list[NebulaError] = []
    for number in range(1000):
        try:
            (query, download)[number % 2](client, rig)
        except NebulaError as error:
            kept.append(error)
    rig.counts.clear()
    rig.clock.slept.clear()
    return f"{len(kept)} errors"


_KEYS: Mapping[str, tuple[str | None, str]] = {
    "empty": ("", "ConfigurationError, nothing sent"),
    "a line break within": ("sk-another\r\nX-Other: 1", "ConfigurationError, nothing sent"),
    "two line breaks at the end": ("sk-another\n\n", "ConfigurationError, nothing sent"),
    "a NUL": ("sk-\0test", "ConfigurationError, nothing sent"),
    "a space": ("sk test", "ConfigurationError, nothing sent"),
    "another alphabet": ("sk-тест", "ConfigurationError, nothing sent"),
    "one line break at the end": (f"{KEY}\n", "submitted, 1 POST"),
    "a line break of Windows at the end": (f"{KEY}\r\n", "submitted, 1 POST"),
}
_FOUND = "slept 2 3 4.5"
TRIALS = (
    *(
        Trial(70, f"{name}: generate", f"file, 1 POST, 5 GET, {_FOUND}", _wall_jumps(by_s))
        for name, by_s in (("a day on", _DAY_S), ("a day back", -_DAY_S))
    ),
    Trial(
        71,
        "an hour within a poll: wait",
        "WaitTimeoutError, 1 GET",
        _suspended(within_a_poll=True),
        says="to resume",
    ),
    Trial(
        71,
        "an hour within a pause: wait",
        "task succeeded, 2 GET, slept 3.6e+03",
        _suspended(within_a_poll=False),
        deadline_s=4000,
    ),
    Trial(72, "16 threads: submit and query", "16 tasks, 16 POST, 16 GET", _threads, repeats=True),
    Trial(
        73, "cancelled in on_update: generate", "CancelledError, 1 POST, 1 GET", _cancelled_in("on_update")
    ),
    Trial(
        73,
        "cancelled in a pause of the wait: generate",
        "CancelledError, 1 POST, 1 GET",
        _cancelled_in("sleep of a wait"),
    ),
    Trial(
        73,
        "cancelled in a pause of the download: generate",
        "CancelledError, 1 POST, 2 GET",
        _cancelled_in("sleep of a download"),
    ),
    Trial(73, "cancelled outside its thread: generate", "CancelledError, 1 POST, 1 GET", _cancelled_thread),
    *(
        Trial(74, f"key, {name}: submit", expected, _key(secret))
        for name, (secret, expected) in _KEYS.items()
    ),
    Trial(
        74,
        "no key at all: submit",
        "ConfigurationError, nothing sent",
        _key(None),
        says="There is no API key",
    ),
    Trial(
        74,
        "empty in the environment: submit",
        "ConfigurationError, nothing sent",
        _key(None, NEBULA_API_KEY=""),
    ),
    Trial(
        74,
        "a line break in the environment: submit",
        "submitted, 1 POST",
        _key(None, NEBULA_API_KEY=f"{KEY}\n"),
        says="line break",
    ),
    Trial(74, "proxies for localhost: submit", "submitted, 1 POST", _proxied),
    Trial(
        75,
        "1,000 that fail: query and download",
        "1000 errors, nothing sent",
        _thousand,
        deadline_s=100_000,
        real_s=20,
    ),
)
