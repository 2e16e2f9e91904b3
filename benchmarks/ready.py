"""How soon a MockServer answers, counted from its construction, imports done. Bar: under 50 ms.

python benchmarks/ready.py
"""

import http.client
import statistics
import time
from urllib.parse import urlsplit

from nebula_mock import MockServer

_RUNS = 30
_BAR_MS = 50


def main() -> None:
    """Print median and worst of thirty starts, each until its first answer has been read."""
    MockServer().start().stop()  # the first touch of each module is part of importing
    times_ms = sorted(_start_to_answer_ms() for _ in range(_RUNS))
    median, worst = statistics.median(times_ms), times_ms[-1]
    print(f"ready after {median:.1f} ms (median of {_RUNS}), {worst:.1f} ms (worst); bar {_BAR_MS} ms")


def _start_to_answer_ms() -> float:
    started = time.perf_counter()
    with MockServer() as mock:
        connection = http.client.HTTPConnection(urlsplit(mock.url).netloc)
        connection.request("GET", "/_mock/health")
        connection.getresponse().read()
        took_ms = (time.perf_counter() - started) * 1000
        connection.close()
    return took_ms


if __name__ == "__main__":
    main()
