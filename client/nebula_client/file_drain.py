"""Blocks to an open file by a thread of its own: written, hashed and pushed to the disk while more come.

Hashing and waiting for the disk take as long as receiving does, and neither needs Python's lock. At most
two blocks wait, so memory stays flat where the disk is the slower end.
"""

import errno
import hashlib
import os
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any, Self

_WAITING_BLOCKS = 2
# So that the last sync, for which everybody waits, has little left to do.
_SYNC_EVERY_BYTES = 8 * 1024 * 1024
_WORTH_A_SYNC_BYTES = 1024 * 1024
_LOOK_UP_S = 0.5


class FileDrain:
    """Takes blocks for one file; as a context manager it ends with the block, whole or given up.

    Attributes:
        size_bytes: Bytes written, once the block has ended.
        sha256: Their digest in hexadecimal, likewise.
    """

    def __init__(self, file: IO[bytes]) -> None:
        """Write to ``file``, which stays the caller's to close."""
        self.size_bytes = 0
        self.sha256 = ""
        self._file = file
        self._blocks: queue.Queue[bytes | None] = queue.Queue(_WAITING_BLOCKS)
        self._failure: BaseException | None = None
        self._given_up = False
        self._unsynced = 0
        self._thread = threading.Thread(target=self._drain, name="nebula-file", daemon=True)

    def put(self, block: bytes) -> None:
        """Hand over one block.

        Raises:
            OSError: An earlier one could not be written.
        """
        if self._failure is not None:
            raise self._failure
        self._blocks.put(block)

    def __enter__(self) -> Self:
        try:
            self._thread.start()
        except RuntimeError as error:
            raise OSError(errno.EAGAIN, "the system has no thread left") from error
        except BaseException:  # Ctrl-C between the start and the block
            self._given_up = True
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all is on the disk; after an error, only until the thread has ended.

        Raises:
            OSError: A block could not be written or reach the disk.
        """
        self._given_up = error is not None
        self._blocks.put(None)
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _drain(self) -> None:
        digest = hashlib.sha256()
        while (block := self._next()) is not None:
            if not self._is_over():  # taken all the same, so that nobody waits for room
                self._try(self._write, block, digest)
        if not self._is_over():
            self._try(self._sync)
            self.sha256 = digest.hexdigest()

    def _next(self) -> bytes | None:
        """The next block; while none is there, the disk has time for what came before."""
        try:
            return self._blocks.get_nowait()
        except queue.Empty:
            if self._unsynced >= _WORTH_A_SYNC_BYTES and not self._is_over():
                self._try(self._sync)
        while True:
            try:
                return self._blocks.get(timeout=_LOOK_UP_S)
            except queue.Empty:
                if self._given_up:  # by an interrupt, so that no end mark may come
                    return None

    def _is_over(self) -> bool:
        return self._given_up or self._failure is not None

    def _try(self, step: Callable[..., None], *arguments: Any) -> None:
        try:
            step(*arguments)
        except BaseException as failure:  # noqa: BLE001 - raised again where somebody can act on it
            self._failure = failure

    def _write(self, block: bytes, digest: "hashlib._Hash") -> None:
        digest.update(block)
        self.size_bytes += self._file.write(block)
        self._unsynced += len(block)
        if self._unsynced >= _SYNC_EVERY_BYTES:
            self._sync()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0
