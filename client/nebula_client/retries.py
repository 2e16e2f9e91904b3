"""Sending again what may be sent again: how often, after which pause, and from whose budget."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from nebula_client.budget import Purse, RetryBudget, Trouble
from nebula_client.errors import NebulaError, UnreachableError
from nebula_client.retry_after import pause_s

_log = logging.getLogger("nebula_client")

T = TypeVar("T")

_THROTTLED = 429
_JITTER = 0.25
_USED_UP = "It was not tried again: this client's retry budget is used up, so the provider is asked less for a while."


@dataclass(frozen=True, slots=True)
class Backoff:
    """The pauses between tries, where the provider names none.

    Attributes:
        tries: Requests at most, the first one counted, at least 1.
        first_s: Seconds before the second.
        growth: Each pause is this many times the one before.
        longest_s: No pause is longer, in seconds.
    """

    tries: int
    first_s: float = 0.5
    growth: float = 2.0
    longest_s: float = 8.0

    def pause_s(self, tried: int, trouble: Trouble, random: Callable[[], float]) -> float:
        """Seconds before the next try after ``tried`` ones; a throttled one spreads over the whole pause."""
        first_s = max(1.0, self.first_s) if trouble == "throttled" else self.first_s
        whole = min(self.longest_s, first_s * self.growth ** min(tried - 1, 64))
        return whole * random() if trouble == "throttled" else whole * (1 - _JITTER * random())


def trouble_of(error: NebulaError) -> Trouble:
    """Which kind of retry an error costs."""
    return "throttled" if error.status == _THROTTLED else "transient"


@dataclass(frozen=True, slots=True)
class Retries:
    """Repeats what changes nothing, or what surely had no effect.

    Attributes:
        budget: Shared by all calls of a client.
        sleep: Waits that many seconds.
        random: Numbers from 0 to 1.
    """

    budget: RetryBudget
    sleep: Callable[[float], object]
    random: Callable[[], float]

    def run(
        self,
        once: Callable[[], T],
        backoff_for: Callable[[NebulaError], Backoff | None],
        *,
        about: str,
    ) -> T:
        """What ``once`` gives, tried as often as ``backoff_for`` allows after each error.

        Args:
            once: Makes one attempt.
            backoff_for: For an error, how it may be tried again; None where it may not.
            about: What is tried, for the log.

        Raises:
            NebulaError: The last attempt's, with ``attempts`` set.
        """
        purse = self.budget.call()
        tried = 0
        while True:
            tried += 1
            try:
                result = once()
            except NebulaError as error:
                error.attempts = tried
                backoff = backoff_for(error)
                pause = (
                    None if backoff is None or tried >= backoff.tries else self.pause_s(error, tried, backoff)
                )
                if pause is None or not paid(purse, error):
                    raise
                _log.warning("%s, attempt %d: %s; again in %.1f s", about, tried, error, pause)
            else:
                purse.succeeded()
                return result
            self.sleep(pause)

    def pause_s(self, error: NebulaError, tried: int, backoff: Backoff) -> float | None:
        """Seconds before the next try, None where the provider asks for more than there is."""
        if error.retry_after_s is not None:
            return pause_s(error.retry_after_s, math.inf, self.random)
        return backoff.pause_s(tried, trouble_of(error), self.random)


def paid(purse: Purse, error: NebulaError) -> bool:
    """Whether the retry after ``error`` could be paid for; else the error says why it was not tried again."""
    if purse.pay(trouble_of(error)):
        return True
    error.add_note(_USED_UP)
    return False


def by_kind(table: Mapping[str, Backoff], error: NebulaError) -> Backoff | None:
    """The backoff for an error: by its status, ``not sent``, ``lost`` or ``5xx``; None where the table has none."""
    if not error.retryable:
        return None
    if isinstance(error, UnreachableError):
        return table.get("lost" if error.was_sent else "not sent")
    if error.status is None:
        return table.get("malformed")
    return table.get(str(error.status), table.get(f"{error.status // 100}xx"))
