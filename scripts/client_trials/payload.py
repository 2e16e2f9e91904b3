"""Videos and documents that are not what they should be (faults 46 to 62)."""

import gzip
import json
from collections.abc import Iterator

from client_trials.answers import (
    TASK_ID,
    VIDEO,
    document,
    downloaded,
    file,
    task,
)
from client_trials.at_mock import at_mock
from client_trials.bodies import BROKEN, DAMAGED, FILE, MIB, SMALL, TEXT, got
from client_trials.raw_provider import Play, answer, pours, says
from client_trials.rig import Rig
from client_trials.trial import Trial, at_raw, kept_as, query


def _mocked() -> Iterator[Trial]:
    for how in ("cut-in-group", "whitespace", "url-safe", "illegal-character", "padding"):
        fault = 47 if how == "cut-in-group" else 48
        yield Trial(fault, f"mock, {how}: download", BROKEN, at_mock("download", f"corrupt-base64 {how}"))
    yield Trial(
        47, "mock, cut-at-group: download", DAMAGED, at_mock("download", "corrupt-base64 cut-at-group")
    )
    for off_by in (1, -1):
        yield Trial(
            49, f"mock, off by {off_by}: download", DAMAGED, at_mock("download", f"wrong-size {off_by}")
        )
    for verify, expected in (("compare", DAMAGED), ("skip", FILE), ("stop", FILE)):
        yield Trial(
            50,
            f"{verify}: download",
            expected,
            at_mock("download", "differing-videos", call_options={"verify": verify}),
            says="differ" if verify == "compare" else "copies_compared=False",
        )
    yield Trial(
        50,
        "alike, compare: download",
        "file, 1 GET",
        at_mock("download", "ok", call_options={"verify": "compare"}),
        says="copies_compared=True",
    )
    yield Trial(
        61, "mock, 0 bytes: download", BROKEN, at_mock("download", {"fault": "broken-mp4", "how": "empty"})
    )
    yield Trial(
        62,
        "mock, no MP4, which is required: download",
        DAMAGED,
        at_mock("download", {"fault": "broken-mp4", "how": "no-mp4"}, call_options={"require_mp4": True}),
    )
    yield Trial(59, "mock, unasked: download", FILE, at_mock("download", "gzip"))
    yield Trial(59, "mock, unasked: query", "task succeeded, 1 GET", at_mock("query", "gzip"))
    yield Trial(59, "mock, unasked: submit", "submitted, 1 POST", at_mock("submit", "gzip"))
    for how in ("cut", "trailing-comma", "two-documents", "wrong-bracket"):
        yield Trial(46, f"mock, {how}: download", BROKEN, at_mock("download", f"broken-json {how}"))


def _surrogate_query(rig: Rig) -> object:
    body = b'{"task_id": "%s", "status": "in_progress\\ud800", "prompt": "\\ud800 cat"}' % TASK_ID.encode()
    client = rig.client(rig.provider(says(answer(200, body)), says(task())))
    done = query(client, rig)
    "\n".join(rig.log).encode()  # what was logged can be written
    return done


def _bomb(encoding: str = "gzip") -> Play:
    return got(gzip.compress(b" " * 200 * MIB, 1), f"Content-Encoding: {encoding}")


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
_TYPE = "Content-Type: video/mp4"
TRIALS = (
    *_mocked(),
    Trial(
        48,
        "line breaks, allowed: download",
        FILE,
        at_raw(
            "download",
            got(document(base64="\r\n".join([TEXT[:76], TEXT[76:]]))),
            call_options={"line_breaks": True},
        ),
    ),
    Trial(
        54,
        "task_id: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", got(b'{"task_id": "a", "task_id": "b"}')),
        says="twice",
    ),
    Trial(
        54,
        "status: query, then well",
        "task succeeded, 2 GET, slept 0.438",
        at_raw(
            "query",
            got(b'{"task_id": "%s", "status": "queued", "status": "failed"}' % TASK_ID.encode()),
            says(task()),
        ),
    ),
    Trial(
        55,
        "NaN: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", got(b'{"task_id": "a", "x": NaN}')),
        says="found NaN",
    ),
    Trial(
        56,
        "a byte order mark: submit",
        "submitted, 1 POST",
        at_raw("submit", got(b"\xef\xbb\xbf" + json.dumps({"task_id": TASK_ID}).encode())),
    ),
    Trial(57, "in a status: query", "task in_progress\\ud800, 1 GET", _surrogate_query),
    Trial(
        58,
        "100,000 arrays: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", got(b"[" * 100_000)),
        says="levels deep|expected",
    ),
    Trial(
        58,
        "100,000 arrays: query",
        "BrokenContractError, 1 GET",
        at_raw("query", got(b'{"a":' + b"[" * 100_000), request_retries=0),
        says="levels deep|expected",
    ),
    Trial(
        59,
        "200 MB of spaces: download",
        BROKEN,
        at_raw("download", _bomb(), limits=SMALL),
        says="more than 1048576 bytes",
    ),
    Trial(
        59,
        "200 MB of spaces: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", _bomb(), limits=SMALL),
        says="more than 1048576 bytes",
    ),
    Trial(
        59,
        "cut: download",
        BROKEN,
        at_raw("download", got(gzip.compress(document())[:-9], "Content-Encoding: gzip")),
    ),
    Trial(
        59,
        "not packed at all: download",
        BROKEN,
        at_raw("download", got(document(), "Content-Encoding: gzip")),
    ),
    Trial(
        59,
        "another encoding: download",
        BROKEN,
        at_raw("download", got(document(), "Content-Encoding: br")),
        says="Content-Encoding 'br'",
    ),
    Trial(
        60,
        "10 GB announced: download",
        BROKEN,
        at_raw("download", says(_HEAD + b"Content-Length: 10000000000\r\n\r\n{")),
        says="10,000,000,000 bytes",
    ),
    Trial(
        60,
        "10 GB announced: submit",
        "SubmitUncertain, 1 POST",
        at_raw("submit", says(_HEAD + b"Content-Length: 10000000000\r\n\r\n{")),
        says="10,000,000,000 bytes",
    ),
    Trial(
        60,
        "10 GB announced: result",
        BROKEN,
        at_raw("result", says(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n" + VIDEO)),
    ),
    Trial(
        60,
        "without end: download",
        BROKEN,
        at_raw("download", pours(_HEAD + b"\r\n{", b" " * 65_536, 10_000), limits=SMALL),
        says="expected less",
    ),
    Trial(
        60,
        "a video without end: download",
        BROKEN,
        at_raw("download", pours(_HEAD + b'\r\n{"base64": "', b"AAAA" * 16_384, 10_000), limits=SMALL),
        says="over 1,048,576 bytes",
    ),
    Trial(
        60,
        "without end: result",
        BROKEN,
        at_raw("result", pours(b"HTTP/1.1 200 OK\r\n\r\n", VIDEO * 100, 10_000), limits=SMALL),
        says="over 1,048,576 bytes",
    ),
    Trial(
        60,
        "an error without end: query",
        "RefusedError, 1 GET",
        at_raw("query", pours(b"HTTP/1.1 404 No\r\n\r\n", b"x" * 65_536, 10_000)),
        says="HTTP 404",
    ),
    Trial(
        60,
        "without end, mock: submit",
        "SubmitUncertain, 1 POST",
        at_mock("submit", "endless", limits=SMALL),
    ),
    Trial(
        61,
        "1 byte: download",
        "file, 1 GET",
        kept_as(at_raw("download", says(downloaded(b"\x00"))), b"\x00"),
        says="expected an MP4; it was kept",
    ),
    Trial(
        61,
        "0 bytes: result",
        "BrokenContractError, 3 GET, slept 0.438 0.875",
        at_raw("result", says(file(b""))),
    ),
    Trial(61, "1 byte: result", "file, 1 GET", kept_as(at_raw("result", says(file(b"\x00"))), b"\x00")),
    Trial(
        62,
        "a page, which is required to be an MP4: download",
        DAMAGED,
        at_raw("download", says(downloaded(b"<html></html>")), call_options={"require_mp4": True}),
        says="expected an MP4",
    ),
    Trial(
        62,
        "a page: result",
        "BrokenContractError, 3 GET, slept 0.438 0.875",
        at_raw("result", got(b"<html></html>", "Content-Type: text/html")),
        says="text/html",
    ),
)
