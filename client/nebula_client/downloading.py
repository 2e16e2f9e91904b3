"""From a task to files: which source each video has, and how often it is fetched before it is given up."""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from nebula_client.answers import about, checked_id
from nebula_client.download import Checks, Source, backoff_for, source_of_document, source_of_url
from nebula_client.errors import BrokenContractError
from nebula_client.models import Task, Video
from nebula_client.querying import Querying
from nebula_client.request_rules import paths_for
from nebula_client.statuses import SUCCEEDED
from nebula_client.waiting import refuse_unfinished
from nebula_client.whole_file import check_target, write_whole
from nebula_schemas.catalogue import catalogue

_log = logging.getLogger("nebula_client")


@dataclass(frozen=True, slots=True)
class Downloading:
    """What every download of a client needs.

    Attributes:
        querying: Asks what a task has, and holds the transport, the retries and what is remembered.
    """

    querying: Querying

    def fetch(self, task: Task | str, target: Path, *, index: int, overwrite: bool, checks: Checks) -> Video:
        """One video of a task in the file ``target``.

        Raises:
            NebulaError: As ``VideoClient.download``.
        """
        task_id = checked_id(task.task_id if isinstance(task, Task) else task)
        recent = self.querying.recent
        with about(task_id):
            check_target(target, overwrite=overwrite)
            if isinstance(task, Task) and task.status == SUCCEEDED:
                recent.succeeded(task_id)
            source = self._source(task, task_id, index, checks)

            def once() -> tuple[int, str]:
                # The connection too, where the disk is full.
                with contextlib.closing(source.blocks()) as blocks:
                    return write_whole(target, blocks, overwrite=overwrite)

            has_succeeded = recent.has_succeeded(task_id)
            size_bytes, sha256 = self.querying.retries.run(
                once,
                lambda error: backoff_for(error, has_succeeded=has_succeeded),
                about=f"download of task {task_id}",
            )
        return Video(target, size_bytes, sha256, task_id, source.size_checked, source.copies_compared)

    def fetch_all(
        self, task: Task, path: Path, *, overwrite: bool, checks: Checks, most: int | None = None
    ) -> tuple[Video, ...]:
        """Every video of a task, ``most`` at most; the first in the file ``path``, others numbered beside it.

        Raises:
            NebulaError: As ``VideoClient.download``. What was written before stays.
        """
        count = max(1, len(task.urls))
        if most is not None and count > most:  # their files were not checked, and may be somebody else's
            _log.warning(
                "task %s has %d videos, %d were asked for; the rest is left", task.task_id, count, most
            )
            count = most
        return tuple(
            self.fetch(task, each, index=n, overwrite=overwrite, checks=checks)
            for n, each in enumerate(paths_for(path, count))
        )

    def _source(self, task: Task | str, task_id: str, index: int, checks: Checks) -> Source:
        transport = self.querying.transport
        family = catalogue().family_of_task(task_id)
        if family is not None and family.delivery == "download":
            if index != 0:
                what = f"found one video, expected one numbered {index}"
                raise BrokenContractError("download", what, task_id)
            return source_of_document(transport, task_id, checks)
        known = self.querying.query(task) if isinstance(task, str) else task
        if not known.urls:
            refuse_unfinished(known)
        if not 0 <= index < len(known.urls):
            what = f'found {len(known.urls)} result URLs at status "{known.status}", expected one numbered {index}'
            raise BrokenContractError("query", what, task_id)
        return source_of_url(transport, task_id, known.urls[index], index, checks)
