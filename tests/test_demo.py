"""``make demo``: four real videos, a table, what to try next; and what it says when it cannot."""

import signal
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


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs Linux: /proc is a folder nobody can write to"
)
def test_demo_in_a_folder_that_takes_no_files_says_so_before_it_begins(tmp_path: Path) -> None:
    done = _demo("--out", "/proc", cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "Choose another name or folder" in done.stderr


def test_demo_does_not_replace_a_folder(tmp_path: Path) -> None:
    (tmp_path / "demo-videos" / "sora-2.mp4").mkdir(parents=True)
    done = _demo(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no plain file" in done.stderr


def test_demo_stops_at_ctrl_c_and_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "examples/demo.py")]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        while "poll 1" not in demo.stdout.readline():
            pass
        demo.send_signal(signal.SIGINT)
        _, told = demo.communicate(timeout=10)
    assert (demo.returncode, told) == (130, "Stopped. The provider is gone, and its tasks with it.\n")
    assert list((tmp_path / "demo-videos").iterdir()) == []
