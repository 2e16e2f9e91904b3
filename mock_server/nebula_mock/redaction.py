"""Secrets out of what is shown or kept: an API key is never repeated, not even in an error about it."""

import re

# Whatever looks like a key of the provider, up to what ends a word in JSON, a header or a sentence.
_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[^\s\"',;]+")
HIDDEN = "***"


def redacted(text: str) -> str:
    """``text`` with every API key in it hidden; the prefix stays, so that a reader sees what was there."""
    return _KEY.sub(f"sk-{HIDDEN}", text)
