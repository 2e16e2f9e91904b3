"""Where tasks are kept."""

from nebula_mock.stores.memory import MOST_TASKS, MemoryStore
from nebula_mock.stores.protocol import Store

__all__ = ["MOST_TASKS", "MemoryStore", "Store"]
