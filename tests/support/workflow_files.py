"""The workflow files that a user copies: read strictly, their steps found, their scripts run with stand-ins."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent.parent.parent / "docs/workflows"
NIGHTLY = FOLDER / "nebula-nightly.yml"
PULL_REQUEST = FOLDER / "nebula-pull-request.yml"
FILES = (NIGHTLY, PULL_REQUEST)


def strictly_read(text: str) -> dict[str, Any]:
    """The document of a YAML 1.2 text; a key that stands twice is an error."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return document


def workflow(path: Path) -> dict[str, Any]:
    """The document of a workflow file."""
    return strictly_read(path.read_text("utf-8"))


def steps(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Job and step, in their order."""
    for job, said in document["jobs"].items():
        for step in said["steps"]:
            yield job, step


def step_named(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The one step of that name."""
    (found,) = (step for _, step in steps(document) if step.get("name") == name)
    return found


def texts(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a document with the keys that lead to it; a step is led to by its name."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, (*place, str(key)))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            name = one.get("name", str(number)) if isinstance(one, dict) else str(number)
            yield from texts(one, (*place, name))
    else:
        yield place, str(value)


def command_lines(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Name and arguments of each ``nebula-contract`` command that a script of the workflow runs."""
    for _, step in steps(document):
        for line in step.get("run", "").splitlines():
            if line.startswith("nebula-contract "):
                words = shlex.split(line, comments=True)
                ends = [number for number, word in enumerate(words) if word in {">", ">>", "|", "||", "&&"}]
                name, *arguments = words[1 : min(ends, default=len(words))]
                yield name, arguments


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script came to.

    Attributes:
        code: Its exit code.
        told: What it printed.
        outputs: What it wrote for later steps.
        summary: What it wrote for people.
    """

    code: int
    told: str
    outputs: Mapping[str, str]
    summary: str


def run_script(
    step: Mapping[str, Any],
    folder: Path,
    environment: Mapping[str, str],
    stand_ins: Mapping[str, str] | None = None,
) -> Ran:
    """Run a step's script in a folder, as GitHub runs ``shell: bash``, with commands of its own before all others."""
    programs = folder / "stand-ins"
    programs.mkdir(exist_ok=True)
    for name, script in (stand_ins or {}).items():
        (programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n", "utf-8")
        (programs / name).chmod(0o755)
    output, summary = folder / "github-output", folder / "github-summary"
    for file in (output, summary):
        file.write_text("", "utf-8")
    given = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        **environment,
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
    return Ran(done.returncode, done.stdout + done.stderr, outputs, summary.read_text("utf-8"))
