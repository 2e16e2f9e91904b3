"""What the journal costs: CPU per poll and per submit, with it on, with it off, and of a bare Flask application.

Bar: with the journal on at most 1.6 times the bare application, on the same runner in the same run. All three
answer from this process, one after the other and again and again, so that whatever else the machine does
falls on all; requests come from a process of their own and cost this one nothing. CPU is the process's own
(user and system, all threads), so waiting does not count.

    python benchmarks/journal_cost.py
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from flask import Flask, request

from nebula_mock import Settings, create_app
from nebula_mock.runner import Runner

_ROUNDS, _REQUESTS, _WARM_UP = 25, 200, 100
_BAR = 1.6
_GENERATIONS = "/v1/video/generations"
_HEADERS = {"Authorization": "Bearer sk-benchmark-0123456789", "Content-Type": "application/json"}
_ORDER = {"model": "sora-2", "prompt": "A cute cat in the garden", "seconds": "4", "size": "720x1280"}

# Sends what it is told, line by line: how often, where, method, path, body.
_CONSUMER = """
import http.client, json, sys
for line in sys.stdin:
    times, host, method, path, body, headers = json.loads(line)
    for _ in range(times):
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        assert answer.read() and answer.status == 200, answer.status
        connection.close()
    print("done", flush=True)
"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One application on a socket.

    Attributes:
        name: As it is printed.
        host: Where it is.
        poll_path: What a poll asks for.
    """

    name: str
    host: str
    poll_path: str


def main() -> None:
    """Print CPU per request of each, and the ratios."""
    with ExitStack() as stack:
        candidates = list(_started(stack))
        consumer = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", _CONSUMER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
        spent: dict[tuple[str, str], list[float]] = {}
        for round_ in range(_ROUNDS + 1):
            for kind in ("poll", "submit"):
                for candidate in candidates:
                    times = _REQUESTS if round_ else _WARM_UP
                    cpu_us = _cpu_us(consumer, candidate, kind, times)
                    if round_:
                        spent.setdefault((kind, candidate.name), []).append(cpu_us)
        assert consumer.stdin is not None
        consumer.stdin.close()
    _tell(spent)


def _started(stack: ExitStack) -> Iterator[_Candidate]:
    body = _polled()
    yield _Candidate("bare Flask", _served(stack, _bare(body)), f"{_GENERATIONS}/x")
    for name, entries in (("journal off", 0), ("journal on", 1000)):
        settings = Settings(journal_entries=entries)
        app = create_app(settings, provider=settings.provider())
        task_id = _submitted(app)
        yield _Candidate(name, _served(stack, app), f"{_GENERATIONS}/{task_id}")


def _submitted(app: Flask) -> str:
    answer = app.test_client().post(_GENERATIONS, json=_ORDER, headers=_HEADERS)
    return str(answer.json["task_id"])  # type: ignore[index] # it is an object


def _polled() -> Mapping[str, Any]:
    """What a poll of the mock answers; the bare application answers the same."""
    app = create_app(Settings())
    answer = app.test_client().get(f"{_GENERATIONS}/{_submitted(app)}", headers=_HEADERS)
    body: Mapping[str, Any] = json.loads(answer.data)
    return body


def _bare(body: Mapping[str, Any]) -> Flask:
    app = Flask("bare")

    @app.get(f"{_GENERATIONS}/<task_id>")
    def query(task_id: str) -> Mapping[str, Any]:
        return {**body, "task_id": task_id}

    @app.post(_GENERATIONS)
    def submit() -> Mapping[str, Any]:
        order = request.get_json()
        return {
            "task_id": "video_69095b4ce0048190893a01510c0c98b0",
            "status": "submitted",
            "model": order["model"],
        }

    return app


def _served(stack: ExitStack, app: Flask) -> str:
    return stack.enter_context(Runner(app)).url.removeprefix("http://")


def _cpu_us(consumer: "subprocess.Popen[str]", candidate: _Candidate, kind: str, times: int) -> float:
    """Microseconds of CPU for one of ``times`` requests."""
    assert consumer.stdin is not None
    assert consumer.stdout is not None
    asked = (
        ("GET", candidate.poll_path, None) if kind == "poll" else ("POST", _GENERATIONS, json.dumps(_ORDER))
    )
    line = json.dumps([times, candidate.host, *asked, _HEADERS])
    before = time.process_time()
    consumer.stdin.write(f"{line}\n")
    consumer.stdin.flush()
    assert consumer.stdout.readline() == "done\n"
    return (time.process_time() - before) / times * 1e6


def _tell(spent: Mapping[tuple[str, str], list[float]]) -> None:
    for kind in ("poll", "submit"):
        bare = spent[kind, "bare Flask"]
        for name in ("bare Flask", "journal off", "journal on"):
            of_bare = statistics.median(
                ours / theirs for ours, theirs in zip(spent[kind, name], bare, strict=True)
            )
            bar = f", bar {_BAR}" if name == "journal on" else ""
            cpu_us = statistics.median(spent[kind, name])
            print(
                f"{kind:<6} {name:<11} {cpu_us:6.0f} us CPU (median of {_ROUNDS} x {_REQUESTS}), {of_bare:.2f} x bare{bar}"
            )


if __name__ == "__main__":
    main()
