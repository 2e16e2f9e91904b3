"""A mock whose downloads choose their fault by a header, and consumers of it on raw sockets."""

import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

GENERATIONS = "/v1/video/generations"
HEADERS = {"Authorization": "Bearer sk-benchmark-0123456789", "Content-Type": "application/json"}
ORDER = json.dumps({"model": "sora-2", "prompt": "A cute cat in the garden", "seconds": "4"})
AFTER_BYTES = 1000

_OUTCOME = "X-Outcome"
_FAULTS: Mapping[str, Mapping[str, Any]] = {
    "reset": {"fault": "reset"},
    "reset after": {"fault": "reset", "at_bytes": AFTER_BYTES},
    "truncate": {"fault": "truncate", "at_bytes": AFTER_BYTES},
    "drip": {"fault": "drip", "bytes_per_s": 200},
}
SCENARIO: Mapping[str, Any] = {
    "description": "Tasks are over at once; a download says in a header what goes wrong with it.",
    "lifecycle": {"default": {"timing": "instant"}},
    "rules": [
        {
            "name": name.replace(" ", "-"),
            "match": {"operation": "download", "header": {"name": _OUTCOME, "value": name}},
            "fault": fault,
        }
        for name, fault in _FAULTS.items()
    ],
}
_LONGEST_S = 20


def submitted(host: str) -> str:
    """The id of a new task."""
    return str(json.loads(exchange(host, "POST", GENERATIONS, ORDER))["task_id"])


def exchange(host: str, method: str, path: str, body: str | None = None) -> bytes:
    """The body of the answer, which must be a good one, on a connection of its own."""
    connection = http.client.HTTPConnection(host, timeout=_LONGEST_S)
    try:
        connection.request(method, path, body, HEADERS)
        answer = connection.getresponse()
        assert answer.status == http.client.OK, answer.status
        return answer.read()
    finally:
        connection.close()


def download(host: str, task_id: str, outcome: str) -> socket.socket:
    """A connection on which a download with that outcome was asked for."""
    name, _, port = host.partition(":")
    connection = socket.create_connection((name, int(port)), timeout=_LONGEST_S)
    connection.sendall(
        f"GET {GENERATIONS}/download?id={task_id} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Authorization: {HEADERS['Authorization']}\r\n{_OUTCOME}: {outcome}\r\n\r\n".encode()
    )
    return connection


@contextmanager
def dripping(host: str, task_id: str, drips: int) -> Iterator[None]:
    """That many downloads at once that come ten bytes at a time, twenty times a second; all have begun."""
    with ExitStack() as stack:
        connections = [stack.enter_context(download(host, task_id, "drip")) for _ in range(drips)]
        for connection in connections:
            assert connection.recv(1) == b"H"
        yield


def poll_times_ms(host: str, task_id: str, polls: int) -> list[float]:
    """How long each of the polls took, from connecting to the last byte, sorted."""
    times = []
    for _ in range(polls):
        began = time.perf_counter()
        exchange(host, "GET", f"{GENERATIONS}/{task_id}")
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)
