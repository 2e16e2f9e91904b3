"""What was broken, told as a person reads it."""

from nebula_contract.judging.findings import Broken, Level
from nebula_contract.judging.views import Seen
from nebula_contract.record.exchange import MISSING, Exchange
from nebula_contract.record.redaction import redacted
from nebula_schemas.violations import summary

_LONGEST = 160


def broken(
    at: Seen | Exchange,
    found: object,
    expected: str,
    location: str = "",
    *,
    key: str = "",
    level: Level | None = None,
) -> Broken:
    """A broken promise, shown by that exchange. ``found`` is told as JSON where it is no text of ours."""
    exchange = at.exchange if isinstance(at, Seen) else at
    return Broken(shown(found), expected, exchange.number, location, key, level)


class Words(str):
    """A text of ours, which is told as it is."""

    __slots__ = ()


def shown(value: object) -> str:
    """A value as a person reads it: JSON, short, without secrets."""
    if value is MISSING:
        return "nothing"
    text = str(value) if isinstance(value, Words) else summary(value)
    return redacted(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
