"""``VideoClient``: the provider's operations as methods; nothing but calls to the rest."""

import logging
import os
import random as _random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from requests.adapters import BaseAdapter

from nebula_client.addresses import DEFAULT_BASE_URL
from nebula_client.answers import OK, checked_id, submission_in, task_in
from nebula_client.download import checked, decoded, inline
from nebula_client.errors import (
    BrokenContractError,
    ConfigurationError,
    RefusedError,
    SubmitUncertainError,
    TaskFailedError,
    UnreachableError,
    WaitTimeoutError,
)
from nebula_client.models import FAILED, Generation, Submission, Task, Video
from nebula_client.polling import PollSchedule
from nebula_client.request_rules import expected, paths_for, submit_body
from nebula_client.transport import (
    ApiKey,
    LostAnswerError,
    NotSentError,
    Transport,
    refusal_from,
)
from nebula_client.whole_file import check_target, write_whole
from nebula_schemas.catalogue import catalogue

_log = logging.getLogger("nebula_client")

_GENERATIONS = "/v1/video/generations"
DEFAULT_WAIT_S = 900.0
"""How long a wait lasts unless told otherwise, in seconds."""
_SERVER_ERROR = 500
_TOO_MANY = 429
# A blip does not end a wait, but a provider that is down should not be polled until the deadline.
_MOST_FAILURES_IN_A_ROW = 10


class VideoClient:
    """Submits, queries, waits and downloads. Threads may share one.

    Attributes:
        base_url: The provider's address.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        schedule: PollSchedule | None = None,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Set up; nothing is sent.

        Args:
            api_key: The key; else the environment's ``NEBULA_API_KEY``.
            base_url: The provider; else ``NEBULA_BASE_URL``, else the live one.
            schedule: The pauses between polls.
            sleep: Waits that many seconds.
            monotonic: Seconds that never fall.
            random: Numbers from 0 to 1.
            adapter: A requests adapter that carries every request, the key included, instead of the network.

        Raises:
            ConfigurationError: No key, a key no header can carry, or an address that cannot work.
        """
        secret = os.environ.get("NEBULA_API_KEY") if api_key is None else api_key
        if secret is None:
            message = "There is no API key: pass api_key, or set NEBULA_API_KEY."
            raise ConfigurationError(message)
        address = base_url or os.environ.get("NEBULA_BASE_URL") or DEFAULT_BASE_URL
        self._transport = Transport(address, ApiKey(secret), adapter=adapter)
        self._schedule = schedule or PollSchedule()
        self._sleep, self._monotonic, self._random = sleep, monotonic, random

    @property
    def base_url(self) -> str:
        """The provider's address, without a slash at the end."""
        return self._transport.base_url

    def submit(self, prompt: str | None = None, *, model: str, **parameters: Any) -> Submission:
        """Ask for a video. Sent once, whatever happens.

        Args:
            prompt: What the video should show.
            model: The model id.
            **parameters: The family's parameters under the provider's names, such as ``seconds=4``
                (Sora) or ``durationSeconds=6`` (Veo); None counts as not given.

        Raises:
            ConfigurationError: The arguments cannot work; nothing was sent.
            UnreachableError: Surely not sent.
            RefusedError: The provider said no.
            SubmitUncertainError: The task may exist; look before you submit again.
        """
        body = submit_body(prompt, model, parameters)
        key = str(uuid.uuid4())
        sent_at = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            answer = self._transport.submit(_GENERATIONS, body, key)
        except NotSentError as error:
            raise UnreachableError("submit", str(error)) from error
        except LostAnswerError as error:
            raise SubmitUncertainError(str(error), sent_at, key) from error
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(str(SubmitUncertainError("interrupted", sent_at, key)))
            raise
        submission = submission_in(answer, body, key, sent_at)
        _log.info("submitted task %s to %s", submission.task_id, model)
        return submission

    def query(self, task_id: str) -> Task:
        """The task as it is now.

        Raises:
            ConfigurationError: ``task_id`` cannot be one.
            UnreachableError: No whole answer; nothing changed.
            RefusedError: The provider said no, such as an unknown id.
            BrokenContractError: The answer is not what the contract promises.
        """
        answer = self._transport.get("query", f"{_GENERATIONS}/{quote(checked_id(task_id), safe='')}")
        if answer.status != OK:
            raise refusal_from("query", answer)
        return task_in(answer, task_id)

    def wait(
        self,
        task_id: str,
        *,
        timeout_s: float = DEFAULT_WAIT_S,
        on_update: Callable[[Task, int], None] | None = None,
    ) -> Task:
        """The task once it succeeded.

        The first query is sent at once and one more at the deadline. Lost answers, HTTP 429 and
        5xx do not end the wait, unless ten come in a row.

        Args:
            task_id: The task.
            timeout_s: How long to wait, in seconds of the monotonic clock, at least 0.
            on_update: Called after every answered query with the task and the number of polls.

        Raises:
            TaskFailedError: The provider could not make the video.
            WaitTimeoutError: The time is over; the task goes on.
            ConfigurationError, UnreachableError, RefusedError, BrokenContractError: As ``query``.
        """
        return self._wait(task_id, timeout_s, on_update)[0]

    def _wait(
        self, task_id: str, timeout_s: float, on_update: Callable[[Task, int], None] | None
    ) -> tuple[Task, int]:
        _check_timeout(timeout_s)
        started = self._monotonic()
        pauses = self._schedule.pauses(self._random)
        polls = failures = 0
        task: Task | None = None
        while True:
            polls += 1
            try:
                task = self.query(task_id)
                failures = 0
            except (UnreachableError, RefusedError) as error:
                failures += 1
                if not _passes(error) or failures >= _MOST_FAILURES_IN_A_ROW:
                    raise
                _log.warning("poll %d of task %s: %s", polls, task_id, error)
            else:
                if on_update is not None:
                    on_update(task, polls)
                if task.is_terminal:
                    break
            waited = self._monotonic() - started
            if waited >= timeout_s:
                raise WaitTimeoutError(task_id, task.status if task else None, waited, polls)
            self._sleep(min(next(pauses), timeout_s - waited))
        if task.status == FAILED:
            raise TaskFailedError(task)
        return task, polls

    def download(
        self, task: Task | str, path: str | Path, *, index: int = 0, overwrite: bool = False
    ) -> Video:
        """The task's video in the file ``path``, whole or not at all.

        Args:
            task: The task, or its id.
            path: The file; its folder must exist.
            index: Which video, where the task has several, from 0.
            overwrite: Replace an existing file, which stays until the new one is whole.

        Raises:
            OutputError: The file cannot be written; checked before anything is sent.
            BrokenContractError: The answer is not what the contract promises, or there is no
                such video.
            ConfigurationError, UnreachableError, RefusedError: As ``query``.
        """
        target = Path(path)
        check_target(target, overwrite=overwrite)
        task_id = checked_id(task if isinstance(task, str) else task.task_id)
        family = catalogue().family_of_task(task_id)
        if family is not None and family.delivery == "download":
            if index != 0:
                raise BrokenContractError(
                    "download", f"found one video, expected one numbered {index}", task_id
                )
            answer = self._transport.get("download", f"{_GENERATIONS}/download", {"id": task_id})
            if answer.status != OK:
                raise refusal_from("download", answer)
            chunks = iter((decoded(answer, task_id),))
        else:
            known = self.query(task) if isinstance(task, str) else task
            if not 0 <= index < len(known.urls):
                what = f'found {len(known.urls)} result URLs at status "{known.status}", expected one numbered {index}'
                raise BrokenContractError("query", what, task_id)
            url = known.urls[index]
            is_inline = url.lower().startswith("data:")
            chunks = iter((inline(url, task_id),)) if is_inline else self._transport.stream_result(url)
        size_bytes, sha256 = write_whole(target, checked(chunks, task_id), overwrite=overwrite)
        return Video(target, size_bytes, sha256, task_id)

    def download_all(self, task_id: str, path: str | Path, *, overwrite: bool = False) -> tuple[Video, ...]:
        """Every video of a finished task; several go to ``name.mp4``, ``name-2.mp4`` and so on.

        Args:
            task_id: The task.
            path: The file of the first video.
            overwrite: Replace existing files.

        Raises:
            NebulaError: As ``query`` and ``download``. What was written before stays.
        """
        check_target(Path(path), overwrite=overwrite)
        return self._download_all(self.query(task_id), Path(path), overwrite=overwrite)

    def _download_all(self, task: Task, path: Path, *, overwrite: bool) -> tuple[Video, ...]:
        targets = paths_for(path, max(1, len(task.urls)))
        return tuple(
            self.download(task, each, index=n, overwrite=overwrite) for n, each in enumerate(targets)
        )

    def generate(
        self,
        prompt: str | None,
        path: str | Path,
        *,
        model: str,
        timeout_s: float = DEFAULT_WAIT_S,
        overwrite: bool = False,
        on_submit: Callable[[Submission], None] | None = None,
        on_update: Callable[[Task, int], None] | None = None,
        **parameters: Any,
    ) -> Generation:
        """From prompt to file: submit, wait, download.

        That the file can be written is checked before anything is paid for. Several samples go to
        ``name.mp4``, ``name-2.mp4`` and so on.

        Args:
            prompt: What the video should show.
            path: The file of the first video.
            model: The model id.
            timeout_s: How long to wait, in seconds.
            overwrite: Replace existing files.
            on_submit: Called with the submission, so that its id is known whatever follows.
            on_update: As in ``wait``.
            **parameters: As in ``submit``.

        Raises:
            OutputError: A file cannot be written; found before the submit.
            NebulaError: As ``submit``, ``wait`` and ``download``.
        """
        _check_timeout(timeout_s)
        prospect = expected(submit_body(prompt, model, parameters))
        for target in paths_for(Path(path), prospect[1] if prospect else 1):
            check_target(target, overwrite=overwrite)
        submission = self.submit(prompt, model=model, **parameters)
        if on_submit is not None:
            on_submit(submission)
        task, polls = self._wait(submission.task_id, timeout_s, on_update)
        videos = self._download_all(task, Path(path), overwrite=overwrite)
        return Generation(submission, task, videos, polls)

    def close(self) -> None:
        """Close pooled connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"VideoClient(base_url={self.base_url!r}, api_key=***)"


def _check_timeout(timeout_s: float) -> None:
    if not timeout_s >= 0:  # also true of NaN, which no elapsed time would ever reach
        message = f"timeout_s: found {timeout_s}, expected a number of seconds of at least 0."
        raise ConfigurationError(message)


def _passes(error: UnreachableError | RefusedError) -> bool:
    """Whether a failed poll may be a blip."""
    return isinstance(error, UnreachableError) or error.status == _TOO_MANY or error.status >= _SERVER_ERROR
