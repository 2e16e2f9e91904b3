"""Which server should run the mock: ours, waitress, cheroot or gunicorn (gthread), in one run.

(a) CPU: of the server's process for a poll and a submit, of the mock and of a bare Flask application, with a
    connection for each request, as ours has it, and for polls on one that is kept where the server keeps it.
(b) Exactness: downloads that are reset before a byte, reset after 1,000 bytes of the body, cut there in order, or
    whole, mixed, from 16 threads; what a raw socket sees, the server's descriptors, and the next request.
(c) Drips: how long polls take while 64 downloads drip.

    python benchmarks/runners.py

Each server has a process of its own; CPU and descriptors are the system's count (Linux). The servers that are
not ours are no dependencies: `pip install waitress cheroot gunicorn` brings what is missing, and what is there
is measured.
"""

import http.client
import importlib.util
import itertools
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from loaded import (
    AFTER_BYTES,
    GENERATIONS,
    HEADERS,
    ORDER,
    download,
    dripping,
    exchange,
    poll_times_ms,
    submitted,
)

_PROGRAM = Path(__file__).parent / "support" / "foreign_runners.py"

# What it is called, and the package that it needs.
_SERVERS = (
    ("werkzeug (ours)", "nebula_mock"),
    ("waitress", "waitress"),
    ("cheroot", "cheroot"),
    ("gunicorn gthread", "gunicorn"),
)
_ROUNDS, _REQUESTS, _WARM_UP = 10, 100, 50
_MIXED, _THREADS = 200, 16
_DRIPS, _POLLS = 64, 200
_SETTLED_S, _LOOK_S = 10, 0.05
_KINDS = ("poll", "submit", "poll, kept")
_CPU_CLOCK = 2  # CPUCLOCK_SCHED in the clock's id, see clock_getcpuclockid(3)


@dataclass(frozen=True, slots=True)
class _Server:
    """A server that runs one application.

    Attributes:
        name: As it is printed.
        host: Where it is.
        pids: Its processes, those included that it started.
    """

    name: str
    host: str
    pids: tuple[int, ...]

    def cpu_ns(self) -> int:
        """The CPU that it used until now, of threads that have ended too."""
        return sum(time.clock_gettime_ns(~pid << 3 | _CPU_CLOCK) for pid in self.pids)

    def descriptors(self) -> int:
        """How many descriptors its processes hold."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.pids)


def main() -> None:
    """Print the three tables."""
    there = [name for name, package in _SERVERS if importlib.util.find_spec(package) is not None]
    missing = [package for _, package in _SERVERS if importlib.util.find_spec(package) is None]
    if missing:
        print(f"not measured, since not installed: pip install {' '.join(missing)}")
    _tell_cpu(there)
    _tell_exactness(there)
    _tell_drips(there)


@contextmanager
def _running(name: str, application: str) -> Iterator[_Server]:
    """The server with that application, in a process that is ended at the end."""
    command = [sys.executable, str(_PROGRAM), name, application]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            host = process.stdout.readline().rstrip("\n").removeprefix("http://")
            for _ in range(_WARM_UP):  # gunicorn answers from a process that it starts
                exchange(host, "POST", GENERATIONS, ORDER)
            yield _Server(name, host, (process.pid, *_children(process.pid)))
        finally:
            process.terminate()
            try:
                process.wait(_SETTLED_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _children(pid: int) -> Iterator[int]:
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, told.read_text("ascii").split())


def _tell_cpu(names: Sequence[str]) -> None:
    spent: dict[tuple[str, str, str], list[float]] = {}
    with ExitStack() as stack:
        servers = [
            (application, stack.enter_context(_running(name, application)))
            for name in names
            for application in ("bare", "mock")
        ]
        asked = [(application, server, submitted(server.host)) for application, server in servers]
        # One after the other and again and again, so that whatever else the machine does falls on all.
        for _ in range(_ROUNDS):
            for application, server, task_id in asked:
                for kind in _KINDS:
                    cpu_us = _cpu_us(server, kind, f"{GENERATIONS}/{task_id}")
                    spent.setdefault((server.name, application, kind), []).append(cpu_us)
    print(
        f"(a) CPU of the server per request, us (median of {_ROUNDS} x {_REQUESTS}): mock, bare Flask, mock to bare"
    )
    print(f"{'':<17}" + "".join(f"{kind:>24}" for kind in _KINDS))
    for name in names:
        line = f"{name:<17}"
        for kind in _KINDS:
            mock, bare = (statistics.median(spent[name, which, kind]) for which in ("mock", "bare"))
            line += f"{mock:12.0f}{bare:6.0f}{mock / bare:6.2f}"
        print(line)


def _cpu_us(server: _Server, kind: str, path: str) -> float:
    """Microseconds of CPU for one of many requests; the client is the same for all."""
    method, target, body = ("POST", GENERATIONS, ORDER) if kind == "submit" else ("GET", path, None)
    connection = http.client.HTTPConnection(server.host, timeout=_SETTLED_S)
    before = server.cpu_ns()
    for _ in range(_REQUESTS):
        connection.request(method, target, body, HEADERS)
        answer = connection.getresponse()
        assert answer.read()
        assert answer.status == http.client.OK, answer.status
        if kind != "poll, kept":
            connection.close()
    connection.close()
    return (server.cpu_ns() - before) / _REQUESTS / 1000


def _tell_exactness(names: Sequence[str]) -> None:
    print(f"\n(b) {_MIXED} downloads from {_THREADS} threads: what a raw socket saw")
    for name in names:
        with _running(name, "faulty") as server:
            _tell_outcomes(server)


def _tell_outcomes(server: _Server) -> None:
    task_id = submitted(server.host)
    whole = len(exchange(server.host, "GET", f"{GENERATIONS}/download?id={task_id}"))
    expected = {
        "reset": (0, "RST", True),
        "reset after": (AFTER_BYTES, "RST", True),
        "truncate": (AFTER_BYTES, "FIN", True),
        "whole": (whole, "FIN", True),
    }
    for outcome in expected:  # what a server opens once is open
        _seen(server, task_id, outcome)
    before = _settled(server)
    outcomes = list(itertools.islice(itertools.cycle(expected), _MIXED))
    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(partial(_seen, server, task_id), outcomes))
    wrong = Counter(
        f"{outcome}: {seen}"
        for outcome, seen in zip(outcomes, found, strict=True)
        if seen != expected[outcome]
    )
    left = _settled(server, before) - before
    exchange(server.host, "GET", f"{GENERATIONS}/{task_id}")  # or it raises
    exact = _MIXED - wrong.total()
    print(f"{server.name:<17}{exact} of {_MIXED} exact, descriptors {left:+d}, next request fine")
    for what, number in wrong.most_common(4):
        print(f"{'':<17}{number} x {what}")


def _seen(server: _Server, task_id: str, outcome: str) -> tuple[int, str, bool]:
    """Bytes of the body, the end, and whether the head is whole, or absent where nothing comes."""
    raw = bytearray()
    with download(server.host, task_id, outcome) as connection:
        try:
            while block := connection.recv(1 << 16):
                raw += block
            end = "FIN"
        except ConnectionResetError:
            end = "RST"
        except TimeoutError:
            end = "left open"
    head, _, body = bytes(raw).partition(b"\r\n\r\n")
    return len(body), end, head.startswith(b"HTTP/1.1 200") or (outcome == "reset" and not raw)


def _settled(server: _Server, expected: int | None = None) -> int:
    """The server's descriptors, as soon as they are as expected, or do not change any more."""
    deadline, found = time.monotonic() + _SETTLED_S, -1
    while time.monotonic() < deadline:
        before, found = found, server.descriptors()
        if found == expected or (expected is None and found == before):
            break
        time.sleep(_LOOK_S)
    return found


def _tell_drips(names: Sequence[str]) -> None:
    print(f"\n(c) {_POLLS} polls while {_DRIPS} downloads drip, ms")
    for name in names:
        with _running(name, "faulty") as server:
            task_id = submitted(server.host)
            with dripping(server.host, task_id, _DRIPS):
                times = poll_times_ms(server.host, task_id, _POLLS)
            print(f"{name:<17}median {statistics.median(times):6.2f}, worst {times[-1]:6.2f}")


if __name__ == "__main__":
    main()
