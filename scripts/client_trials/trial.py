"""One trial: a fault, a call, and what must come of it; and the calls that most of them make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from client_trials.answers import TASK_ID, WAN_ID, WHOLE
from client_trials.raw_provider import Play
from client_trials.rig import Rig
from client_trials.seen import Seen, tried
from nebula_client import Task, VideoClient

PROMPT, MODEL = "A cat in the garden", "sora-2"
DEADLINE_S = 60.0
"""How long the waits of the trials last."""
_REAL_S = 5.0

Run = Callable[[Rig], object]


@dataclass(frozen=True, slots=True)
class Trial:
    """One case of a fault.

    Attributes:
        fault: Its number, 1 to 75.
        case: What is done, in few words, once for each fault.
        expected: Outcome, requests and pauses, as ``Seen.told``.
        run: Sets it up and makes the call.
        says: What must stand in the error's message or in the log.
        repeats: Whether the create may be sent again, since surely nothing was taken.
        deadline_s: Seconds that the call may take on its clock.
        real_s: Real seconds it may take.
    """

    fault: int
    case: str
    expected: str
    run: Run
    says: str = ""
    repeats: bool = False
    deadline_s: float = DEADLINE_S
    real_s: float = _REAL_S

    def seen(self) -> Seen:
        """What it shows, tried now."""
        return tried(self.run, deadline_s=self.deadline_s, real_s=self.real_s, repeats=self.repeats)


def submit(client: VideoClient, rig: Rig, **options: Any) -> object:
    """A submit of four seconds."""
    del rig
    return client.submit(PROMPT, model=MODEL, **{"seconds": 4, **options})


def generate(client: VideoClient, rig: Rig, **options: Any) -> object:
    """From prompt to file."""

    def know(submission: Any) -> None:
        rig.task_id = submission.task_id

    settings = {"seconds": 4, "timeout_s": DEADLINE_S, "on_submit": know, **options}
    return client.generate(PROMPT, rig.path, model=MODEL, **settings)


def query(client: VideoClient, rig: Rig) -> object:
    """One query."""
    rig.task_id = TASK_ID
    return client.query(TASK_ID)


def wait(client: VideoClient, rig: Rig, **options: Any) -> object:
    """A wait of a minute."""
    rig.task_id = TASK_ID
    return client.wait(TASK_ID, **{"timeout_s": DEADLINE_S, **options})


def download(client: VideoClient, rig: Rig, **options: Any) -> object:
    """A download of a document with the video in it."""
    rig.task_id = TASK_ID
    return client.download(TASK_ID, rig.path, **options)


def result(client: VideoClient, rig: Rig, **options: Any) -> object:
    """A download from a result URL of the same server."""
    rig.task_id = WAN_ID
    done = Task(WAN_ID, "succeeded", urls=(f"{client.base_url}/cat.mp4?signature=1",))
    return client.download(done, rig.path, **options)


CALLS: Mapping[str, Callable[..., object]] = {
    "submit": submit,
    "generate": generate,
    "query": query,
    "wait": wait,
    "download": download,
    "result": result,
}
"""The calls by their names."""


def at_raw(
    call: str,
    *plays: Play,
    real_time: bool = False,
    call_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> Run:
    """A call at a raw provider that plays those plays; ``options`` are the client's."""

    def run(rig: Rig) -> object:
        rig.clock.real = real_time
        client = rig.client(rig.provider(*plays), **options)
        return CALLS[call](client, rig, **(call_options or {}))

    return run


def then_whole(call: str, *plays: Play, **options: Any) -> Run:
    """As ``at_raw``, and after those plays the provider is well."""
    return at_raw(call, *plays, WHOLE[call], **options)


def kept_as(run: Run, video: bytes) -> Run:
    """The run, with another video than the usual one to be in the file."""

    def kept(rig: Rig) -> object:
        rig.files = {rig.path.name: video}
        return run(rig)

    return kept
