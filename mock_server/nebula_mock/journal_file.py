"""The journal as a file of JSON lines, for as long as the disk takes them."""

import logging
import os
import threading
import weakref
from pathlib import Path

_log = logging.getLogger("nebula_mock")
_MODE = 0o600  # prompts are nobody else's business


class JournalFileError(OSError):
    """The file cannot be opened; the message says which, why, and what to do. Nothing was started."""


class JournalFile:
    """Appends lines, each in one call of the system, so that two servers may share a file.

    A line that cannot be written is lost and counted; answers go on.

    Attributes:
        path: Where it is.
        written: Lines written.
        failed: Lines lost.
        error: Why the last lost line was lost; None while none was.
    """

    def __init__(self, path: Path) -> None:
        """Open it, and make it where there is none, readable by its owner alone.

        Raises:
            JournalFileError: It cannot be opened for writing.
        """
        self.path = path
        self.written = self.failed = 0
        self.error: str | None = None
        self._lock = threading.Lock()
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        except OSError as error:
            message = f"{path}: cannot be written ({error.strerror}). Name a file that is yours to write."
            raise JournalFileError(message) from error
        self._closed = weakref.finalize(self, os.close, self._descriptor)  # also where nobody closes it

    def write(self, line: bytes) -> None:
        """Append a line; what cannot be written is counted, and said once in the log."""
        whole = line + b"\n"
        with self._lock:
            if not self._closed.alive:
                return
            try:
                sent = os.write(self._descriptor, whole)
                while sent < len(whole):  # a disk that is nearly full, a pipe
                    sent += os.write(self._descriptor, whole[sent:])
                self.written += 1
            except OSError as error:
                is_first = self.error is None
                self.failed += 1
                self.error = error.strerror or str(error)
                if is_first:
                    _log.warning(
                        "journal file %s: %s; lines are lost until it can be written again, answers go on",
                        self.path,
                        self.error,
                    )

    def close(self) -> None:
        """Close it; lines after that go nowhere. Safe to call twice."""
        with self._lock:
            self._closed()
