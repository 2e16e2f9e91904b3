"""Texts of a target as a report may show them: one line, without secrets and bytes of videos, nothing that acts on a
terminal, and cut.

Whatever a target sends may stand in a finding, so every format takes its texts through here before it escapes them in
its own way.
"""

import re

from nebula_contract.record.redaction import HIDDEN, redacted

LONGEST = 300
"""Characters of a text that a report shows."""
_VIDEO = re.compile(r"(base64,)[A-Za-z0-9+/=_-]+|\bAAA[A-Za-z0-9+/]{3}Z0eX[A-D][A-Za-z0-9+/=_-]*")
"""Bytes as text: what follows the head of a data URL, and an MP4 by the ``ftyp`` that it begins with."""
_WINDOW = 4  # so many times more is looked at for secrets before it is cut


def shown(text: str, most: int = LONGEST) -> str:
    """The text on one line: redacted, without bytes, what cannot be printed escaped, at most ``most`` characters and a note."""
    cut = redacted(text[: _WINDOW * most])
    cut = _VIDEO.sub(lambda found: f"{found[1] or ''}{HIDDEN}", cut)
    line = cut if cut.isprintable() else "".join(map(_printable, cut))
    if len(line) <= most and len(text) <= _WINDOW * most:
        return line
    return f"{line[:most]}... ({len(text)} characters)"


def _printable(letter: str) -> str:
    """The letter, or how Python would write it: controls, line ends, overrides of direction, halves of pairs."""
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def count_of(number: int, one: str, many: str = "") -> str:
    """``1 exchange``, ``2 exchanges``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
