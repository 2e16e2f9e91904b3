"""The wrapper of an older version: what was asked for stands one level deeper, in ``data`` (SRC, August 2025)."""

from collections.abc import Mapping
from typing import Any


def unwrapped(body: Any) -> Any:
    """What stands in the wrapper ``{"code", "message", "data": {...}}``; the body itself where there is none."""
    if not isinstance(body, Mapping) or "task_id" in body or "status" in body:
        return body
    inner = body.get("data")
    is_wrapper = "code" in body and isinstance(inner, Mapping) and ("task_id" in inner or "status" in inner)
    return inner if is_wrapper else body


def is_wrapped(body: Any) -> bool:
    """Whether the body is such a wrapper."""
    return unwrapped(body) is not body
