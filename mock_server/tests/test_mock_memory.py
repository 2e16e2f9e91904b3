"""The promise that a video is never held whole: a large download costs the server next to no memory."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from served import CAN_MEASURE, Served, served

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
MIB = 1024 * 1024
MOST_BYTES = 8 * MIB
BLOCK = 64 * 1024

pytestmark = pytest.mark.skipif(not CAN_MEASURE, reason="needs /proc to measure memory")


def read(server: Served, method: str, path: str, body: Any = None) -> tuple[bytes, int]:
    """The first block of an answer, and the length of all of it, read block by block."""
    connection = http.client.HTTPConnection(server.address, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), KEY)
        answer = connection.getresponse()
        first = answer.read(BLOCK)
        return first, len(first) + sum(map(len, iter(lambda: answer.read(BLOCK), b"")))
    finally:
        connection.close()


def submitted(server: Served, body: Any) -> str:
    """The id of a new task, which succeeds."""
    task_id: str = json.loads(read(server, "POST", GENERATIONS, body)[0])["task_id"]
    read(server, "POST", "/_mock/clock/advance", {"seconds": 10})
    return task_id


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server that has answered every kind of request but those measured here."""
    with served("--clock", "manual", "--video-size", "64MiB") as started:
        for _ in range(5):
            task_id = submitted(started, {"model": "sora-2", "prompt": "A"})
            read(started, "GET", f"{GENERATIONS}/{task_id}")
            read(started, "GET", "/v1/video/never")
        yield started


def test_a_download_of_64_mib_costs_at_most_8(server: Served) -> None:
    task_id = submitted(server, {"model": "sora-2", "prompt": "A cat"})
    before = server.peak_bytes()
    first, length = read(server, "GET", f"{GENERATIONS}/download?id={task_id}")
    assert b'"size":67108864,"base64":"AAAA' in first
    assert length > 2 * 64 * MIB * 4 // 3
    assert server.peak_bytes() - before <= MOST_BYTES


def test_a_result_of_64_mib_costs_at_most_8(server: Served) -> None:
    task_id = submitted(server, {"model": "wan2.5-t2v-preview", "prompt": "A cat"})
    url = json.loads(read(server, "GET", f"{GENERATIONS}/{task_id}")[0])["url"]
    before = server.peak_bytes()
    _, length = read(server, "GET", "/results/" + url.partition("/results/")[2])
    assert length == 64 * MIB
    assert server.peak_bytes() - before <= MOST_BYTES
