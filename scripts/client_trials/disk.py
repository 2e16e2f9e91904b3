"""What the machine's disk does to a download (faults 63 to 67)."""

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from client_trials.answers import TASK_ID, VIDEO, WHOLE, downloaded, submitted, task
from client_trials.raw_provider import says
from client_trials.rig import Rig
from client_trials.trial import CALLS, Run, Trial, download
from nebula_client import OutputError

_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
_OLD = b"the old video"


class _FullFile:
    """A file whose writing, syncing or closing fails; everything else is the file's own."""

    def __init__(self, inner: Any, fails_at: str) -> None:
        self._inner, self._fails_at = inner, fails_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, data: bytes) -> int:
        if self._fails_at == "write":
            raise _FULL
        count: int = self._inner.write(data)
        return count

    def __enter__(self) -> Any:
        self._inner.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._inner.__exit__(*error)
        if self._fails_at == "close":
            raise _FULL


@contextlib.contextmanager
def disk_full(at: str) -> Iterator[None]:
    """A disk that is full at one step of a file: ``open``, ``write``, ``fsync``, ``close`` or ``name``."""

    def fail(*_args: Any, **_named: Any) -> None:
        raise _FULL

    fdopen = os.fdopen
    patches: Mapping[str, contextlib.AbstractContextManager[Any]] = {
        "open": _no_new_file(_FULL),
        "write": patch.object(os, "fdopen", lambda *args, **named: _FullFile(fdopen(*args, **named), at)),
        "fsync": patch.object(os, "fsync", fail),
        "close": patch.object(os, "fdopen", lambda *args, **named: _FullFile(fdopen(*args, **named), at)),
        "name": patch.multiple(Path, hardlink_to=fail, replace=fail),
    }
    with patches[at]:
        yield


@contextlib.contextmanager
def _no_new_file(error: OSError) -> Iterator[None]:
    """Files that are to be new cannot be opened; others can."""
    real = os.open

    def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_EXCL:
            raise error
        return real(path, flags, *more, **named)

    with patch.object(os, "open", opened):
        yield


def _full(at: str) -> Run:
    """The disk is full; the same download then succeeds without another submit."""

    def run(rig: Rig) -> object:
        client = rig.client(rig.provider(says(downloaded())))
        rig.task_id = TASK_ID
        with disk_full(at):
            return client.download(TASK_ID, rig.path)

    return run


def _full_then_not(rig: Rig) -> object:
    """What the error of a full disk says is enough to fetch the video without another submit."""
    plays = [says(submitted()), says(task()), says(downloaded()), says(downloaded())]
    client = rig.client(rig.provider(*plays))
    task_id = ""
    with disk_full("fsync"):
        try:
            CALLS["generate"](client, rig)
        except OutputError as error:
            task_id = error.task_id or ""
    return client.download(task_id, rig.path)


def _at(call: str, lay: Callable[[Rig], Path], **options: Any) -> Run:
    """A call whose file goes where ``lay`` says; it prepares the place."""

    def run(rig: Rig) -> object:
        client = rig.client(rig.provider(WHOLE["submit"]))
        rig.path = lay(rig)
        rig.files = {}
        try:
            return CALLS[call](client, rig, **options)
        finally:
            _clear(rig)

    return run


def _clear(rig: Rig) -> None:
    """Take what the trial laid there; it must be as it was."""
    for entry in sorted(rig.folder.iterdir(), key=Path.is_symlink, reverse=True):
        if entry.is_symlink():
            assert (rig.folder / "aim.mp4").read_bytes() == _OLD
            entry.unlink()
        elif entry.is_dir():
            entry.chmod(0o700)
            assert list(entry.iterdir()) == []
            entry.rmdir()
        elif not entry.is_file() or entry.read_bytes() == _OLD:
            entry.unlink()


def _missing(rig: Rig) -> Path:
    return rig.folder / "nowhere" / "cat.mp4"


def _unwritable(rig: Rig) -> Path:
    folder = rig.folder / "locked"
    folder.mkdir()
    if os.geteuid() == 0:  # whom no mode stops
        rig.enter(_no_new_file(PermissionError(errno.EACCES, os.strerror(errno.EACCES))))
    folder.chmod(0o500)
    return folder / "cat.mp4"


def _read_only(rig: Rig) -> Path:
    rig.enter(_no_new_file(OSError(errno.EROFS, os.strerror(errno.EROFS))))
    return rig.path


def _file_as_folder(rig: Rig) -> Path:
    (rig.folder / "cat").write_bytes(_OLD)
    return rig.folder / "cat" / "cat.mp4"


def _existing(rig: Rig) -> Path:
    rig.path.write_bytes(_OLD)
    return rig.path


def _folder(rig: Rig) -> Path:
    rig.path.mkdir()
    return rig.path


def _link(rig: Rig) -> Path:
    aim = rig.folder / "aim.mp4"
    aim.write_bytes(_OLD)
    rig.path.symlink_to(aim)
    return rig.path


def _dangling(rig: Rig) -> Path:
    rig.path.symlink_to(rig.folder / "aim.mp4")
    (rig.folder / "aim.mp4").write_bytes(_OLD)
    return rig.path


def _fifo(rig: Rig) -> Path:
    os.mkfifo(rig.path)
    return rig.path


def _overwritten(*, broken: bool) -> Run:
    """An old file stays until the new one is whole."""

    def run(rig: Rig) -> object:
        rig.path.write_bytes(_OLD)
        rig.keeps = True
        rig.files = {rig.path.name: _OLD if broken else VIDEO}
        cut = downloaded()[:-300]
        client = rig.client(rig.provider(says(cut if broken else downloaded())))
        return download(client, rig, overwrite=True)

    return run


def _appears(rig: Rig) -> object:
    """The name is taken while the video comes."""
    rig.files = {rig.path.name: _OLD}
    rig.keeps = True

    def play(peer: Any) -> None:
        peer.request()
        rig.path.write_bytes(_OLD)
        peer.send(downloaded())

    return download(rig.client(rig.provider(play)), rig)


def _both(*, overwrite: bool) -> Run:
    """Two clients write to one name at once; both are inside the transfer before either ends."""

    def run(rig: Rig) -> object:
        meeting = threading.Barrier(2, timeout=5)
        whole = downloaded()

        def play(peer: Any) -> None:
            peer.request()
            peer.send(whole[:-100])
            meeting.wait()
            peer.send(whole[-100:])

        ends: list[str] = []

        def one(client: Any) -> None:
            try:
                client.download(TASK_ID, rig.path, overwrite=overwrite)
                ends.append("file")
            except Exception as error:  # noqa: BLE001 - what comes is looked at
                ends.append(type(error).__name__)

        clients = [rig.client(rig.provider(play)) for _ in range(2)]
        threads = [threading.Thread(target=one, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rig.keeps = True
        return " and ".join(sorted(ends))

    return run


_NO_FILE = 66
_BEFORE = "OutputError, nothing sent"
_PLACES: tuple[tuple[int, str, Callable[[Rig], Path]], ...] = (
    (64, "no folder", _missing),
    (64, "a folder that takes no files", _unwritable),
    (64, "a file system that is read-only", _read_only),
    (64, "a file as folder", _file_as_folder),
    (65, "a file", _existing),
    (66, "a folder", _folder),
    (66, "a link", _link),
    (66, "a FIFO", _fifo),
    (66, "a device", lambda _: Path("/dev/null")),
)
TRIALS = (
    *(
        Trial(
            63,
            f"full at {at}: download",
            f"OutputError, {'nothing sent' if at == 'open' else '1 GET'}",
            _full(at),
            says="No space left",
        )
        for at in ("open", "write", "fsync", "close", "name")
    ),
    Trial(63, "full, then not: generate and download", "file, 1 POST, 3 GET", _full_then_not),
    *(
        Trial(fault, f"{name}: {call}", _BEFORE, _at(call, lay))
        for fault, name, lay in _PLACES
        for call in ("generate", "download")
    ),
    *(
        Trial(66, f"{name}, to be overwritten: generate", _BEFORE, _at("generate", lay, overwrite=True))
        for fault, name, lay in _PLACES
        if fault == _NO_FILE
    ),
    Trial(
        66,
        "a link, to be overwritten, to nothing at first: download",
        _BEFORE,
        _at("download", _dangling, overwrite=True),
    ),
    Trial(65, "to be overwritten: download", "file, 1 GET", _overwritten(broken=False)),
    Trial(
        65,
        "to be overwritten, and the video is cut: download",
        "UnreachableError, 4 GET, slept 0.438 0.875 1.75",
        _overwritten(broken=True),
    ),
    Trial(
        65, "a file that appears meanwhile: download", "OutputError, 1 GET", _appears, says="exists already"
    ),
    Trial(67, "both overwrite: download", "file and file, 2 GET", _both(overwrite=True)),
    Trial(67, "neither overwrites: download", "OutputError and file, 2 GET", _both(overwrite=False)),
)
