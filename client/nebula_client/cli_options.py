"""The options of the command: what they are called, what they take, and what becomes of them."""

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from nebula_client.api import DEFAULT_WAIT_S, REQUEST_RETRIES, VideoClient
from nebula_client.errors import ConfigurationError
from nebula_client.request_rules import plain_names
from nebula_schemas.catalogue import catalogue

Decorator = Callable[[Any], Any]

STANDARD = "-"
"""Standard input as a prompt, standard output as a file."""

_LONGEST_PROMPT = 1024 * 1024  # bytes
# Names that --set must not reach: they are the call's own, not the provider's.
_OWN_ARGUMENTS = frozenset(
    name
    for call in (VideoClient.submit, VideoClient.generate)
    for name, parameter in inspect.signature(call).parameters.items()
    if parameter.kind is not parameter.VAR_KEYWORD
)


def _checked_seconds(context: click.Context, option: click.Parameter, seconds: float) -> float:
    if not seconds >= 0:  # NaN is not; infinity waits for as long as it takes
        message = f"found {seconds}, expected a number of seconds of at least 0."
        raise click.BadParameter(message, context, option)
    return seconds


def checked_key_file(context: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    """The file; the key itself is never an argument, and is not shown where somebody tries."""
    if file is not None and file.name.startswith("sk-") and not file.exists():
        message = "found what looks like a key, expected the name of a file that holds it."
        raise click.BadParameter(message, context, option)
    return file


def _models(_context: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
    return [
        CompletionItem(model.id, help=family.title)
        for family in catalogue().families
        for model in family.models
        if model.id.startswith(begun)
    ]


_FILE = click.Path(path_type=Path)

out_option = click.option(
    "--out",
    required=True,
    type=_FILE,
    help="The file to write; - for standard output, which gets the video whole or not at all.",
)
wait_out_option = click.option(
    "--out", type=_FILE, help="Download it to this file as well; - for standard output."
)
timeout_option = click.option(
    "--timeout",
    "timeout_s",
    type=float,
    callback=_checked_seconds,
    default=DEFAULT_WAIT_S,
    show_default=True,
    help="Seconds to wait.",
)
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="A value that the provider would change, or a status nobody knows, is an error.",
)
key_option = click.option(
    "--idempotency-key", metavar="TEXT", help="What the submit carries as Idempotency-Key; else a new UUID."
)


def applied(*options: Decorator) -> Decorator:
    """A decorator that gives a command the options, in their order."""

    def apply(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


parameter_options = applied(
    click.option("--model", required=True, shell_complete=_models, help="Model id, such as sora-2."),
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

file_options = applied(
    click.option("--overwrite", is_flag=True, help="Replace an existing file."),
    click.option(
        "--verify",
        type=click.Choice(["skip", "stop", "compare"]),
        default="skip",
        show_default=True,
        help="What to do with the second copy that Sora sends: read past it, hang up, or compare it.",
    ),
    click.option("--require-mp4", is_flag=True, help="Refuse a file that does not begin as an MP4."),
)

request_options = applied(
    click.option(
        "--request-retries",
        type=click.IntRange(min=0),
        default=REQUEST_RETRIES,
        show_default=True,
        help="How often a query without an answer is sent again. A submit never is.",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON document, errors too, for machines."),
    click.option(
        "--quiet", is_flag=True, help="Show no progress, and no warning but of a value that is changed."
    ),
)

progress_option = click.option(
    "--progress", "ask_progress", is_flag=True, help="Show progress with --json too."
)


def prompt_from(text: str) -> str:
    """The prompt: as typed, or standard input for ``-``.

    Raises:
        ConfigurationError: It is no UTF-8 text, or too long.
    """
    if text != STANDARD:
        if any("\ud800" <= char <= "\udfff" for char in text):  # Python's way to keep other bytes
            message = "The prompt holds bytes that are no UTF-8. Nothing was sent."
            raise ConfigurationError(message)
        return text
    raw = b"" if sys.stdin is None else sys.stdin.buffer.read(_LONGEST_PROMPT + 1)
    if len(raw) > _LONGEST_PROMPT:
        message = (
            f"Standard input holds more than {_LONGEST_PROMPT} bytes, expected a prompt. Nothing was sent."
        )
        raise ConfigurationError(message)
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        message = (
            f"Standard input is no UTF-8 text at byte {error.start}, expected a prompt. Nothing was sent."
        )
        raise ConfigurationError(message) from error


def request_parameters(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that shape a request, under the names the model has for them.

    Raises:
        ConfigurationError: One does not fit the model, or ``--set`` has no name and value.
    """
    model = options["model"]
    names = plain_names(model)
    parameters: dict[str, Any] = {"model": model}
    for word in ("seconds", "size", "resolution", "ratio", "fps", "image"):
        value = options[word]
        if value is None:
            continue
        if word not in names:
            fitting = ", ".join(f"--{name}" for name in names) or "only --set NAME=VALUE"
            message = f"--{word} does not fit the model {model!r}; for it there is {fitting}."
            raise ConfigurationError(message)
        parameters[names[word]] = _as_spelled(model, word, value)
    more_parameters = dict(map(_assignment, options["more"]))
    if reserved := sorted(_OWN_ARGUMENTS & set(more_parameters)):
        message = f"--set: {', '.join(reserved)} is no parameter of a model; it has an option or argument of its own."
        raise ConfigurationError(message)
    return parameters | more_parameters


def _as_spelled(model: str, word: str, value: Any) -> Any:
    """Wan writes a frame size with a star."""
    return value.replace("x", "*") if word == "size" and model.startswith("wan") else value


def _assignment(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        message = f"--set: found {text!r}, expected NAME=VALUE, such as --set seed=7."
        raise ConfigurationError(message)
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value
