"""Files of ``nebula-contract``: whole or as they were, whatever they are called, and never one that is read too."""

import errno
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nebula_contract.apart import clash
from nebula_contract.cli import main
from nebula_contract.drift.accepted import change_accepted, read_accepted, write_accepted
from nebula_contract.files import check_write_out, opened_file, replace_file, write_out
from nebula_contract.record.file import RecordError, RecordWriter
from nebula_contract.record.run import RunHeader

HEADER = RunHeader("0.1.0", "mock", "mock", "2027-01-01T00:00:00Z")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def run(*arguments: object) -> Result:
    """The command, in this process."""
    return CliRunner(env={"NEBULA_API_KEY": None}).invoke(main, [str(one) for one in arguments])


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record that begins; enough to be told from other files."""
    with RecordWriter(tmp_path / "run.ndjson", HEADER):
        return tmp_path / "run.ndjson"


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_file_is_replaced_through_a_link_and_keeps_its_mode(tmp_path: Path) -> None:
    place, link = tmp_path / "a/file", tmp_path / "link"
    replace_file(place, b"1", makes_folder=True)
    place.chmod(0o640)
    link.symlink_to("a/file")
    replace_file(link, b"2")
    assert (place.read_bytes(), stat.S_IMODE(place.stat().st_mode), link.is_symlink()) == (b"2", 0o640, True)
    assert [*place.parent.iterdir()] == [place]


def test_a_link_that_leads_nowhere_stays_and_leads_to_the_new_file(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("file")
    replace_file(link, b"1")
    assert (link.is_symlink(), (tmp_path / "file").read_bytes()) == (True, b"1")


def made_of(kind: str, path: Path) -> None:
    """Something that is no file."""
    if kind == "a directory":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    else:
        path.symlink_to("/dev/null")


@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a socket", "a device"])
def test_what_is_no_file_is_neither_read_nor_replaced(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name is short
    path = Path("it")
    made_of(kind, path)
    before = path.lstat()
    for act in (opened_file, lambda one: replace_file(one, b"1")):
        with pytest.raises(OSError, match=f"found {kind}, expected a file"):
            act(path)
    assert (path.lstat().st_ino, [*tmp_path.iterdir()]) == (before.st_ino, [tmp_path / "it"])


@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a socket"])
def test_a_report_goes_to_a_file_or_a_device(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made_of(kind, Path("it"))
    for act in (check_write_out, lambda path: write_out(path, b"1")):
        with pytest.raises(OSError, match=f"found {kind}, expected a file"):
            act(Path("it"))
    check_write_out(Path("/dev/null"))
    write_out(Path("/dev/null"), b"1")
    assert Path("/dev/null").is_char_device()


def test_a_report_to_a_pipe_of_the_process_arrives() -> None:
    reads, writes = os.pipe()
    path = Path(f"/dev/fd/{writes}")
    check_write_out(path)
    write_out(path, b"1")
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        assert pipe.read() == b"1"


def test_a_report_to_standard_output_that_is_a_file_stands_before_the_text(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from nebula_contract.files import write_out\n"
        "print('a'); write_out(Path('/dev/stdout'), b'b\\n'); print('c')"
    )
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out").read_text("utf-8") == "a\nb\nc\n"


@pytest.mark.parametrize("step", ["os.fsync", "os.fchmod", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_old_report_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"old")

    def fails(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(step, fails)
    with pytest.raises(OSError, match="No space left"):
        write_out(path, b"new")
    monkeypatch.undo()
    assert snapshot(tmp_path) == {"report": b"old"}


@pytest.mark.parametrize("is_there", [False, True])
def test_a_record_that_finds_a_full_disk_says_so_and_leaves_nothing(
    is_there: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "run.ndjson"
    if is_there:
        path.write_bytes(b"old")

    def fails(*_: object) -> int:
        raise FULL

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(RecordError) as caught:
        RecordWriter(path, HEADER, overwrite=is_there)
    monkeypatch.undo()
    assert str(caught.value) == (
        f"{path}: cannot be written (No space left on device). Make room, or name a file elsewhere; nothing was sent."
    )
    assert [*tmp_path.iterdir()] == []


def test_plan_makes_its_folder_and_leaves_nothing_where_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("plan", "--out", tmp_path / "a/b/plan.json").exit_code == 0
    assert json.loads((tmp_path / "a/b/plan.json").read_bytes())["format"]
    done = run("plan", "--out", tmp_path / "a/b")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"--out: cannot write {tmp_path / 'a/b'}: found a directory, expected a file." in done.stderr

    def fails(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(os, "fsync", fails)
    done = run("plan", "--out", tmp_path / "plan.json")
    assert (done.exit_code, "No space left on device" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


# Two things in one file

Link = Callable[[Path, Path], None]
LINKS: dict[str, Link] = {
    "symbolic": lambda link, path: link.symlink_to(path),
    "hard": lambda link, path: link.hardlink_to(path),
}


@pytest.fixture(params=["itself", *LINKS])
def other_name(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    """Gives a file by its own name, or by another."""

    def named(path: Path) -> Path:
        if request.param == "itself":
            return path
        link = path.with_name(f"link-{path.name}")
        LINKS[request.param](link, path)
        return link

    return named


COMMANDS: dict[str, tuple[str, ...]] = {
    "drift to RUN": ("drift", "RUN", "--report", "json=LINK RUN"),
    "drift to the baseline": ("drift", "RUN", "--baseline", "FILE", "--report", "json=LINK FILE"),
    "drift to the acceptances": ("drift", "RUN", "--accepted", "FILE", "--report", "html=LINK FILE"),
    "drift to the severities": ("drift", "RUN", "--severity", "FILE", "--report", "json=LINK FILE"),
    "drift to the mock": ("drift", "RUN", "--mock", "FILE", "--report", "json=LINK FILE"),
    "two reports of drift": ("drift", "RUN", "--report", "json=FILE", "--report", "html=LINK FILE"),
    "judge to RUN": ("judge", "RUN", "--report", "json=LINK RUN"),
    "judge to RUN as JUnit": ("judge", "RUN", "--junit", "LINK RUN"),
    "judge to the dates": ("judge", "RUN", "--freshness", "FILE", "--report", "json=LINK FILE"),
    "test": ("test", "--record", "FILE", "--overwrite", "--report", "json=LINK FILE"),
    "calibrate": ("calibrate", "RUN", "--out", "LINK RUN", "--overwrite"),
    "accept": ("accept", "RUN", "abcd", "--reason", "a", "--accepted", "LINK RUN"),
    "prune": ("prune", "RUN", "--baseline", "FILE", "--accepted", "LINK FILE"),
    "live": ("live", "--plan", "RUN", "--record", "FILE", "--ledger", "LINK FILE"),
    "live to its plan": ("live", "--plan", "RUN", "--record", "LINK RUN"),
    "live to what it observes": ("live", "--plan", "RUN", "--record", "FILE", "--update", "--observed", "LINK FILE"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_no_output_is_an_input_or_another_output(
    name: str, record: Path, other_name: Callable[[Path], Path]
) -> None:
    file = record.with_name("file")
    file.write_bytes(b"mine")
    names = {"RUN": record, "FILE": file}

    def words() -> Iterator[str]:
        for word in COMMANDS[name]:
            before, equals, last = word.rpartition("=")
            kind, _, meant = last.rpartition(" ")
            path = names.get(meant)
            told = last if path is None else str(other_name(path) if kind else path)
            yield f"{before}{equals}{told}"

    arguments = [*words()]
    before = snapshot(record.parent)
    done = run(*arguments)
    assert (done.exit_code, done.stdout, snapshot(record.parent)) == (2, "", before), done.output
    assert "too, expected another one: it would be written over. Nothing was sent" in done.stderr


def test_files_that_are_not_there_yet_are_told_apart_by_where_they_would_be(tmp_path: Path) -> None:
    new = tmp_path / "new"
    (tmp_path / "link").symlink_to("new")
    assert clash([], [("a", new), ("b", tmp_path / "link")]).startswith(
        f"b: found {tmp_path / 'link'}, which"
    )
    assert clash([], [("a", new), ("b", tmp_path / "." / "x/.." / "new")]) != ""
    assert clash([("in", None)], [("a", new), ("b", tmp_path / "newer"), ("c", None)]) == ""
    assert clash([], [("a", Path("/dev/null")), ("b", Path("/dev/null"))]) == ""


@pytest.mark.parametrize(
    "command",
    [("drift",), ("judge",), ("calibrate",), ("coverage",), ("accept", "abcd", "--reason", "a"), ("prune",)],
    ids=lambda command: command[0],
)
def test_a_pipe_for_a_record_is_refused_and_not_waited_for(command: tuple[str, ...], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run(command[0], tmp_path / "pipe", *command[1:])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pipe: cannot be read (found a pipe, expected a file)." in done.stderr


@pytest.mark.parametrize("option", ["--baseline", "--accepted", "--severity", "--mock"])
def test_a_pipe_for_another_file_is_refused_too(option: str, record: Path) -> None:
    os.mkfifo(record.with_name("pipe"))
    done = run("drift", record, option, record.with_name("pipe"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pipe: cannot be read (found a pipe, expected a file)." in done.stderr


# Several at once

ADD = """
import sys
from dataclasses import replace
from pathlib import Path
from nebula_contract.drift.accepted import change_accepted, with_entry, Acceptance
path, number = Path(sys.argv[1]), sys.argv[2]
values = dict(zip(Acceptance.__slots__, [""] * 99))
for round in range(3):
    one = Acceptance(**{**values, "id": f"{int(number) * 3 + round:012x}", "rule": "DR205", "operation": "query",
        "family": "wan", "outcome": "ok", "state": "*", "location": "/url", "key": "", "reason": "known",
        "accepted": "2027-01-01", "expires": "2027-02-01", "max_severity": "breaking"})
    change_accepted(path, lambda entries: with_entry(entries, one))
"""


def test_nothing_is_lost_where_thirteen_processes_accept_at_once(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"

    def accepts(number: int) -> int:
        return subprocess.run([sys.executable, "-c", ADD, path, str(number)], check=False).returncode

    with ThreadPoolExecutor(13) as pool:
        assert set(pool.map(accepts, range(13))) == {0}
    assert len(read_accepted(path)) == 39
    assert [*tmp_path.iterdir()] == [path]


def test_a_change_that_changes_nothing_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    write_accepted(path, [])
    before = path.stat()
    change_accepted(path, lambda entries: entries)
    assert path.stat().st_ino == before.st_ino
    assert read_accepted(path) == ()
