"""What the tests of the command share: a provider, and the command run against it, in this process or another."""

import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nebula_client import VideoClient, cli_run
from nebula_client.cli import main
from nebula_mock import MockServer
from typed import KEY, Run, Start

PROGRAM = str(Path(sys.executable).with_name("nebula-video"))


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A provider whose clock stands still until a client pauses."""
    with MockServer(clock="manual", seed=7) as mock:
        yield mock


@pytest.fixture
def run(mock: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder against the provider; its pauses move the provider's clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEBULA_API_KEY", KEY)
    monkeypatch.setenv("NEBULA_BASE_URL", mock.url)
    client = functools.partial(VideoClient, sleep=mock.advance, monotonic=mock.clock.now, random=lambda: 0.5)
    monkeypatch.setattr(cli_run, "VideoClient", client)

    def invoked(*arguments: str, given: bytes | None = None) -> Result:
        done = CliRunner().invoke(main, arguments, input=given, catch_exceptions=False)
        assert KEY not in done.output
        return done

    return invoked


@pytest.fixture
def start(mock: MockServer, tmp_path: Path) -> Iterator[Start]:
    """Starts the installed command in a process of its own; whatever still runs at the test's end is ended."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NEBULA_")},
        "NEBULA_API_KEY": KEY,
        "NEBULA_BASE_URL": mock.url,
        "TMPDIR": str(tmp_path),
    }

    def started_command(*arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment, "cwd": tmp_path}
        process = subprocess.Popen([PROGRAM, *arguments], **{**pipes, **options})
        started.append(process)
        return process

    yield started_command
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(params=["standard library", "pybase64"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two decoders: the extra ``fast`` is optional, and must change nothing."""
    name = str(request.param)
    if name == "standard library":
        monkeypatch.setattr("nebula_client.base64_stream.pybase64", None)
    else:
        assert find_spec("pybase64") is not None
    return name
