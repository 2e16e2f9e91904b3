"""What a client remembers of its tasks: when they were submitted, and that they succeeded.

A provider of several machines may not know a task yet that another of them has just accepted, and may
not have the file yet of a task that has just succeeded. Who remembers can tell that from a wrong id.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 10_000
_YOUNG_S = 5.0


@dataclass(slots=True)
class _Known:
    submitted_at: float | None = None
    has_succeeded: bool = False


class Recent:
    """The last 10,000 tasks of a client; threads may share it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start with none; ``monotonic`` gives seconds that never fall."""
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def submitted(self, task_id: str) -> None:
        """Note that it was submitted now."""
        with self._lock:
            self._entry(task_id).submitted_at = self._monotonic()

    def succeeded(self, task_id: str) -> None:
        """Note that it has succeeded."""
        with self._lock:
            self._entry(task_id).has_succeeded = True

    def is_young(self, task_id: str) -> bool:
        """Whether it was submitted here in the last five seconds."""
        known = self._known.get(task_id)
        return (
            known is not None
            and known.submitted_at is not None
            and self._monotonic() - known.submitted_at <= _YOUNG_S
        )

    def has_succeeded(self, task_id: str) -> bool:
        """Whether it was seen here as succeeded."""
        known = self._known.get(task_id)
        return known is not None and known.has_succeeded

    def _entry(self, task_id: str) -> _Known:
        entry = self._known.setdefault(task_id, _Known())
        self._known.move_to_end(task_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return entry
