"""Promises of the commands about scenarios: listed, printed, checked, served, and read again while serving."""

import http.client
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nebula_mock.cli import main
from nebula_mock.presets import preset_files
from served import COMMAND, served

CANARY = "canary+4711"


def ran(*arguments: str) -> Result:
    """What a command did."""
    return CliRunner().invoke(main, arguments)


def written(folder: Path, value: Any) -> str:
    """A file with that JSON."""
    path = folder / "mine.json"
    path.write_text(json.dumps(value), "utf-8")
    return str(path)


def test_every_scenario_is_listed_with_its_sentence() -> None:
    done = ran("scenarios")
    assert done.exit_code == 0
    lines = [re.split(r"\s{2,}", line, maxsplit=1) for line in done.output.splitlines()]
    assert dict(lines) == {name: value["description"] for name, value in preset_files().items()}


@pytest.mark.parametrize("name", preset_files())
def test_a_printed_scenario_is_a_file_that_can_be_used(tmp_path: Path, name: str) -> None:
    printed = ran("scenarios", name)
    checked = ran("check", written(tmp_path, json.loads(printed.output)))
    assert (printed.exit_code, checked.exit_code) == (0, 0)
    assert checked.output == f"{tmp_path}/mine.json: a scenario, and can be used\n"


def test_an_unknown_scenario_is_told_with_the_nearest() -> None:
    done = ran("scenarios", "flakey")
    assert (done.exit_code, done.output) == (
        2,
        "Error: found 'flakey', expected the name of a preset. Did you mean flaky?\n",
    )


def test_every_mistake_in_a_file_is_told(tmp_path: Path) -> None:
    """Not the first ten alone."""
    rules = [{"name": "late", "dely": 1} for _ in range(20)]
    done = ran("check", written(tmp_path, {"description": "x", "rules": rules}))
    assert done.exit_code == 2
    for index in range(20):
        place = f"{tmp_path}/mine.json, $.rules[{index}]"
        assert (
            f'{place}: found the member "dely", expected no other members. Did you mean "delay"?'
            in done.output
        )


@pytest.mark.parametrize(
    ("accounts", "code", "told"),
    [
        ([{"key": "sk-a", "most_running": 2}], 0, "a file of accounts, and can be used"),
        ([{"key": "sk-a", "standing": "expird"}], 2, 'Did you mean "expired"?'),
        ([{"key": CANARY}, {"key": CANARY}], 2, "$.accounts[1].key: found a key that stands above already"),
        ([{"key": CANARY, "mots_running": 1}], 2, 'Did you mean "most_running"?'),
        ([{"key": f"{CANARY} x"}], 2, "$.accounts[0].key: found ***"),
    ],
)
def test_a_file_of_accounts_is_checked_too(tmp_path: Path, accounts: Any, code: int, told: str) -> None:
    done = ran("check", written(tmp_path, {"accounts": accounts}))
    assert done.exit_code == code
    assert told in done.output
    assert CANARY not in done.output


@pytest.mark.parametrize("raw", [b"", b"[", b"\xff"])
def test_what_is_no_json_is_told_so(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "mine.json").write_bytes(raw)
    done = ran("check", str(tmp_path / "mine.json"))
    assert (done.exit_code, "not JSON that is read" in done.output) == (2, True)
    assert ran("check", str(tmp_path / "none.json")).exit_code == 2


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        ("flakey", "--scenario: found 'flakey', expected the name of a preset. Did you mean flaky?"),
        ("none.json", "none.json: cannot be read (No such file or directory)"),
    ],
)
def test_a_server_does_not_start_under_what_is_no_scenario(scenario: str, told: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--scenario", scenario], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def asked(address: str, method: str, path: str, body: Any = None) -> Any:
    """The JSON of an answer."""
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_a_served_scenario_is_told_by_health_and_plays() -> None:
    with served("--scenario", "policy-refusal", "--clock", "manual") as server:
        assert asked(server.address, "GET", "/_mock/health")["scenario"] == "policy-refusal"
        body = {"model": "sora-2", "prompt": "A cat"}
        task_id = asked(server.address, "POST", "/v1/video/generations", body)["task_id"]
        asked(server.address, "POST", "/_mock/clock/advance", {"seconds": 10})
        assert asked(server.address, "GET", f"/v1/video/generations/{task_id}")["status"] == "failed"


def test_presets_are_listed_without_the_extra() -> None:
    code = (
        "import sys; sys.modules['jsonschema'] = sys.modules['flask'] = None\n"
        "from nebula_mock.cli import main; main(['scenarios', 'slow'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, preset_files()["slow"])


def test_checking_says_what_to_install(tmp_path: Path) -> None:
    path = written(tmp_path, {"description": "x"})
    code = f"import sys; sys.modules['jsonschema'] = None\nfrom nebula_mock.cli import main; main(['check', {path!r}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'nebula-video[mock]'" in done.stderr
