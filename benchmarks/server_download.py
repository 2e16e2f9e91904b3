"""What a 64 MiB download costs the server: peak memory above idle, and time to the first byte.

Bars: at most 8 MiB, and 20 ms. The server runs in a process of its own (Linux: memory is read from
/proc). The first byte is timed on a raw socket, from the last byte of the request sent.

    python benchmarks/server_download.py
"""

import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from nebula_client import PollSchedule, VideoClient

_SIZE = "64MiB"
_RUNS = 10
_BARS = "bars 8 MiB and 20 ms"
_KEY = "sk-benchmark"


def main() -> None:
    """Print the growth of the server's peak memory and the first-byte times."""
    command = [sys.executable, "-c", "from nebula_mock.cli import main; main()", "serve", "--port", "0"]
    options = ["--video-size", _SIZE, "--speed", "1000", "--quiet"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            _measure(url, server.pid)
        finally:
            server.terminate()


def _measure(url: str, pid: int) -> None:
    schedule = PollSchedule(first_s=0.02, longest_s=0.02)
    with VideoClient(api_key=_KEY, base_url=url, schedule=schedule) as client:
        task_id = client.submit("A cat", model="sora-2").task_id
        client.wait(task_id)
    before = _peak_kib(pid)
    first_bytes_ms, length = [], 0
    for _ in range(_RUNS):
        first_ms, length = _download(url, task_id)
        first_bytes_ms.append(first_ms)
    grown_mib = (_peak_kib(pid) - before) / 1024
    median, worst = statistics.median(first_bytes_ms), max(first_bytes_ms)
    print(
        f"{_RUNS} downloads of a {_SIZE} video ({length / 1e6:.1f} MB of JSON each): peak memory +{grown_mib:.1f} MiB, "
        f"first byte after {median:.1f} ms (median), {worst:.1f} ms (worst); {_BARS}"
    )


def _download(url: str, task_id: str) -> tuple[float, int]:
    address = urlsplit(url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        request = (
            f"GET /v1/video/generations/download?id={task_id} HTTP/1.1\r\n"
            f"Host: {address.netloc}\r\nAuthorization: Bearer {_KEY}\r\n\r\n"
        )
        connection.sendall(request.encode())
        sent = time.perf_counter()
        length = len(connection.recv(1))
        first_ms = (time.perf_counter() - sent) * 1000
        while chunk := connection.recv(1 << 20):
            length += len(chunk)
    return first_ms, length


def _peak_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
