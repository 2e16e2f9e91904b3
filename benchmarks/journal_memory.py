"""What 10,000 exchanges leave in memory, downloads of 50 MiB videos among them: the server's growth after 1,000.

Bar: at most 8 MiB. The server runs in a process of its own with the default journal (Linux: memory is read from
/proc). Of every 100 exchanges 9 are submits, 84 polls, 5 downloads that are read to their end (140 MB of JSON
each) and 2 downloads that are broken off after a megabyte.

    python benchmarks/journal_memory.py
"""

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_EXCHANGES, _FIRST = 10_000, 1_000
_SIZE = "50MiB"
_BAR_MIB = 8
_CLIENTS = 4
_POLL_S = 0.05
_GENERATIONS = "/v1/video/generations"
_HEADERS = {"Authorization": "Bearer sk-benchmark-0123456789", "Content-Type": "application/json"}
_ORDER = json.dumps({"model": "sora-2", "prompt": "A cute cat in the garden", "seconds": "4"})
_BROKEN_OFF_AFTER = 1 << 20


def main() -> None:
    """Print the server's memory after 1,000 exchanges and after 10,000."""
    command = [sys.executable, "-c", "from nebula_mock.cli import main; main()", "serve", "--port", "0"]
    options = ["--video-size", _SIZE, "--speed", "100", "--quiet"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            _measure(server.stdout.readline().split()[-1].removeprefix("http://"), server.pid)
        finally:
            server.terminate()


def _measure(host: str, pid: int) -> None:
    task_id = json.loads(_exchange(host, "POST", _GENERATIONS, _ORDER))["task_id"]
    while json.loads(_exchange(host, "GET", f"{_GENERATIONS}/{task_id}"))["status"] != "succeeded":
        time.sleep(_POLL_S)
    kinds = _kinds()
    started = time.monotonic()
    counted = {"submit": 0, "poll": 0, "download": 0, "broken off": 0}

    def one(kind: str) -> None:
        _KINDS[kind](host, task_id)

    grown: dict[int, tuple[int, int]] = {}
    with ThreadPoolExecutor(_CLIENTS) as pool:
        for until, since in ((_FIRST, 0), (_EXCHANGES, _FIRST)):
            batch = [next(kinds) for _ in range(until - since)]
            for kind in batch:
                counted[kind] += 1
            list(pool.map(one, batch))
            grown[until] = (_kib(pid, "VmRSS"), _kib(pid, "VmHWM"))
    page = json.loads(_exchange(host, "GET", "/_mock/journal?limit=1"))
    (rss, peak), (rss_end, peak_end) = grown[_FIRST], grown[_EXCHANGES]
    told = ", ".join(
        f"{number} {kind}s" if kind != "broken off" else f"{number} broken off"
        for kind, number in counted.items()
    )
    print(f"{_EXCHANGES} exchanges ({told}; videos of {_SIZE}) in {time.monotonic() - started:.0f} s")
    print(f"resident after {_FIRST}: {rss / 1024:.1f} MiB, after {_EXCHANGES}: {rss_end / 1024:.1f} MiB")
    print(
        f"growth {(rss_end - rss) / 1024:+.1f} MiB (bar {_BAR_MIB} MiB), of the peak {(peak_end - peak) / 1024:+.1f} MiB; "
        f"entries evicted: {page['evicted']}, next number {page['next_seq']}"
    )


def _kinds() -> Iterator[str]:
    """What each exchange is, without end."""
    hundred = ["poll"] * 100
    for place in range(0, 90, 10):
        hundred[place] = "submit"
    for place in range(5, 100, 20):
        hundred[place] = "download"
    hundred[15], hundred[75] = "broken off", "broken off"
    while True:
        yield from hundred


def _exchange(host: str, method: str, path: str, body: str | None = None) -> bytes:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, body, _HEADERS)
        return connection.getresponse().read()
    finally:
        connection.close()


def _download(host: str, task_id: str, most: int) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request("GET", f"{_GENERATIONS}/download?id={task_id}", headers=_HEADERS)
        answer = connection.getresponse()
        assert answer.status == http.client.OK
        received = 0
        while received < most and (block := answer.read(1 << 18)):
            received += len(block)
    finally:
        connection.close()


_KINDS: dict[str, Callable[[str, str], Any]] = {
    "submit": lambda host, _: _exchange(host, "POST", _GENERATIONS, _ORDER),
    "poll": lambda host, task_id: _exchange(host, "GET", f"{_GENERATIONS}/{task_id}"),
    "download": lambda host, task_id: _download(host, task_id, 1 << 40),
    "broken off": lambda host, task_id: _download(host, task_id, _BROKEN_OFF_AFTER),
}


def _kib(pid: int, name: str) -> int:
    found = re.search(rf"{name}:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
