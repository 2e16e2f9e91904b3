"""Where tasks are kept."""

from nebula_mock.stores.memory import MemoryStore
from nebula_mock.stores.protocol import Store

__all__ = ["MemoryStore", "Store"]
