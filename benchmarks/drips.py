"""How long a status poll takes while 64 downloads drip, on the default runner. Bar: 20 ms.

The server runs in a process of its own, as `nebula-mock serve` starts it. Each download comes ten bytes at a
time, twenty times a second. A poll is timed from connecting to the last byte of its answer.

    python benchmarks/drips.py
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from loaded import SCENARIO, dripping, poll_times_ms, submitted
from served import served

_DRIPS, _POLLS, _BAR_MS = 64, 1000, 20


def main() -> None:
    """Print median, 99th percentile and worst, without the drips and with them."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder, "drips.json")
        scenario.write_text(json.dumps(SCENARIO))
        with served("--scenario", str(scenario)) as server:
            task_id = submitted(server.address)
            _tell("no drips", poll_times_ms(server.address, task_id, _POLLS))
            with dripping(server.address, task_id, _DRIPS):
                _tell(f"{_DRIPS} drips", poll_times_ms(server.address, task_id, _POLLS))


def _tell(name: str, times_ms: list[float]) -> None:
    p99 = times_ms[len(times_ms) * 99 // 100]
    print(
        f"{name}: {len(times_ms)} polls, median {statistics.median(times_ms):.2f} ms, 99th percentile {p99:.2f} ms, "
        f"worst {times_ms[-1]:.2f} ms (bar {_BAR_MS} ms)"
    )


if __name__ == "__main__":
    main()
