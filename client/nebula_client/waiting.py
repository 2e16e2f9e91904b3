"""Waiting for a task: when to ask, what ends it, and what is only a blip on the way."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from nebula_client.errors import (
    BrokenContractError,
    ConfigurationError,
    NebulaError,
    TaskCancelled,
    TaskFailed,
    WaitTimeoutError,
    quoted,
)
from nebula_client.models import Task
from nebula_client.polling import PollSchedule
from nebula_client.retries import Retries, paid
from nebula_client.retry_after import pause_s
from nebula_client.settings import is_number
from nebula_client.statuses import CANCELLED, FAILED, ORDER, is_known

_log = logging.getLogger("nebula_client")

# A blip does not end a wait, but a provider that is down should not be polled until the deadline.
_MOST_FAILURES_IN_A_ROW = 10
_LEAST_HINT_S, _MOST_HINT_S = 0.5, 60.0
_LEAST_REQUEST_S = 1.0  # what the query at the deadline may still take
_NOT_FOUND = 404

_ENDS: dict[str, type[TaskFailed]] = {FAILED: TaskFailed, CANCELLED: TaskCancelled}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What every wait of a client needs.

    Attributes:
        schedule: The pauses between polls.
        retries: The budget, the sleeping and the randomness.
        monotonic: Seconds that never fall.
        strict: Whether a status that no document has is an error.
    """

    schedule: PollSchedule
    retries: Retries
    monotonic: Callable[[], float]
    strict: bool

    def until_done(
        self,
        task_id: str,
        ask: Callable[[float], Task],
        *,
        timeout_s: float,
        on_update: Callable[[Task, int], None] | None,
        is_young: Callable[[], bool],
    ) -> tuple[Task, int]:
        """The task once it succeeded, and the number of polls.

        Args:
            task_id: The task.
            ask: Sends one query that may take so many seconds.
            timeout_s: Seconds of the monotonic clock, at least 0. The last query is sent when they are over.
            on_update: Called after every answered query.
            is_young: Whether the provider may not know the task yet.

        Raises:
            TaskFailed, TaskCancelled: The task's own end.
            WaitTimeoutError: The time is over.
            NebulaError: A query's error that does not pass, or the tenth in a row.
        """
        began = self.monotonic()
        pauses = self.schedule.pauses(self.retries.random)
        purse = self.retries.budget.call()
        polls = failures = 0
        seen = Seen(self.strict)
        while True:
            polls += 1
            left_s = timeout_s - (self.monotonic() - began)
            try:
                task = ask(max(left_s, _LEAST_REQUEST_S))
            except NebulaError as error:
                failures += 1
                error.attempts = polls
                passes = error.retryable or (error.status == _NOT_FOUND and is_young())
                hint, left_s = error.retry_after_s, max(0.0, timeout_s - (self.monotonic() - began))
                pause = next(pauses) if hint is None else pause_s(hint, left_s, self.retries.random)
                if not passes or failures >= _MOST_FAILURES_IN_A_ROW or pause is None:
                    raise
                if not paid(purse, error):
                    raise
                _log.warning("poll %d of task %s: %s", polls, task_id, error)
            else:
                failures = 0
                purse.succeeded()
                seen.take(task)
                if on_update is not None:
                    on_update(task, polls)
                if task.is_terminal:
                    break
                hint = task.retry_after_s
                pause = next(pauses) if hint is None else min(max(hint, _LEAST_HINT_S), _MOST_HINT_S)
            waited_s = self.monotonic() - began
            if waited_s >= timeout_s:
                raise WaitTimeoutError(task_id, seen.status, waited_s, polls)
            self.retries.sleep(min(pause, timeout_s - waited_s))
        refuse_bad_end(task)
        return task, polls


class Seen:
    """The statuses a wait has seen; strange ones are told once."""

    def __init__(self, strict: bool) -> None:  # noqa: FBT001 - the one thing there is to say
        self.status: str | None = None
        self._strict = strict
        self._told: set[str] = set()
        self._furthest = -1

    def take(self, task: Task) -> None:
        """Note the status of an answer.

        Raises:
            BrokenContractError: No document has it, and the wait is strict.
        """
        self.status = task.status
        if not is_known(task.status):
            if self._strict:
                what = f"found status {task.status[:80]!r}, expected {', '.join(ORDER)}"
                raise BrokenContractError("query", what, task.task_id)
            self._tell(
                f"task {task.task_id} has a status nobody knows, {quoted(task.status)}; it counts as running"
            )
            return
        if ORDER[task.status] < self._furthest:
            self._tell(f"task {task.task_id} went backwards, to {task.status}; the wait goes on")
        self._furthest = max(self._furthest, ORDER[task.status])

    def _tell(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            _log.warning("%s", what)


def refuse_bad_end(task: Task) -> None:
    """Refuse a task that will never have a video.

    Raises:
        TaskFailed: It failed; ``TaskCancelled`` where it was called off.
    """
    if end := _ENDS.get(task.status):
        raise end(task)


def refuse_unfinished(task: Task) -> None:
    """Refuse a task that has no video, or none yet.

    Raises:
        TaskFailed: As ``refuse_bad_end``.
        WaitTimeoutError: It is not over; what to do is to wait.
    """
    refuse_bad_end(task)
    if not task.is_terminal:
        raise WaitTimeoutError(task.task_id, task.status, 0.0, 1)


def check_callback(name: str, callback: object) -> None:
    """Refuse what cannot be called back, before anything is paid for.

    Raises:
        ConfigurationError: It is neither None nor callable.
    """
    if callback is not None and not callable(callback):
        message = f"{name}: found {repr(callback)[:80]}, expected something that can be called, or None."
        raise ConfigurationError(message)


def check_timeout(timeout_s: object) -> None:
    """Refuse a time that no wait would ever reach.

    Raises:
        ConfigurationError: It is no number of at least 0.
    """
    try:
        is_time = is_number(timeout_s) and float(timeout_s) >= 0  # type: ignore[arg-type]  # NaN is not
    except OverflowError:
        is_time = False
    if not is_time:
        message = f"timeout_s: found {repr(timeout_s)[:80]}, expected a number of seconds of at least 0."
        raise ConfigurationError(message)
