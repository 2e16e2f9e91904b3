"""NC330: whether the moments that an answer shows are those at which things happened, by the target's own clock.

What that clock says is known where a mock lets the run move it (``Exchange.target_time``); at a server that is no mock
each answer says it in ``Date``. A mock whose clock cannot be asked may run at any speed: nothing is known of it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from nebula_contract.judging.checks.queries import own_read
from nebula_contract.judging.checks.submits import is_taken
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import is_moment, member
from nebula_contract.judging.registry import Found, exchange_check
from nebula_contract.judging.views import Seen
from nebula_contract.record.exchange import MISSING, Exchange

_ALLOWED_S = 600.0
"""How far the clocks of a provider, its upstreams and what stands between may be apart; time zones differ by more."""

_MADE = ("/metadata/created_at", "/created_at", "/metadata/output/submit_time")
_LATER = (
    *("/metadata/updated_at", "/metadata/completed_at"),
    *("/metadata/output/scheduled_time", "/metadata/output/end_time"),
)
_CHINA = timezone(timedelta(hours=8))
"""Wan's times are its upstream's local time, without an offset (DOC sample)."""


@exchange_check(
    "NC330",
    "moments-are-those-of-the-run",
    "risky",
    promise="A task was made when its submit was sent, and changed and ended between then and now; Wan's times are those "
    "of China.",
    cause="Another time zone or unit, a clock that is wrong, or times of another task.",
    remedy="Consumer: count from your own submit. Provider: see which clock and zone the times are of.",
    source="DOC, INF: what created_at, updated_at, completed_at, submit_time and end_time are called",
)
def moments(seen: Seen) -> Found:
    task = own_read(seen) or (seen.task if is_taken(seen) else None)
    if task is None or not isinstance(seen.json, dict):
        return None
    made_at, now = _time_at(task.submit), _time_at(seen.exchange)
    if made_at is None or now is None:
        return None
    shown = [(place, member(seen.json, place)) for place in (*_MADE, *_LATER)]
    known = [(place, found) for place, found in shown if found is not MISSING and found is not None]
    return list(_strange(seen, known, made_at, now)) if known else None


def _strange(seen: Seen, known: list[tuple[str, Any]], made_at: float, now: float) -> Iterator[Broken]:
    for place, found in known:
        at = _seconds(found)
        latest = made_at if place in _MADE else now
        if at is None:
            if isinstance(found, str) and place.startswith("/metadata/output/"):
                yield broken(seen, found, "a date and a time", place, key="form")
        elif not made_at - _ALLOWED_S <= at <= latest + _ALLOWED_S:
            off = at - (made_at if at < made_at else latest)
            wanted = "when it was submitted" if place in _MADE else "between its submit and this answer"
            words = Words(f"{found}, which is {abs(off):.0f} s too {'early' if off < 0 else 'late'}")
            yield broken(seen, words, wanted, place)


def _seconds(found: object) -> float | None:
    """A moment as seconds since 1970; None where it is none, which other checks tell of numbers."""
    if isinstance(found, str):
        try:
            told = datetime.fromisoformat(found)
        except ValueError:
            return None
        return (told if told.tzinfo else told.replace(tzinfo=_CHINA)).timestamp()
    return float(found) if isinstance(found, int) and is_moment(found) else None


def _time_at(exchange: Exchange) -> float | None:
    """What the target's clock said at an exchange, in seconds since 1970; None where nobody knows."""
    if exchange.target_time is not None:
        return exchange.target_time
    headers = {} if exchange.answer is None else exchange.answer.headers
    if "x-nebula-mock" in headers or "date" not in headers:
        return None
    try:
        told = parsedate_to_datetime(headers["date"])
    except ValueError:
        return None
    return told.replace(tzinfo=told.tzinfo or UTC).timestamp()
