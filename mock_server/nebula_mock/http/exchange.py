"""An exchange while it goes on: what routes, and whatever draws or breaks something, have to tell the journal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import request

from nebula_mock.core.draws import DrawNote
from nebula_mock.core.journal_entry import Ended, Operation
from nebula_mock.core.task import Task

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_PLACE = "nebula_mock.exchange"  # in the WSGI environment

# Which route is which operation; any other is none.
_OPERATIONS: Mapping[str, Operation] = {
    "operations.submit": "submit",
    "undocumented.submit": "submit",
    "operations.query": "query",
    "undocumented.query": "query",
    "operations.download": "download",
    "operations.result": "result",
    "undocumented.content": "content",
}


class Exchange:
    """What is known so far; whoever learns something notes it. Raw: nothing is hidden or cut yet.

    Attributes:
        request_id: Of the answer.
        operation: What was asked for.
        account: Whose key was let in.
        provider_time: When, on the clock of the account; seconds since the epoch.
        prompt: Of a submit.
        model: As named, or of the task.
        task_id: The task that was made or asked about.
        problem_id: The row of the refusal.
        request_body: What was read of the body; None where nothing was.
        media: Facts of each video in the answer; empty for an answer without.
        media_frame: The answer without its videos, where it is JSON; None where the answer is a file.
        draws: Draws that were made, in order.
        faults: Faults that were done, in order; a fault is told as the scenario tells it.
        ended: How a fault ended the answer; None where it ends by itself.
    """

    __slots__ = (
        "account",
        "draws",
        "ended",
        "faults",
        "media",
        "media_frame",
        "model",
        "operation",
        "problem_id",
        "prompt",
        "provider_time",
        "request_body",
        "request_id",
        "task_id",
    )

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.request_id = ""
        self.operation: Operation = "other"
        self.account: str | None = None
        self.provider_time: float | None = None
        self.prompt: str | None = None
        self.model: str | None = None
        self.task_id: str | None = None
        self.problem_id: str | None = None
        self.request_body: bytes | None = None
        self.media: Sequence[Mapping[str, Any]] = ()
        self.media_frame: Mapping[str, Any] | None = None
        self.draws: list[DrawNote] = []
        self.faults: list[Mapping[str, Any]] = []
        self.ended: Ended | None = None

    def note_route(self, endpoint: str | None) -> None:
        """Which operation the request is."""
        self.operation = _OPERATIONS.get(endpoint or "", "other")

    def note_refusal(self, problem_id: str) -> None:
        """Which row it met; where there is no such route, there is no operation either."""
        self.problem_id = problem_id
        if problem_id == "unknown-route":
            self.operation = "other"

    def note_task(self, task: Task) -> None:
        """The task that it is about."""
        self.task_id, self.model, self.account = task.task_id, task.model.id, task.account

    def begin(self, environ: "WSGIEnvironment") -> None:
        """Be the exchange of that environment."""
        environ[_PLACE] = self


def current_exchange() -> Exchange:
    """The exchange of the current request; one that nobody reads where nothing is recorded."""
    found = request.environ.get(_PLACE)
    return found if isinstance(found, Exchange) else Exchange()
