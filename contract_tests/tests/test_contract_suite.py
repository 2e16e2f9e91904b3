"""The suite in pytest: one run a session, a test for each promise, and a word on how each stands to the live provider."""

import subprocess
import sys
from pathlib import Path

import pytest

from nebula_contract.freshness import STANDINGS, Freshness
from nebula_contract.judging.registry import all_checks
from nebula_contract.pytest_plugin import MARKS
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordWriter, read_record
from nebula_contract.record.run import RunEnd
from nebula_contract.running import run_to_file
from nebula_contract.suite.once import NotMadeError, made_once
from nebula_contract.suite.promises import promise_parameters
from verdicts import HEADER

SUITE = ["--pyargs", "nebula_contract.suite"]


def pytest_of(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A session of its own, as a user starts it: without -p, in a folder of the user's."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "-rs",
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a short run at a mock."""
    path = tmp_path_factory.mktemp("record") / "run.ndjson"
    run_to_file("mock", "smoke", 7, path)
    return path


def lies(kept: Path, path: Path) -> Path:
    """The record, but that no answer names its request any more."""
    record = read_record(kept)
    with RecordWriter(path, record.header) as writer:
        for exchange in record.exchanges():
            writer.add(_nameless(exchange))
        writer.end(RunEnd(HEADER.started_at, "complete", writer.written))
    return path


def _nameless(exchange: Exchange) -> Exchange:
    from dataclasses import replace

    if exchange.answer is None:
        return exchange
    headers = {
        name: value for name, value in exchange.answer.headers.items() if name != "x-oneapi-request-id"
    }
    return replace(exchange, answer=replace(exchange.answer, headers=headers))


def test_the_suite_runs_as_the_guide_says_and_workers_share_one_run(tmp_path: Path) -> None:
    done = pytest_of(tmp_path, *SUITE, "--nebula-target", "mock", "-n", "2", "--nebula-record", "run.ndjson")
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert "error" not in done.stdout.splitlines()[-1]
    record = read_record(tmp_path / "run.ndjson")
    assert record.partial == ""
    assert [one.name for one in tmp_path.iterdir()] == ["run.ndjson"]


def test_a_record_is_judged_without_sending_and_says_what_broke(kept: Path, tmp_path: Path) -> None:
    broken = lies(kept, tmp_path / "lies.ndjson")
    done = pytest_of(tmp_path, *SUITE, "--nebula-judge", str(broken), "-k", "NC101 and all")
    assert done.returncode == 1, done.stdout
    assert "promised: Every answer of the API names its request" in done.stdout
    assert f"nebula-contract replay {broken}" in done.stdout
    assert "Error" not in done.stdout
    held = pytest_of(tmp_path, *SUITE, "--nebula-judge", str(kept), "-k", "NC101 and all")
    assert (held.returncode, "1 passed" in held.stdout) == (0, True), held.stdout


def test_a_level_below_the_bound_fails_nothing(kept: Path, tmp_path: Path) -> None:
    broken = lies(kept, tmp_path / "lies.ndjson")
    arguments = ("--nebula-judge", str(broken), "-k", "NC101 and all", "--nebula-fail-on", "none")
    assert pytest_of(tmp_path, *SUITE, *arguments).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--nebula-target", "mocc"), "--nebula-target: found 'mocc'"),
        (("--nebula-judge", "none.ndjson"), "none.ndjson: cannot be read"),
        (("--nebula-fail-on", "all"), "--nebula-fail-on: found 'all'"),
        (("--nebula-profile", "huge"), "--nebula-profile: found 'huge'"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, str], said: str
) -> None:
    done = pytest_of(tmp_path, *SUITE, *arguments)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_test_without_a_word_on_the_live_provider_is_a_usage_error(tmp_path: Path) -> None:
    """A copy of the suite, with one test more."""
    import shutil

    import nebula_contract.suite

    copy = tmp_path / "suite"
    shutil.copytree(
        Path(nebula_contract.suite.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "test_more.py").write_text(
        '"""One more."""\n\n\ndef test_unmarked() -> None:\n    pass\n', "utf-8"
    )
    done = pytest_of(tmp_path, "--import-mode=importlib", str(copy), "--collect-only")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "found 0 of the marks live_verified, mock_only" in done.stdout + done.stderr


def test_every_check_has_tests_and_every_test_one_mark() -> None:
    parameters = [one for area in "123456789" for one in promise_parameters(area, Freshness())]
    assert {one.values[0] for one in parameters} == {check.code for check in all_checks()}
    assert all(len(one.marks) == 1 and one.marks[0].name in MARKS for one in parameters)
    assert MARKS.keys() == STANDINGS.keys()


def test_who_comes_second_makes_nothing_and_fails_as_the_first_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nebula_contract.suite import once

    made: list[Path] = []

    def run(_target: str, _profile: str, _seed: int | None, path: Path) -> str:
        made.append(path)
        return "complete"

    monkeypatch.setattr(once, "run_to_file", run)
    paths = {made_once(tmp_path / "a", None, "mock", "quick", 1) for _ in range(3)}
    assert paths == set(made) == {tmp_path / "a/run.ndjson"}
    monkeypatch.undo()
    for _ in range(2):
        with pytest.raises(NotMadeError, match="--nebula-target: found"):
            made_once(tmp_path / "b", None, "mocc", "quick", 1)


def test_the_plugin_loads_nothing_that_a_session_without_the_suite_would_wait_for() -> None:
    program = (
        "import sys, pytest, nebula_contract.pytest_plugin\n"
        "print([one for one in ('hypothesis', 'requests', 'jsonschema', 'flask', 'click') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
