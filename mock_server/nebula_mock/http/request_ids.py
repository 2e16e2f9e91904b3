"""The id that every answer carries in ``X-Oneapi-Request-Id``."""

import random
from datetime import datetime

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TAIL = 8  # timestamp digits, then this many random characters (SRC)
_DIGITS_ALONE = str.maketrans("", "", "-T:.")


def new_request_id(now: datetime) -> str:
    """A request id in the provider's form: timestamp digits and 8 random characters (SRC).

    A name and no secret, so the system's randomness, which costs a call of the system, is left alone.
    """
    tail = "".join(random.choices(_LETTERS, k=_TAIL))  # noqa: S311 - as above
    return now.isoformat(timespec="microseconds")[:26].translate(_DIGITS_ALONE) + tail
