"""Promises of shell completion: the script that is printed completes in the shell it is for."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nebula_schemas.catalogue import catalogue
from typed import Run

BASH = shutil.which("bash")
FOLDER = Path(sys.executable).parent


def completed(*words: str) -> list[str]:
    """What bash offers for the last word."""
    typed = " ".join(shlex.quote(word) for word in ("nebula-video", *words))
    script = f"""
        eval "$(nebula-video completion bash)"
        complete -p nebula-video > /dev/null || exit 1
        COMP_WORDS=({typed}); COMP_CWORD={len(words)}
        _nebula_video_completion nebula-video
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    assert BASH is not None
    environment = {"PATH": f"{FOLDER}:/usr/bin:/bin"}
    done = subprocess.run([BASH, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(BASH is None, reason="needs bash: apt-get install bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["s"], ["status", "submit"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["download", "video_1", "--ver"], ["--verify"]),
        (["download", "video_1", "--verify", "s"], ["skip", "stop"]),
        (["generate", "'A cat'", "--model", "wan2.5-t"], ["wan2.5-t2v-preview"]),
    ],
)
def test_bash_completes_what_was_begun(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


@pytest.mark.skipif(BASH is None, reason="needs bash: apt-get install bash")
def test_every_model_of_the_catalogue_is_offered() -> None:
    assert set(completed("submit", "'A cat'", "--model", "")) == set(catalogue().family_of_model)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.exit_code == 0
    assert f"_NEBULA_VIDEO_COMPLETE={shell}_complete" in done.stdout


def test_another_shell_is_refused(run: Run) -> None:
    assert run("completion", "tcsh").exit_code == 2
