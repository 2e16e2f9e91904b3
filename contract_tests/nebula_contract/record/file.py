"""A run on disk: a header line, an exchange a line, an end line; all JSON (``files/record-line.schema.json``).

A run that was killed leaves a record without its end, and perhaps with half a line: it is read as far as it goes, and
says that it is partial. Anything else that is not as it was written is an error that names the line.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Self

from nebula_contract.files import opened_file
from nebula_contract.record.coding import exchange_members, exchange_of
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.lines import (
    RecordError,
    damaged,
    end_of,
    header_of,
    is_object,
    last_line,
    line_at,
    line_members,
    opened,
)
from nebula_contract.record.members import CodingError, json_text, told
from nebula_contract.record.run import FORMAT, RunEnd, RunHeader

_BEGINS = 64
_MODE = 0o600  # prompts are nobody else's business


class RecordWriter:
    """Writes a run line by line, each handed to the system before the next is sent. Not for several threads.

    Attributes:
        path: Where the record is.
        written: Exchanges written.
    """

    def __init__(self, path: Path, header: RunHeader, *, overwrite: bool = False) -> None:
        """Make the file, readable by its owner alone, and write the header.

        Raises:
            RecordError: It is there already and ``overwrite`` was not said, or cannot be written.
        """
        self.path = path
        self.written = 0
        self._size = 0
        self._is_broken = False
        self._is_paid = header.is_live
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if overwrite else os.O_EXCL)
        try:
            self._descriptor = os.open(path, flags, _MODE)
        except FileExistsError as error:
            raise RecordError(
                f"{path}: is there already. Name another file, or allow it to be overwritten; nothing was sent."
            ) from error
        except OSError as error:
            raise RecordError(
                f"{path}: cannot be written ({error.strerror}). Name a file in a folder that is yours; nothing was sent."
            ) from error
        members = {name: value for name, value in asdict(header).items() if value not in ("", None)}
        members["target_kind"] = members.pop("kind")
        try:
            self._line({"kind": "header", "format": FORMAT, **members})
        except RecordError as error:
            if stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                path.unlink()
            os.close(self._descriptor)
            told = error.__cause__.strerror if isinstance(error.__cause__, OSError) else str(error)
            raise RecordError(
                f"{path}: cannot be written ({told}). Make room, or name a file elsewhere; nothing was sent."
            ) from error

    def add(self, exchange: Exchange) -> None:
        """Append an exchange.

        Raises:
            RecordError: The file does not take it; what was written before stays readable.
        """
        self._line({"kind": "exchange", **exchange_members(exchange)})
        self.written += 1

    def end(self, end: RunEnd) -> None:
        """Append the last line; only with it is the record whole. As ``add``."""
        members = {name: value for name, value in asdict(end).items() if value not in ("", ())}
        self._line({"kind": "end", **members})

    def _line(self, members: dict[str, Any]) -> None:
        if self._is_broken:
            raise RecordError(
                f"{self.path}: a line before this one was not written, so this one is not either."
            )
        line = json_text(members).encode("ascii") + b"\n"
        try:
            sent = 0
            while sent < len(line):
                sent += os.write(self._descriptor, line[sent:])
            if self._is_paid:  # what was paid for outlives a machine that stops
                os.fsync(self._descriptor)
        except OSError as error:
            self._is_broken = True
            self._cut_back()
            raise RecordError(
                f"{self.path}: exchange {self.written + 1} could not be written ({error.strerror}). The record ends "
                f"before it, and can be judged as a partial one. Make room, or name a file elsewhere, and run again."
            ) from error
        self._size += len(line)

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            return  # a pipe or a device: half a line at the end is read as such

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


class Record:
    """A run as it was written.

    Attributes:
        path: Where it is.
        header: What was known before the first exchange.
        end: What was known after the last; None for a run that was killed.
        is_cut: Whether the file ends within a line.
    """

    def __init__(self, path: Path, header: RunHeader, end: RunEnd | None, *, is_cut: bool) -> None:
        self.path = path
        self.header = header
        self.end = end
        self.is_cut = is_cut

    @property
    def partial(self) -> str:
        """Why the record is not a whole run, in a sentence; empty for one that is."""
        if self.end is None:
            cut = "; its last line was cut and is left out" if self.is_cut else ""
            return f"the record has no end: the run was stopped before it could write one{cut}"
        return "" if self.end.stop == "complete" else f"the run did not come to its end: {self.end.stop}"

    def exchanges(self) -> Iterator[Exchange]:
        """Every exchange in order, one in memory at a time. The file is read again at each call.

        Raises:
            RecordError: At the first line that is none.
        """
        last, number = 0, 1
        with opened(self.path) as file:
            line_at(file, self.path, number)
            while line := line_at(file, self.path, number := number + 1):
                if self.is_cut and not line.endswith(b"\n"):
                    return
                members = line_members(line, self.path, number)
                kind = members.values.get("kind")
                if kind == "end":
                    self._check_end(file, number, last)
                    return
                if kind != "exchange":
                    raise damaged(self.path, number, f"kind: found {told(kind)}, expected exchange or end")
                members.take("kind")
                try:
                    exchange = exchange_of(members)
                except CodingError as error:
                    raise damaged(self.path, number, str(error)) from error
                if exchange.number <= last:
                    raise damaged(
                        self.path,
                        number,
                        f"number: found {exchange.number} after {last}, expected a higher one",
                    )
                last = exchange.number
                yield exchange

    def _check_end(self, file: BinaryIO, number: int, last: int) -> None:
        if line_at(file, self.path, number + 1):
            raise damaged(self.path, number + 1, "found a line behind the end, expected none")
        if self.end is not None and self.end.exchanges != number - 2:
            raise damaged(
                self.path,
                number,
                f"exchanges: found {self.end.exchanges}, expected {number - 2}, as many as there are (the last is {last})",
            )


def is_record(path: Path) -> bool:
    """Whether a file begins as a record does; what is not there, or cannot be read, is none."""
    try:
        with opened_file(path) as file:
            begins = file.read(_BEGINS)
    except OSError:
        return False
    return begins.startswith((b'{"kind":"header"', b'{"kind": "header"'))


def read_record(path: Path) -> Record:
    """The record in a file: header and end are read at once, exchanges when they are asked for.

    Raises:
        RecordError: It cannot be read, or is no record.
    """
    with opened(path) as file:
        first = line_at(file, path, 1)
        if not first:
            raise damaged(path, 1, "found an empty file, expected a header")
        header = header_of(first, path)
        last, number_from_end = last_line(file, path)
        is_cut = not last.endswith(b"\n") and not is_object(last)
        end = None if is_cut or number_from_end == 0 else end_of(last, path)
    return Record(path, header, end, is_cut=is_cut)


__all__ = ["Record", "RecordError", "RecordWriter", "read_record"]
