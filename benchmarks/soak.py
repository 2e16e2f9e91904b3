"""A thousand jobs through faults in every tenth answer: creates that came twice, wrong files, memory.

Bars: no task twice, no wrong file, nothing left over, under 5 MB of growth. The provider runs in a process of its
own, a thousand times as fast as time; the client's pauses are as much shorter (Linux: memory is read from /proc).

    python benchmarks/soak.py [JOBS]
"""

import base64
import gc
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from nebula_client import Generation, NebulaError, VideoClient
from served import served

_JOBS, _WARM_UP = 1_000, 100
_SPEED = 1_000
_SHARE = 0.1
_KEY = "sk-benchmark"
_MB = 1_000_000

_FAULTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "submit": (
        {"fault": "lost-answer"},
        {"fault": "reset"},
        {"fault": "empty"},
        {"fault": "truncate", "at_fraction": 0.5},
        {"fault": "garbage"},
        {"fault": "http", "status": 500, "done": True},
        {"fault": "html-page", "status": 502, "done": True},
        {"fault": "http", "status": 429, "retry_after_s": 2},
        {"fault": "http", "status": 503, "retry_after_s": 2},
        {"fault": "missing-field", "path": "task_id"},
    ),
    "query": (
        {"fault": "reset"},
        {"fault": "empty"},
        {"fault": "truncate", "at_fraction": 0.5},
        {"fault": "http", "status": 503},
        {"fault": "http", "status": 429, "retry_after_s": 2},
        {"fault": "broken-json", "how": "cut"},
        {"fault": "unknown-status"},
        {"fault": "backwards"},
    ),
    "download": (
        {"fault": "reset", "at_fraction": 0.5},
        {"fault": "truncate", "at_fraction": 0.9},
        {"fault": "bad-chunk"},
        {"fault": "http", "status": 502},
        {"fault": "html-page", "status": 200},
        {"fault": "corrupt-base64", "how": "cut-at-group"},
        {"fault": "corrupt-base64", "how": "illegal-character"},
        {"fault": "wrong-size", "off_by": -1},
    ),
}


def scenario() -> Mapping[str, Any]:
    """One of the operation's faults in every tenth answer. Rules are asked in turn, so later ones are likelier."""
    rules = []
    for operation, faults in _FAULTS.items():
        each = _SHARE / len(faults)
        for number, fault in enumerate(faults):
            chance = each / (1 - number * each)
            match = {"operation": operation}
            rules.append(
                {"name": f"{operation}-{number}", "match": match, "probability": chance, "fault": fault}
            )
    return {"description": "Faults in every tenth answer.", "rules": rules}


class Soak:
    """The client at work, and what came of it."""

    def __init__(self, url: str, folder: Path) -> None:
        """Work at that provider, in an empty folder."""
        self.ends: Counter[str] = Counter()
        self.wrong = self.left = 0
        self._url, self._path, self._folder = url, folder / "video.mp4", folder
        self._client = VideoClient(
            _KEY,
            url,
            sleep=lambda s: time.sleep(s / _SPEED),
            random=random.Random(7).random,  # noqa: S311 - pauses
        )

    def job(self, number: int) -> None:
        """One video, whose file must be the provider's."""
        end = self._end(number)
        self.ends[type(end).__name__] += 1
        if isinstance(end, Generation):
            self.wrong += self._path.read_bytes() != self._truth(end.submission.task_id)
            self._path.unlink()
        self.left += len(list(self._folder.iterdir()))

    def _end(self, number: int) -> Generation | NebulaError:
        try:
            return self._client.generate(f"A cat, take {number}", self._path, model="sora-2", seconds=4)
        except NebulaError as error:
            return error

    def _truth(self, task_id: str) -> bytes:
        """The video by a request that meets no fault."""
        answer = requests.get(
            f"{self._url}/v1/video/generations/download?id={task_id}",
            headers={"Authorization": f"Bearer {_KEY}", "X-Nebula-Scenario": "happy"},
            timeout=60,
        )
        answer.raise_for_status()
        return base64.b64decode(answer.json()["base64"], validate=True)


def main() -> None:
    """Print what came of the jobs."""
    logging.getLogger("nebula_client").setLevel(logging.ERROR)  # hundreds of retries, which are meant to be
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else _JOBS
    with tempfile.TemporaryDirectory() as place:
        plan, folder = Path(place) / "scenario.json", Path(place) / "videos"
        plan.write_text(json.dumps(scenario()), "utf-8")
        folder.mkdir()
        options = ("--speed", str(_SPEED), "--seed", "7", "--video-size", "20kB", "--scenario", str(plan))
        with served(*options) as server:
            soak = Soak(f"http://{server.address}", folder)
            for number in range(_WARM_UP):
                soak.job(number)
            before = (_resident_bytes(), _descriptors())
            for number in range(_WARM_UP, jobs + _WARM_UP):
                soak.job(number)
            after = (_resident_bytes(), _descriptors())
            (account,) = requests.get(f"http://{server.address}/_mock/ledger", timeout=60).json()["accounts"]
    ends = ", ".join(f"{kind} {count}" for kind, count in soak.ends.most_common())
    print(f"{jobs + _WARM_UP} jobs, the first {_WARM_UP} to warm up: {ends}")
    print(f"tasks that were submitted twice: {account['repeated']} of {account['submitted']} (bar 0)")
    print(f"wrong files: {soak.wrong} (bar 0), files left over: {soak.left} (bar 0)")
    print(
        f"memory {(after[0] - before[0]) / _MB:+.1f} MB (bar 5), file descriptors {after[1] - before[1]:+d} (bar 0)"
    )


def _resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


if __name__ == "__main__":
    main()
