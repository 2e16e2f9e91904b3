"""The formats by name, and a report to wherever it was asked for."""

from collections.abc import Callable, Mapping
from pathlib import Path

from nebula_contract.files import check_write_out, write_out
from nebula_contract.reports.as_json import as_json, as_ndjson
from nebula_contract.reports.github import github
from nebula_contract.reports.junit import junit
from nebula_contract.reports.markdown import markdown
from nebula_contract.reports.report import Report
from nebula_contract.reports.terminal import terminal

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": terminal,
    "json": as_json,
    "ndjson": as_ndjson,
    "junit": junit,
    "markdown": markdown,
    "github": github,
}
"""Name to what makes it."""


class ReportError(OSError):
    """A report cannot be written: which file, why, what to do."""


def writable(path: Path) -> None:
    """Nothing, when a report can be written there; so that it is known before a run. No file is left that was not there.

    Raises:
        ReportError: It cannot.
    """
    try:
        check_write_out(path)
    except OSError as error:
        raise _error(path, error) from error


def write_report(report: Report, name: str, path: Path) -> None:
    """Write a report of that format, over what was there.

    Raises:
        ReportError: It cannot be written.
    """
    write_text(path, FORMATS[name](report))


def write_text(path: Path, text: str) -> None:
    """Write a report that was made, over what was there; a file whole, or as it was.

    Raises:
        ReportError: It cannot be written.
    """
    try:
        write_out(path, text.encode("utf-8"))
    except BrokenPipeError:
        raise  # whoever read it went away, as from standard output
    except OSError as error:
        raise _error(path, error) from error


def _error(path: Path, error: OSError) -> ReportError:
    return ReportError(
        f"{path}: a report cannot be written there ({error.strerror}). Name a file in a folder that exists."
    )
