"""Small JSON files that people review: read with an error that says what to do, replaced whole or left as they were.

They are ``contract/freshness.json``, ``observed.json`` and ``accepted.json``.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nebula_contract.files import changed_alone, opened_file, replace_file

_LARGEST = 32 * 1024 * 1024


class ReviewedFileError(ValueError):
    """A file cannot be read or written: which, where, what was found, what to do."""


def read_document(path: Path, schema: str, remedy: str) -> Mapping[str, Any] | None:
    """The document in a file; None where there is none.

    Args:
        path: The file.
        schema: Name of the schema that it has to keep.
        remedy: What to do about a file that does not, in a sentence.

    Raises:
        ReviewedFileError: It cannot be read, or does not keep its schema.
    """
    from nebula_schemas.loader import contract

    try:
        with opened_file(path) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST:
                raise ReviewedFileError(
                    f"{path}: found more than 32 MiB, expected a file that people review. {remedy}"
                )
            value = json.loads(file.read(), object_pairs_hook=no_twins)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, ReviewedFileError):
            raise
        told = error.strerror if isinstance(error, OSError) else f"no JSON: {str(error)[:200]}"
        raise ReviewedFileError(f"{path}: cannot be read ({told}). {remedy}") from error
    if found := contract().violations(schema, value):
        raise ReviewedFileError(f"{path}, {found[0]} {remedy}")
    document: Mapping[str, Any] = value
    return document


def write_document(path: Path, document: Mapping[str, Any], remedy: str) -> None:
    """Replace the file by one that says this, whole, or leave it as it was.

    Raises:
        ReviewedFileError: It cannot be written.
    """
    # Half of a pair of surrogates, which JSON may hold, becomes the escape that JSON has for it.
    data = text_of(document).encode("utf-8", "backslashreplace")
    try:
        replace_file(path, data, makes_folder=True)
    except OSError as error:
        raise _unwritten(path, error, remedy) from error


@contextlib.contextmanager
def changing(path: Path, remedy: str) -> Iterator[None]:
    """A block that reads, changes and writes the file, while no other process does.

    Raises:
        ReviewedFileError: Its folder cannot be made or locked.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(changed_alone(path))
        except OSError as error:
            raise _unwritten(path, error, remedy) from error
        yield


def _unwritten(path: Path, error: OSError, remedy: str) -> ReviewedFileError:
    return ReviewedFileError(f"{path}: cannot be written ({error.strerror}). {remedy}")


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it stands in a file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object of its members, as ``object_pairs_hook``.

    Raises:
        ValueError: Two have one name.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        message = f"the member {twin[:60]!r} stands twice in one object"
        raise ValueError(message)
    return found
