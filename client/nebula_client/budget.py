"""How many retries a client has left, over all its calls.

A provider that browns out is asked again by every task that waits; a hundred of them would multiply
its trouble. So all calls of a client draw from one bucket: a retry costs something, a clean success
gives a little back, and a retry that helped gives back what it cost. An empty bucket fails at once.
The numbers are those of botocore's standard mode.
"""

import threading
from typing import Literal

Trouble = Literal["transient", "throttled"]

CAPACITY = 500
COSTS: dict[Trouble, int] = {"transient": 14, "throttled": 5}
"""What one retry costs: after a lost answer or a server error, and after HTTP 429."""
_CLEAN_SUCCESS = 1


class RetryBudget:
    """The bucket; threads may share it."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Fill it with ``capacity`` units, from 0."""
        self.capacity = capacity
        self._left = capacity
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Units left, from 0 to the capacity."""
        return self._left

    def call(self) -> "Purse":
        """What one call draws with."""
        return Purse(self)

    def take(self, units: int) -> bool:
        """Take ``units``; False, and nothing taken, where there are fewer."""
        with self._lock:
            if self._left < units:
                return False
            self._left -= units
            return True

    def give(self, units: int) -> None:
        """Put ``units`` back, up to the capacity."""
        with self._lock:
            self._left = min(self.capacity, self._left + units)


class Purse:
    """One call's dealings with the bucket."""

    def __init__(self, budget: RetryBudget) -> None:
        self._budget = budget
        self._last = 0

    def pay(self, trouble: Trouble) -> bool:
        """Pay for one retry; False where the bucket has too little."""
        if not self._budget.take(COSTS[trouble]):
            return False
        self._last = COSTS[trouble]
        return True

    def succeeded(self) -> None:
        """The answer came: the last retry's cost comes back, or a unit where there was none."""
        self._budget.give(self._last or _CLEAN_SUCCESS)
        self._last = 0
