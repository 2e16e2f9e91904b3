"""What a dialect must be able to say."""

from collections.abc import Sequence
from typing import Protocol

from nebula_mock.core.lifecycle import Observation
from nebula_mock.core.reply import JsonObject
from nebula_mock.core.task import Task
from nebula_schemas.catalogue import Dialect


class DialectWords(Protocol):
    """The bodies of the three operations' answers. Pure: the same facts give the same body."""

    @property
    def name(self) -> Dialect:
        """The name of the dialect."""
        ...

    def observed(self, task: Task, now: float, polls: int = 0) -> Observation | None:
        """What this dialect's provider knows of ``task`` at ``now``, by its ``polls``-th query; None when
        nothing yet.
        """
        ...

    def submitted(self, task: Task) -> JsonObject:
        """The answer to the submit that made ``task``."""
        ...

    def queried(self, task: Task, seen: Observation | None, urls: Sequence[str]) -> JsonObject:
        """The answer to a query; ``urls`` are the task's results, empty until they exist.

        They may be data URIs with a ``video_mark``, or the word ``expired``.
        """
        ...

    def downloaded(self, task: Task, size_bytes: int) -> JsonObject:
        """The answer to a download, with a ``video_mark`` where the base64 of the video goes."""
        ...
