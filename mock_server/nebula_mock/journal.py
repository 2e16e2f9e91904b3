"""The journal: the last exchanges, bounded in number and in bytes, and honest about what it no longer has."""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nebula_mock.core.journal_entry import JournalEntry
from nebula_mock.journal_file import JournalFile

MOST_ENTRIES = 1000
"""How many entries are kept by default; the oldest make room."""

MOST_BYTES = 32 * 1024 * 1024
"""About how many bytes all entries may take by default."""

_MOST_OWNERS = 10_000  # pairs of account and operation whose evicted entries are counted apart


class _Kept:
    """An entry with its number, until it is first read; then its line."""

    __slots__ = ("_entry", "_line", "account", "operation", "seq", "weight")

    def __init__(self, seq: int, entry: JournalEntry) -> None:
        self.seq = seq
        self.account = entry.account
        self.operation = entry.operation
        self.weight = entry.weight()
        self._entry: JournalEntry | None = entry
        self._line = b""

    def line(self) -> bytes:
        """Its JSON; two threads that ask at once get the same."""
        entry = self._entry
        if entry is not None:
            self._line = replace(entry, seq=self.seq).as_line()
            self._entry = None
        return self._line


@dataclass(frozen=True, slots=True)
class Page:
    """What the journal holds at one moment.

    Attributes:
        lines: Entries as JSON, oldest first.
        next_seq: The number that the next entry will have.
        evicted: How many entries had to make room since the journal was last cleared.
    """

    lines: tuple[bytes, ...]
    next_seq: int
    evicted: int

    def entries(self) -> Iterator[JournalEntry]:
        """The entries, read from their lines."""
        return map(JournalEntry.of_line, self.lines)


class Journal:
    """Keeps entries, and tells them as lines of JSON. Safe to use from many threads.

    Attributes:
        most_entries: How many entries it keeps.
        most_bytes: About how many bytes they may take together.
        file: Where every line is written too, or None.
    """

    def __init__(
        self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES, file: JournalFile | None = None
    ) -> None:
        """Start empty, at number 1."""
        self.most_entries = most_entries
        self.most_bytes = most_bytes
        self.file = file
        self._kept: deque[_Kept] = deque()
        self._bytes = 0
        self._next_seq = 1
        self._evicted: Counter[tuple[str | None, str]] = Counter()
        self._evicted_others = 0
        self._refused_early = 0
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether anything is recorded."""
        return self.most_entries > 0 or self.file is not None

    @property
    def refused_early(self) -> int:
        """Requests that were refused before the application was reached; they have no entries."""
        return self._refused_early

    def count_refused_early(self) -> None:
        """Count a request that never reached the application."""
        with self._lock:
            self._refused_early += 1

    def add(self, entry: JournalEntry) -> int:
        """Keep an entry under the next number, whatever its own, and give that number."""
        with self._lock:
            seq = self._next_seq
            self._next_seq += 1
            self._keep(_Kept(seq, entry))
        return seq

    def _keep(self, kept: _Kept) -> None:
        self._kept.append(kept)
        self._bytes += kept.weight
        while self._kept and (len(self._kept) > self.most_entries or self._bytes > self.most_bytes):
            gone = self._kept.popleft()
            self._bytes -= gone.weight
            owner = (gone.account, gone.operation)
            if owner in self._evicted or len(self._evicted) < _MOST_OWNERS:
                self._evicted[owner] += 1
            else:
                self._evicted_others += 1

    def revise(self, seq: int, entry: JournalEntry) -> None:
        """Put another entry in the place of the one with that number, where it is still kept."""
        with self._lock:
            for index in range(len(self._kept) - 1, -1, -1):
                kept = self._kept[index]
                if kept.seq == seq:
                    self._kept[index] = revised = _Kept(seq, entry)
                    self._bytes += revised.weight - kept.weight
                    return

    def page(self, account: str | None = None, since: int = 1) -> Page:
        """The entries from the number ``since`` on; of one account, or of all where it is None."""
        with self._lock:
            kept = tuple(self._kept)
            next_seq, evicted = self._next_seq, self._evicted_of(account, None)
        lines = (
            one.line() for one in kept if one.seq >= since and (account is None or one.account == account)
        )
        return Page(tuple(lines), next_seq, evicted)

    def evicted(self, account: str | None = None, operation: str | None = None) -> int:
        """How many entries had to make room that may have been of that account and operation."""
        with self._lock:
            return self._evicted_of(account, operation)

    def _evicted_of(self, account: str | None, operation: str | None) -> int:
        return self._evicted_others + sum(
            count
            for (whose, what), count in self._evicted.items()
            if account in (None, whose) and operation in (None, what)
        )

    def clear(self, account: str | None = None) -> int:
        """Forget every entry, or those of one account, and say how many; numbers go on."""
        with self._lock:
            left = [one for one in self._kept if account is not None and one.account != account]
            forgotten = len(self._kept) - len(left)
            self._kept = deque(left)
            self._bytes = sum(one.weight for one in left)
            if account is None:
                self._evicted.clear()
                self._evicted_others = 0
            else:
                for owner in [owner for owner in self._evicted if owner[0] == account]:
                    del self._evicted[owner]
        return forgotten

    def write(self, seq: int, entry: JournalEntry) -> None:
        """Append a finished entry to the file, where there is one, under that number; never an error."""
        if self.file is not None:
            self.file.write(replace(entry, seq=seq).as_line())

    def close(self) -> None:
        """Close the file; entries stay readable."""
        if self.file is not None:
            self.file.close()

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """About how many bytes the entries that are kept take."""
        return self._bytes
