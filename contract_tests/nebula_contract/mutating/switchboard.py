"""The mock's own faults as wrong providers: each at an operation, with the checks that must find it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Switched:
    """One fault of the mock, always on at one operation.

    Attributes:
        name: For people.
        operation: Where it happens.
        fault: As a scenario writes it.
        codes: The checks of which one must find it.
        over_http: Whether it is a fault of the connection, which takes a socket.
        nth: Which requests of the operation meet it; empty for all.
    """

    name: str
    operation: str
    fault: Mapping[str, Any]
    codes: tuple[str, ...]
    over_http: bool = False
    nth: Mapping[str, Any] = field(default_factory=dict)

    def scenario(self) -> Mapping[str, Any]:
        """A scenario in which it happens."""
        match = {"operation": self.operation, **({"nth": dict(self.nth)} if self.nth else {})}
        rule = {"name": "wrong", "match": match, "fault": dict(self.fault)}
        return {"description": self.name, "rules": [rule]}


_CUT = ("NC113",)
_NOW_AND_THEN = {"every": 7}

SWITCHBOARD: tuple[Switched, ...] = (
    Switched("queries are refused", "query", {"fault": "problem", "id": "server-error"}, ("NC108",), nth=_NOW_AND_THEN),
    Switched("submits are throttled", "submit", {"fault": "problem", "id": "rate-limited"}, ("NC107",), nth=_NOW_AND_THEN),
    Switched("503 of a query", "query", {"fault": "http", "status": 503}, ("NC108",), nth=_NOW_AND_THEN),
    Switched("418 of a query", "query", {"fault": "http", "status": 418}, ("NC301", "NC802"), nth=_NOW_AND_THEN),
    Switched("a page for a query", "query", {"fault": "html-page"}, ("NC103", "NC104", "NC108"), nth=_NOW_AND_THEN),
    Switched("an error with 200", "query", {"fault": "error-with-200"}, ("NC109",), nth=_NOW_AND_THEN),
    Switched("a query as HTML", "query", {"fault": "content-type"}, ("NC103",), nth=_NOW_AND_THEN),
    Switched("no content type of a submit", "submit", {"fault": "content-type", "media_type": ""}, ("NC103",)),
    Switched("JSON with a wrong bracket", "query", {"fault": "broken-json"}, ("NC104",), nth=_NOW_AND_THEN),
    Switched("JSON that is cut", "submit", {"fault": "broken-json", "how": "cut"}, ("NC104",), nth=_NOW_AND_THEN),
    Switched("JSON with a comma too many", "query", {"fault": "broken-json", "how": "trailing-comma"}, ("NC104",), nth=_NOW_AND_THEN),
    Switched("two JSON documents", "query", {"fault": "broken-json", "how": "two-documents"}, ("NC104",), nth=_NOW_AND_THEN),
    Switched("a redirect of a submit", "submit", {"fault": "redirect"}, ("NC106",), nth=_NOW_AND_THEN),
    Switched("a compressed query", "query", {"fault": "gzip"}, ("NC114",), nth=_NOW_AND_THEN),
    Switched("a submit without task_id", "submit", {"fault": "missing-field", "path": "task_id"}, ("NC205", "NC204"), nth=_NOW_AND_THEN),
    Switched("a query without status", "query", {"fault": "missing-field", "path": "status"}, ("NC304",), nth=_NOW_AND_THEN),
    Switched("a download without size", "download", {"fault": "missing-field", "path": "size"}, ("NC504",)),
    Switched("status under another name", "query", {"fault": "renamed-field", "path": "status", "to": "state"}, ("NC304",), nth=_NOW_AND_THEN),
    Switched("task_id in camel case", "submit", {"fault": "renamed-field", "path": "task_id"}, ("NC205", "NC204"), nth=_NOW_AND_THEN),
    Switched("size is text", "download", {"fault": "retyped-field", "path": "size"}, ("NC504",)),
    Switched("task_id is a number", "submit", {"fault": "retyped-field", "path": "task_id"}, ("NC205", "NC204"), nth=_NOW_AND_THEN),
    Switched("format is null", "query", {"fault": "null-field", "path": "format"}, ("NC306",), nth=_NOW_AND_THEN),
    Switched("a new member", "query", {"fault": "extra-field"}, ("NC901",), nth=_NOW_AND_THEN),
    Switched("a query of another task", "query", {"fault": "wrong-id"}, ("NC305",), nth=_NOW_AND_THEN),
    Switched("a download of another task", "download", {"fault": "wrong-id"}, ("NC503",)),
    Switched("the id of the task before", "submit", {"fault": "duplicate-id"}, ("NC209",), nth=_NOW_AND_THEN),
    Switched("an unknown status", "query", {"fault": "unknown-status"}, ("NC304",), nth=_NOW_AND_THEN),
    Switched("a stage before", "query", {"fault": "backwards"}, ("NC401", "NC402"), nth=_NOW_AND_THEN),
    Switched("the other end", "query", {"fault": "terminal-changes"}, ("NC402",), nth=_NOW_AND_THEN),
    Switched("tasks that never end", "submit", {"fault": "never-finishing"}, ("NC404",), nth=_NOW_AND_THEN),
    Switched("base64 cut in a group", "download", {"fault": "corrupt-base64"}, ("NC505",)),
    Switched("base64 cut at a group", "download", {"fault": "corrupt-base64", "how": "cut-at-group"}, ("NC504", "NC506", "NC507")),
    Switched("base64 with white space", "download", {"fault": "corrupt-base64", "how": "whitespace"}, ("NC505",)),
    Switched("base64 for URLs", "download", {"fault": "corrupt-base64", "how": "url-safe"}, ("NC505",)),
    Switched("base64 with a strange letter", "download", {"fault": "corrupt-base64", "how": "illegal-character"}, ("NC505",)),
    Switched("base64 padded wrongly", "download", {"fault": "corrupt-base64", "how": "padding"}, ("NC505", "NC504", "NC506")),
    Switched("a size that is one off", "download", {"fault": "wrong-size"}, ("NC504",)),
    Switched("two videos in one download", "download", {"fault": "differing-videos"}, ("NC506",)),
    Switched("a video without an index", "download", {"fault": "broken-mp4"}, ("NC507",)),
    Switched("a video that is cut", "result", {"fault": "broken-mp4", "how": "cut"}, ("NC507",)),
    Switched("a page for a video", "download", {"fault": "broken-mp4", "how": "no-mp4"}, ("NC507",)),
    Switched("an empty file", "result", {"fault": "broken-mp4", "how": "empty"}, ("NC603", "NC507")),
    Switched("an answer that is lost", "query", {"fault": "lost-answer"}, _CUT, over_http=True, nth=_NOW_AND_THEN),
    Switched("a reset", "query", {"fault": "reset"}, _CUT, over_http=True, nth=_NOW_AND_THEN),
    Switched("an empty answer", "query", {"fault": "empty"}, _CUT, over_http=True, nth=_NOW_AND_THEN),
    Switched("a body that ends early", "download", {"fault": "truncate"}, _CUT, over_http=True, nth={"every": 3}),
    Switched("a chunk of no size", "query", {"fault": "bad-chunk"}, _CUT, over_http=True, nth=_NOW_AND_THEN),
    Switched("bytes that are no HTTP", "query", {"fault": "garbage"}, _CUT, over_http=True, nth=_NOW_AND_THEN),
)  # fmt: skip
"""Every fault of the mock that breaks a promise of the contract."""

EQUIVALENT: Mapping[str, str] = {
    "double-charge": "no answer of the API tells what was charged",
    "hostile-file-name": "no source promises a file name, so none is judged; what it may do to a client is the client's",
    "stall": "it only takes time, of which the contract promises nothing",
    "drip": "it only takes time, of which the contract promises nothing",
    "bandwidth": "it only takes time, of which the contract promises nothing",
    "endless": "a body without end is a matter of the reader's limit, which the wire's own tests hold",
}
"""Faults that break no promise, with the reason."""
