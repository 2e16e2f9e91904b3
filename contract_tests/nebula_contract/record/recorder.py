"""Where exchanges go as they happen: kept in memory, and written to a file line by line when there is one."""

import threading
from collections.abc import Callable
from dataclasses import replace

from nebula_contract.record.exchange import Exchange


class Recorder:
    """The exchanges of a run, in the order in which they ended. Safe for several threads.

    Attributes:
        exchanges: Every exchange.
        notes: What else is to be known of the run, such as why a part of it was left out; a sentence each.
    """

    def __init__(self, keep: Callable[[Exchange], None] | None = None) -> None:
        """Call ``keep`` with each exchange, in order; a ``RecordWriter`` is meant."""
        self.exchanges: list[Exchange] = []
        self.notes: list[str] = []
        self._keep = keep
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> Exchange:
        """Number it, keep it, give it back."""
        with self._lock:
            numbered = replace(exchange, number=len(self.exchanges) + 1)
            self.exchanges.append(numbered)
            if self._keep is not None:
                self._keep(numbered)
        return numbered
