"""A client and a provider through any sequence of calls, faults and times, held to a model.

The model knows which tasks there are, which will never end, and what each file must hold. Faults are scripted for
one call each; what the provider really has is asked by a second client, which meets none.
"""

import logging
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from nebula_client import (
    NebulaError,
    OutputError,
    RefusedError,
    Submission,
    SubmitUncertain,
    Task,
    TaskFailed,
    Video,
    VideoClient,
    WaitTimeoutError,
)
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter

KEY = "sk-c4n4ry-0f-th3-machine"
GRACE_S = 1.0
LONGEST_TASK_S = 60
MOCK = MockServer(clock="manual", seed=7, video_size_bytes=2_000)  # one for all examples, emptied before each

Step = str | Mapping[str, Any]
# For each operation, what may come instead of its answer. What breaks the wire has trials of its own.
ANY: tuple[Step, ...] = (
    "ok",
    "http 500",
    "http 502",
    "http 429",
    {"fault": "http", "status": 429, "retry_after_s": 2},
    {"fault": "http", "status": 503, "retry_after_s": 1},
    {"fault": "http", "status": 429, "retry_after_s": 3600},
    "html-page 502",
    {"fault": "html-page", "status": 200},
    "error-with-200 server-error",
    "broken-json cut",
    "broken-json trailing-comma",
    "content-type text/html",
    "missing-field task_id",
    "null-field task_id",
    "retyped-field task_id",
    "extra-field unexpected",
    "redirect",
    "gzip",
)
SUBMITS: tuple[Step, ...] = (
    *ANY,
    "never-finishing",
    {"fault": "http", "status": 500, "done": True},
    {"fault": "html-page", "status": 502, "done": True},
)
QUERIES: tuple[Step, ...] = (*ANY, "unknown-status paused", "backwards", "missing-field status", "wrong-id")
DOWNLOADS: tuple[Step, ...] = (
    *ANY,
    "http 404",
    "http 409",
    "wrong-id",
    "corrupt-base64 cut-in-group",
    "corrupt-base64 cut-at-group",
    "corrupt-base64 illegal-character",
    "wrong-size -1",
    "differing-videos",
)


def steps(choice: tuple[Step, ...]) -> st.SearchStrategy[list[Step]]:
    """Up to three in a row."""
    return st.lists(st.sampled_from(choice), max_size=3)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Machine(RuleBasedStateMachine):
    """The client, the provider and the model."""

    tasks: Bundle[str] = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.files: dict[str, bytes] = {}
        self.endless: set[str] = set()
        self.most_tasks = 0
        self.log = _Lines()
        self.shown: list[str] = []

    @initialize()
    def empty(self) -> None:
        MOCK.reset("all")
        adapter = AppAdapter(MOCK.app)
        options: dict[str, Any] = {"adapter": adapter, "monotonic": MOCK.clock.now, "random": lambda: 0.5}
        self.client = VideoClient(KEY, "http://localhost", sleep=MOCK.advance, **options)
        self.honest = VideoClient(KEY, "http://localhost", sleep=MOCK.advance, **options)
        logging.getLogger().addHandler(self.log)

    def teardown(self) -> None:
        logging.getLogger().removeHandler(self.log)
        shown = "\n".join([*self.log.lines, *self.shown, *map(str, MOCK.journal)])
        self.folder.cleanup()
        assert KEY not in shown

    def posts(self) -> int:
        """Creates that came to the provider."""
        return len(MOCK.journal.entries(operation="submit"))

    def told(self, operation: str, script: list[Step], call: Callable[[], object]) -> object:
        """What a call gives or raises while the steps are played."""
        if script:
            MOCK.faults.script(operation, script)
        try:
            return call()
        except NebulaError as error:
            self.shown.append(f"{error}{error!r}{vars(error)}")
            return error
        finally:
            MOCK.faults.clear()

    @rule(target=tasks, script=steps(SUBMITS))
    def submit(self, script: list[Step]) -> Any:
        before, posts = {task.task_id for task in MOCK.tasks}, self.posts()
        told = self.told("submit", script, lambda: self.client.submit("A cat", model="sora-2", seconds=4))
        new = {task.task_id for task in MOCK.tasks} - before
        sent = self.posts() - posts
        self.most_tasks += 1
        assert sent <= 1 + sum(map(_says_when, script[:2]))
        if isinstance(told, Submission):
            assert new == {told.task_id}
            if script[sent - 1 : sent] == ["never-finishing"]:
                self.endless |= new
            return told.task_id
        assert isinstance(told, SubmitUncertain | RefusedError)
        assert len(new) <= isinstance(told, SubmitUncertain)
        return multiple()

    @rule(task_id=tasks, script=steps(QUERIES))
    def query(self, task_id: str, script: list[Step]) -> None:
        truth = {self.honest.query(task_id).status}
        told = self.told("query", script, lambda: self.client.query(task_id))
        truth.add(self.honest.query(task_id).status)
        assert isinstance(told, Task | NebulaError)
        assert told.task_id == task_id
        if isinstance(told, Task):
            assert told.status in truth or {"unknown-status paused", "backwards"} & set(map(str, script))
        else:
            assert script

    @rule(task_id=tasks, script=steps(QUERIES), timeout_s=st.sampled_from([0, 1, 5, 20, 900]))
    def wait(self, task_id: str, script: list[Step], timeout_s: float) -> None:
        began = MOCK.clock.now()
        told = self.told("query", script, lambda: self.client.wait(task_id, timeout_s=timeout_s))
        took_s = MOCK.clock.now() - began
        assert took_s <= timeout_s + GRACE_S
        assert isinstance(told, Task | NebulaError)
        assert told.task_id == task_id
        if isinstance(told, Task):
            assert told.status == self.honest.query(task_id).status == "succeeded"
            assert task_id not in self.endless
        elif isinstance(told, WaitTimeoutError):
            assert took_s >= timeout_s
            assert task_id in self.endless or timeout_s < LONGEST_TASK_S
        else:
            assert script
            assert not isinstance(told, TaskFailed)

    @rule(
        task_id=tasks,
        script=steps(DOWNLOADS),
        number=st.integers(0, 2),
        overwrite=st.booleans(),
        verify=st.sampled_from(["skip", "stop", "compare"]),
    )
    def download(
        self, *, task_id: str, script: list[Step], number: int, overwrite: bool, verify: Any
    ) -> None:
        path = Path(self.folder.name) / f"{number}.mp4"
        told = self.told(
            "download",
            script,
            lambda: self.client.download(task_id, path, overwrite=overwrite, verify=verify),
        )
        assert isinstance(told, Video | NebulaError)
        assert told.task_id == task_id
        if isinstance(told, Video):
            self.files[path.name] = self.truth(task_id)
        elif isinstance(told, OutputError):
            assert path.name in self.files
            assert not overwrite
        else:
            assert script or self.honest.query(task_id).status != "succeeded"

    def truth(self, task_id: str) -> bytes:
        """The task's video as it is."""
        with tempfile.TemporaryDirectory() as folder:
            return self.honest.download(task_id, Path(folder) / "cat.mp4").path.read_bytes()

    @rule(seconds=st.sampled_from([0.5, 2, 10, 60]))
    def advance(self, seconds: float) -> None:
        MOCK.advance(seconds)

    @invariant()
    def files_are_whole_and_no_other_is_there(self) -> None:
        found = {entry.name: entry.read_bytes() for entry in Path(self.folder.name).iterdir()}
        assert found == self.files

    @invariant()
    def nobody_has_more_tasks_than_submits(self) -> None:
        assert len(MOCK.tasks) <= self.most_tasks


def _says_when(step: Step) -> bool:
    """Whether an answer says that the submit was not taken, so that it may be sent again."""
    told = "" if isinstance(step, str) else str(step.get("status", ""))
    return step == "http 429" or (
        told in {"429", "503"} and not isinstance(step, str) and step["fault"] == "http"
    )


Machine.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestMachine = Machine.TestCase
