"""The access log: one line a request, and nothing in it that could be a secret or move a cursor."""

import logging

from nebula_mock.redaction import redacted

_log = logging.getLogger("nebula_mock.access")


def log_access(command: str | None, target: str | None, status: int | str) -> None:
    """One line: method, path without query string, status; "-" for what was not understood."""
    if not _log.isEnabledFor(logging.INFO):
        return
    path = escaped(redacted((target or "-").partition("?")[0]))
    _log.info("%s %s %s", escaped(command or "-"), path, getattr(status, "value", status))


def log_other(kind: str, message: str, *args: object) -> None:
    """What else there is to say; ``kind`` is "error" or "info"."""
    _log.log(logging.ERROR if kind == "error" else logging.INFO, message, *args)


def escaped(text: str) -> str:
    """``text`` on one line of printable ASCII: a request must not write to the terminal that watches."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isascii() and c.isprintable() else f"\\x{ord(c):02x}" for c in text)
