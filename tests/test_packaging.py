"""The wheel: what it holds, that it works outside the checkout, and what each extra brings."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
_OWN = {"nebula_schemas", "nebula_mock", "nebula_client", "nebula_contract"}
COMMANDS = ("nebula-mock", "nebula-video", "nebula-contract")

# What each extra promises, and nothing else needs to be installed for it.
PROMISES = {
    "": ["nebula_client", "nebula_client.cli", "nebula_schemas.catalogue"],
    "mock": ["nebula_mock.testing", "nebula_mock.cli", "nebula_mock.http.app", "nebula_schemas.loader"],
    "contract": ["nebula_contract.targets", "nebula_contract.pytest_plugin", "nebula_contract.cli_test"],
    "fast": ["nebula_client.download", "pybase64"],
}

_BLOCKER = """
import importlib, importlib.abc, json, sys
blocked, wanted = json.loads(sys.argv[1]), json.loads(sys.argv[2])
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
for name in wanted:
    importlib.import_module(name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built offline."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's content as pip lays it out, dependencies left out."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, str(folder), str(wheel)], check=True, capture_output=True)
    return folder


def test_wheel_holds_the_four_packages_with_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"nebula_schemas", "nebula_mock", "nebula_client", "nebula_contract"}
    data = {"nebula_schemas/catalogue/sora.json", "nebula_schemas/errors/table.json", "nebula_mock/py.typed"}
    data |= {"nebula_mock/presets/happy.json", "nebula_schemas/errors/failures.json"}
    data |= {"nebula_contract/drift/rules.json", "nebula_contract/drift/reporting/page/style.css"}
    assert data <= set(names)
    assert any(name.endswith("720x1280.h264") for name in names)
    assert not [name for name in names if "/tests/" in name]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_works_outside_the_checkout(installed: Path, tmp_path: Path, command: str) -> None:
    """``--version`` answers, and it is the installed copy that does."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, str(installed / "bin" / command), "--version"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{command}, version ")


def test_demo_job_works_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """The installed mock serves its video data and the installed client writes it."""
    script = (
        "import nebula_client, nebula_mock, sys\n"
        f"assert nebula_mock.__file__.startswith({str(installed)!r}), nebula_mock.__file__\n"
        "with nebula_mock.MockServer(speed=1000) as mock:\n"
        "    client = nebula_client.VideoClient('sk-wheel', mock.url,\n"
        "        schedule=nebula_client.PollSchedule(0.01, 1, 0.01))\n"
        "    print(client.generate('A cat', 'cat.mp4', model='sora-2').video.size_bytes)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == (tmp_path / "cat.mp4").stat().st_size


@pytest.mark.parametrize("extra", PROMISES)
def test_extra_alone_imports_what_it_promises(extra: str) -> None:
    """Everything outside the extra's own requirements is made impossible to import."""
    command = [sys.executable, "-c", _BLOCKER, json.dumps(_blocked(extra)), json.dumps(PROMISES[extra])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("statement", "extra"),
    [
        ("from nebula_mock import MockServer", "mock"),
        ("from nebula_schemas import contract", "mock"),
        ("from nebula_mock.cli import main; main(['serve', '--port', '0'])", "mock"),
        ("from nebula_contract.cli import main; main(['test'])", "contract"),
    ],
)
def test_absent_extra_gives_one_sentence_that_names_it(statement: str, extra: str) -> None:
    command = [sys.executable, "-c", f"{_BLOCKER}\n{statement}", json.dumps(_blocked("")), "[]"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"pip install 'nebula-video[{extra}]'" in done.stderr.splitlines()[-1]


def _blocked(extra: str) -> list[str]:
    """Third-party modules of this environment that ``nebula-video[extra]`` does not bring."""
    return sorted(set(packages_distributions()) - _importable(extra) - _OWN)


def _importable(extra: str) -> set[str]:
    """Top-level modules of the distributions that ``nebula-video[extra]`` brings."""
    wanted, seen = [(Requirement(f"nebula-video[{extra}]" if extra else "nebula-video"))], set[str]()
    distributions: set[str] = set()
    while wanted:
        requirement = wanted.pop()
        label = f"{_normal(requirement.name)}[{','.join(sorted(requirement.extras))}]"
        if label in seen:
            continue
        seen.add(label)
        if requirement.name != "nebula-video":
            distributions.add(_normal(requirement.name))
        for text in distribution(requirement.name).requires or ():
            needed = Requirement(text)
            environments = [{"extra": one} for one in requirement.extras] or [{"extra": ""}]
            if needed.marker is None or any(needed.marker.evaluate(one) for one in environments):
                wanted.append(needed)
    return {
        module
        for module, owners in packages_distributions().items()
        if distributions & {_normal(owner) for owner in owners}
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
