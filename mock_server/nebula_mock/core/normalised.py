"""A journal without what differs from run to run, so that two runs can be compared byte by byte."""

import json
from collections.abc import Iterable
from typing import Any

from nebula_mock.core.journal_entry import JournalEntry

# When, how long, in which order they ended, and the id that every answer gets anew.
_OF_ONE_RUN = ("seq", "request_id", "wall_time", "duration_s")
_OF_ONE_ANSWER = ("size", "sha256")
_REQUEST_ID, _HOST = "REQUEST-ID", "HOST"


def normalised(entries: Iterable[JournalEntry]) -> bytes:
    """The entries as lines of JSON, the same in every run with the same seed and the same requests.

    Left out are numbers, request ids, the machine's time, durations, and host and port of the server. The
    time of the provider stays: with a seed, a manual clock starts at the same time in every run. The order is
    by account, operation and ordinal of the draws, then by what an entry says, since who comes first of many
    at once is nobody's decision. Pure.
    """
    return b"".join(line + b"\n" for _, line in sorted(map(_line, entries)))


def _line(entry: JournalEntry) -> tuple[tuple[str, str, int], bytes]:
    plain: dict[str, Any] = json.loads(entry.as_line())
    for name in _OF_ONE_RUN:
        del plain[name]
    host = entry.request_header("Host") or ""
    plain["request_headers"] = [_steady(*pair) for pair in plain["request_headers"]]
    plain["response_headers"] = [_steady(*pair) for pair in plain["response_headers"]]
    if (body := plain["response_body"]) is not None:
        shown = json.dumps(body)
        if any(word and json.dumps(word)[1:-1] in shown for word in (entry.request_id, host)):
            for name in _OF_ONE_ANSWER:
                del body[name]
            del plain["bytes_sent"]
            plain["response_headers"] = [
                pair for pair in plain["response_headers"] if pair[0].lower() != "content-length"
            ]
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
    for word, steady in ((entry.request_id, _REQUEST_ID), (host, _HOST)):
        if word:
            text = text.replace(json.dumps(word)[1:-1], steady)
    ordinal = entry.draws[0].ordinal if entry.draws else -1
    return (entry.account or "", entry.operation, ordinal), text.encode("ascii")


def _steady(name: str, value: str) -> list[str]:
    """A header; a key against doubled requests is drawn by the consumer, anew in every run."""
    return [name, "***" if name.lower() == "idempotency-key" else value]
