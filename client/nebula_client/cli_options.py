"""The command's options, and from them to what a request asks for."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from nebula_client.api import DEFAULT_WAIT_S
from nebula_client.errors import ConfigurationError
from nebula_client.request_rules import plain_names
from nebula_schemas.catalogue import catalogue

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
"""The ``--out`` that means standard output."""

# Names that --set must not reach: they are the call's own, not the provider's.
_OWN_ARGUMENTS = frozenset(
    {
        "idempotency_key",
        "line_breaks",
        "model",
        "on_submit",
        "on_update",
        "overwrite",
        "path",
        "prompt",
        "require_mp4",
        "self",
        "strict",
        "timeout_s",
        "verify",
    }
)
_LONGEST_PROMPT = 1024 * 1024  # characters read from standard input


def _models(_context: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
    names = sorted(model.id for family in catalogue().families for model in family.models)
    return [CompletionItem(name) for name in names if name.startswith(begun)]


_REQUEST = (
    click.option("--model", required=True, help="Model id, such as sora-2.", shell_complete=_models),
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
    click.option(
        "--strict",
        is_flag=True,
        help="A value the provider would not use as given is an error, not a warning.",
    ),
    click.option(
        "--idempotency-key", metavar="TEXT", help="What goes out as Idempotency-Key; else a new UUID."
    ),
)
_FILE = (
    click.option(
        "--out",
        required=True,
        type=click.Path(path_type=Path),
        help="The file to write; - for standard output.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace an existing file."),
    click.option(
        "--verify",
        type=click.Choice(["skip", "stop", "compare"]),
        default="skip",
        show_default=True,
        help="The second copy that Sora sends: read on without decoding it, leave it unread, or compare it.",
    ),
    click.option("--require-mp4", is_flag=True, help="Refuse a file that does not begin as an MP4."),
)
_WAIT = (
    click.option(
        "--timeout", "timeout_s", default=DEFAULT_WAIT_S, show_default=True, help="Seconds to wait."
    ),
)
_WORDS = (
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, errors too."),
    click.option("--quiet", is_flag=True, help="Show no progress and no warnings."),
)


def _with(options: tuple[Callable[[Any], Any], ...]) -> Callable[[Command], Command]:
    def decorated(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


request_options = _with(_REQUEST)
"""The options that shape a request."""
file_options = _with(_FILE)
"""The options of a command that writes a file."""
wait_options = _with(_WAIT)
"""The options of a command that waits."""
word_options = _with(_WORDS)
"""The options about what a command says."""


def prompt_from(argument: str) -> str:
    """The prompt; ``-`` reads it from standard input.

    Raises:
        ConfigurationError: It is longer than a megabyte.
    """
    if argument != "-":
        return argument
    prompt = sys.stdin.read(_LONGEST_PROMPT + 1)
    if len(prompt) > _LONGEST_PROMPT:
        message = (
            f"Found a prompt of over {_LONGEST_PROMPT:,} characters on standard input, expected a prompt."
        )
        raise ConfigurationError(message)
    return prompt.removesuffix("\n")


def parameters_from(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a request under the names the model has for them; they are taken out of ``options``.

    Raises:
        ConfigurationError: An option does not fit the model, or ``--set`` is none or names an argument.
    """
    model, more = options.pop("model"), options.pop("more")
    call = {"strict": options.pop("strict") or None, "idempotency_key": options.pop("idempotency_key")}
    words = {word: options.pop(word) for word in ("seconds", "size", "resolution", "ratio", "fps", "image")}
    names = plain_names(model)
    parameters: dict[str, Any] = {"model": model, **call}
    for word, value in words.items():
        if value is None:
            continue
        if word not in names:
            fitting = ", ".join(f"--{name}" for name in names) or "only --set NAME=VALUE"
            message = f"--{word} does not fit the model {model!r}; for it there is {fitting}."
            raise ConfigurationError(message)
        parameters[names[word]] = _as_spelled(model, word, value)
    return parameters | _assigned(more)


def _assigned(texts: tuple[str, ...]) -> dict[str, Any]:
    assigned = dict(map(_assignment, texts))
    if reserved := sorted(_OWN_ARGUMENTS & set(assigned)):
        message = f"--set: {', '.join(reserved)} is no parameter of a model; it has an option or argument of its own."
        raise ConfigurationError(message)
    return assigned


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
