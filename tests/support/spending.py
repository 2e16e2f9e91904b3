"""A provider that counts at its socket what could be charged, and live runs against it."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from client_trials.raw_provider import Peer, Play, RawProvider
from nebula_contract.live.case import Case, Plan, plan_bytes
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.ledger import Ledger
from nebula_contract.live.options import Options, run_live
from nebula_contract.live.plan import Wish, made_plan
from nebula_contract.live.recording import Unrecorded
from nebula_contract.live.rehearsal import Time
from nebula_contract.record.exchange import Exchange
from raw_server import answer

OWN, SECOND, REDUCED = "sk-own0000000001", "sk-second000001", "sk-reduced00001"
GENERATIONS = "/v1/video/generations"
TASK_ID = "video_" + "0a" * 16
JSON_HEAD = "Content-Type: application/json"

Respond = Callable[[str, str, bytes], bytes]
"""From method, path and the whole request to the whole answer."""


def responds(respond: Respond) -> Play:
    """A play that answers by what was asked."""

    def play(peer: Peer) -> None:
        if request := peer.request():
            method, path = request.split(b" ", 2)[:2]
            peer.send(respond(method.decode(), path.decode(), request))

    return play


def said(status: int, body: Mapping[str, Any], *headers: str) -> bytes:
    """An answer in JSON."""
    return answer(status, body, JSON_HEAD, *headers)


UNKNOWN_TASK = said(404, {"error": {"message": "Task not found", "type": "not_found", "code": "not_found"}})
ACCEPTED = said(200, {"task_id": TASK_ID, "status": "submitted", "format": "mp4"})
BAD_REQUEST = said(
    400, {"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_request"}}
)


def task(status: str) -> bytes:
    """The answer to a query of a task."""
    return said(200, {"task_id": TASK_ID, "status": status, "format": "mp4"})


def spending(request: bytes) -> bool:
    """Whether a request could be charged: it carries a real key and is no read."""
    keys = (OWN.encode(), SECOND.encode(), REDUCED.encode())
    return request.startswith(b"POST ") and any(key in request for key in keys)


class Spending(RawProvider):
    """A provider that counts.

    Attributes:
        submits: The requests that could be charged, whole, as they came.
        asked: Requests to the provider's own routes.
    """

    @property
    def submits(self) -> list[bytes]:
        """Those that could be charged."""
        return [request for request in self.requests if spending(request)]

    @property
    def asked(self) -> list[bytes]:
        """Those to the API."""
        return [request for request in self.requests if b" /v1" in request.split(b"\r\n", 1)[0]]


def provider(submit: bytes | Play = ACCEPTED, query: bytes = UNKNOWN_TASK) -> Spending:
    """A provider that answers each submit and each query of its task alike; strangers and unknown tasks it refuses."""
    answered = submit if isinstance(submit, bytes) else b""

    def respond(method: str, path: str, request: bytes) -> bytes:
        if not any(key.encode() in request for key in (OWN, SECOND, REDUCED)):
            return said(
                401, {"error": {"message": "no", "type": "authentication_error", "code": "invalid_api_key"}}
            )
        if method == "POST":
            return answered
        return query if TASK_ID in path and OWN.encode() in request else UNKNOWN_TASK

    by_answer = responds(respond)

    def play(peer: Peer) -> None:
        if isinstance(submit, bytes) or not _is_submit(peer):
            by_answer(peer)
        else:
            submit(peer)

    return Spending(play)


def _is_submit(peer: Peer) -> bool:
    peer.first_byte()
    head = peer._plain.recv(65536, 2)  # socket.MSG_PEEK
    return spending(head) or (head.startswith(b"POST /v1") and re.search(rb"Bearer sk-", head) is not None)


def plan_file(folder: Path, *, families: Sequence[str] = ("sora",), **wish: Any) -> Path:
    """A plan, written as the command writes it."""
    return written(folder, made_plan(Wish(tuple(families), **wish)).plan)


def written(folder: Path, plan: Plan | Mapping[str, Any]) -> Path:
    """A plan in a file, however wrong it is."""
    path = folder / "plan.json"
    path.write_bytes(plan_bytes(plan) if isinstance(plan, Plan) else json.dumps(plan).encode())
    return path


def case_of(plan: Plan, name: str) -> Case:
    """The case of that name."""
    (found,) = (case for case in plan.cases if case.name == name)
    return found


class Kept(Unrecorded):
    """Keeps exchanges in memory."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def keep(self, exchange: Exchange) -> None:
        """One more."""
        self.exchanges.append(exchange)


def options(folder: Path, base_url: str, plan: Path, **changes: Any) -> Options:
    """What a run is told: a cap of 1 USD and a ledger in ``folder``, but for ``changes``."""
    values: dict[str, Any] = {
        "plan": plan,
        "base_url": base_url,
        "allow_host": (),
        "max_spend": "1",
        "max_spend_day": None,
        "max_spend_month": None,
        "ledger": folder / "ledger.ndjson",
        "api_key_file": None,
        "second_key_file": None,
        "reduced_key_file": None,
        "poll_every": 3.0,
        "deadline": 3600.0,
        "timeout": 20.0,
    }
    return Options(**{**values, **changes})


class Hours:
    """Time that passes when somebody sleeps, and never else.

    Attributes:
        sleeps: How long each sleep was, in seconds.
    """

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    @property
    def time(self) -> Time:
        """The same for a run."""
        return Time(lambda: sum(self.sleeps), self.sleeps.append)


def run(folder: Path, base_url: str, plan: Path, kept: Kept | None = None, **changes: Any) -> LiveEnd:
    """A run with the key ``OWN`` that never waits."""
    environment = changes.pop("environment", {"NEBULA_API_KEY": OWN})
    time = changes.pop("time", None) or Hours().time
    return run_live(options(folder, base_url, plan, **changes), kept or Kept(), environment, time)


def counted(folder: Path) -> str:
    """What the ledger in ``folder`` counts as spent, as text."""
    return str(Ledger(folder / "ledger.ndjson").read().counted_usd())


def child_run() -> None:
    """A run in a process of its own, told by its environment; it ends with the run's exit code."""
    folder = Path(os.environ["FOLDER"])
    end = run(folder, os.environ["URL"], folder / "plan.json", max_spend=os.environ["CAP"])
    raise SystemExit(end.exit_code)
