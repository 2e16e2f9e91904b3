"""``nebula-contract``: targets, exit codes, and that nobody is charged by accident."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nebula_contract import TargetError, open_target, targets
from nebula_contract.cli import main
from nebula_mock import MockServer


def test_suite_holds_against_its_own_mock(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = CliRunner().invoke(main, ["test", "--examples", "5", "--junit", str(report)])
    assert done.exit_code == 0, done.output
    assert 'failures="0"' in report.read_text("utf-8")


def test_no_check_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the environment is as it was."""
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "mine")
    done = CliRunner().invoke(main, ["test", "--check", "no_such_check"])
    assert (done.exit_code, "no check ran" in done.stderr) == (3, True)
    assert os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] == "mine"


@pytest.mark.parametrize(
    "target", ["", "mocc", "ftp://127.0.0.1", "http://", "127.0.0.1:8383", "http://[::1"]
)
def test_target_that_is_none_is_told_in_one_sentence(target: str) -> None:
    done = CliRunner().invoke(main, ["test", "--target", target])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "expected mock or a base URL" in done.stderr


def test_target_where_nothing_answers_is_told() -> None:
    with MockServer() as mock:
        url = mock.url
    done = CliRunner().invoke(main, ["test", "--target", url])
    assert (done.exit_code, "nothing answers" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "url", ["https://llm.ai-nebula.com", "https://10.0.0.7:8383", "http://video.internal"]
)
def test_server_elsewhere_that_is_no_mock_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The suite submits hundreds of tasks; a live provider would charge each."""
    monkeypatch.setattr(targets, "_mock_clock", lambda _url: None)
    with pytest.raises(TargetError, match="Nothing was submitted"), open_target(url):
        pass


def test_server_elsewhere_that_says_it_is_a_mock_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "_mock_clock", lambda _url: {"mode": "scaled", "speed": 10.0})
    monkeypatch.setattr(targets, "_refuse_bad_key", lambda _target: None)
    with open_target("http://mock.internal:8383") as target:
        assert target.name == "http://mock.internal:8383"


def test_manual_clock_of_a_mock_elsewhere_is_advanced() -> None:
    with MockServer(clock="manual") as mock, open_target(mock.url) as target:
        before = mock.clock.now()
        target.pass_time(60)
        assert mock.clock.now() == before + 60


def test_mock_that_does_not_know_the_key_is_told_before_any_check() -> None:
    with MockServer(keys=("sk-mine",)) as mock:
        done = CliRunner().invoke(main, ["test", "--target", mock.url])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "set NEBULA_API_KEY" in done.stderr


def test_report_that_cannot_be_written_is_told_before_any_check(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["test", "--junit", str(tmp_path / "nowhere" / "report.xml")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--junit: cannot write" in done.stderr


def test_run_leaves_nothing_in_the_folder_it_was_started_from(tmp_path: Path) -> None:
    program = "from nebula_contract.cli import main; main()"
    command = [sys.executable, "-c", program, "test", "--examples", "1", "--check", "test_submit"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert list(tmp_path.iterdir()) == []


def test_proxy_of_the_environment_is_not_asked_for_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with MockServer(clock="manual") as mock, open_target(mock.url) as target:
        target.pass_time(1)
        assert target.wire.send("GET", "/_mock/health").status == 200


def test_key_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEBULA_API_KEY", "sk-mine")
    with MockServer(keys=("sk-mine",)) as mock, open_target(mock.url) as target:
        assert target.key == "sk-mine"
