"""The client in a process of its own, which is interrupted, ended, killed or forked (faults 68, 69 and 72)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from client_trials.answers import TASK_ID, downloaded, submitted, task
from client_trials.raw_provider import Play, RawProvider, hangs, says
from client_trials.rig import KEY, Rig
from client_trials.trial import MODEL, Run, Trial, download
from nebula_mock import MockServer

_COMMAND = "from nebula_client.cli import main; main()"
_PATIENCE_S = 20.0
_EXIT_S = 5.0
_INTERRUPTED = 130

# Shuts its ears to the first Ctrl-C as a caller would whose own cleaning up takes for ever.
_STUBBORN = """
import signal, sys
from nebula_client import VideoClient
try:
    VideoClient().wait(sys.argv[1])
except KeyboardInterrupt:
    print("first", flush=True)
    signal.pause()
"""
_FORKED = """
import os, sys
from nebula_client import VideoClient
client, task_id = VideoClient(), sys.argv[1]
client.query(task_id)
child = os.fork()
for _ in range(20):
    assert client.query(task_id).task_id == task_id
if not child:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@contextmanager
def _started(url: str, program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """That program in Python, with a provider in its environment; it is ended in any case."""
    bare = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**bare, "NEBULA_API_KEY": KEY, "NEBULA_BASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _begun(rig: Rig, provider: RawProvider, plays: int) -> None:
    """Wait until the last play has its request; the file of a download is begun before it is asked for."""
    provider.wait_for(plays)
    if b"/download?" in provider.requests[-1]:
        assert list(rig.folder.glob(".*.part")), "what was to be interrupted did not begin"


def _ended(rig: Rig, process: subprocess.Popen[str]) -> str:
    """Everything it printed, once it ended, which may take a second."""
    began = time.monotonic()
    out, err = process.communicate(timeout=_PATIENCE_S)
    took_s = time.monotonic() - began
    assert took_s <= _EXIT_S, f"it took {took_s:.1f} s to end"
    rig.texts.append(out + err)
    return out + err


def _signalled(number: int, *plays: Play) -> Run:
    """The command ``generate`` under a signal during the last of these plays."""

    def run(rig: Rig) -> object:
        provider = rig.provider(*plays)
        options = ("--model", MODEL, "--seconds", "4", "--out", str(rig.path))
        with _started(provider.url, _COMMAND, "generate", "A cat", *options) as process:
            _begun(rig, provider, len(plays))
            process.send_signal(number)
            words = _ended(rig, process)
        assert not rig.path.exists()
        left = list(rig.folder.glob(".*.part"))
        for part in left:
            part.unlink()
        said = (
            "id told"
            if TASK_ID in words
            else "idempotency key told"
            if "idempotency key" in words
            else "no id told"
        )
        parts = "part left" if left else "no part left"
        return f"exit {process.returncode}, {said}, {parts}"

    return run


def _twice(rig: Rig) -> object:
    """A second Ctrl-C while the caller still deals with the first one."""
    provider = rig.provider(hangs())
    with _started(provider.url, _STUBBORN, TASK_ID) as process:
        provider.wait_for(1)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "first\n"
        process.send_signal(signal.SIGINT)
        _ended(rig, process)
    return f"exit {process.returncode}"


def _after_kill(rig: Rig) -> object:
    """What a killed download left does not disturb the next one."""
    part = rig.folder / ".cat.mp4.00000000.part"
    part.write_bytes(b"stale")
    made = download(rig.client(rig.provider(says(downloaded()))), rig)
    assert part.read_bytes() == b"stale"
    part.unlink()
    return made


def _forked(rig: Rig) -> object:
    """A client that is used on both sides of a fork."""
    mock: MockServer = rig.mock()
    client = rig.client(mock)
    task_id = client.submit("A cat", model=MODEL).task_id
    with _started(mock.url, _FORKED, task_id) as process:
        out, err = process.communicate(timeout=_PATIENCE_S)
    rig.texts.append(out + err)
    assert process.returncode == 0, err
    return "exit 0 on both sides"


_HALF = downloaded()[:-300]
_DOWNLOADING = (says(submitted()), says(task()), hangs(_HALF))
TRIALS = (
    Trial(
        68,
        "during the submit: generate",
        f"exit {_INTERRUPTED}, idempotency key told, no part left, 1 POST",
        _signalled(signal.SIGINT, hangs()),
    ),
    Trial(
        68,
        "during a poll: generate",
        f"exit {_INTERRUPTED}, id told, no part left, 1 POST, 1 GET",
        _signalled(signal.SIGINT, says(submitted()), hangs()),
    ),
    Trial(
        68,
        "between polls: generate",
        f"exit {_INTERRUPTED}, id told, no part left, 1 POST, 1 GET",
        _signalled(signal.SIGINT, says(submitted()), says(task("queued"))),
    ),
    Trial(
        68,
        "during the download: generate",
        f"exit {_INTERRUPTED}, id told, no part left, 1 POST, 2 GET",
        _signalled(signal.SIGINT, *_DOWNLOADING),
    ),
    Trial(68, "a second one, which ends at once: wait", f"exit {-signal.SIGINT}, 1 GET", _twice),
    Trial(
        69,
        "SIGTERM during the download: generate",
        "exit 143, id told, no part left, 1 POST, 2 GET",
        _signalled(signal.SIGTERM, *_DOWNLOADING),
    ),
    Trial(
        69,
        "kill -9 during the download: generate",
        f"exit {-signal.SIGKILL}, id told, part left, 1 POST, 2 GET",
        _signalled(signal.SIGKILL, *_DOWNLOADING),
    ),
    Trial(69, "a part that was left: download", "file, 1 GET", _after_kill),
    Trial(72, "fork: query", "exit 0 on both sides, 1 POST, 41 GET", _forked),
)
