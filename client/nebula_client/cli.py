"""The command ``nebula-video``.

Standard output carries the result alone (a file name, a task id, JSON, a video); everything for people
goes to standard error. Exit codes tell the branches of the error tree apart.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import get_completion_class

from nebula_client import cli_options as options
from nebula_client.cli_ending import Ending
from nebula_client.cli_ends import EXIT_CODES, exit_codes_for_help
from nebula_client.cli_output import (
    document,
    generation_facts,
    put,
    submission_facts,
    task_facts,
    video_facts,
    whisper,
)
from nebula_client.cli_resume import PROGRAM, resuming
from nebula_client.cli_run import begun, client_of, key_of, note, shown_run, told_run
from nebula_client.cli_signals import Interrupted, clean_ends
from nebula_client.cli_stream import pass_on, place_for, refuse_several
from nebula_client.errors import NebulaError
from nebula_client.models import Submission, Video
from nebula_client.request_rules import expected, submit_body
from nebula_client.whole_file import check_target
from nebula_schemas.version import VERSION

__all__ = ["EXIT_CODES", "main"]

_SHELLS = ("bash", "zsh", "fish")


class Commands(click.Group):
    """The group, which tells every end of a command in one place."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **more: Any) -> NoReturn:
        """Run a command line and exit; the arguments are click's."""
        arguments = list(sys.argv[1:] if args is None else args)
        ending = Ending(arguments)
        more = {**more, "standalone_mode": False, "obj": ending}
        with clean_ends(ending.last_words):
            try:
                code = super().main(arguments, *others, **more)
            except click.Abort:  # click's word for Ctrl-C before a command began
                code = ending.tell(Interrupted())
            except click.ClickException as error:
                code = ending.tell(error)
            except Exception as error:
                if ending.as_json:
                    ending.tell(error)
                raise
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of the client is told, not raised."""
        ending: Ending = ctx.obj
        try:
            return super().invoke(ctx)
        except (NebulaError, KeyboardInterrupt, BrokenPipeError) as error:
            return ending.tell(error)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=exit_codes_for_help()
)
@click.version_option(VERSION, prog_name=PROGRAM)
@click.option("--base-url", envvar="NEBULA_BASE_URL", metavar="URL", help="The provider; NEBULA_BASE_URL.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    callback=options.checked_key_file,
    metavar="FILE",
    help="A file of mode 600 that holds the key; else NEBULA_API_KEY, else the file NEBULA_API_KEY_FILE names.",
)
def main(**_address: Any) -> None:
    """Make videos with Nebula's API.

    The key comes from NEBULA_API_KEY or from a file, and is never an argument.
    """


@main.command()
@click.argument("prompt")
@options.parameter_options
@options.out_option
@options.file_options
@options.timeout_option
@options.strict_option
@options.key_option
@options.request_options
@options.progress_option
@click.pass_context
def generate(context: click.Context, /, *, prompt: str, out: Path, **given: Any) -> None:
    """From prompt to file: submit, wait, download. The prompt - is read from standard input."""
    parameters = options.request_parameters(given)
    words = options.prompt_from(prompt)
    prospect = expected(submit_body(words, parameters["model"], _without_model(parameters)))
    refuse_several(prospect[1] if prospect else 1, out)
    ending = begun(context, given, out)
    ending.resume = lambda task_id: resuming(context, wait, task_id)
    with (
        place_for(out) as place,
        shown_run(ending, given, "submitting") as shown,
        client_of(context, given) as client,
    ):
        assert place is not None
        ending.idempotency_key = key_of(given)

        def remember(submission: Submission) -> None:
            note(ending, submission)
            price = "" if submission.price_usd is None else f", ${submission.price_usd:.2f} if it succeeds"
            shown.say(f"submitted {submission.task_id}{price}")

        made = client.generate(
            words,
            place,
            timeout_s=given["timeout_s"],
            idempotency_key=ending.idempotency_key,
            on_submit=remember,
            on_update=shown.update,
            **_file_options(given),
            **parameters,
        )
        is_file = place is out
        if not is_file:
            pass_on(made.videos)
    ending.succeed(
        generation_facts(made, has_file=is_file), _saved(ending, made.videos, given, is_file=is_file)
    )


@main.command()
@click.argument("prompt")
@options.parameter_options
@options.strict_option
@options.key_option
@options.request_options
@click.pass_context
def submit(context: click.Context, /, *, prompt: str, **given: Any) -> None:
    """Ask for a video; prints the task id. The prompt - is read from standard input."""
    parameters = options.request_parameters(given)
    words = options.prompt_from(prompt)
    ending = begun(context, given)
    ending.resume = lambda task_id: resuming(context, wait, task_id)
    with told_run(ending, given), client_of(context, given) as client:
        ending.idempotency_key = key_of(given)
        submission = client.submit(words, idempotency_key=ending.idempotency_key, **parameters)
        note(ending, submission)
    ending.succeed(submission_facts(submission), f"{submission.task_id}\n".encode())


@main.command()
@click.argument("task_id")
@options.request_options
@click.pass_context
def status(context: click.Context, /, *, task_id: str, **given: Any) -> None:
    """Ask once how a task stands; prints JSON."""
    ending = begun(context, given)
    ending.task_id, ending.resume = task_id, lambda task_id: resuming(context, status, task_id)
    with told_run(ending, given), client_of(context, given) as client:
        task = client.query(task_id)
    ending.succeed(task_facts(task), document(task_facts(task), indent=2))


@main.command()
@click.argument("task_id")
@options.wait_out_option
@options.file_options
@options.timeout_option
@options.strict_option
@options.request_options
@options.progress_option
@click.pass_context
def wait(context: click.Context, /, *, task_id: str, out: Path | None, **given: Any) -> None:
    """Wait until a task succeeded; prints JSON, or with --out downloads its videos and prints their names."""
    if out is None and (typed := _typed(context, "overwrite", "verify", "require_mp4")):
        raise click.UsageError(f"{typed} is about the file that --out names, and there is no --out.", context)
    ending = begun(context, given, out)
    ending.task_id, ending.resume = task_id, lambda task_id: resuming(context, wait, task_id)
    with (
        place_for(out) as place,
        shown_run(ending, given, "asking") as shown,
        client_of(context, given) as client,
    ):
        if place is not None:
            check_target(place, overwrite=given["overwrite"])
        task = client.wait(task_id, timeout_s=given["timeout_s"], on_update=shown.update)
        facts = task_facts(task)
        is_file = place is out
        videos: tuple[Video, ...] = ()
        if place is not None:
            refuse_several(len(task.urls), out)
            videos = client.download_all(task_id, place, **_file_options(given))
            facts["videos"] = [video_facts(video, has_file=is_file) for video in videos]
            if not is_file:
                pass_on(videos)
    ending.succeed(
        facts, _saved(ending, videos, given, is_file=is_file) if videos else document(facts, indent=2)
    )


@main.command()
@click.argument("task_id")
@options.out_option
@options.file_options
@options.request_options
@click.pass_context
def download(context: click.Context, /, *, task_id: str, out: Path, **given: Any) -> None:
    """Write a finished task's video to a file; several videos go to NAME.mp4, NAME-2.mp4 and so on."""
    ending = begun(context, given, out)
    ending.task_id, ending.resume = task_id, lambda task_id: resuming(context, download, task_id)
    with place_for(out) as place, told_run(ending, given), client_of(context, given) as client:
        assert place is not None
        is_file = place is out
        if not is_file:
            refuse_several(len(client.query(task_id).urls), out)
        videos = client.download_all(task_id, place, **_file_options(given))
        if not is_file:
            pass_on(videos)
    facts = {"task_id": task_id, "videos": [video_facts(video, has_file=is_file) for video in videos]}
    ending.succeed(facts, _saved(ending, videos, given, is_file=is_file))


@main.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and models; bash: eval "$(nebula-video completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None, f"click knows {_SHELLS}"
    script = kind(main, {}, PROGRAM, f"_{PROGRAM.upper().replace('-', '_')}_COMPLETE").source()
    put(f"{script}\n".encode())


def _file_options(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("overwrite", "verify", "require_mp4")}


def _without_model(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != "model"}


def _typed(context: click.Context, *names: str) -> str:
    """The options of these names that were typed."""
    source = click.core.ParameterSource.COMMANDLINE
    typed = [name for name in names if context.get_parameter_source(name) is source]
    return ", ".join(f"--{name.replace('_', '-')}" for name in typed)


def _saved(ending: Ending, videos: Sequence[Video], given: Mapping[str, Any], *, is_file: bool) -> bytes:
    """The names of the files, one a line; none of a video that went to standard output."""
    ending.resume = None
    if not given["quiet"] and not given["as_json"]:
        for video in videos:
            whisper(f"saved {video.size_bytes:,} bytes, sha256 {video.sha256[:12]}...")
    return b"".join(os.fsencode(video.path) + b"\n" for video in videos) if is_file else b""
