"""How many requests an account may make in a window of time, and after how long it may make the next."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nebula_mock.core.facts import KEYED_OPERATIONS, Operation

WindowForm = Literal["fixed", "sliding"]


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """At most so many requests in so many seconds.

    Attributes:
        most: Requests in one window.
        per_s: The length of the window, in seconds.
        window: ``fixed``: one after the other from the beginning of the scenario; ``sliding``: the last
            ``per_s`` seconds, whenever that is.
        operations: What counts.
    """

    most: int
    per_s: float
    window: WindowForm = "sliding"
    operations: tuple[Operation, ...] = KEYED_OPERATIONS


class Admitted:
    """The requests of one account that a limit let through, as far back as the limit looks."""

    def __init__(self) -> None:
        """Nothing was let through yet."""
        self._times: deque[float] = deque()

    def refused_for(self, limit: RequestLimit, elapsed_s: float) -> float | None:
        """None when one more request is let through, which then counts; else the seconds until one would be.

        Args:
            limit: The limit.
            elapsed_s: Seconds since the scenario began; never falls.
        """
        if limit.window == "fixed":
            begins = elapsed_s // limit.per_s * limit.per_s
            self._forget(lambda time: time >= begins)
            free_at = begins + limit.per_s
        else:
            self._forget(lambda time: time + limit.per_s > elapsed_s)
            free_at = self._times[0] + limit.per_s if self._times else elapsed_s
        if len(self._times) < limit.most:
            self._times.append(elapsed_s)
            return None
        return free_at - elapsed_s

    def _forget(self, counts: Callable[[float], bool]) -> None:
        while self._times and not counts(self._times[0]):
            self._times.popleft()
