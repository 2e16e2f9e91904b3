"""One task of each family from submit to its end, and what every answer on the way was."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from nebula_contract.exchange import Exchange
from nebula_contract.promises import TERMINAL
from nebula_contract.targets import Target
from nebula_schemas.catalogue import Family

GENERATIONS = "/v1/video/generations"
LIVENESS_DEADLINE_S = 900
"""A task that is not terminal after this many provider seconds is stuck."""

_POLLS_AFTER_THE_END = 2
_SLOWER_AFTER = 15  # a task that has taken long is asked for less often: pauses grow to a 15th of its age

REALISTIC_REQUESTS: dict[str, dict[str, Any]] = {
    "sora": {
        "model": "sora-2",
        "prompt": "A cute little cat playing in the garden",
        "seconds": "4",
        "size": "720x1280",
    },
    "veo": {
        "model": "veo-3.1-fast-generate-preview",
        "prompt": "A lighthouse at dusk, waves below",
        "durationSeconds": 4,
        "aspectRatio": "16:9",
        "resolution": "720p",
    },
    "wan": {
        "model": "wan2.5-t2v-preview",
        "prompt": "A paper boat on a rainy street",
        "duration": 5,
        "size": "832*480",
    },
    "seedance": {
        "model": "doubao-seedance-1-5-pro-251215",
        "metadata": {
            "content": [{"type": "text", "text": "A red fox in fresh snow --rs 480p --ratio 16:9 --dur 5"}]
        },
    },
}
"""One ordinary request a family, the cheapest that its documents show."""


@dataclass(slots=True)
class LifecycleRun:
    """What happened to one task.

    Attributes:
        family: Its family.
        submitted: The submit exchange.
        task_id: Its id, or None when the submit gave none.
        early_download: A download asked for right after the submit.
        polls: Every query exchange in order, two past the end included.
    """

    family: Family
    submitted: Exchange
    task_id: str | None
    early_download: Exchange
    polls: list[Exchange] = field(default_factory=list)

    @property
    def statuses(self) -> list[str]:
        """The status of every poll that was answered with one."""
        bodies = [poll.json() for poll in self.polls if poll.status == HTTPStatus.OK]
        return [body["status"] for body in bodies if isinstance(body.get("status"), str)]

    @property
    def last(self) -> Exchange:
        """The last poll."""
        return self.polls[-1]


def lifecycle_runs(target: Target, families: Sequence[Family]) -> dict[str, LifecycleRun]:
    """Submit one task a family, then poll all of them until they end or the deadline passes."""
    runs = {family.name: _started(target, family) for family in families}
    passed = 0.0
    while passed <= LIVENESS_DEADLINE_S:
        open_runs = [run for run in runs.values() if not _is_over(run)]
        if not open_runs:
            break
        for run in open_runs:
            run.polls.append(_poll(target, run))
        pause_s = max(target.poll_pause_s, passed / _SLOWER_AFTER)
        target.pass_time(pause_s)
        passed += pause_s
    return runs


def submit(target: Target, body: bytes, *, content_type: str = "application/json") -> Exchange:
    """One submit, as given."""
    return target.wire.send(
        "POST", GENERATIONS, key=target.key, body=body, headers={"Content-Type": content_type}
    )


def query(target: Target, task_id: str, *, key: str | None = None) -> Exchange:
    """One query."""
    return target.wire.send("GET", f"{GENERATIONS}/{task_id}", key=key or target.key)


def download(target: Target, task_id: str, *, key: str | None = None) -> Exchange:
    """One download."""
    return target.wire.send("GET", f"{GENERATIONS}/download?id={task_id}", key=key or target.key)


def _started(target: Target, family: Family) -> LifecycleRun:
    exchange = submit(target, json.dumps(REALISTIC_REQUESTS[family.name]).encode())
    task_id = exchange.json().get("task_id") if exchange.status == HTTPStatus.OK else None
    known = task_id if isinstance(task_id, str) else None
    return LifecycleRun(family, exchange, known, download(target, known or "none"))


def _is_over(run: LifecycleRun) -> bool:
    ended = [status for status in run.statuses if status in TERMINAL]
    return run.task_id is None or len(ended) > _POLLS_AFTER_THE_END


def _poll(target: Target, run: LifecycleRun) -> Exchange:
    return query(target, run.task_id or "none")
