"""Promises of the options of ``nebula-mock serve`` that say what accounts may do: one clear sentence a slip."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nebula_mock.cli import main


def refused(*options: str) -> str:
    """What is said on standard error when the server does not start."""
    done = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ([{"key": "sk-a", "balance": "1"}], '$.accounts[0]: found the member "balance"'),
        (
            [{"key": "sk-a-b", "dialect": "gateway"}],
            "--accounts: found a key that the gateway dialect cannot read",
        ),
        ([{"key": "mine"}], "--accounts: found a key that is never accepted"),
    ],
)
def test_an_accounts_file_that_cannot_work_starts_nothing(
    tmp_path: Path, accounts: list[dict[str, Any]], told: str
) -> None:
    file = tmp_path / "accounts.json"
    file.write_text(json.dumps({"accounts": accounts}), "utf-8")
    assert told in refused("--accounts", str(file))


def test_an_accounts_file_that_is_missing_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none.json'}: cannot be read" in refused("--accounts", str(tmp_path / "none.json"))


def test_a_key_named_by_both_options_must_be_the_same(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    file.write_text('{"accounts": [{"key": "sk-canary"}]}', "utf-8")
    told = refused("--accounts", str(file), "--key", "sk-other")
    assert "--accounts: found a key that is not among the accepted ones" in told
    assert "canary" not in told


@pytest.mark.parametrize("most", ["0", "-1", "10000001", "many"])
def test_a_number_of_tasks_that_cannot_work_is_told(most: str) -> None:
    assert "--most-tasks" in refused("--most-tasks", most)


def test_a_key_that_its_dialect_cannot_read_starts_nothing() -> None:
    told = refused("--dialect", "gateway", "--key", "sk-canary-b")
    assert "--key: found a key that the gateway dialect cannot read" in told
    assert "canary" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk without room")
@pytest.mark.parametrize("command", [["openapi"], ["serve", "--port", "0"]])
def test_a_full_disk_is_one_sentence(command: list[str]) -> None:
    program = [sys.executable, "-c", "from nebula_mock.cli import main; main()", *command]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            program, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (
        2,
        "Error: cannot write to standard output: No space left on device\n",
    )
