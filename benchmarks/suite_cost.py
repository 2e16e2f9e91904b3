"""What a run of the contract suite costs its own side: seconds of CPU for 1,000 requests, over HTTP and in process.

Bars: 2.0 s over HTTP, 1.3 s in process. Over HTTP the mock is a process of its own, so that what is counted is the
suite alone: generating, sending, reading, reducing and recording. In process the mock's own work is counted with it.
Beside it, what Hypothesis with a trivial strategy and a session of ``requests`` takes for as many plain queries, which
reduce nothing and record nothing.

    python benchmarks/suite_cost.py [PROFILE]
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.sending.profiles import DEFAULT_PROFILE, PROFILES, generating
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_target

_BAR_HTTP_S, _BAR_IN_PROCESS_S = 2.0, 1.3
_READY = "nebula-mock ready on "
_PLAIN = 1000
_SEED = 1


def main() -> None:
    """Print all figures."""
    profile = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_PROFILE
    with _mock() as url:
        _run(f"plain Hypothesis, {_PLAIN} queries over HTTP", lambda: _plain(url), None)
        _run(f"profile {profile} over HTTP, the mock apart", lambda: _suite(url, profile), _BAR_HTTP_S)
    _run(
        f"profile {profile} in process, the mock with it", lambda: _suite("mock", profile), _BAR_IN_PROCESS_S
    )


def _run(what: str, send: Callable[[], int], bar_s: float | None) -> None:
    began, cpu_began = time.perf_counter(), time.process_time()
    count = send()
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    bar = "" if bar_s is None else f" (bar {bar_s})"
    print(
        f"{what}: {count:,} requests, {cpu_s / count * 1000:.2f} s of CPU for 1,000{bar}; "
        f"in all {wall_s:.1f} s, {cpu_s:.1f} s of CPU"
    )


def _suite(name: str, profile: str) -> int:
    with open_target(name) as target:
        recorder = send_all(target, PROFILES[profile], _SEED)
    assert not [note for note in recorder.notes if "early" in note]
    return len(recorder.exchanges)


def _plain(url: str) -> int:
    session = requests.Session()
    session.headers["Authorization"] = "Bearer sk-plain"
    sent: list[int] = []

    @generating(_PLAIN)
    @given(st.integers())
    def query(number: int) -> None:
        sent.append(session.get(f"{url}/v1/video/generations/{number}").status_code)

    query()
    return len(sent)


@contextmanager
def _mock() -> Iterator[str]:
    """A mock of its own process; its URL."""
    command = [sys.executable, "-c", "from nebula_mock.cli import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield next(line for line in server.stdout if line.startswith(_READY)).removeprefix(_READY).strip()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
