"""``make demo``: four real videos, a table, what to try next; and what it says when it cannot."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from decoding import Decoded, decoded

ROOT = Path(__file__).parent.parent


def _demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "examples/demo.py"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_demo_writes_four_videos_as_asked_for(tmp_path: Path) -> None:
    done = _demo("--speed", "50", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {path.name: decoded(path) for path in (tmp_path / "demo-videos").iterdir()}
    assert found == {
        "sora-2.mp4": _expected(720, 1280, 30, 4),
        "veo-3.1.mp4": _expected(1280, 720, 24, 6),
        "wan-2.5.mp4": _expected(832, 480, 24, 5),
        "seedance-1.5.mp4": _expected(864, 496, 24, 5),
    }


def test_demo_tells_what_it_did_and_what_to_try_next(tmp_path: Path) -> None:
    done = _demo("--speed", "50", cwd=tmp_path)
    for heading in ("model and task id", "polls", "seconds", "bytes", "cost", "$0.40", "Next:"):
        assert heading in done.stdout
    assert "video_" in done.stdout


@pytest.mark.parametrize("blocked", ["a file/inside", "a file"])
def test_demo_that_cannot_write_says_so_and_leaves_nothing(tmp_path: Path, blocked: str) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "a file").write_text("mine", "utf-8")
    done = _demo("--speed", "50", "--out", blocked, cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Name another with --out" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def _expected(width: int, height: int, fps: int, seconds: int) -> Decoded:
    return Decoded(width, height, fps * seconds, Fraction(fps), Fraction(seconds), "h264")
