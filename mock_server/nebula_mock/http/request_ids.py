"""The id that every answer carries in ``X-Oneapi-Request-Id``."""

import secrets
from datetime import datetime

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TAIL = 8  # timestamp digits, then this many random characters (SRC)


def new_request_id(now: datetime) -> str:
    """A request id in the provider's form: timestamp digits and 8 random characters (SRC)."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(_TAIL))
    return now.strftime("%Y%m%d%H%M%S%f") + tail
