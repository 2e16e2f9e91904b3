"""``VideoClient``: the provider's operations as methods; nothing but calls to the rest."""

import os
import random as _random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from requests.adapters import BaseAdapter

from nebula_client.addresses import DEFAULT_BASE_URL
from nebula_client.answers import about, checked_id
from nebula_client.api_key import found_key
from nebula_client.budget import RetryBudget
from nebula_client.download import Checks
from nebula_client.downloading import Downloading
from nebula_client.input_rules import check_inputs
from nebula_client.models import Generation, Submission, Task, Video
from nebula_client.polling import PollSchedule
from nebula_client.querying import Querying, query_tries
from nebula_client.recent import Recent
from nebula_client.request_rules import expected, paths_for, submit_body
from nebula_client.result_document import Verify
from nebula_client.retries import Retries
from nebula_client.settings import Limits, Timeouts
from nebula_client.submitting import Order, Submitting, never_lost
from nebula_client.submitting import idempotency_key as checked_key
from nebula_client.transport import Transport
from nebula_client.waiting import Waiting, check_callback, check_timeout, refuse_unfinished
from nebula_client.whole_file import check_target, checked_path

DEFAULT_WAIT_S = 900.0
"""How long a wait lasts unless told otherwise, in seconds."""

REQUEST_RETRIES = 5
"""How often a query is tried again unless told otherwise."""


class VideoClient:
    """Submits, queries, waits and downloads.

    Threads may share one; after a fork each process makes connections of its own. As a context manager it closes
    them at the end. It cannot be pickled, since it holds the key: make one in each process.

    Attributes:
        base_url: The provider's address, without a slash at the end.
    """

    def __init__(  # noqa: PLR0913 - keywords, each with a default
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        api_key_file: str | Path | None = None,
        strict: bool = False,
        schedule: PollSchedule | None = None,
        request_retries: int = REQUEST_RETRIES,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Set up; nothing is sent.

        Args:
            api_key: The key; else that of ``api_key_file``, else the environment's ``NEBULA_API_KEY``, else that
                of the file it names in ``NEBULA_API_KEY_FILE``.
            base_url: The provider's scheme, host and port, without ``/v1``; else ``NEBULA_BASE_URL``, else the live
                one. Plain ``http`` is for this machine alone.
            api_key_file: A file with the key and nothing else, at most 4,096 bytes, which nobody else may read
                (mode 600).
            strict: A value that the provider would not use as given, and a status that no document has, are
                errors instead of warnings.
            schedule: The pauses between polls; else those of ``PollSchedule()``.
            request_retries: How often ``query`` sends again what got no whole answer, HTTP 408, 425, 429 or 5xx,
                from 0. Submits, waits and downloads have numbers of their own.
            timeouts: How long one request may take; else ``Timeouts()``.
            limits: How much an answer may hold; else ``Limits()``.
            sleep: Waits that many seconds, from 0; every pause of the client is such a call.
            monotonic: Seconds that never fall; the end of a wait and of a request are told by it.
            random: Numbers from 0 to 1, which spread the pauses.
            adapter: A requests adapter that carries every request, the key included, instead of the network.

        Raises:
            ConfigurationError: No key, two, or one no header can carry; a key file that cannot be read or that
                others may read; an address that cannot work or would carry the key in the clear;
                ``request_retries`` that is no whole number of at least 0.
        """
        address = base_url or os.environ.get("NEBULA_BASE_URL") or DEFAULT_BASE_URL
        key = found_key(api_key, api_key_file)
        self._transport = Transport(
            address, key, adapter=adapter, timeouts=timeouts, limits=limits, monotonic=monotonic
        )
        self._retries = Retries(RetryBudget(), sleep, random)
        self._waiting = Waiting(schedule or PollSchedule(), self._retries, monotonic, strict)
        self._recent = Recent(monotonic)
        self._strict = strict
        self._submitting = Submitting(self._transport, self._retries)
        self._querying = Querying(self._transport, self._retries, self._recent, query_tries(request_retries))
        self._downloading = Downloading(self._querying)

    @property
    def base_url(self) -> str:
        """The provider's address, without a slash at the end."""
        return self._transport.base_url

    def submit(
        self,
        prompt: str | None = None,
        *,
        model: str,
        strict: bool | None = None,
        idempotency_key: str | None = None,
        **parameters: Any,
    ) -> Submission:
        """Ask for a video. Sent once; sent again only when surely nothing was taken, three times in all.

        A value the provider would not use as given is told by a ``ChangedValueWarning`` at the caller's line.

        Args:
            prompt: What the video should show; None where the family takes none.
            model: The model id, such as ``sora-2``. One the catalogue does not know is sent unchecked.
            strict: As for the client, for this submit; None is the client's.
            idempotency_key: What goes out as ``Idempotency-Key``, 1 to 255 printable characters without spaces;
                else a new UUID. The same on every attempt.
            **parameters: The family's parameters under the provider's names, such as ``seconds=4``
                (Sora) or ``durationSeconds=6`` (Veo); None counts as not given.

        Raises:
            ConfigurationError: The arguments cannot work, or the provider would refuse them, or with ``strict``
                change them; nothing was sent.
            UnreachableError: Surely not sent; ``was_sent`` is False.
            RefusedError: The provider said no, and there is no task.
            SubmitUncertain: The task may exist; look before you submit again.
        """
        order = self._order(prompt, model, parameters, idempotency_key, strict=strict)
        known: list[Submission] = []
        with never_lost(known):
            return self._submit(order, known)

    def _order(
        self,
        prompt: str | None,
        model: str,
        parameters: Mapping[str, Any],
        key: object,
        *,
        strict: bool | None,
    ) -> Order:
        """What a call asks for; its warnings name the line that called the caller of this."""
        body = submit_body(prompt, model, parameters)
        check_inputs(body, strict=self._strict if strict is None else strict, stacklevel=3)
        price_usd, count = expected(body) or (None, None)
        return Order(body, checked_key(key), price_usd, count)

    def _submit(self, order: Order, known: list[Submission]) -> Submission:
        submission = self._submitting.submit(order, known)
        self._recent.submitted(submission.task_id)
        return submission

    def query(self, task_id: str) -> Task:
        """The task as it is now, whatever its status. A blip is tried again, ``request_retries`` times at most.

        That the provider does not know a task which this client submitted in the last 5 s is a blip too.

        Args:
            task_id: What ``submit`` gave; any process may ask with it.

        Raises:
            ConfigurationError: ``task_id`` cannot be one; nothing was sent.
            UnreachableError: No whole answer; nothing changed.
            RefusedError: The provider said no, such as an unknown id.
            BrokenContractError: The answer is not what the contract promises.
        """
        return self._querying.query(task_id)

    def wait(
        self,
        task_id: str,
        *,
        timeout_s: float = DEFAULT_WAIT_S,
        on_update: Callable[[Task, int], None] | None = None,
    ) -> Task:
        """The task once it succeeded.

        The first query is sent at once and one more at the deadline, which may take a second longer. Lost answers,
        HTTP 429 and 5xx do not end the wait, unless ten come in a row. The first terminal status counts. A
        ``Retry-After`` beside an answer takes the place of the schedule's next pause, 0.5 to 60 s.

        Args:
            task_id: What ``submit`` gave; any process may wait with it.
            timeout_s: How long to wait, in seconds of the monotonic clock, at least 0. Where the system stops
                that clock while it is suspended, the wait lasts as much longer.
            on_update: Called after every answered query, in this thread, with the task and the number of polls, from
                1. What it raises ends the wait.

        Raises:
            TaskFailed: The provider could not make the video; nothing is charged.
            TaskCancelled: It was called off.
            WaitTimeoutError: The time is over; the task goes on.
            ConfigurationError, UnreachableError, RefusedError, BrokenContractError: As ``query``; also
                ``timeout_s`` that is no number of at least 0.
        """
        return self._wait(task_id, timeout_s, on_update)[0]

    def _wait(
        self, task_id: str, timeout_s: float, on_update: Callable[[Task, int], None] | None
    ) -> tuple[Task, int]:
        check_timeout(timeout_s)
        check_callback("on_update", on_update)
        checked_id(task_id)
        return self._waiting.until_done(
            task_id,
            lambda left_s: self._querying.once(task_id, left_s),
            timeout_s=timeout_s,
            on_update=on_update,
            is_young=lambda: self._recent.is_young(task_id),
        )

    def download(
        self,
        task: Task | str,
        path: str | Path,
        *,
        index: int = 0,
        overwrite: bool = False,
        verify: Verify = "skip",
        require_mp4: bool = False,
        line_breaks: bool = False,
    ) -> Video:
        """The task's video in the file ``path``, whole or not at all, in about three megabytes of memory.

        A transfer that breaks off is fetched again from its start, four times in all; so is the file of a succeeded
        task that is not there yet, eight times in all. A result URL of another host is asked without the key.

        Args:
            task: The finished task, or its id; with an id a task with result URLs is queried first.
            path: The file; its folder must exist and be writable.
            index: Which video, where the task has several, from 0.
            overwrite: Replace an existing file, which stays until the new one is whole.
            verify: What is done with the second copy that Sora sends: ``skip`` reads on to the document's end
                without decoding it, ``stop`` leaves it unread and saves half of the traffic, ``compare`` decodes
                it as well and compares.
            require_mp4: Refuse a file that does not begin as an MP4; else that is a warning in the log.
            line_breaks: Let base64 be broken into lines; else that breaks the contract.

        Raises:
            OutputError: The file cannot be written, or exists and ``overwrite`` is not set; checked before anything
                is sent.
            IntegrityError: A video came that is not the one promised.
            BrokenContractError: The answer is not what the contract promises, or there is no
                such video, as before a task with result URLs has succeeded.
            ResultExpired: The video is kept no longer.
            ConfigurationError, UnreachableError, RefusedError: As ``query``; refused too is the download of a Sora
                task that has not succeeded.
        """
        checks = Checks(verify, require_mp4, line_breaks)
        return self._downloading.fetch(
            task, checked_path(path), index=index, overwrite=overwrite, checks=checks
        )

    def download_all(
        self,
        task_id: str,
        path: str | Path,
        *,
        overwrite: bool = False,
        verify: Verify = "skip",
        require_mp4: bool = False,
        line_breaks: bool = False,
    ) -> tuple[Video, ...]:
        """Every video of a finished task; several go to ``name.mp4``, ``name-2.mp4`` and so on.

        Args:
            task_id: The finished task.
            path: The file of the first video; its folder must exist.
            overwrite: Replace existing files.
            verify: As in ``download``.
            require_mp4: As in ``download``.
            line_breaks: As in ``download``.

        Raises:
            WaitTimeoutError: The task is not over.
            TaskFailed: It never will have a video.
            NebulaError: As ``query`` and ``download``. What was written before stays.
        """
        checks = Checks(verify, require_mp4, line_breaks)
        target = checked_path(path)
        with about(checked_id(task_id)):
            check_target(target, overwrite=overwrite)
        task = self.query(task_id)
        refuse_unfinished(task)
        return self._downloading.fetch_all(task, target, overwrite=overwrite, checks=checks)

    def generate(  # noqa: PLR0913 - as its three parts, and keywords again
        self,
        prompt: str | None,
        path: str | Path,
        *,
        model: str,
        timeout_s: float = DEFAULT_WAIT_S,
        overwrite: bool = False,
        verify: Verify = "skip",
        require_mp4: bool = False,
        line_breaks: bool = False,
        strict: bool | None = None,
        idempotency_key: str | None = None,
        on_submit: Callable[[Submission], None] | None = None,
        on_update: Callable[[Task, int], None] | None = None,
        **parameters: Any,
    ) -> Generation:
        """From prompt to file: submit, wait, download.

        That the file can be written is checked before anything is paid for. Several samples go to
        ``name.mp4``, ``name-2.mp4`` and so on. After an error with a ``task_id`` the task is paid for, or will be:
        go on with ``wait`` and ``download``, not with another ``generate``.

        Args:
            prompt: As in ``submit``.
            path: The file of the first video; its folder must exist.
            model: As in ``submit``.
            timeout_s: How long to wait, in seconds, as in ``wait``; the transfer is not counted.
            overwrite: Replace existing files.
            verify: As in ``download``.
            require_mp4: As in ``download``.
            line_breaks: As in ``download``.
            strict: As in ``submit``.
            idempotency_key: As in ``submit``.
            on_submit: Called with the submission as soon as there is one, so that its id is known whatever follows.
            on_update: As in ``wait``.
            **parameters: As in ``submit``.

        Raises:
            OutputError: A file cannot be written; found before the submit, but for a disk that fills up.
            NebulaError: As ``submit``, ``wait`` and ``download``; with ``task_id`` from the submit on.
        """
        check_timeout(timeout_s)
        check_callback("on_submit", on_submit)
        check_callback("on_update", on_update)
        checks, target = Checks(verify, require_mp4, line_breaks), checked_path(path)
        order = self._order(prompt, model, parameters, idempotency_key, strict=strict)
        for each in paths_for(target, order.count or 1):
            check_target(each, overwrite=overwrite)
        known: list[Submission] = []
        with never_lost(known):
            submission = self._submit(order, known)
            if on_submit is not None:
                on_submit(submission)
            task, polls = self._wait(submission.task_id, timeout_s, on_update)
            videos = self._downloading.fetch_all(
                task, target, overwrite=overwrite, checks=checks, most=order.count
            )
            return Generation(submission, task, videos, polls)

    def close(self) -> None:
        """Close pooled connections. A call after it opens others."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # A traceback may show one that was refused while it was made.
        made = getattr(self, "_transport", None)
        return f"VideoClient(base_url={made and made.base_url!r}, api_key=***)"
