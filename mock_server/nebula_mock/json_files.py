"""Files that a user hands to the server: JSON under one of our schemas, or every reason why not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nebula_mock.json_reading import NotJsonError, read_json
from nebula_mock.redaction import HIDDEN, redacted

if TYPE_CHECKING:
    from nebula_schemas.violations import Violation

LARGEST_FILE_BYTES = 1024 * 1024
_MOST_TOLD = 10
_SECRET_MEMBERS = (".key", ".account")  # their values are never shown


class JsonFileError(ValueError):
    """A file cannot be used: which, where, what was found, what was expected. Nothing was started."""


def read_json_file(path: Path, schema: str) -> Any:
    """The value in a file, valid by the schema of that name.

    Raises:
        JsonFileError: It cannot be read, is over 1 MiB, is no strict JSON, or breaks the schema.
    """
    value = json_in(path, bytes_of(path))
    if found := violations(schema, value):
        raise JsonFileError("\n".join(told_without_secrets(str(path), found, value)))
    return value


def bytes_of(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        JsonFileError: It cannot be read, or is over 1 MiB.
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
    return raw


def json_in(path: Path, raw: bytes) -> Any:
    """The JSON value in the bytes of a file.

    Raises:
        JsonFileError: It is no strict JSON.
    """
    try:
        return read_json(raw)
    except NotJsonError as error:
        message = f"{path}: not JSON that is read: {redacted(str(error))}. Mend the file at that place."
        raise JsonFileError(message) from error


def violations(schema: str, value: object) -> "tuple[Violation, ...]":
    """Every way ``value`` breaks the schema of that name; jsonschema is loaded when it is first asked.

    Most servers never need it, and it is a sixth of the time they take to start.
    """
    from nebula_schemas.loader import contract

    return contract().violations(schema, value)


def told_without_secrets(
    source: str, violations: "Sequence[Violation]", value: object = None, most: int | None = _MOST_TOLD
) -> list[str]:
    """One line a violation: where it came from, JSON path, found, expected; keys hidden.

    ``value`` is what breaks the schema: whatever stands in it as a key is told nowhere. At most ``most``
    violations are told, and how many are left; None for all.
    """
    secrets = sorted(_secrets_in(value), key=len, reverse=True)
    lines = [f"{source}, {_told(violation, secrets)}" for violation in violations[:most]]
    left = len(violations) - len(lines)
    return [*lines, f"{source}: and {left} more."] if left else lines


def without_secrets(value: Any) -> Any:
    """The JSON value with every key in it hidden."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if f".{name}" in _SECRET_MEMBERS and one is not None else without_secrets(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    return redacted(value) if isinstance(value, str) else value


def _secrets_in(value: object) -> set[str]:
    """Every key in a JSON value, as it is and as JSON writes it."""
    if isinstance(value, list):
        return set().union(*map(_secrets_in, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_secrets_in, value.values()))
    for name, one in value.items():
        if f".{name}" in _SECRET_MEMBERS and isinstance(one, str) and one:
            found |= {one, json.dumps(one)[1:-1]}
    return found


def _told(violation: "Violation", secrets: "Sequence[str]") -> str:
    is_secret = violation.json_path.endswith(_SECRET_MEMBERS)
    found = HIDDEN if is_secret else redacted(violation.found)
    for secret in secrets:
        found = found.replace(secret, HIDDEN)
    nearest = f" Did you mean {violation.hint}?" if violation.hint else ""
    return f"{violation.json_path}: found {found}, expected {violation.expected}.{nearest}"
