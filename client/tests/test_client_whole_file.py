"""Promises of the written file: whole or absent, whatever fails and wherever it fails."""

import errno
import hashlib
import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client import OutputError
from nebula_client.whole_file import check_target, write_whole

OLD, NEW = b"the old video", [b"the ", b"new ", b"video"]
NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file name in an empty folder."""
    return tmp_path / "cat.mp4"


def raising(error: BaseException) -> Callable[..., Any]:
    """A stand-in for a call that fails."""

    def fail(*_arguments: object, **_named: object) -> Any:
        raise error

    return fail


def broken_at(index: int, error: BaseException) -> Iterator[bytes]:
    """The chunks, until the one of that index fails."""
    yield from NEW[:index]
    raise error


def left_in(folder: Path) -> dict[str, bytes]:
    """Every file of the folder with its bytes; temporary ones would show here."""
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@given(st.lists(st.binary(max_size=200), max_size=20))
@settings(deadline=None)
def test_what_is_written_is_what_came(tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("whole")
    whole = b"".join(chunks)
    told = write_whole(folder / "cat.mp4", iter(chunks), overwrite=False)
    assert told == (len(whole), hashlib.sha256(whole).hexdigest())
    assert left_in(folder) == {"cat.mp4": whole}


@pytest.mark.parametrize("old", [{}, {"cat.mp4": OLD}], ids=["absent", "old"])
@pytest.mark.parametrize("index", range(len(NEW) + 1))
@pytest.mark.parametrize("error", [ValueError("cut"), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_chunks_that_fail_anywhere_leave_what_was_there(
    target: Path, old: dict[str, bytes], index: int, error: BaseException
) -> None:
    if old:
        target.write_bytes(OLD)
    with pytest.raises(type(error)) as caught:
        write_whole(target, broken_at(index, error), overwrite=True)
    assert caught.value is error
    assert left_in(target.parent) == old


@pytest.mark.parametrize("old", [{}, {"cat.mp4": OLD}], ids=["absent", "old"])
@pytest.mark.parametrize("index", range(len(NEW) + 1))
def test_an_os_error_of_a_chunk_counts_as_the_files(target: Path, old: dict[str, bytes], index: int) -> None:
    if old:
        target.write_bytes(OLD)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_whole(target, broken_at(index, NO_SPACE), overwrite=True)
    assert caught.value.path == target
    assert left_in(target.parent) == old


class FullDisk(io.FileIO):
    """A file on a disk that is full after some writes, or when it is flushed or closed."""

    def __init__(self, descriptor: int, failing: str, writes: int) -> None:
        """Own the descriptor; ``failing`` is the call that fails, after ``writes`` writes."""
        super().__init__(descriptor, "wb")
        self._failing, self._left = failing, writes

    def write(self, chunk: Any) -> int:
        """Write, until it fails."""
        self._left -= 1
        if self._failing == "write" and self._left < 0:
            raise NO_SPACE
        return super().write(chunk)

    def flush(self) -> None:
        """Flush, or fail."""
        if self._failing == "flush":
            raise NO_SPACE

    def close(self) -> None:
        """Close, and fail the first time."""
        was_open = not self.closed
        super().close()
        if was_open and self._failing == "close":
            raise NO_SPACE


@pytest.mark.parametrize("old", [{}, {"cat.mp4": OLD}], ids=["absent", "old"])
@pytest.mark.parametrize(
    ("failing", "writes"), [*(("write", n) for n in range(len(NEW))), ("flush", 0), ("close", 0)]
)
def test_a_disk_that_fills_up_leaves_what_was_there(
    target: Path, monkeypatch: pytest.MonkeyPatch, old: dict[str, bytes], failing: str, writes: int
) -> None:
    if old:
        target.write_bytes(OLD)
    monkeypatch.setattr("nebula_client.whole_file.os.fdopen", lambda fd, _mode: FullDisk(fd, failing, writes))
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(target, NEW, overwrite=True)
    assert left_in(target.parent) == old


@pytest.mark.parametrize("old", [{}, {"cat.mp4": OLD}], ids=["absent", "old"])
@pytest.mark.parametrize("call", ["os.fsync", "Path.replace", "os.open"])
def test_a_system_call_that_fails_leaves_what_was_there(
    target: Path, monkeypatch: pytest.MonkeyPatch, old: dict[str, bytes], call: str
) -> None:
    if old:
        target.write_bytes(OLD)
    monkeypatch.setattr(f"nebula_client.whole_file.{call}", raising(NO_SPACE))
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(target, NEW, overwrite=True)
    assert left_in(target.parent) == old


def test_a_file_system_without_hard_links_does_as_well(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", raising(OSError(errno.EPERM, "no links here")))
    write_whole(target, NEW, overwrite=False)
    assert left_in(target.parent) == {"cat.mp4": b"".join(NEW)}


def test_without_hard_links_a_file_that_appeared_is_kept(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", raising(OSError(errno.EPERM, "no links here")))
    target.write_bytes(OLD)
    with pytest.raises(OutputError, match="it exists already"):
        write_whole(target, NEW, overwrite=False)
    assert left_in(target.parent) == {"cat.mp4": OLD}


def test_a_file_that_appears_meanwhile_is_not_replaced(target: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield from NEW
        target.write_bytes(OLD)

    with pytest.raises(OutputError, match="it exists already"):
        write_whole(target, chunks(), overwrite=False)
    assert left_in(target.parent) == {"cat.mp4": OLD}


def test_an_old_file_stays_until_the_new_one_is_whole(target: Path) -> None:
    target.write_bytes(OLD)
    seen = []

    def chunks() -> Iterator[bytes]:
        for chunk in NEW:
            seen.append(target.read_bytes())
            yield chunk

    write_whole(target, chunks(), overwrite=True)
    assert seen == [OLD] * len(NEW)
    assert left_in(target.parent) == {"cat.mp4": b"".join(NEW)}


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_two_writers_one_wins_whole(target: Path, *, overwrite: bool) -> None:
    """Whichever ends last, or first where nothing may be replaced; never a mixture."""
    both_began = threading.Barrier(2, timeout=30)
    outcomes: list[object] = []

    def write(content: bytes) -> None:
        def chunks() -> Iterator[bytes]:
            both_began.wait()
            for number in range(200):
                yield content * (number + 1)

        try:
            outcomes.append(write_whole(target, chunks(), overwrite=overwrite)[1])
        except OutputError as error:
            outcomes.append(error.reason)

    writers = [threading.Thread(target=write, args=(content,)) for content in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert hashlib.sha256(target.read_bytes()).hexdigest() in outcomes
    assert list(target.parent.iterdir()) == [target]
    refused = [outcome for outcome in outcomes if "exists already" in str(outcome)]
    assert len(refused) == (0 if overwrite else 1)


def test_a_new_file_has_the_rights_the_umask_leaves(target: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(target, NEW, overwrite=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["c" * 255, "\N{CAT}" * 63, "c", ".hidden", "cat", "a b\n.mp4"])
def test_a_name_the_file_system_takes_is_taken(tmp_path: Path, name: str) -> None:
    """The temporary name is longer than the name itself, and must still fit."""
    check_target(tmp_path / name, overwrite=False)
    write_whole(tmp_path / name, NEW, overwrite=False)
    assert left_in(tmp_path) == {name: b"".join(NEW)}


def test_a_target_that_can_be_written_passes_without_a_trace(target: Path) -> None:
    check_target(target, overwrite=False)
    assert left_in(target.parent) == {}


def test_an_existing_target_passes_when_it_may_be_replaced(target: Path) -> None:
    target.write_bytes(OLD)
    check_target(target, overwrite=True)
    assert left_in(target.parent) == {"cat.mp4": OLD}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "kind", ["folder", "symlink", "dangling", "fifo", "missing folder", "file as folder"]
)
def test_a_target_that_cannot_be_written_is_refused(tmp_path: Path, kind: str, *, overwrite: bool) -> None:
    target = tmp_path / "cat.mp4"
    (tmp_path / "real").write_bytes(OLD)
    if kind == "folder":
        target.mkdir()
    elif kind in {"symlink", "dangling"}:
        target.symlink_to(tmp_path / ("real" if kind == "symlink" else "nothing"))
    elif kind == "fifo":
        os.mkfifo(target)
    else:
        target = tmp_path / ("nothing" if kind == "missing folder" else "real") / "cat.mp4"
    with pytest.raises(OutputError) as caught:
        check_target(target, overwrite=overwrite)
    assert caught.value.path == target
    assert str(caught.value).startswith(f"Cannot write {target}: ")
    assert (tmp_path / "real").read_bytes() == OLD


def test_an_existing_target_is_refused(target: Path) -> None:
    target.write_bytes(OLD)
    with pytest.raises(OutputError, match="it exists already"):
        check_target(target, overwrite=False)
    assert left_in(target.parent) == {"cat.mp4": OLD}


def test_a_folder_that_takes_no_files_is_refused(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    monkeypatch.setattr("nebula_client.whole_file.os.open", raising(denied))
    with pytest.raises(OutputError, match="Permission denied"):
        check_target(target, overwrite=False)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("c" * 256, id="too-long"),
        pytest.param("a\0b.mp4", id="nul"),
        pytest.param(os.fsdecode(b"caf\xe9.mp4\xff\0"), id="nul-and-not-utf8"),
        pytest.param(
            "\ud83d.mp4",
            id="half-an-emoji",
        ),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        check_target(tmp_path / name, overwrite=False)


def test_a_name_that_is_not_utf8_is_taken(tmp_path: Path) -> None:
    """File names are bytes on POSIX; Python shows the odd ones with surrogates."""
    target = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    write_whole(target, NEW, overwrite=False)
    assert target.read_bytes() == b"".join(NEW)
