"""Files as they lie on a disk: read only where they are files, replaced whole or not at all, changed by one at a time.

Every error here is an ``OSError`` whose ``strerror`` can be told to people.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MODE = (
    0o644  # of a new file, less what the umask takes; nothing is written here that is not meant to be shared
)
_LONGEST_OF_NAME = 40
_STREAMS = (1, 2)
_OF_THE_PROCESS = ("/dev/", "/proc/self/fd/")
_KINDS = (
    (stat.S_ISDIR, "a directory", errno.EISDIR),
    (stat.S_ISFIFO, "a pipe", errno.EINVAL),
    (stat.S_ISSOCK, "a socket", errno.EINVAL),
    (lambda _: True, "a device", errno.EINVAL),
)


def opened_file(path: Path) -> BinaryIO:
    """A file, open for reading. Nothing else is opened: to read a pipe may take for ever.

    Raises:
        OSError: It is not there, cannot be opened, or is no file.
    """
    _check_is_file(path, path.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check_is_file(path, os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def replace_file(path: Path, data: bytes, *, makes_folder: bool = False) -> None:
    """Replace a file by one that holds this, whole, or leave everything as it was.

    A link stays, and what it leads to is replaced. A file that was there keeps its mode.

    Args:
        path: The file.
        data: All that it is to hold.
        makes_folder: Whether its folder is made where there is none.

    Raises:
        OSError: It cannot be written, or is there and is no file.
    """
    there = _stat_of(path)
    place = Path(os.path.realpath(path))
    if there is not None:
        _check_is_file(path, there)
        _check_access(path)
    elif makes_folder:
        place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = _made_beside(place)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if there is not None:
                os.fchmod(descriptor, stat.S_IMODE(there.st_mode))
            os.fsync(descriptor)
        beside.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):  # the first trouble is the one that is told
            beside.unlink()
        raise


def write_out(path: Path, data: bytes) -> None:
    """Write what is read by others: a file as ``replace_file``, an open stream or a device as it comes.

    What is the standard output or error of this process, under whatever name, is written by that, so that neither
    writes over the other.

    Raises:
        OSError: It cannot be written, or nobody can say when it could be.
    """
    there = _stat_of(path)
    if there is None or (stat.S_ISREG(there.st_mode) and _stream_of(there) is None):
        replace_file(path, data)
        return
    if (stream := _stream_of(there)) is not None:
        for one in (sys.stdout, sys.stderr):
            one.flush()
        _write_all(stream, data)
        return
    _check_is_outlet(path, there)
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.set_blocking(descriptor, True)
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def check_write_out(path: Path) -> None:
    """Nothing, where ``write_out`` could write, as far as can be known before. Leaves no file.

    Raises:
        OSError: It could not.
    """
    there = _stat_of(path)
    if there is not None and _stream_of(there) is not None:
        return
    if there is not None:
        _check_access(path)
        if not stat.S_ISREG(there.st_mode):
            _check_is_outlet(path, there)
            return
    descriptor, beside = _made_beside(Path(os.path.realpath(path)))
    os.close(descriptor)
    beside.unlink()


@contextlib.contextmanager
def changed_alone(path: Path) -> Iterator[None]:
    """A block in which no other process or thread is in such a block about a file of the same folder.

    Reading, changing and replacing belong within it. The folder is what is locked: the file is another one after it
    was replaced, and a file for the lock alone would be left over. The folder is made where there is none.

    Raises:
        OSError: The folder cannot be made, opened or locked.
    """
    folder = Path(os.path.realpath(path)).parent
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which also unlocks it


def _stat_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _stream_of(there: os.stat_result) -> int | None:
    """The descriptor of the standard output or error, where this is what it leads to."""
    for descriptor in _STREAMS:
        with contextlib.suppress(OSError):  # one that is closed leads nowhere
            if os.path.samestat(os.fstat(descriptor), there):
                return descriptor
    return None


def _check_is_file(path: Path, there: os.stat_result) -> None:
    if not stat.S_ISREG(there.st_mode):
        raise _other_than_a_file(path, there)


def _check_is_outlet(path: Path, there: os.stat_result) -> None:
    """A device, or a pipe that this process was given; a pipe by name has no reader until somebody comes."""
    is_ours = str(path.absolute()).startswith(_OF_THE_PROCESS)
    if not (stat.S_ISCHR(there.st_mode) or (stat.S_ISFIFO(there.st_mode) and is_ours)):
        raise _other_than_a_file(path, there)


def _other_than_a_file(path: Path, there: os.stat_result) -> OSError:
    word, number = next((word, number) for test, word, number in _KINDS if test(there.st_mode))
    return OSError(number, f"found {word}, expected a file", str(path))


def _check_access(path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _made_beside(place: Path) -> tuple[int, Path]:
    beside = place.with_name(f".{place.name[:_LONGEST_OF_NAME]}.{secrets.token_hex(6)}")
    return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE), beside


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
