"""Comparing a stored run of 10,000 exchanges: seconds of work and peak memory.

    python benchmarks/drift.py

Bars: 10 s and 200 MiB. A run at the mock is sent in process until 10,000 exchanges are recorded; then a process of its own
reads, judges and compares the record, and another judges alone.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from nebula_contract.record.file import RecordWriter
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_target

EXCHANGES = 10_000
BAR_S, BAR_MIB = 10.0, 200.0
_MEASURED = """
import re, sys, time
from pathlib import Path
from {module} import {bounds}, {function}
from nebula_contract.record.file import read_record
began = time.process_time()
report = {function}(read_record(Path(sys.argv[1])), {bounds}())
took_s = time.process_time() - began
# not ru_maxrss, which a process has from the one that started it
print(took_s, int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""
_STEPS = {
    "judge": ("nebula_contract.judged", "Bounds", "judged"),
    "judge and compare": ("nebula_contract.drift.drifted", "DriftBounds", "drifted"),
}


def main() -> None:
    """Print both, beside the bars."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = _record(folder / "run.ndjson")
        size_mib = (folder / "run.ndjson").stat().st_size / 2**20
        print(f"{written} exchanges, {size_mib:.1f} MiB on disk")
        for step, (module, bounds, function) in _STEPS.items():
            program = _MEASURED.format(module=module, bounds=bounds, function=function)
            done = subprocess.run(
                [sys.executable, "-c", program, str(folder / "run.ndjson")],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
            )
            took_s, peak_mib = map(float, done.stdout.split())
            print(
                f"{step:18}  {took_s:5.2f} s CPU (bar {BAR_S:g})  {peak_mib:6.1f} MiB peak (bar {BAR_MIB:g})"
            )


def _record(path: Path) -> int:
    """A record of at least so many exchanges, of as many runs as it takes."""
    header = RunHeader("benchmark", "mock", "mock", "2026-01-05T08:00:00Z")
    number = 0
    with RecordWriter(path, header) as writer:
        with open_target("mock") as target:
            for seed in range(EXCHANGES):
                if len(target.recorder.exchanges) >= EXCHANGES:
                    break
                send_all(target, PROFILES["quick"], seed)
            for exchange in target.recorder.exchanges[:EXCHANGES]:
                writer.add(exchange)
                number += 1
        writer.end(RunEnd("2026-01-05T08:10:00Z", "complete", number))
    return number


if __name__ == "__main__":
    main()
