"""``--out -``: the video on standard output, whole or not at all."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from nebula_client.cli_options import STANDARD
from nebula_client.cli_output import STANDARD_OUTPUT, put
from nebula_client.errors import ConfigurationError, OutputError
from nebula_client.models import Video

_BLOCK = 256 * 1024  # bytes


@contextlib.contextmanager
def place_for(out: Path | None) -> Iterator[Path | None]:
    """The file that a video is to be written to: ``out`` itself, or one that is temporary for ``-``.

    Raises:
        ConfigurationError: Standard output is a terminal.
        OutputError: It is closed, or there is no room for temporary files.
    """
    if out is None or str(out) != STANDARD:
        yield out
        return
    if sys.stdout is None:
        raise OutputError(STANDARD_OUTPUT, "it is closed. Nothing was sent.")
    if sys.stdout.isatty():
        message = "--out -: standard output is a terminal, which shows no video. Pipe it, or name a file. Nothing was sent."
        raise ConfigurationError(message)
    try:
        folder = tempfile.TemporaryDirectory(prefix="nebula-video-")
    except OSError as error:
        raise OutputError(
            Path(tempfile.gettempdir()), f"{error.strerror}. Set TMPDIR to another folder."
        ) from error
    with folder as name:
        yield Path(name) / "video.mp4"


def refuse_several(count: int, out: Path | None) -> None:
    """Refuse to put several videos one behind the other.

    Raises:
        ConfigurationError: There are several for standard output.
    """
    if out is not None and str(out) == STANDARD and count > 1:
        message = f"--out -: there are {count} videos, and standard output takes one. Name a file; they get NAME.mp4, NAME-2.mp4 ..."
        raise ConfigurationError(message)


def pass_on(videos: Sequence[Video]) -> None:
    """Copy the one video to standard output, block by block.

    Raises:
        BrokenPipeError: Nobody reads it any more.
        OutputError: Standard output is full, or there are several videos after all.
    """
    if len(videos) > 1:
        raise OutputError(STANDARD_OUTPUT, f"the task has {len(videos)} videos. Name a file.")
    with videos[0].path.open("rb") as file:
        while block := file.read(_BLOCK):
            put(block)
