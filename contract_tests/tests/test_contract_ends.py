"""How ``nebula-contract`` ends when somebody or something ends it: one sentence, and never the code of a finding."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from nebula_contract import cli, ends
from nebula_contract.cli import EPILOG, main
from nebula_contract.ends import Terminated, is_terminal, raise_again
from nebula_contract.mutating.command import _pool
from nebula_contract.record.file import read_record

SELF = f"{shlex.quote(sys.executable)} -c 'from nebula_contract.cli import main; main()'"
SENTENCE = "nebula-contract: standard output cannot be written (No space left on device). Make room, or send it elsewhere.\n"


def shell(line: str, *, unbuffered: bool = False) -> tuple[int, str]:
    """A line of a shell, where NC is the command: its exit code, and all of standard error."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    if unbuffered:
        environment["PYTHONUNBUFFERED"] = "1"
    done = subprocess.run(
        ["bash", "-c", line.replace("NC", SELF, 1)], stderr=subprocess.PIPE, text=True, env=environment, check=False
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("words", ["explain", "--help", "explain --help", "plan"])
def test_a_full_disk_behind_standard_output_is_told_in_a_sentence(words: str, *, unbuffered: bool) -> None:
    assert shell(f"NC {words} >/dev/full", unbuffered=unbuffered) == (2, SENTENCE)


def test_a_closed_standard_output_is_told_before_anything_is_done(tmp_path: Path) -> None:
    code, told = shell(f"NC test --profile smoke --record {tmp_path / 'run'} >&-")
    assert (code, [*tmp_path.iterdir()]) == (2, [])
    assert told == (
        "nebula-contract: standard output is closed, expected it to be open. Send it to a file, or to /dev/null.\n"
    )


def test_a_closed_or_full_standard_error_changes_no_exit_code() -> None:
    assert shell("NC explain NC101 >/dev/null 2>&-")[0] == 0
    assert shell("NC explain NC999 >/dev/null 2>&-")[0] == 2
    assert shell("NC explain NC999 >/dev/null 2>/dev/full")[0] == 2


@pytest.mark.parametrize("words", ["explain", "--help"])
def test_a_reader_that_went_away_ends_the_command_quietly(words: str) -> None:
    """The reader is gone before anything is written: the pipe is opened for both, and its reading end closed."""
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, "-c", "from nebula_contract.cli import main; main()", *words.split()],
        stdout=writes, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.fixture
def sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that gets the signal it names, and one that has a fault."""

    @click.command()
    @click.argument("number", type=int)
    def command(number: int) -> None:
        if number == 0:
            message = "no such thing"
            raise OSError(message)
        os.kill(os.getpid(), number)
        signal.pause()

    monkeypatch.setattr(cli, "_under_test", command, raising=False)
    monkeypatch.setattr(cli, "COMMANDS", {"it": ("nebula_contract.cli:_under_test", "")})


@pytest.mark.usefixtures("sends")
@pytest.mark.parametrize(
    ("number", "code", "told"),
    [(signal.SIGINT, 130, "interrupted."), (signal.SIGTERM, 143, "ended by SIGTERM.")],
)
def test_a_signal_is_told_in_a_sentence_and_its_handler_put_back(number: int, code: int, told: str) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    done = CliRunner().invoke(main, ["it", str(int(number))])
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", f"nebula-contract: {told}\n")
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
    raise_again()  # nothing is left over


@pytest.mark.usefixtures("sends")
def test_a_fault_of_ours_is_not_told_as_a_full_disk() -> None:
    done = CliRunner().invoke(main, ["it", "0"])
    assert isinstance(done.exception, OSError)
    assert str(done.exception) == "no such thing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("way", ["raised", "let go by", "made another error"])
def test_a_run_under_way_ends_its_record_and_is_judged(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Also where what the signal raises is lost, as in a callback of the garbage collector, or becomes an error of who draws inputs."""
    from nebula_contract.progress import Progress

    class Sends(Progress):
        def exchange(self, count: int) -> None:
            if count == 50:
                try:
                    os.kill(os.getpid(), number)
                except KeyboardInterrupt as error:
                    if way == "raised":
                        raise
                    if way == "made another error":
                        raise AssertionError from error

    monkeypatch.setattr("nebula_contract.cli_test.Progress", Sends)
    path = tmp_path / "run.ndjson"
    done = CliRunner().invoke(main, ["test", "--profile", "smoke", "--seed", "7", "--record", str(path)])
    assert (done.exit_code, "the run was interrupted" in done.stderr) == (130, True), done.output
    record = read_record(path)
    assert record.end is not None
    assert (record.end.stop, record.end.exchanges) == ("interrupted", 51 if way == "let go by" else 50)


def test_runs_of_mutate_end_with_it() -> None:
    children: list[Any] = []

    def ended() -> None:
        with _pool(2) as pool:
            for _ in range(4):
                pool.submit(signal.pause)
            children.extend(pool._processes.values())
            raise Terminated

    with pytest.raises(Terminated):
        ended()
    assert [child.is_alive() for child in children] == [False, False]


def test_every_end_stands_in_the_help() -> None:
    assert [code for code in ("130", "141", "143") if f"{code} " not in EPILOG] == []
    assert ends._ENDS.keys() == {signal.SIGINT, signal.SIGTERM}


def test_nobody_looks_at_a_closed_stream() -> None:
    assert not is_terminal(None)
