"""The promises as functions: each takes what was seen and fails with what was promised.

They raise AssertionError with the exchange in the message, so that a reader can see it again.
"""

import base64
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from nebula_contract.exchange import Exchange
from nebula_schemas.catalogue import Family
from nebula_schemas.loader import contract
from nebula_schemas.problems import WireError, problem_table

TERMINAL = frozenset({"succeeded", "failed"})

# A status may be skipped or repeated, but its rank never falls (contract: lifecycle).
_RANK: Mapping[str, int] = {
    "unknown": 0,
    "submitted": 0,
    "queued": 1,
    "in_progress": 2,
    "succeeded": 3,
    "failed": 3,
}
_ALL_DIALECTS = 2
_DATA_URL_HEAD = "data:video/mp4;base64,"


def promise_schema(name: str, exchange: Exchange) -> Any:
    """The answer is 200 and its body is valid by the schema; gives the body."""
    assert exchange.status == HTTPStatus.OK, f"{exchange}: expected HTTP 200"
    body = exchange.json()
    violations = contract().violations(name, body)
    assert not violations, f"{exchange}\n" + "\n".join(map(str, violations))
    return body


def promise_refusal(problem_id: str, exchange: Exchange) -> None:
    """The answer is the table's, in any dialect: status, envelope, type and code."""
    problem = problem_table()[problem_id]
    if len(problem.answers) < _ALL_DIALECTS and exchange.status == HTTPStatus.OK:
        promise_schema("submit/response", exchange)  # a dialect that does not refuse this took it
        return
    assert any(_is_said(wire, exchange) for wire in problem.all_answers), (
        f"{exchange}: expected {problem_id} ({problem.when}): "
        + " or ".join(
            f"HTTP {w.status} {w.envelope} type {w.type} code {w.code}" for w in problem.all_answers
        )
    )


def _is_said(wire: WireError, exchange: Exchange) -> bool:
    if exchange.status != wire.status:
        return False
    body = exchange.json()
    if contract().violations(f"errors/{wire.envelope}", body):
        return False
    told = body if wire.envelope == "e2" else body["error"]
    return bool(told.get("type") == wire.type and told.get("code") == wire.code)


def promise_request_id(exchange: Exchange) -> None:
    """Every answer names the request."""
    assert exchange.headers.get("x-oneapi-request-id"), f"{exchange}: expected an X-Oneapi-Request-Id header"


def promise_legal_trace(family: Family, statuses: Sequence[str]) -> None:
    """Statuses are the family's, never go back, and end in a terminal one that stays."""
    known = {status for dialect in family.statuses.values() for status in dialect}
    strange = sorted(set(statuses) - known)
    assert not strange, f"{family.name}: found statuses {strange}, expected some of {sorted(known)}"
    ranks = [_RANK[status] for status in statuses]
    assert ranks == sorted(ranks), f"{family.name}: statuses went back: {' -> '.join(statuses)}"
    ended = [status for status in statuses if status in TERMINAL]
    assert ended, f"{family.name}: never ended: {' -> '.join(statuses)}"
    assert len(set(ended)) == 1, f"{family.name}: a terminal status changed: {' -> '.join(statuses)}"


def promise_mp4(raw: bytes, where: str) -> None:
    """The bytes begin as an MP4 does: a box of type ``ftyp``."""
    assert raw[4:8] == b"ftyp", f"{where}: found {raw[:12]!r}, expected an MP4, which has ftyp at byte 4"


def promise_download(task_id: str, exchange: Exchange) -> bytes:
    """Ids echo, ``size`` is that of the decoded video, both copies agree; gives the video."""
    body = promise_schema("download/response", exchange)
    assert body["task_id"] == body["generation_id"] == task_id, (
        f"found ids of another task, expected {task_id}"
    )
    video = base64.b64decode(body["base64"], validate=True)
    assert body["size"] == len(video), (
        f"found size {body['size']}, expected {len(video)}, that of the decoded video"
    )
    if "data_url" in body:  # one page's sample lacks it
        agree = body["data_url"] == _DATA_URL_HEAD + body["base64"]
        assert agree, f"found a data_url that is not {_DATA_URL_HEAD} followed by base64"
    promise_mp4(video, "base64")
    length = exchange.headers.get("content-length")
    assert length is None or int(length) == len(exchange.body), f"found Content-Length {length}"
    return video
