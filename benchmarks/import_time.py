"""How long the client takes to import, beside requests.

Bar: ``import nebula_client`` takes at most 1.3 times as long as ``import requests``. The names of the
client are imported when they are first asked for; what a program pays that uses it is the last row.
Medians of fresh interpreters, the interpreter's own start taken off.

    python benchmarks/import_time.py [--runs N]
"""

import argparse
import statistics
import subprocess
import sys

_RUNS = 15
_PROGRAMS = {
    "import requests": "import requests",
    "import nebula_client": "import nebula_client",
    "from nebula_client import VideoClient": "from nebula_client import VideoClient",
}
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"


def main() -> None:
    """Print a row for each import."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=_RUNS)
    runs = parser.parse_args().runs
    took: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    for _ in range(runs):  # one after the other, so that a busy moment is everybody's
        for name, program in _PROGRAMS.items():
            command = [sys.executable, "-c", _TIMED.format(program)]
            took[name].append(float(subprocess.run(command, check=True, capture_output=True).stdout))
    bar = statistics.median(took["import requests"])
    for name, times in took.items():
        median = statistics.median(times)
        print(f"{name:38} {median * 1000:6.1f} ms  {median / bar:4.2f} x requests")


if __name__ == "__main__":
    main()
