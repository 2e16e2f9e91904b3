"""A file that is whole or absent: written beside its name, then given the name in one step."""

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from nebula_client.errors import ConfigurationError, OutputError
from nebula_client.file_drain import FileDrain

_SUFFIX_BYTES = 4
_MODE = 0o666  # as any new file; the umask takes away what it takes away
_LONGEST_STEM = 150  # bytes of the name kept in the temporary name, well under any file system's limit


def checked_path(path: object) -> Path:
    """``path`` as a path.

    Raises:
        ConfigurationError: It is neither text nor a path.
    """
    if not isinstance(path, str | os.PathLike):
        message = f"path: found {repr(path)[:80]}, expected the name of a file."
        raise ConfigurationError(message)
    return Path(path)


def check_target(path: Path, *, overwrite: bool) -> None:
    """Prove, before any money is spent, that ``path`` can be written.

    Raises:
        OutputError: It exists and may not be replaced, is no plain file, or its folder is missing
            or does not take files.
    """
    try:
        _refuse_taken(path, overwrite=overwrite)
        probe, descriptor = _create_beside(path)
    except (OSError, ValueError) as error:  # no right to write there, a name too long, or with a NUL
        reason = getattr(error, "strerror", None) or error
        raise OutputError(path, f"{reason}. Choose another name or folder.") from error
    os.close(descriptor)
    probe.unlink()


def write_whole(path: Path, chunks: Iterable[bytes], *, overwrite: bool) -> tuple[int, str]:
    """Write ``chunks`` to ``path``, or leave no trace.

    The bytes go to a temporary file in the same folder and reach the disk before the file gets its
    name; an old file stays until that moment. What ``chunks`` raises passes through, unless it is
    an OSError, which counts as the file's.

    Returns:
        The length in bytes and the SHA-256 in hexadecimal.

    Raises:
        OutputError: The disk is full, or the file cannot be written or named.
    """
    try:
        part, descriptor = _create_beside(path)
    except (OSError, ValueError) as error:
        raise OutputError(path, _reason(error)) from error
    try:
        with os.fdopen(descriptor, "wb") as file, FileDrain(file) as drain:
            for chunk in chunks:
                drain.put(chunk)
        _give_name(part, path, overwrite=overwrite)
    except OSError as error:
        raise OutputError(path, _reason(error)) from error
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what there is to tell
            part.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return drain.size_bytes, drain.sha256


def _refuse_taken(path: Path, *, overwrite: bool) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OutputError(path, "it exists and is no plain file. Choose another name.")
    if path.exists() and not overwrite:
        raise OutputError(path, "it exists already. Choose another name, or allow overwriting it.")
    if not path.parent.is_dir():
        raise OutputError(path, f"there is no folder {path.parent}. Create it first.")


def _create_beside(path: Path) -> tuple[Path, int]:
    stem = os.fsdecode(os.fsencode(path.name)[:_LONGEST_STEM])
    part = path.with_name(f".{stem}.{secrets.token_hex(_SUFFIX_BYTES)}.part")
    return part, os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE)


def _give_name(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(path)
        return
    try:
        path.hardlink_to(part)  # fails when the name was taken meanwhile; a rename would not
    except FileExistsError:
        raise
    except OSError as error:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from error
        part.replace(path)


def _sync_folder(folder: Path) -> None:
    """Let the name survive a power cut as well; where a folder cannot be synced, the file is whole all the same."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: Exception) -> str:
    if isinstance(error, FileExistsError):
        return "it exists already. Choose another name, or allow overwriting it."
    return f"{getattr(error, 'strerror', None) or error}. Nothing half-written is left; the video can be downloaded again."
