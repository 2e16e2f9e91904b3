"""The command ``nebula-video``.

Standard output carries the result alone (a file name, a task id, JSON); everything for people goes
to standard error. Exit codes tell the branches of the error tree apart.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from nebula_client import errors
from nebula_client.api import DEFAULT_WAIT_S, VideoClient
from nebula_client.models import Submission, Task, Video
from nebula_client.progress import shown_progress
from nebula_client.request_rules import plain_names
from nebula_schemas.version import VERSION

EXIT_CODES: Mapping[type[errors.NebulaError], int] = {
    errors.ConfigurationError: 2,
    errors.OutputError: 2,
    errors.UnreachableError: 3,
    errors.RefusedError: 4,
    errors.SubmitUncertain: 5,
    errors.BrokenContractError: 6,
    errors.TaskFailed: 7,
    errors.WaitTimeoutError: 8,
}
# Names that --set must not reach: they are the call's own, not the provider's.
_OWN_ARGUMENTS = frozenset(
    {"self", "prompt", "path", "model", "timeout_s", "overwrite", "on_submit", "on_update"}
)
_INTERRUPTED = 130
_NOTHING_SENT = "Nothing was submitted here."

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Address:
    """The provider of one command.

    Attributes:
        base_url: Its address; None for the client's own default.
        options: How it was typed. A command that is printed to be run again must name it too, or it
            would ask the live provider; what comes from the environment is still there.
    """

    base_url: str | None
    options: tuple[str, ...]


class ToldError(click.ClickException):
    """An error of the client, told in its own words with its own exit code."""

    def __init__(self, error: errors.NebulaError, more: str = "") -> None:
        super().__init__(f"{error}\n{more}".rstrip())
        self.exit_code: int = EXIT_CODES[type(error)]  # type: ignore[misc]  # click declares it on the class


def parameter_options(command: Command) -> Command:
    """The options that shape a request."""
    options = (
        click.option("--model", required=True, help="Model id, such as sora-2."),
        click.option("--seconds", type=int, help="Length of the video, whatever the model calls it."),
        click.option("--size", help="Frame size, such as 720x1280."),
        click.option("--resolution", help="Such as 720p (Veo, Wan, Seedance)."),
        click.option("--ratio", help="Such as 16:9 (Veo, Seedance)."),
        click.option("--fps", type=int, help="Frames a second (Veo, Seedance)."),
        click.option("--image", help="First frame: URL or data URI."),
        click.option(
            "--set",
            "more",
            multiple=True,
            metavar="NAME=VALUE",
            help="Any other parameter under the provider's name; the value is JSON, or else text. Repeatable.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nebula-video")
@click.option("--base-url", envvar="NEBULA_BASE_URL", metavar="URL", help="The provider; NEBULA_BASE_URL.")
@click.pass_context
def main(context: click.Context, base_url: str | None) -> None:
    """Make videos with Nebula's API. The key comes from NEBULA_API_KEY."""
    typed = context.get_parameter_source("base_url") is ParameterSource.COMMANDLINE
    context.obj = Address(base_url, ("--base-url", base_url) if base_url and typed else ())


@main.command()
@click.argument("prompt")
@parameter_options
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@click.option("--timeout", "timeout_s", default=DEFAULT_WAIT_S, show_default=True, help="Seconds to wait.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_obj
def generate(
    address: Address,
    /,
    *,
    prompt: str,
    out: Path,
    overwrite: bool,
    timeout_s: float,
    quiet: bool,
    **options: Any,
) -> None:
    """From prompt to file: submit, wait, download."""
    known: list[Submission] = []
    more = ("--overwrite",) if overwrite else ()

    with (
        told_errors(lambda: _how_to_resume(address, known, ("--out", str(out), *more))),
        _client(address) as client,
        shown_progress("submitting", quiet=quiet) as shown,
    ):

        def remember(submission: Submission) -> None:
            known.append(submission)
            price = "" if submission.price_usd is None else f", ${submission.price_usd:.2f} if it succeeds"
            shown.say(f"submitted {submission.task_id}{price}")

        made = client.generate(
            prompt,
            out,
            timeout_s=timeout_s,
            overwrite=overwrite,
            on_submit=remember,
            on_update=shown.update,
            **_parameters(options),
        )
    for video in made.videos:
        _tell_video(video, quiet=quiet)


@main.command()
@click.argument("prompt")
@parameter_options
@click.pass_obj
def submit(address: Address, /, *, prompt: str, **options: Any) -> None:
    """Ask for a video; prints the task id."""
    with told_errors(), _client(address) as client:
        click.echo(client.submit(prompt, **_parameters(options)).task_id)


@main.command()
@click.argument("task_id")
@click.pass_obj
def status(address: Address, /, *, task_id: str) -> None:
    """Ask once how a task stands; prints JSON."""
    with told_errors(), _client(address) as client:
        click.echo(_task_json(client.query(task_id)))


@main.command()
@click.argument("task_id")
@click.option("--timeout", "timeout_s", default=DEFAULT_WAIT_S, show_default=True, help="Seconds to wait.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_obj
def wait(address: Address, /, *, task_id: str, timeout_s: float, quiet: bool) -> None:
    """Wait until a task succeeded; prints JSON."""
    with told_errors(), _client(address) as client, shown_progress("asking", quiet=quiet) as shown:
        task = client.wait(task_id, timeout_s=timeout_s, on_update=shown.update)
    click.echo(_task_json(task))


@main.command()
@click.argument("task_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@click.pass_obj
def download(address: Address, /, *, task_id: str, out: Path, overwrite: bool) -> None:
    """Write a finished task's video to a file; several videos go to NAME.mp4, NAME-2.mp4 and so on."""
    with told_errors(), _client(address) as client:
        for video in client.download_all(task_id, out, overwrite=overwrite):
            _tell_video(video, quiet=False)


@contextmanager
def told_errors(how_to_resume: Callable[[], str] = str) -> Iterator[None]:
    """Errors of the client become a sentence and an exit code; they and Ctrl-C say how to go on.

    ``how_to_resume`` gives the commands that pick up a submitted task; empty while there is none.
    """
    try:
        yield
    except errors.NebulaError as error:
        raise ToldError(error, _after(error, how_to_resume())) from error
    except KeyboardInterrupt as interrupt:
        under_way = " ".join(getattr(interrupt, "__notes__", ()))  # of a submit whose fate nobody knows
        click.echo(f"\ninterrupted. {how_to_resume() or under_way or _NOTHING_SENT}", err=True)
        raise SystemExit(_INTERRUPTED) from None


def _after(error: errors.NebulaError, how_to_resume: str) -> str:
    """What to add to an error: nothing where there is nothing left to resume."""
    return "" if isinstance(error, errors.TaskFailed) else how_to_resume


def _client(address: Address) -> VideoClient:
    return VideoClient(base_url=address.base_url)


def _how_to_resume(address: Address, known: list[Submission], options: tuple[str, ...]) -> str:
    if not known:
        return ""
    command = ("nebula-video", *address.options)
    task_id = known[0].task_id
    wait, fetch = (*command, "wait", task_id), (*command, "download", task_id, *options)
    return f"The task is at the provider. To have its video:\n  {shlex.join(wait)} && {shlex.join(fetch)}"


def _parameters(options: dict[str, Any]) -> dict[str, Any]:
    """The options under the names the model has for them."""
    model, more = options.pop("model"), options.pop("more")
    names = plain_names(model)
    parameters: dict[str, Any] = {"model": model}
    for word, value in options.items():
        if value is None:
            continue
        if word not in names:
            fitting = ", ".join(f"--{name}" for name in names) or "only --set NAME=VALUE"
            message = f"--{word} does not fit the model {model!r}; for it there is {fitting}."
            raise errors.ConfigurationError(message)
        parameters[names[word]] = _as_spelled(model, word, value)
    more_parameters = dict(map(_assignment, more))
    if reserved := sorted(_OWN_ARGUMENTS & set(more_parameters)):
        message = f"--set: {', '.join(reserved)} is no parameter of a model; it has an option or argument of its own."
        raise errors.ConfigurationError(message)
    return parameters | more_parameters


def _as_spelled(model: str, word: str, value: Any) -> Any:
    """Wan writes a frame size with a star."""
    return value.replace("x", "*") if word == "size" and model.startswith("wan") else value


def _assignment(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        message = f"--set: found {text!r}, expected NAME=VALUE, such as --set seed=7."
        raise errors.ConfigurationError(message)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _task_json(task: Task) -> str:
    plain = {**asdict_of(task), "metadata": dict(task.metadata), "extra": dict(task.extra)}
    text = json.dumps(plain, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can hold and no terminal can show
        return json.dumps(plain, indent=2)
    return text


def asdict_of(task: Task) -> dict[str, Any]:
    """The plain members of a task."""
    error = None if task.error is None else asdict(task.error)
    return {
        "task_id": task.task_id,
        "status": task.status,
        "urls": list(task.urls),
        "progress_percent": task.progress_percent,
        "error": error,
        "request_id": task.request_id,
    }


def _tell_video(video: Video, *, quiet: bool) -> None:
    if not quiet:
        click.echo(f"saved {video.size_bytes:,} bytes, sha256 {video.sha256[:12]}...", err=True)
    click.echo(str(video.path))
