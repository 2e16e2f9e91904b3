"""``nebula-contract``: targets, records, reports, exit codes, and that nobody is charged by accident."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nebula_contract.cli import COMMANDS, main
from nebula_contract.options import FAIL_ON_NAMES, FORMAT_NAMES
from nebula_contract.record.file import read_record
from nebula_contract.reports.formats import FORMATS
from nebula_contract.reports.summary import EXIT_CODES, FAIL_ON
from nebula_mock import MockServer
from nebula_schemas import contract


def run(*arguments: str, **environment: str) -> Result:
    """The command, in this process."""
    return CliRunner(env={"NEBULA_API_KEY": None, **environment}).invoke(main, list(arguments))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a quick run at a mock."""
    path = tmp_path_factory.mktemp("record") / "run.ndjson"
    done = run("test", "--profile", "smoke", "--seed", "7", "--record", str(path), "--fail-on", "none")
    assert done.exit_code in {0, 3}, done.output
    return path


def test_a_run_is_kept_with_what_is_needed_to_do_it_again(kept: Path) -> None:
    record = read_record(kept)
    assert (record.header.kind, record.header.target, record.header.seed) == ("mock", "mock", 7)
    assert (record.header.profile, record.header.dialect, record.partial) == ("smoke", "documented", "")
    assert record.end is not None
    assert record.end.exchanges == sum(1 for _ in record.exchanges()) > 500


def test_judging_a_record_gives_what_the_run_gave(kept: Path) -> None:
    """The same run again, told at once, and the first from its file."""
    again = run("test", "--profile", "smoke", "--seed", "7", "--format", "json", "--fail-on", "none")
    judged = run("judge", str(kept), "--format", "json", "--fail-on", "none")
    told = [{one["id"] for one in json.loads(done.stdout)["findings"]} for done in (again, judged)]
    assert told[0] == told[1]
    assert contract().violations("files/report", json.loads(judged.stdout)) == ()


def test_every_report_is_written_where_it_was_asked_for(kept: Path, tmp_path: Path) -> None:
    reports = [f"--report={name}={tmp_path / name}" for name in FORMAT_NAMES]
    done = run("judge", str(kept), *reports, "--junit", str(tmp_path / "j.xml"), "--format", "github")
    assert all(line.startswith("::") for line in done.stdout.splitlines())
    assert {path.name for path in tmp_path.iterdir()} == {*FORMAT_NAMES, "j.xml"}
    assert ET.parse(tmp_path / "j.xml").getroot().tag == "testsuites"  # noqa: S314 - ours
    assert (tmp_path / "github").read_text("utf-8") == done.stdout


def test_only_some_checks_can_be_judged(kept: Path) -> None:
    done = run("judge", str(kept), "--only", "nc101", "--only", "task-ids-are-unique", "--format", "json")
    assert [one["code"] for one in json.loads(done.stdout)["checks"]] == ["NC101", "NC209"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "NC999"], "expected the code or name of a check"),
        (["--only", "task-ids-are-uniqe"], "Did you mean task-ids-are-unique?"),
        (["--report", "html=x"], "expected FORMAT=FILE"),
        (["--report", "json"], "expected FORMAT=FILE"),
        (["--report", "json=/nowhere/x.json"], "a report cannot be written there"),
        (["--junit", "/nowhere/x.xml"], "a report cannot be written there"),
        (["--record", "/nowhere/run.ndjson"], "nothing was sent"),
        (["--profile", "huge"], "is not one of"),
        (["--fail-on", "all"], "is not one of"),
        (["--target", "ftp://127.0.0.1"], "expected mock"),
        (["--target", "mocc"], "expected mock"),
        (["--target", "http://u:pw@127.0.0.1:1"], "found a user, a query or a fragment beside 127.0.0.1"),
        (["--target", "http://127.0.0.1:1/?k=x"], "found a user, a query or a fragment beside 127.0.0.1"),
        (["--target", "http://127.0.0.1:1/#x"], "found a user, a query or a fragment beside 127.0.0.1"),
        (["--target", "http://["], "expected mock"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence_before_anything_is_sent(
    arguments: list[str], said: str
) -> None:
    done = run("test", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_two_reports_do_not_share_a_file(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "x"
    done = run("judge", str(kept), "--report", f"json={file}", "--junit", str(file))
    assert (done.exit_code, "which is the file of --report json too" in done.stderr) == (2, True)


def test_a_record_is_not_overwritten_unasked(kept: Path) -> None:
    before = kept.stat().st_size
    done = run("test", "--profile", "smoke", "--record", str(kept))
    assert (done.exit_code, done.stdout, "is there already" in done.stderr) == (2, "", True)
    assert kept.stat().st_size == before


@pytest.mark.parametrize("command", [["judge"], ["coverage"]])
def test_a_file_that_is_no_record_is_told(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "x").write_text("{}\n", "utf-8")
    for place in (tmp_path / "x", tmp_path / "none"):
        done = run(*command, str(place))
        assert (done.exit_code, done.stdout) == (2, "")
        assert str(place) in done.stderr


def test_damage_within_a_record_is_told_with_its_line(kept: Path, tmp_path: Path) -> None:
    lines = kept.read_bytes().split(b"\n")
    lines[40] = b'{"kind":"exchange"'
    (tmp_path / "x").write_bytes(b"\n".join(lines))
    done = run("judge", str(tmp_path / "x"))
    assert (done.exit_code, "line 41" in done.stderr) == (2, True)


def test_a_run_that_was_killed_is_judged_and_inconclusive(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(kept.read_bytes()[:200_000])
    done = run("judge", str(tmp_path / "x"), "--fail-on", "none")
    assert (done.exit_code, "the record has no end" in done.stdout) == (3, True)
    assert run("judge", str(tmp_path / "x"), "--fail-on", "none", "--inconclusive-ok").exit_code == 0


def test_a_check_that_did_not_hold_live_lately_is_inconclusive(kept: Path, tmp_path: Path) -> None:
    none = str(tmp_path / "none.json")
    done = run("judge", str(kept), "--fail-on", "none", "--max-age-days", "30", "--freshness", none)
    assert (done.exit_code, "held live too long ago or never" in done.stdout) == (3, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["https://llm.ai-nebula.com", "http://203.0.113.7:8383"])
def test_a_server_elsewhere_that_is_no_mock_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Whatever it answers: here it cannot be reached at all, and nothing is submitted."""
    from nebula_contract.sending import target

    monkeypatch.setattr(target._Probe, "_asked", lambda *_args, **_more: (404, {}, None))
    done = run("test", "--target", url)
    assert (done.exit_code, done.stdout, "Nothing was submitted" in done.stderr) == (2, "", True)


def test_a_target_where_nothing_answers_is_told() -> None:
    with MockServer() as mock:
        url = mock.url
    done = run("test", "--target", url)
    assert (done.exit_code, "nothing answers" in done.stderr) == (2, True)


def test_a_mock_that_does_not_know_the_key_is_told_before_anything_is_sent() -> None:
    with MockServer(keys=("sk-mine",)) as mock:
        done = run("test", "--target", mock.url)
    assert (done.exit_code, "set NEBULA_API_KEY" in done.stderr) == (2, True)
    with MockServer(keys=("sk-mine",)) as mock:
        done = run("test", "--target", mock.url, NEBULA_API_KEY="sk-mine")
    wanted = "set NEBULA_SECOND_API_KEY and NEBULA_REDUCED_API_KEY"
    assert (done.exit_code, done.stdout, wanted in done.stderr) == (2, "", True)
    told = run("test", "--help").stdout
    assert "NEBULA_SECOND_API_KEY" in told
    assert "NEBULA_REDUCED_API_KEY" in told


def test_explain_knows_every_check_and_the_nearest_to_a_word() -> None:
    codes = [one["code"] for one in json.loads(run("explain", "--json").stdout)]
    assert len(codes) == len(set(codes)) > 50
    listed = run("explain").stdout
    assert all(f"  {code}  " in listed for code in codes)
    told = run("explain", "task-ids-are-unique").stdout
    assert told == run("explain", "nc209").stdout
    assert all(label in told for label in ("promise", "usually", "what to do", "source", "live"))
    assert "Did you mean" in run("explain", "NC20").stderr
    assert "Did you mean DR" in run("explain", "DR99x").stderr
    assert "Did you mean word-added?" in run("explain", "word-adde").stderr


def test_coverage_tells_cells_and_checks(kept: Path) -> None:
    done = run("coverage", str(kept))
    assert done.exit_code in {0, 3}
    assert "query-wan-succeeded" in done.stdout or "query wan succeeded" in done.stdout
    assert "never live" in done.stdout
    told = json.loads(run("coverage", str(kept), "--json").stdout)
    assert set(told) == {"cells", "checks"}


def test_a_run_leaves_nothing_where_it_was_started(tmp_path: Path) -> None:
    done = command("test", "--profile", "smoke", "--fail-on", "none", "--inconclusive-ok", cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])
    assert "exchanges" not in done.stdout.splitlines()[-1]


def test_help_loads_nothing_that_takes_time() -> None:
    """And says what each code means."""
    program = (
        "import sys\nfrom nebula_contract.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([one for one in ('pytest', 'hypothesis', 'requests', 'jsonschema', 'flask') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    flat = " ".join(done.stdout.split())
    assert all(f"{code} " in flat for code in EXIT_CODES)
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_with_its_line(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.stdout


def test_words_of_options_are_those_that_reports_know() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES
    assert FAIL_ON == FAIL_ON_NAMES


def test_colours_are_for_terminals_alone(kept: Path) -> None:
    assert "\x1b" not in run("judge", str(kept)).stdout


def command(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The command, in a process of its own."""
    program = "from nebula_contract.cli import main; main()"
    environment: Mapping[str, str] = {**os.environ}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
