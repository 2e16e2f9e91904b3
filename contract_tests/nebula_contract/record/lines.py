"""The lines of a record: bytes to members, the first one to a header, the last one to an end."""

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from nebula_contract.files import opened_file
from nebula_contract.record.members import CodingError, Members, told
from nebula_contract.record.run import FORMAT, RunEnd, RunHeader

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a longer one is refused before it is in memory."""
_BLOCK = 64 * 1024


class RecordError(OSError):
    """A record cannot be read or written: which file, where in it, what was found, what to do."""


def opened(path: Path) -> BinaryIO:
    """The file, open for reading."""
    try:
        return opened_file(path)
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read ({error.strerror}). Name a file that nebula-contract test or live wrote with --record."
        ) from error


def line_at(file: BinaryIO, path: Path, number: int) -> bytes:
    """The next line, which is that number; empty at the end of the file."""
    try:
        line = file.readline(LONGEST_LINE + 1)
    except OSError as error:
        raise RecordError(f"{path}, line {number}: cannot be read ({error.strerror}).") from error
    if len(line) > LONGEST_LINE:
        raise damaged(path, number, f"found a line of over {LONGEST_LINE} bytes, expected at most that many")
    return line


def last_line(file: BinaryIO, path: Path) -> tuple[bytes, int]:
    """The last line, and where it begins."""
    try:
        at = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise RecordError(f"{path}: is read twice, and cannot be ({error}). Name a file, no pipe.") from error
    tail = b""
    while at > 0 and len(tail) <= LONGEST_LINE:
        step = min(max(_BLOCK, len(tail)), at)  # twice as much each time, since it is put together again
        at = file.seek(at - step)
        tail = file.read(step) + tail
        if (found := tail.rfind(b"\n", 0, -1)) >= 0:
            return tail[found + 1 :], at + found + 1
    return tail, at


def is_object(line: bytes) -> bool:
    """Whether a line is a whole JSON object: no part of one is."""
    try:
        return isinstance(_DECODER.decode(line.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return False


def line_members(line: bytes, path: Path, number: int) -> Members:
    """What a line holds."""
    try:
        return Members(_DECODER.decode(line.decode("utf-8")), "")
    except UnicodeDecodeError as error:
        raise damaged(path, number, f"found no UTF-8 at byte {error.start}, expected JSON") from error
    except RecursionError as error:
        raise damaged(path, number, "found JSON nested too deeply, expected what was recorded") from error
    except CodingError as error:
        raise damaged(path, number, str(error)) from error
    except ValueError as error:
        raise damaged(
            path, number, f"found no JSON ({str(error)[:200]}), expected one JSON object"
        ) from error


def header_of(line: bytes, path: Path) -> RunHeader:
    """The header that the first line is."""
    members = line_members(line, path, 1)
    if members.values.get("kind") != "header":
        raise damaged(path, 1, f"kind: found {told(members.values.get('kind'))}, expected header")
    if members.values.get("format") != FORMAT or members.values["format"] is True:
        raise RecordError(
            f"{path}, line 1, format: found {told(members.values.get('format'))}, expected {FORMAT}. Judge it with the "
            "version of nebula-video that wrote it, or record the run again."
        )
    try:
        members.take("kind")
        members.take("format")
        header = RunHeader(
            tool=members.text("tool"),
            target=members.text("target"),
            kind=members.choice("target_kind"),
            started_at=members.moment("started_at"),
            dialect=members.text("dialect", ""),
            seed=members.count("seed") if "seed" in members.values else None,
            profile=members.text("profile", ""),
            hypothesis=members.text("hypothesis", ""),
            plan=members.text("plan", ""),
            cap_usd=members.text("cap_usd", ""),
        )
        members.no_others()
    except CodingError as error:
        raise damaged(path, 1, str(error)) from error
    return header


def end_of(line: bytes, path: Path) -> RunEnd | None:
    """The end, where the last line is one; an exchange there is looked at in its turn."""
    if not is_object(line):
        return None
    members = Members(_DECODER.decode(line.decode("utf-8")), "")
    if members.values.get("kind") != "end":
        return None
    try:
        members.take("kind")
        notes = members.take("notes", [])
        if type(notes) is not list or any(type(note) is not str for note in notes):
            raise members.error("notes", told(notes), "an array of texts")
        end = RunEnd(
            ended_at=members.moment("ended_at"),
            stop=members.choice("stop"),
            exchanges=members.count("exchanges"),
            spent_usd=members.text("spent_usd", ""),
            notes=tuple(notes),
        )
        members.no_others()
    except CodingError as error:
        raise RecordError(
            f"{path}, last line, {error}. The record was changed after it was written."
        ) from error
    return end


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def damaged(path: Path, number: int, what: str) -> RecordError:
    """The error about a line: what was found there, what was expected."""
    return RecordError(
        f"{path}, line {number}, {what}. The file is no record, or was changed after it was written; run again with "
        "nebula-contract test --record."
    )
