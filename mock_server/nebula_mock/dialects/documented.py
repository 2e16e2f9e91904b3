"""The documented dialect: the provider's download page, its site, and its pages per family.

Sources: section and mark of each shape are in ``docs/decisions/0002-documented-dialect.md``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from nebula_mock.core.lifecycle import Observation, Stage
from nebula_mock.core.reply import JsonObject
from nebula_mock.core.task import Task
from nebula_mock.dialects import metadata
from nebula_mock.dialects.downloads import download_body

# Every failed task carries the same number, whatever the reason (site, Veo page, SRC).
_FAILED_CODE = 400

# Which members a submit answer has, beside task_id: PAGE and site for Sora, the family's own page else.
_SUBMITTED: Mapping[str, Callable[[Task], JsonObject]] = {
    "sora": lambda _: {"status": "submitted", "format": "mp4"},
    "veo": lambda _: {},
    "wan": lambda task: {"status": "submitted", "format": "mp4", "metadata": metadata.wan_submitted(task)},
    "seedance": lambda _: {"status": "submitted"},
}


class Documented:
    """Words as the provider's documents give them."""

    @property
    def name(self) -> Literal["documented"]:
        """The name of the dialect."""
        return "documented"

    def observed(self, task: Task, now: float, polls: int = 0) -> Observation:
        """The task as it is: the documents know no delay."""
        return task.observed_at(now, polls)

    def submitted(self, task: Task) -> JsonObject:
        """The answer to the submit that made ``task``."""
        return {"task_id": task.task_id, **_SUBMITTED[task.family.wire](task)}

    def queried(self, task: Task, seen: Observation | None, urls: Sequence[str]) -> JsonObject:
        """The envelope of the query page, with the family's metadata.

        One URL is text, several are an array (Veo page). Sora never has one: its result comes from
        download. Wan's page gives the reason of a failure in ``metadata.output`` alone.
        """
        seen = seen or self.observed(task, task.submitted_at)
        body: JsonObject = {
            "task_id": task.task_id,
            "status": self._status(task, seen.stage),
            "format": "mp4",
        }
        if urls:
            body["url"] = urls[0] if len(urls) == 1 else list(urls)
        body["metadata"] = metadata.queried(task, seen, urls)
        if seen.failure is not None and task.family.wire != "wan":
            body["error"] = {"code": _FAILED_CODE, "message": seen.failure.message}
        return body

    def downloaded(self, task: Task, size_bytes: int) -> JsonObject:
        """The body of the download page, in the page's order of members."""
        return download_body(task, size_bytes)

    def _status(self, task: Task, stage: Stage) -> str:
        waiting, running, succeeded, failed = task.family.statuses[self.name]
        return {"waiting": waiting, "running": running, "succeeded": succeeded, "failed": failed}[stage]
