"""The gateway dialect: as the provider's published server source behaves.

The gateway asks the upstream about unfinished tasks every 15 seconds and answers from what it last
heard. A new task is ``unknown`` until then, and every later status can lag as much.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from nebula_mock.core.lifecycle import Observation, Stage, is_unseen, last_pass
from nebula_mock.core.reply import JsonObject
from nebula_mock.core.task import Task
from nebula_mock.dialects import metadata
from nebula_mock.dialects.downloads import download_body

POLLER_PERIOD_S = 15.0
"""How often the gateway asks the upstream (SRC)."""

_FAILED_CODE = 400  # the fixed number of every failed task (SRC)
_NO_REASON = "任务执行失败"  # what stands for a reason that the upstream did not give (SRC; its words INF)
_UNSEEN = "unknown"
_QUEUED = "queued"


def _sora_submitted(task: Task) -> JsonObject:
    upstream = metadata.queried(task, task.observed_at(task.submitted_at), ())
    for name in ("error", "remixed_from_video_id", "seconds", "size"):  # in this order here (DOC sample)
        upstream[name] = upstream.pop(name)
    return {"task_id": task.task_id, "status": "submitted", "format": "mp4", "metadata": upstream}


def _wan_submitted(task: Task) -> JsonObject:
    """The upstream's reply, flattened; without ``format`` and ``metadata``."""
    upstream = {"status_code": 0, "request_id": task.request_id, "code": "", "message": ""}
    return {**upstream, "output": {"task_id": task.task_id}, "task_id": task.task_id, "status": "submitted"}


_SUBMITTED: Mapping[str, Callable[[Task], JsonObject]] = {
    "sora": _sora_submitted,
    "veo": lambda task: {"task_id": task.task_id},
    "wan": _wan_submitted,
    "seedance": lambda task: {"task_id": task.task_id, "status": "submitted"},
}


def _upstream(task: Task, seen: Observation, urls: Sequence[str]) -> JsonObject:
    """The upstream's object; Wan's ``usage`` in the upstream's own names, not in those of its page (SRC)."""
    body = metadata.queried(task, seen, urls)
    return (
        {**body, "usage": metadata.wan_upstream_usage(task)} if task.family.wire == "wan" and urls else body
    )


class Gateway:
    """Words as the server source gives them."""

    @property
    def name(self) -> Literal["gateway"]:
        """The name of the dialect."""
        return "gateway"

    def observed(self, task: Task, now: float, polls: int = 0) -> Observation | None:
        """The task as it was when the gateway last asked the upstream; None before it first did.

        For a task that moves by queries, not by time, every query asks the upstream. A replayed task has the times
        that a consumer saw, in which the gateway's own are already.
        """
        if is_unseen(task.plan, task.submitted_at, now):
            return None
        if task.plan.polls is not None or task.plan.unknown_s is not None:
            return task.observed_at(now, polls)
        asked_at = last_pass(task.submitted_at, now, POLLER_PERIOD_S)
        return None if asked_at is None else task.observed_at(asked_at)

    def submitted(self, task: Task) -> JsonObject:
        """The answer to the submit that made ``task``."""
        return _SUBMITTED[task.family.wire](task)

    def queried(self, task: Task, seen: Observation | None, urls: Sequence[str]) -> JsonObject:
        """The envelope: ``url`` is always there, empty text where there is none; ``error`` for every
        failed task, Wan's too.
        """
        known = seen or task.observed_at(task.submitted_at)
        body: JsonObject = {
            "task_id": task.task_id,
            "status": _UNSEEN if seen is None else self._status(task, seen.stage),
            "url": "" if not urls else urls[0] if len(urls) == 1 else list(urls),
            "format": "mp4",
            "metadata": {**_upstream(task, known, urls), **self._own_fields(task, seen)},
        }
        if known.failure is not None:
            body["error"] = {"code": _FAILED_CODE, "message": known.failure.message or _NO_REASON}
        return body

    def downloaded(self, task: Task, size_bytes: int) -> JsonObject:
        """The body of the download handler."""
        return download_body(task, size_bytes)

    def _own_fields(self, task: Task, seen: Observation | None) -> JsonObject:
        """What the gateway adds to the upstream's object and does not take out again (SRC)."""
        audio = task.parameters.get("generateAudio")
        unpolled = {"generate_audio": audio} if seen is None and audio is not None else {}
        return {
            "token_name": "default",
            "model_name": task.model.id,
            "requested_seconds": task.film.duration_s,
            **unpolled,
        }

    def _status(self, task: Task, stage: Stage) -> str:
        """Families whose upstream has no queue go straight to ``in_progress`` (SRC)."""
        waits = _QUEUED if _QUEUED in task.family.statuses[self.name] else "in_progress"
        words = {"waiting": waits, "running": "in_progress", "succeeded": "succeeded", "failed": "failed"}
        return words[stage]
