"""Schemathesis against both dialects: it finds nothing, and it would find something if there were something."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

from lively_provider import KEY, lively_provider
from nebula_schemas.catalogue import DIALECTS, Dialect

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "tests/schemathesis.toml"
DOCUMENT = ROOT / "docs/schemathesis.md"
SUPPORT = ROOT / "tests/support"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
LEAST_CASES = 2_000
WATCHDOG_S = 400
GENERATIONS = "/v1/video/generations"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of schemathesis came to."""

    code: int
    report: dict[str, Any]
    summary: str

    @property
    def found(self) -> set[str]:
        """The kinds of failures."""
        return {failure["type"] for failure in self.report["failures"]}


def schemathesis(url: str, folder: Path, *options: str) -> Run:
    """A run against the provider at ``url``, with every check, in a process and a folder of its own."""
    report = folder / "report.json"
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", "--no-color"]
    asked = ["--mode", "all", "--report-json-path", str(report)]
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT), "NO_PROXY": "127.0.0.1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [*program, *asked, *options, f"{url}/_mock/openapi.json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WATCHDOG_S,
        check=False,
    )
    told = done.stdout + done.stderr
    return Run(done.returncode, json.loads(report.read_text("utf-8")) if report.is_file() else {}, told)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schemathesis_finds_nothing(dialect: Dialect, tmp_path: Path) -> None:
    """Every phase and every check, right and wrong data; tasks that end both ways and videos that are fetched."""
    with lively_provider(dialect) as served:
        run = schemathesis(served.url, tmp_path, "--phases", ",".join(PHASES))
    assert (run.code, run.found) == (0, set()), run.summary
    assert {name: phase["status"] for name, phase in run.report["phases"].items()} == dict.fromkeys(
        PHASES, "success"
    )
    assert run.report["complete"], run.summary
    assert run.report["operations"]["tested"] == 3
    assert run.report["test_cases"]["generated"] >= LEAST_CASES, run.summary
    assert served.answers.total() >= LEAST_CASES
    reached = {("POST", GENERATIONS, 200), ("POST", GENERATIONS, 400), ("POST", GENERATIONS, 503)}
    reached |= {("GET", f"{GENERATIONS}/{{task_id}}", 200), ("GET", f"{GENERATIONS}/{{task_id}}", 401)}
    reached |= {("GET", f"{GENERATIONS}/download", status) for status in (200, 400, 401, 404, 502)}
    assert reached <= set(served.answers), sorted(served.answers.items())


def test_every_exception_is_told_with_its_reason() -> None:
    """Check, operation and dialect of each exception, as a row of the document's table."""
    config = tomllib.loads(CONFIG.read_text("utf-8"))
    excepted = {("all", "both", name) for name, check in config["checks"].items() if check is not True}
    for dialect, operations in [
        ("both", config["operations"]),
        ("gateway", config["project"][0]["operations"]),
    ]:
        for one in operations:
            excepted |= {(f"`{one['include-operation-id']}`", dialect, name) for name in one["checks"]}
    rows = [line.split(" | ") for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert {(row[1], row[2], row[0].strip("| `")) for row in rows} == excepted
    assert all("SRC" in row[-1] for row in rows)


def without_a_task_id(body: bytes) -> bytes:
    """A submit answer that forgets to say which task it made."""
    return body.replace(b'"task_id"', b'"id"')


def with_a_word_of_its_own(body: bytes) -> bytes:
    """A query answer with a status that no dialect has."""
    return body.replace(b'"status":"', b'"status":"un')


def changed(
    *,
    body: Callable[[bytes], bytes] = bytes,
    status: str | None = None,
    headers: Callable[[tuple[str, str]], tuple[str, str] | None] = lambda header: header,
) -> "Callable[[WSGIApplication], WSGIApplication]":
    """What makes a right provider a wrong one: what it answers, but for its own document, is changed."""

    def between(app: "WSGIApplication") -> "WSGIApplication":
        def wrong(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith("/_mock"):
                return app(environ, start_response)
            blocks, true_status, told = run_wsgi_app(app, environ)
            answer = body(b"".join(blocks))
            kept = [one for one in map(headers, told) if one is not None and one[0] != "Content-Length"]
            start_response(status or true_status, [*kept, ("Content-Length", str(len(answer)))])
            return [answer]

        return wrong

    return between


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        (changed(), set()),
        (changed(body=without_a_task_id), {"JsonSchemaError"}),
        (changed(body=with_a_word_of_its_own), {"JsonSchemaError"}),
        (changed(body=lambda body: body[:-1]), {"MalformedJson"}),
        (changed(status="418 I'm a teapot"), {"UndefinedStatusCode"}),
        (changed(status="500 Internal Server Error"), {"ServerError"}),
        (
            changed(headers=lambda one: ("Content-Type", "text/html") if one[0] == "Content-Type" else one),
            {"UndefinedContentType"},
        ),
        (
            changed(headers=lambda one: None if one[0] == "X-Oneapi-Request-Id" else one),
            {"MissingHeaders"},
        ),
    ],
    ids=["right", "no task id", "other status", "broken JSON", "418", "500", "HTML", "no request id"],
)
def test_a_wrong_provider_is_found_out(wrong: Any, finding: set[str], tmp_path: Path) -> None:
    """The set-up can fail: with the same exceptions, each of these is seen in the examples alone."""
    with lively_provider("documented", wrong=wrong) as served:
        run = schemathesis(served.url, tmp_path, "--phases", "examples")
    assert finding <= run.found, run.summary
    assert (run.code == 0) == (not finding), run.summary


def test_a_provider_that_lets_everybody_in_is_found_out(tmp_path: Path) -> None:
    def admitting(app: "WSGIApplication") -> "WSGIApplication":
        return lambda environ, start: app({**environ, "HTTP_AUTHORIZATION": f"Bearer {KEY}"}, start)

    with lively_provider("documented", wrong=admitting) as served:
        run = schemathesis(served.url, tmp_path, "--phases", "examples,coverage", "--max-examples", "5")
    assert "IgnoredAuth" in run.found, run.summary
