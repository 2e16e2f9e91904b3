"""How soon 200 requests are answered that a rule makes wait up to ten minutes, when the clock moves by ten minutes.

Bar: 1 s of real time, from the advance to the last byte of the last answer. The clock is manual, and every
request waits, as the scenario counts, before it moves.

    python benchmarks/sleepers.py
"""

import selectors
import socket
import statistics
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from nebula_mock import MockServer

_SLEEPERS, _RUNS = 200, 10
_DELAY_S, _BAR_S = 600.0, 1.0
_LOOK_S, _LONGEST_S = 0.005, 60.0
_RULE = "late"
_SCENARIO = {
    "description": "Every query waits up to ten minutes.",
    "rules": [
        {
            "name": _RULE,
            "match": {"operation": "query"},
            "delay": {"delay": "uniform", "min_s": 1, "max_s": _DELAY_S},
        }
    ],
}


def main() -> None:
    """Print median and worst of the runs."""
    times_s = sorted(_woken_s() for _ in range(_RUNS))
    print(
        f"{_SLEEPERS} requests asleep, clock advanced by {_DELAY_S:.0f} s: all answered after "
        f"{statistics.median(times_s):.3f} s (median of {_RUNS}), {times_s[-1]:.3f} s (worst); bar {_BAR_S:.0f} s"
    )


def _woken_s() -> float:
    with (
        MockServer(clock="manual", scenario=_SCENARIO) as mock,
        ExitStack() as stack,
        selectors.DefaultSelector() as selector,
    ):
        for _ in range(_SLEEPERS):
            selector.register(stack.enter_context(_asked(mock.url)), selectors.EVENT_READ)
        _wait_until_all_wait(mock)
        assert not selector.select(0), "answered before it is time"
        began = time.perf_counter()
        mock.advance(_DELAY_S)
        _read_all(selector)
        return time.perf_counter() - began


def _asked(url: str) -> socket.socket:
    """A connection on which a query was sent."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=_LONGEST_S)
    connection.sendall(
        f"GET /v1/video/generations/unknown HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Authorization: Bearer sk-benchmark\r\n\r\n".encode()
    )
    return connection


def _wait_until_all_wait(mock: MockServer) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while mock.scenario.fired().get(_RULE, 0) < _SLEEPERS:
        assert time.monotonic() < deadline
        time.sleep(_LOOK_S)


def _read_all(selector: selectors.BaseSelector) -> None:
    """Read every answer to its end."""
    while selector.get_map():
        ready = selector.select(_LONGEST_S)
        assert ready, "not answered"
        for key, _ in ready:
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            if not connection.recv(1 << 16):
                selector.unregister(connection)


if __name__ == "__main__":
    main()
