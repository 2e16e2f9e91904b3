"""What the guides say is true: every snippet runs, and every scenario in them can be used."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nebula_mock import MockServer
from nebula_mock.scenario_checks import scenario_violations
from snippets import blocks, run_python

ROOT = Path(__file__).parent.parent
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
HOST = "http://127.0.0.1:8383"
CURL = shutil.which("curl")
RUN_AS = {
    "nebula-mock": [sys.executable, "-c", "from nebula_mock.cli import main; main(prog_name='nebula-mock')"],
    "nebula-video": [
        sys.executable,
        "-c",
        "from nebula_client.cli import main; main(prog_name='nebula-video')",
    ],
}
TASK_ID = re.compile(r"\bvideo_[0-9a-f]{32}\b")


def blocks_of_guides(language: str) -> list[tuple[str, str]]:
    """Guide and text of every block in that language."""
    return [(guide.stem, block) for guide in GUIDES for block in blocks(language, guide.read_text("utf-8"))]


def each(language: str) -> pytest.MarkDecorator:
    """One test a block of that language."""
    found = blocks_of_guides(language)
    labels = [f"{guide}-{number}" for number, (guide, _) in enumerate(found)]
    return pytest.mark.parametrize("snippet", [block for _, block in found], ids=labels)


def test_there_are_guides() -> None:
    assert GUIDES


@each("python")
def test_a_python_snippet_runs_and_prints_what_stands_below_it(snippet: str, tmp_path: Path) -> None:
    done = run_python(snippet, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    guides = "".join(guide.read_text("utf-8") for guide in GUIDES)
    told = re.match(r"\n*```text\n(.*?)```", guides.split(snippet + "```\n", 1)[1], re.DOTALL)
    if told is not None:
        assert done.stdout == told[1]


@each("json")
def test_a_scenario_of_a_guide_can_be_used(snippet: str) -> None:
    assert scenario_violations(json.loads(snippet)) == ()


@each("console")
def test_a_command_of_a_guide_runs(snippet: str, tmp_path: Path) -> None:
    """One after the other; the task id that one printed stands in those after it."""
    made = ""
    with MockServer(scenario="instant") as mock:
        environment = {**os.environ, "NEBULA_API_KEY": "sk-test", "NEBULA_BASE_URL": mock.url}
        for line in snippet.splitlines():
            assert line.startswith("$ ")
            program, *arguments = shlex.split(TASK_ID.sub(made, line.removeprefix("$ ")))
            done = subprocess.run(
                [*RUN_AS[program], *arguments],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (line, done.stderr)
            made = made or "".join(TASK_ID.findall(done.stdout))


@pytest.mark.skipif(CURL is None, reason="needs curl: apt-get install curl")
@pytest.mark.parametrize("guide", [guide.stem for guide in GUIDES])
def test_the_requests_of_a_guide_are_answered_one_after_the_other(guide: str) -> None:
    with MockServer(clock="manual") as mock:
        for command in (block for stem, block in blocks_of_guides("bash") if stem == guide):
            filled = command.replace(HOST, mock.url).replace("curl ", "curl -sS --fail-with-body ")
            done = subprocess.run(["bash", "-c", filled], capture_output=True, check=False)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            assert json.loads(done.stdout)
