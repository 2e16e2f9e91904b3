"""Files that a user hands to the server: JSON under one of our schemas, or every reason why not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nebula_mock.json_reading import NotJsonError, read_json
from nebula_mock.redaction import HIDDEN, redacted

if TYPE_CHECKING:
    from nebula_schemas.violations import Violation

LARGEST_FILE_BYTES = 1024 * 1024
_MOST_TOLD = 10
_SECRET_MEMBERS = (".key",)  # their values are never shown


class JsonFileError(ValueError):
    """A file cannot be used: which, where, what was found, what was expected. Nothing was started."""


def read_json_file(path: Path, schema: str) -> Any:
    """The value in a file, valid by the schema of that name.

    Raises:
        JsonFileError: It cannot be read, is over 1 MiB, is no strict JSON, or breaks the schema.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}). Name a file that exists and is yours to read."
        raise JsonFileError(message) from error
    if len(raw) > LARGEST_FILE_BYTES:
        message = f"{path}: found over {LARGEST_FILE_BYTES} bytes, expected at most that many."
        raise JsonFileError(message)
    try:
        value = read_json(raw)
    except NotJsonError as error:
        message = f"{path}: not JSON that is read: {redacted(str(error))}. Mend the file at that place."
        raise JsonFileError(message) from error
    if found := violations(schema, value):
        raise JsonFileError("\n".join(told_without_secrets(str(path), found)))
    return value


def violations(schema: str, value: object) -> "tuple[Violation, ...]":
    """Every way ``value`` breaks the schema of that name; jsonschema is loaded when it is first asked.

    Most servers never need it, and it is a sixth of the time they take to start.
    """
    from nebula_schemas.loader import contract

    return contract().violations(schema, value)


def told_without_secrets(source: str, violations: "Sequence[Violation]") -> list[str]:
    """One line a violation: where it came from, JSON path, found, expected; keys hidden."""
    lines = [f"{source}, {_told(violation)}" for violation in violations[:_MOST_TOLD]]
    left = len(violations) - len(lines)
    return [*lines, f"{source}: and {left} more."] if left else lines


def _told(violation: "Violation") -> str:
    is_secret = violation.json_path.endswith(_SECRET_MEMBERS)
    found = HIDDEN if is_secret else redacted(violation.found)
    nearest = f" Did you mean {violation.hint}?" if violation.hint else ""
    return f"{violation.json_path}: found {found}, expected {violation.expected}.{nearest}"
