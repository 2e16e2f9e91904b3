"""What was spent, on disk before anything is sent: append-only, locked against every other process and thread.

The lock is held across reading, deciding and writing, so that two runs at once cannot both take the last dollar.
"""

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from nebula_contract.live.budget import BudgetError, Caps, refusal
from nebula_contract.live.ledger_lines import (
    Book,
    Entry,
    LedgerError,
    book_of,
    line_bytes,
    may_become,
    usd_of_cut,
)
from nebula_contract.live.money import usd_text

DEFAULT_PATH = Path("contract/ledger.ndjson")
_FLAGS = os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Spender:
    """Who spends: what every reservation of a run says.

    Attributes:
        run: The run's id.
        host: The provider's host, with its port where one is given.
        account: Digest of the key, 12 hex digits.
        plan: Digest of the plan file.
    """

    run: str
    host: str
    account: str
    plan: str


class Ledger:
    """The ledger in a file."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Name its file, which is made when something is reserved; ``now`` is aware and in UTC."""
        self.path = path
        self.now = now

    def read(self) -> Book:
        """What it holds; nothing where there is no file.

        Raises:
            LedgerError: It cannot be read, or is damaged.
        """
        if not os.path.lexists(self.path):
            return Book()
        with self._opened(os.O_RDONLY, fcntl.LOCK_SH) as file:
            return book_of(_all_of(file))

    def check_writable(self) -> None:
        """Nothing, where a reservation could be written.

        Raises:
            LedgerError: It could not, or the ledger is damaged.
        """
        with self._writable() as file:
            book_of(_all_of(file))

    def reserve(self, case: str, usd: Decimal, caps: Caps, spender: Spender) -> Entry:
        """A reservation, which is on the disk when this returns.

        Raises:
            BudgetError: A cap would be passed; nothing was written.
            LedgerError: It cannot be written, or is damaged.
        """
        with self._writable() as file:
            raw = _all_of(file)
            now = self.now()
            book = book_of(raw)
            if reason := refusal(usd, caps, book, spender.run, spender.host, now):
                raise BudgetError(reason)
            entry_id = secrets.token_hex(8)
            facts = {"run": spender.run, "case": case, "host": spender.host, "account": spender.account}
            line = line_bytes("reserve", now, usd=usd_text(usd), id=entry_id, **facts, plan=spender.plan)
            self._append(file, raw, book, line)
        return Entry(entry_id, usd=usd, at=now, plan=spender.plan, **facts)

    def settle(self, entry_id: str, outcome: str, *, task_id: str = "", family: str = "") -> None:
        """Say what became of a reservation that counts as spent; see ``ledger_lines.SETTLED``.

        Raises:
            LedgerError: It cannot be written or is damaged, or the entry is not one that may become that.
        """
        self._move("settle", entry_id, outcome, task_id=task_id, family=family)

    def release(self, entry_id: str, outcome: str) -> None:
        """Say why a reservation is not spent after all; see ``ledger_lines.RELEASED``.

        Raises:
            LedgerError: As ``settle``.
        """
        self._move("release", entry_id, outcome)

    def _move(self, kind: str, entry_id: str, outcome: str, **members: str) -> None:
        with self._writable() as file:
            raw = _all_of(file)
            book = book_of(raw)
            entry = book.entry(entry_id)
            if entry is None or not may_become(entry.outcome, outcome):
                found = "no such entry" if entry is None else f"one that is {entry.outcome}"
                message = f"{self.path}: found {found} under {entry_id!r}, which cannot become {outcome}."
                raise LedgerError(message)
            self._append(
                file, raw, book, line_bytes(kind, self.now(), id=entry_id, outcome=outcome, **members)
            )

    def _append(self, file: int, raw: bytes, book: Book, line: bytes) -> None:
        """The line, whole on the disk, or the file as it was."""
        is_cut = any(entry.outcome == "cut" and entry.id == "cut tail" for entry in book.entries)
        kept = len(raw) - len(book.tail) if is_cut else len(raw)
        begun = b"" if is_cut or not book.tail else b"\n"
        if is_cut:
            text = book.tail.decode("utf-8", "backslashreplace")
            begun = line_bytes("cut", self.now(), usd=usd_text(usd_of_cut(book.tail)), text=text)
        try:
            os.ftruncate(file, kept)
            _write(file, begun + line)
            os.fsync(file)
        except OSError as error:
            with contextlib.suppress(OSError):  # the first trouble is the one that is told
                os.ftruncate(file, kept)
                _write(file, book.tail if is_cut else b"")
            raise self._unusable("cannot be written", error) from error

    @contextlib.contextmanager
    def _writable(self) -> Iterator[int]:
        is_new = not os.path.lexists(self.path)
        if is_new:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._unusable("has no folder", error) from error
        with self._opened(os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as file:
            if is_new:
                self._sync_folder()
            yield file

    @contextlib.contextmanager
    def _opened(self, how: int, lock: int) -> Iterator[int]:
        try:
            file = os.open(self.path, how | _FLAGS, _MODE)
        except OSError as error:
            raise self._unusable("cannot be opened", error) from error
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                message = f"the ledger {self.path} is no plain file. Nothing was sent. Name another."
                raise LedgerError(message)
            fcntl.flock(file, lock)
            yield file
        except OSError as error:
            raise self._unusable("cannot be read", error) from error
        finally:
            os.close(file)  # which also unlocks it

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _unusable(self, what: str, error: OSError) -> LedgerError:
        return LedgerError(
            f"the ledger {self.path} {what}: {error.strerror}. Without it nothing that costs money is sent. Make it a "
            "plain file that you may write, on a disk with room."
        )


def _all_of(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
