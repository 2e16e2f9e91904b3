"""The promise that a video is never held whole: a large download costs the server next to no memory."""

import http.client
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-c", "from nebula_mock.cli import main; main(prog_name='nebula-mock')"]
OPTIONS = ["serve", "--port", "0", "--clock", "manual", "--video-size", "64MiB", "--quiet"]
GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
MIB = 1024 * 1024
MOST_BYTES = 8 * MIB
BLOCK = 64 * 1024

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to measure memory"
)


class Server:
    """A server in a process of its own, whose memory can be measured."""

    def __init__(self, pid: int, address: str) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._address = address

    def peak_bytes(self) -> int:
        """The most memory it ever had resident."""
        match = re.search(r"VmHWM:\s+([0-9]+) kB", self._status.read_text())
        assert match is not None
        return int(match[1]) * 1024

    def read(self, method: str, path: str, body: Any = None) -> tuple[bytes, int]:
        """The first block of an answer, and the length of all of it, read block by block."""
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), KEY)
            answer = connection.getresponse()
            first = answer.read(BLOCK)
            return first, len(first) + sum(map(len, iter(lambda: answer.read(BLOCK), b"")))
        finally:
            connection.close()

    def submitted(self, body: Any) -> str:
        """The id of a new task, which succeeds."""
        task_id: str = json.loads(self.read("POST", GENERATIONS, body)[0])["task_id"]
        self.read("POST", "/_mock/clock/advance", {"seconds": 10})
        return task_id


@contextmanager
def serving() -> Iterator[Server]:
    """A server whose videos are 64 MiB, killed at the end or when it hangs."""
    process = subprocess.Popen(
        [*COMMAND, *OPTIONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield Server(process.pid, process.stdout.readline().rstrip("\n").partition("http://")[2])
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that has answered every kind of request but those measured here."""
    with serving() as started:
        for _ in range(5):
            started.read("GET", f"{GENERATIONS}/{started.submitted({'model': 'sora-2', 'prompt': 'A'})}")
            started.read("GET", "/v1/video/never")
        yield started


def test_a_download_of_64_mib_costs_at_most_8(server: Server) -> None:
    task_id = server.submitted({"model": "sora-2", "prompt": "A cat"})
    before = server.peak_bytes()
    first, length = server.read("GET", f"{GENERATIONS}/download?id={task_id}")
    assert b'"size":67108864,"base64":"AAAA' in first
    assert length > 2 * 64 * MIB * 4 // 3
    assert server.peak_bytes() - before <= MOST_BYTES


def test_a_result_of_64_mib_costs_at_most_8(server: Server) -> None:
    task_id = server.submitted({"model": "wan2.5-t2v-preview", "prompt": "A cat"})
    url = json.loads(server.read("GET", f"{GENERATIONS}/{task_id}")[0])["url"]
    before = server.peak_bytes()
    _, length = server.read("GET", "/results/" + url.partition("/results/")[2])
    assert length == 64 * MIB
    assert server.peak_bytes() - before <= MOST_BYTES
