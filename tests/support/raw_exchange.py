"""One exchange with a mock on a raw socket: head, body and end exactly as they came."""

import json
import re
from dataclasses import dataclass
from typing import Any

from nebula_mock import MockServer
from raw_client import all_and_end, connected

GENERATIONS = "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat"}
VEO = {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat"}


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer.

    Attributes:
        head: Status line and headers; empty where nothing came.
        body: What came behind them.
        end: ``FIN`` or ``RST``.
    """

    head: bytes
    body: bytes
    end: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        """The value of a header; None where there is none."""
        match = re.search(rf"\r\n{name}: ([^\r]*)".encode(), self.head, re.IGNORECASE)
        return None if match is None else match[1].decode("latin-1")

    def json(self) -> Any:
        """The body as JSON; its length is the announced one."""
        assert self.header("Content-Length") == str(len(self.body))
        return json.loads(self.body)


def exchange(mock: MockServer, method: str, path: str, value: Any = None, key: str = "sk-test") -> Seen:
    """The answer to a request with a JSON body, or without one."""
    body = b"" if value is None else json.dumps(value).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {mock.url.removeprefix('http://')}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with connected(mock.url) as connection:
        connection.sendall(head.encode() + body)
        raw, end = all_and_end(connection)
    top, _, rest = raw.partition(b"\r\n\r\n")
    return Seen(top, rest, end)


def submitted(mock: MockServer, value: Any = None) -> str:
    """The id of a new task."""
    return str(exchange(mock, "POST", GENERATIONS, value or SORA).json()["task_id"])


def queried(mock: MockServer, task_id: str) -> Seen:
    """The answer to a query."""
    return exchange(mock, "GET", f"{GENERATIONS}/{task_id}")


def downloaded(mock: MockServer, task_id: str) -> Seen:
    """The answer to a download."""
    return exchange(mock, "GET", f"{GENERATIONS}/download?id={task_id}")
