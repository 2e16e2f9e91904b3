"""US dollars as text and back: decimal throughout, and nothing that could be read as more than was meant."""

import re
from decimal import Decimal

CEILING_USD = Decimal(100)
"""No cap of a run, of a day or of a month may be higher: whoever means more runs again."""

ZERO = Decimal(0)
_CAP = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,4})?", re.ASCII)
_KEPT = re.compile(r"(?:0|[1-9][0-9]{0,5})\.[0-9]{2,8}", re.ASCII)


class MoneyError(ValueError):
    """A text is no amount; the message says what was found, what was expected, what to do."""


def cap_in(text: str, option: str) -> Decimal:
    """The cap that ``text`` says: plain digits, at most four decimals, 0 to 100.

    Raises:
        MoneyError: It says anything else, such as ``1e9``, ``NaN``, ``-1``, ``.5``, ``1,50`` or 100.01.
    """
    if not _CAP.fullmatch(text):
        message = (
            f"{option}: found {text[:40]!r}, expected US dollars as plain digits with at most four decimals, such as "
            "0.50. Nothing was sent."
        )
        raise MoneyError(message)
    amount = Decimal(text)
    if amount > CEILING_USD:
        message = (
            f"{option}: found {text}, expected at most {CEILING_USD} US dollars. Nothing was sent. Run again where "
            "you mean more."
        )
        raise MoneyError(message)
    return amount


def usd_text(amount: Decimal) -> str:
    """The amount as it is written to files: fixed notation, exact, two decimals at least (``0.40``, ``0.185328``)."""
    exact = f"{amount.normalize():f}"
    whole, _, decimals = exact.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def usd_in(text: str) -> Decimal:
    """An amount of one of our files.

    Raises:
        MoneyError: It is not in the form that ``usd_text`` gives.
    """
    if not _KEPT.fullmatch(text):
        message = f"found {text[:40]!r}, expected US dollars with two to eight decimals, such as 0.40"
        raise MoneyError(message)
    return Decimal(text)
