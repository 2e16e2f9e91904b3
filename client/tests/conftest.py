"""What the tests of the command share: a provider, and the command run against it."""

import functools
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nebula_client import VideoClient, cli
from nebula_client.cli import main
from nebula_mock import MockServer

KEY = "sk-c4n4ry-0f-th3-k3y"


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A provider whose clock stands still until a client pauses."""
    with MockServer(clock="manual", seed=7) as mock:
        yield mock


@pytest.fixture
def run(mock: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command in an empty folder against the provider; its pauses move the provider's clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEBULA_API_KEY", KEY)
    monkeypatch.setenv("NEBULA_BASE_URL", mock.url)
    client = functools.partial(VideoClient, sleep=mock.advance, monotonic=mock.clock.now, random=lambda: 0.5)
    monkeypatch.setattr(cli, "VideoClient", client)

    def invoked(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - as click names it
        return CliRunner().invoke(main, arguments, input=input, catch_exceptions=False)

    return invoked


@pytest.fixture(params=["standard library", "pybase64"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two decoders: the extra ``fast`` is optional, and must change nothing."""
    name = str(request.param)
    if name == "standard library":
        monkeypatch.setattr("nebula_client.base64_stream.pybase64", None)
    else:
        assert find_spec("pybase64") is not None
    return name
