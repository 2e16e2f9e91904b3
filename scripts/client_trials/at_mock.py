"""Calls at the offline provider, with faults that it injects by script."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from client_trials.rig import KEY, Rig
from client_trials.trial import DEADLINE_S, MODEL, PROMPT, Run, generate, submit
from nebula_client import VideoClient
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter

_DONE_S = 60.0  # when every task is over
_OPERATION = {"wait": "query", "generate": "download"}

Step = str | Mapping[str, Any]


def at_mock(
    call: str,
    *steps: Step,
    operation: str | None = None,
    model: str = MODEL,
    done: bool | None = None,
    call_options: Mapping[str, Any] | None = None,
    mock_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> Run:
    """A call while these steps are played, each for one request of the operation; each must have met one.

    Args:
        call: Which one.
        steps: Of the fault script.
        operation: Whose requests; that of the call where absent.
        model: What is submitted, before the call where the call is another.
        done: Whether the task is over when the call begins; where absent, it is for all but a wait.
        call_options: The call's own.
        mock_options: Settings of the mock.
        options: The client's.
    """

    def run(rig: Rig) -> object:
        mock = rig.mock(**(mock_options or {}))
        client = rig.client(mock, **options)
        task_id = (
            _prepared(mock, model, done=call != "wait" if done is None else done) if _needs_task(call) else ""
        )
        if task_id:
            rig.task_id = task_id
        mock.faults.script(operation or _OPERATION.get(call, call), list(steps))
        try:
            return _called(client, rig, call, task_id, dict(call_options or {}))
        finally:
            mock.stop()  # after which every request is in the journal, also one whose client went away
            rig.texts += [str(entry) for entry in mock.journal]
            mock.faults.verify(allow_unscripted=True)
            rig.freeze_counts()
            if mock.tasks and call in {"download", "result", "generate"}:
                rig.files = {rig.path.name: whole_video(mock, mock.tasks[-1].task_id)}

    return run


def whole_video(mock: MockServer, task_id: str) -> bytes:
    """The task's video as it is without a fault."""
    mock.faults.clear()
    mock.advance(_DONE_S)
    with TemporaryDirectory() as folder, _inside(mock) as client:
        return client.download(task_id, Path(folder) / "whole.mp4").path.read_bytes()


def _inside(mock: MockServer) -> VideoClient:
    return VideoClient(KEY, "http://localhost", sleep=mock.advance, adapter=AppAdapter(mock.app))


def _needs_task(call: str) -> bool:
    return call not in {"submit", "generate"}


def _prepared(mock: MockServer, model: str, *, done: bool) -> str:
    with _inside(mock) as client:
        task_id = client.submit(PROMPT, model=model).task_id
    if done:
        mock.advance(_DONE_S)
    mock.journal.clear()
    return task_id


def _called(client: VideoClient, rig: Rig, call: str, task_id: str, options: dict[str, Any]) -> object:
    match call:
        case "submit":
            return submit(client, rig, **options)
        case "generate":
            return generate(client, rig, **options)
        case "query":
            return client.query(task_id)
        case "wait":
            return client.wait(task_id, **{"timeout_s": DEADLINE_S, **options})
        case _:
            return client.download(task_id, rig.path, **options)
