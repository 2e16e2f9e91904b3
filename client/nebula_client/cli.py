"""The command ``nebula-video``.

Standard output carries the result alone (a file name, a task id, JSON, or with ``--out -`` the video);
everything for people goes to standard error. Exit codes tell the branches of the error tree apart.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import get_completion_class

from nebula_client.api import VideoClient
from nebula_client.cli_ends import PIPE_CLOSED, Resume, exit_codes_text, told_ends
from nebula_client.cli_options import (
    STDOUT,
    file_options,
    parameters_from,
    prompt_from,
    request_options,
    wait_options,
    word_options,
)
from nebula_client.cli_output import (
    Output,
    generation_document,
    submission_document,
    task_document,
    videos_document,
)
from nebula_client.errors import ConfigurationError, OutputError
from nebula_client.models import Submission, Video
from nebula_client.progress import Shown, shown_progress, shown_words
from nebula_client.request_rules import expected, submit_body
from nebula_schemas.version import VERSION

_COMPLETE_VARIABLE = "_NEBULA_VIDEO_COMPLETE"


@dataclass(frozen=True, slots=True)
class Program:
    """The provider and key of one command.

    Attributes:
        base_url: The provider's address; None for the client's own default.
        key_file: A file with the key; None for the environment's.
        call: How to call the program again: its name, and the options that were typed. What comes from the
            environment is still there.
    """

    base_url: str | None
    key_file: Path | None
    call: tuple[str, ...]

    def client(self) -> VideoClient:
        """A client of that provider."""
        return VideoClient(base_url=self.base_url, api_key_file=self.key_file)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=exit_codes_text())
@click.version_option(VERSION, prog_name="nebula-video")
@click.option("--base-url", envvar="NEBULA_BASE_URL", metavar="URL", help="The provider; NEBULA_BASE_URL.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="A file with the key, of mode 600; NEBULA_API_KEY_FILE. A key is never an argument: others could read it.",
)
@click.pass_context
def main(context: click.Context, base_url: str | None, key_file: Path | None) -> None:
    """Make videos with Nebula's API. The key comes from NEBULA_API_KEY or a file."""
    typed = context.get_parameter_source("base_url") is ParameterSource.COMMANDLINE
    address = ("--base-url", base_url) if base_url and typed else ()
    key = () if key_file is None else ("--key-file", str(key_file))
    context.obj = Program(base_url, key_file, ("nebula-video", *address, *key))


@main.command()
@click.argument("prompt")
@request_options
@file_options
@wait_options
@word_options
@click.pass_obj
def generate(
    program: Program,
    /,
    *,
    prompt: str,
    out: Path,
    overwrite: bool,
    timeout_s: float,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """From prompt to file: submit, wait, download. A prompt of - is read from standard input."""
    known: list[Submission] = []
    output = Output(as_json, is_taken=out == STDOUT)
    resume = Resume(program.call, known, _again(out, overwrite=overwrite, options=options))
    with (
        told_ends(output, resume),
        _target(out) as path,
        program.client() as client,
        shown_progress("submitting", quiet=quiet) as shown,
    ):

        def remember(submission: Submission) -> None:
            known.append(submission)
            price = "" if submission.price_usd is None else f", ${submission.price_usd:.2f} if it succeeds"
            shown.say(f"submitted {submission.task_id}{price}")

        parameters = parameters_from(options)
        text = prompt_from(prompt)
        if output.is_taken:
            _refuse_several(text, parameters)
        made = client.generate(
            text,
            path,
            timeout_s=timeout_s,
            overwrite=overwrite,
            on_submit=remember,
            on_update=shown.update,
            **options,
            **parameters,
        )
        _hand_over(made.videos, output, shown)
    output.result("\n".join(str(video.path) for video in made.videos), generation_document(made))


@main.command()
@click.argument("prompt")
@request_options
@word_options
@click.pass_obj
def submit(program: Program, /, *, prompt: str, as_json: bool, quiet: bool, **options: Any) -> None:
    """Ask for a video; prints the task id. A prompt of - is read from standard input."""
    output = Output(as_json)
    with told_ends(output), program.client() as client, shown_words(quiet=quiet):
        submission = client.submit(prompt_from(prompt), **parameters_from(options))
    output.result(submission.task_id, submission_document(submission))


@main.command()
@click.argument("task_id")
@word_options
@click.pass_obj
def status(program: Program, /, *, task_id: str, as_json: bool, quiet: bool) -> None:
    """Ask once how a task stands; prints JSON, with --json its errors too."""
    output = Output(as_json)
    with told_ends(output), program.client() as client, shown_words(quiet=quiet):
        task = client.query(task_id)
    output.document(task_document(task))


@main.command()
@click.argument("task_id")
@wait_options
@word_options
@click.pass_obj
def wait(program: Program, /, *, task_id: str, timeout_s: float, as_json: bool, quiet: bool) -> None:
    """Wait until a task succeeded; prints JSON, with --json its errors too."""
    output = Output(as_json)
    with (
        told_ends(output),
        program.client() as client,
        shown_progress("asking", quiet=quiet) as shown,
    ):
        task = client.wait(task_id, timeout_s=timeout_s, on_update=shown.update)
    output.document(task_document(task))


@main.command()
@click.argument("task_id")
@file_options
@word_options
@click.pass_obj
def download(
    program: Program,
    /,
    *,
    task_id: str,
    out: Path,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    **checks: Any,
) -> None:
    """Write a finished task's video to a file; several videos go to NAME.mp4, NAME-2.mp4 and so on."""
    output = Output(as_json, is_taken=out == STDOUT)
    with (
        told_ends(output),
        _target(out) as path,
        program.client() as client,
        shown_words(quiet=quiet) as shown,
    ):
        if output.is_taken and len(client.query(task_id).urls) > 1:
            message = "--out -: the task has several videos, and standard output takes one. Name a file."
            raise ConfigurationError(message)
        videos = client.download_all(task_id, path, overwrite=overwrite, **checks)
        _hand_over(videos, output, shown)
    output.result("\n".join(str(video.path) for video in videos), videos_document(task_id, videos))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that lets a shell complete this command: eval "$(nebula-video completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the three shells of the choice"
    click.echo(kind(main, {}, "nebula-video", _COMPLETE_VARIABLE).source())


def _again(out: Path, *, overwrite: bool, options: dict[str, Any]) -> tuple[str, ...]:
    """The options of the download that a command to be typed again needs."""
    verify = () if options["verify"] == "skip" else ("--verify", options["verify"])
    flags = [
        name
        for name, is_set in (("--overwrite", overwrite), ("--require-mp4", options["require_mp4"]))
        if is_set
    ]
    return ("--out", str(out), *flags, *verify)


@contextmanager
def _target(out: Path) -> Iterator[Path]:
    """The file to write; for standard output one that is gone afterwards, since a video is whole or not there.

    Raises:
        ConfigurationError: Standard output is a terminal, which no video should go to.
        OutputError: It is closed.
    """
    if out != STDOUT:
        yield out
        return
    if sys.stdout is None:
        raise OutputError(out, "standard output is closed. Nothing was sent.")
    if sys.stdout.isatty():
        message = "--out -: standard output is a terminal; send it to a file or another program."
        raise ConfigurationError(message)
    with tempfile.TemporaryDirectory(prefix="nebula-video-") as folder:
        yield Path(folder) / "video.mp4"


def _refuse_several(prompt: str, parameters: dict[str, Any]) -> None:
    given = {
        name: value
        for name, value in parameters.items()
        if name not in {"model", "strict", "idempotency_key"}
    }
    prospect = expected(submit_body(prompt, parameters["model"], given))
    if prospect is not None and prospect[1] > 1:
        message = f"--out -: {prospect[1]} videos were asked for, and standard output takes one. Name a file. Nothing was sent."
        raise ConfigurationError(message)


def _hand_over(videos: tuple[Video, ...], output: Output, shown: Shown) -> None:
    """Say what was saved; where standard output is the target, send it there.

    Raises:
        OutputError: It does not take the video.
    """
    for video in videos:
        shown.say(f"saved {video.size_bytes:,} bytes, sha256 {video.sha256[:12]}...")
    if not output.is_taken:
        return
    try:
        stream = sys.stdout.buffer
        with videos[0].path.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.flush()
    except BrokenPipeError:
        # The interpreter would else complain of the pipe once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(STDOUT, f"{error.strerror}. The video can be downloaded again.") from error
