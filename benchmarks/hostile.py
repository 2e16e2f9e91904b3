"""What 5,000 hostile requests of each operation cost the server: memory before and after, and its answers.

Bar: under 20 MiB of growth for each, no 5xx but those the provider itself documents. The server runs in a
process of its own (Linux: memory is read from /proc).

    python benchmarks/hostile.py
"""

import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from hostile import hostile_bodies, hostile_ids
from served import Served, served

_REQUESTS = 5_000
_WARM_UP = 200
_GENERATIONS = "/v1/video/generations"
_KEY = {"Authorization": "Bearer sk-benchmark"}


def main() -> None:
    """Print a line for each operation and dialect."""
    for dialect in ("documented", "gateway"):
        with served("--clock", "manual", "--dialect", dialect) as server:
            for _ in _submits(server, _WARM_UP):
                pass
            _measure(f"{dialect} submit", server, _submits(server, _REQUESTS))
            _measure(f"{dialect} query", server, _reads(server, f"{_GENERATIONS}/"))
            _measure(f"{dialect} download", server, _reads(server, f"{_GENERATIONS}/download?id="))


def _submits(server: Served, count: int) -> Iterator[int]:
    for media_type, body in itertools.islice(hostile_bodies(), count):
        yield server.status("POST", _GENERATIONS, {**_KEY, "Content-Type": media_type}, body)


def _reads(server: Served, path: str) -> Iterator[int]:
    for one in itertools.islice(hostile_ids(), _REQUESTS):
        yield server.status("GET", path + one, _KEY)


def _measure(name: str, server: Served, statuses: Iterator[int]) -> None:
    before = server.resident_bytes()
    found = Counter(statuses)
    grown_mib = (server.resident_bytes() - before) / 2**20
    told = ", ".join(f"{status}: {count}" for status, count in sorted(found.items()))
    print(f"{name}: {found.total()} requests, memory {grown_mib:+.1f} MiB (bar 20); answers {told}")


if __name__ == "__main__":
    main()
