"""The routes of the mock's admin API, as data: what each does, and the schemas of its bodies."""

import functools
import json
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """One route.

    Attributes:
        method: HTTP method.
        path: Its path; ``ID`` stands for an id.
        does: What it does, in a sentence.
        query: The parameters of its query string.
        body: The schemas of which its body must be valid by one; none for a request without a body.
        status: HTTP status of its answer.
        answer: The schemas of which the body of that answer is valid by one; none for one of another standard.
    """

    method: str
    path: str
    does: str
    query: tuple[str, ...]
    body: tuple[str, ...]
    status: int
    answer: tuple[str, ...]


@functools.cache
def admin_routes() -> tuple[AdminRoute, ...]:
    """Every route, in the order in which they are told."""
    raw = json.loads((resources.files("nebula_schemas") / "admin" / "routes.json").read_text("utf-8"))
    lists = ("query", "body", "answer")
    return tuple(AdminRoute(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in raw["routes"])


PROBLEM = "admin/problem"
"""The schema of every error of the admin API."""
