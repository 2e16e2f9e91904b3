"""What a request is about, as a short text, and how often it came: what its draws depend on, beside the seed.

Were draws counted by account alone, of two submits at once the first to arrive would get the first draw, and two
runs would differ. So requests are counted by what they are about: a submit by what it asks for, all else by its
task. Those that are alike in that can change places, and nobody sees it.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from nebula_mock.core.keeping import kept_json

MOST_COUNTED = 100_000
"""How many different things are counted; what did not come for longest is begun anew."""

_DIGITS = 16
_PLAIN = frozenset({int, float, bool, type(None)})
_SHORT = (
    200  # of a text, a list or an object that is not looked into: what is long in there is seldom seen here
)
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)


def about_submit(fields: Mapping[str, Any]) -> str:
    """16 hexadecimal digits for what a submit asks for; long texts in it count by length, head and digest."""
    is_plain = all(
        type(value) in _PLAIN or (type(value) is str and len(value) <= _SHORT) for value in fields.values()
    )
    text = repr(sorted(fields.items())) if is_plain else _ENCODER.encode(kept_json(dict(fields)))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


class Counts:
    """How often things came, of which each has an account. Safe to use from many threads."""

    def __init__(self, most: int = MOST_COUNTED) -> None:
        """Nothing came yet."""
        self._most = most
        self._next: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._lock = threading.Lock()

    def number(self, account: str, *about: str) -> int:
        """Which one this is, from 0; it counts."""
        key = (account, *about)
        with self._lock:
            number = self._next.pop(key, 0)
            self._next[key] = number + 1
            if len(self._next) > self._most:
                self._next.popitem(last=False)
        return number

    def forget(self, account: str | None = None) -> None:
        """Begin anew, for an account or for all."""
        with self._lock:
            for key in [key for key in self._next if account in (None, key[0])]:
                del self._next[key]
