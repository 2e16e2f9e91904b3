"""A bench for one trial: a folder, a clock, a client and its provider, and everything that is to be seen afterwards."""

import contextlib
import logging
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from client_trials.answers import VIDEO
from client_trials.raw_provider import Play, RawProvider
from nebula_client import VideoClient
from nebula_mock import MockServer

KEY = "sk-test-c4n4ry-0f-th3-trials"
"""The key of every trial; it must be seen in the requests alone."""


class Clock:
    """Seconds that grow when somebody sleeps; with ``real`` those of the machine grow as well."""

    def __init__(self) -> None:
        """Start with the sleeps alone."""
        self.slept: list[float] = []
        self.real = False
        self.moved = 0.0

    def now(self) -> float:
        """The time."""
        return self.moved + (time.monotonic() if self.real else 0.0)

    def sleep(self, seconds: float) -> None:
        """Pass the time without waiting."""
        self.slept.append(seconds)
        self.moved += seconds


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.levelname} {self.format(record)}")


class Rig:
    """The bench. Providers and clients that it made are ended with it.

    Attributes:
        folder: An empty folder of its own, where the video goes.
        path: The video's file in it.
        clock: What the clients sleep by.
        log: Everything that was logged by anybody, and every warning.
        task_id: The task's id once the client knows it; every later error must have it.
        files: What may be in the folder at the end, by name; nothing is always right too, unless ``keeps`` is set.
        keeps: Whether ``files`` must be there.
        texts: More text to be searched for the key.
    """

    def __init__(self) -> None:
        """Lay it out."""
        self.folder = Path(tempfile.mkdtemp(prefix="trial-"))
        self.path = self.folder / "cat.mp4"
        self.clock = Clock()
        self.task_id: str | None = None
        self.files: dict[str, bytes] = {self.path.name: VIDEO}
        self.keeps = False
        self.texts: list[str] = []
        self.counts: list[Callable[[], Mapping[str, int]]] = []
        self._log = _Log()
        self._stack = contextlib.ExitStack()

    @property
    def log(self) -> list[str]:
        """Lines, with logger and level before each."""
        return self._log.lines

    def __enter__(self) -> Self:
        root = logging.getLogger()
        level = root.level
        root.addHandler(self._log)
        root.setLevel(logging.DEBUG)
        self._stack.callback(root.setLevel, level)
        self._stack.callback(root.removeHandler, self._log)
        caught = self._stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        self._stack.callback(lambda: self.texts.extend(str(one.message) for one in caught))
        return self

    def end(self) -> None:
        """End providers and clients, put everything back."""
        self._stack.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def enter(self, context: contextlib.AbstractContextManager[Any]) -> Any:
        """What a context gives, until the end."""
        return self._stack.enter_context(context)

    def freeze_counts(self) -> None:
        """Count the requests now; later ones are the trial's own."""
        frozen = [count() for count in self.counts]
        self.counts = [lambda counted=counted: counted for counted in frozen]  # type: ignore[misc]

    def provider(self, *plays: Play, **options: Any) -> RawProvider:
        """A raw provider."""
        made: RawProvider = self.enter(RawProvider(*plays, **options))

        def counted() -> Mapping[str, int]:
            whole = {method: made.sent(method) for method in ("POST", "GET", "CONNECT")}
            return {**whole, "connection": max(0, made.connections - len(made.requests))}

        self.counts.append(counted)
        return made

    def mock(self, **settings: Any) -> MockServer:
        """The offline provider under a manual clock, which the client's pauses move."""
        made: MockServer = self.enter(MockServer(clock="manual", seed=7, video_size_bytes=20_000, **settings))
        self.counts.append(lambda: _journalled(made))
        return made

    def client(self, server: RawProvider | MockServer | str, **options: Any) -> VideoClient:
        """A client that never waits, with numbers in the middle where it draws any."""
        settings: dict[str, Any] = {"sleep": self.clock.sleep, "monotonic": self.clock.now}
        if isinstance(server, MockServer):
            mock = server
            settings = {"sleep": lambda s: self._advance(mock, s), "monotonic": mock.clock.now}
        url = server if isinstance(server, str) else server.url
        settings |= {"api_key": KEY, "random": lambda: 0.5, **options}
        made: VideoClient = self.enter(VideoClient(base_url=url, **settings))
        self.texts.append(repr(made))
        return made

    def _advance(self, mock: MockServer, seconds: float) -> None:
        self.clock.sleep(seconds)
        mock.advance(seconds)


def _journalled(mock: MockServer) -> Mapping[str, int]:
    counts = {"POST": 0, "GET": 0}
    for entry in mock.journal:
        counts[entry.method] = counts.get(entry.method, 0) + 1
    return counts
