"""Small JSON files that people review: read with an error that says what to do, replaced whole or left as they were.

They are ``contract/freshness.json``, ``observed.json`` and ``accepted.json``.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        if path.stat().st_size > _LARGEST:
            raise ReviewedFileError(
                f"{path}: found more than 32 MiB, expected a file that people review. {remedy}"
            )
        value = json.loads(path.read_bytes(), object_pairs_hook=_no_twins)
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            # Half of a pair of surrogates, which JSON may hold, becomes the escape that JSON has for it.
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text_of(document))
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise ReviewedFileError(f"{path}: cannot be written ({error.strerror}). {remedy}") from error


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it stands in a file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        message = f"the member {twin[:60]!r} stands twice"
        raise ValueError(message)
    return found
