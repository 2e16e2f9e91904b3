"""How long the provider asks to wait, and whether that is worth waiting for.

retry-after-ms: 1500                     1.5 s; comes first where both are there
Retry-After: 2                           2 s, also with a fraction
Retry-After: Wed, 21 Oct 2026 07:28:00 GMT   until then, by the answer's own Date where it has one
Retry-After: 0                           at once
Retry-After: -5, nan, soon, (empty)      nothing: the caller's own backoff
Retry-After: 3600, 1e400                 too long: told to the caller, who may come back later
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 120.0
"""The longest wait that is waited for, in seconds; a longer one is told instead."""
_MOST_LONGER = 0.1  # share by which many consumers spread out; never earlier than asked
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_MS = 1000


def asked_s(
    headers: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> float | None:
    """Seconds the answer asks to wait, from 0, perhaps infinite; None where it does not, or not readably.

    A date is taken against the answer's own ``Date``, so that a wrong clock here does no harm; ``now``
    stands in where it has none.

    Args:
        headers: The answer's headers; names are looked up as ``Retry-After``, ``retry-after-ms`` and ``Date``.
        now: The time, aware.
    """
    in_ms = _number(headers.get("retry-after-ms"))
    if in_ms is not None:
        return in_ms / _MS
    text = headers.get("Retry-After")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    until = _date(text)
    if until is None:
        return None
    left = (until - (_date(headers.get("Date")) or now())).total_seconds()
    return left if left >= 0 else None


def pause_s(asked: float, left_s: float, random: Callable[[], float]) -> float | None:
    """How long to wait for what was asked: that, plus up to 10 %; None where it is too long.

    Args:
        asked: As from ``asked_s``.
        left_s: Seconds until the caller's deadline.
        random: Numbers from 0 to 1.
    """
    if asked > min(LONGEST_S, left_s):
        return None
    return asked * (1 + _MOST_LONGER * random())


def _number(text: str | None) -> float | None:
    """A number of at least 0, perhaps infinite; None for anything else, NaN included."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    value = float(text.strip())
    return value if value >= 0 and not math.isnan(value) else None


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
