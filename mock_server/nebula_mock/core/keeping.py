"""What is kept of a request: enough to show what was really used, never the megabytes it may have had.

A submit may carry a prompt of ten megabytes or a picture of thirty, and ten thousand tasks are kept.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

LONGEST_PROMPT = 10_000
"""Code points of a prompt that is kept whole; of a longer one its head, its length and a digest."""

LONGEST_MEMBER = 512
"""Code points of a text in the journal's JSON that is kept whole."""

_LONGEST_VALUE = 256  # code points of any other text that is kept whole; pictures are the long ones
_HEAD = 200


def kept_prompt(prompt: str) -> str:
    """The prompt; a longer one cut, with its length and the first digits of its SHA-256."""
    return _kept_text(prompt, LONGEST_PROMPT)


def kept_values(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameter values with long texts cut, in lists too."""
    return {name: _kept(value) for name, value in values.items()}


def kept_json(value: Any) -> Any:
    """A JSON value with the long texts in it cut, each with its length and digest."""
    if isinstance(value, str):
        return _kept_text(value, LONGEST_MEMBER)
    if isinstance(value, dict):
        return {name: kept_json(inner) for name, inner in value.items()}
    return [kept_json(one) for one in value] if isinstance(value, list) else value


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(one) for one in value[:1]]  # of several pictures only the first is used (SRC)
    return _kept_text(value, _LONGEST_VALUE) if isinstance(value, str) else value


def _kept_text(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:_HEAD]}... ({len(text)} characters, sha256 {digest})"
