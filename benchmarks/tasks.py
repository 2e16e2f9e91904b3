"""What 100,000 tasks cost: memory of each, and the time of a query, against that with 100 tasks.

Bars: 2 KiB a task, 1.3 times. Memory is the growth of this process's resident memory (Linux: read from /proc)
while the tasks are submitted to the provider. The clock is manual and stands after the end of all tasks, since
the answer about one that is over costs more than about one that runs. Queries go through the whole application,
without a socket, to tasks drawn at random; both applications are asked in turns, so that whatever else the machine
does falls on both.

    python benchmarks/tasks.py
"""

import gc
import random
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from flask.testing import FlaskClient

from nebula_mock import Settings, create_app
from nebula_mock.core.account import account_of

_FEW, _MANY = 100, 100_000
_ROUNDS, _QUERIES, _WARM_UP = 40, 200, 200
_OVER_S = 60.0
_BAR_BYTES, _BAR_TIMES = 2048, 1.3
_KEY = "sk-benchmark-0123456789"
_ORDERS = (
    {"model": "sora-2", "prompt": "A cute cat in the garden", "seconds": "4", "size": "720x1280"},
    {"model": "veo-3.1-generate-preview", "prompt": "A storm over the sea, seen from a lighthouse"},
    {"model": "wan2.5-t2v-preview", "prompt": "A paper boat in the rain"},
)


def main() -> None:
    """Print both figures."""
    few, few_ids, _ = _filled(_FEW)
    many, many_ids, grown = _filled(_MANY)
    print(f"{_MANY:,} tasks: {grown / _MANY:.0f} bytes of resident memory each (bar {_BAR_BYTES})")
    _query_us(few, few_ids, _WARM_UP)
    _query_us(many, many_ids, _WARM_UP)
    pairs = [(_query_us(few, few_ids, _QUERIES), _query_us(many, many_ids, _QUERIES)) for _ in range(_ROUNDS)]
    few_us, many_us = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"query: {many_us:.0f} us with {_MANY:,} tasks, {few_us:.0f} us with {_FEW} (medians of {_ROUNDS} x {_QUERIES}): "
        f"{many_us / few_us:.2f} times (bar {_BAR_TIMES})"
    )


def _filled(tasks: int) -> tuple[FlaskClient, Sequence[str], int]:
    """An application with that many tasks, their ids, and the bytes that they took."""
    settings = Settings(most_tasks=_MANY, seed=1, clock="manual")
    provider = settings.provider()
    client = create_app(settings, provider=provider).test_client()
    account = account_of(_KEY)
    gc.collect()
    before = _resident_bytes()
    for number in range(tasks):
        provider.submit(account, _ORDERS[number % len(_ORDERS)])
    gc.collect()
    grown = _resident_bytes() - before
    assert len(provider.store) == tasks
    provider.advance(_OVER_S)
    return client, [task.task_id for task in provider.store.tasks()], grown


def _query_us(client: FlaskClient, ids: Sequence[str], queries: int) -> float:
    """Microseconds for one of many queries."""
    draw = random.Random(queries)  # noqa: S311 - the same tasks in every round
    kinds = len(_ORDERS)  # each kind of task as often as any other, since they cost more or less
    places = [draw.randrange(len(ids) // kinds) * kinds + number % kinds for number in range(queries)]
    paths = [f"/v1/video/generations/{ids[place]}" for place in places]
    headers = {"Authorization": f"Bearer {_KEY}"}
    began = time.perf_counter()
    for path in paths:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200  # noqa: PLR2004
    return (time.perf_counter() - began) / queries * 1e6


def _resident_bytes() -> int:
    found = re.search(r"VmRSS:\s+([0-9]+) kB", Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    main()
