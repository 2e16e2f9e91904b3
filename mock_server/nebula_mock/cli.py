"""The command ``nebula-mock``."""

import contextlib
import gc
import json
import logging
import re
import signal
import sys
import threading
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import click

from nebula_mock.cli_files import check, scenarios
from nebula_schemas.catalogue import Dialect
from nebula_schemas.extras import missing_extra
from nebula_schemas.version import VERSION

_DEFAULT_PORT = 8383
_LARGEST_PORT = 65_535
_UNITS = {"": 1, "b": 1, "kib": 1024, "mib": 1024**2, "kb": 1000, "mb": 1000**2}
_OPTION_OF_SETTING = {
    "speed": "--speed",
    "keys": "--key",
    "admin_token": "--admin-token",
    "video_size_bytes": "--video-size",
    "host": "--host",
    "accounts": "--accounts",
    "most_tasks": "--most-tasks",
    "scenario": "--scenario",
    "journal_entries": "--journal-entries",
    "journal_bytes": "--journal-bytes",
}
_USD = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_SIZE = re.compile(r"([0-9]{1,12})\s*([a-z]*)", re.IGNORECASE)


class CannotStart(click.ClickException):
    """The server cannot start; one sentence, exit code 2."""

    exit_code = 2


class SizeType(click.ParamType[int]):
    """A number of bytes, such as 15728640, 15MiB or 500kB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The size in bytes; anything else is a usage error."""
        match = _SIZE.fullmatch(str(value).strip())
        if match is None or match[2].lower() not in _UNITS:
            self.fail(
                f"{value!r} is not a size; write bytes, or a number with kB, KiB, MB or MiB", param, ctx
            )
        return int(match[1]) * _UNITS[match[2].lower()]


class UsdType(click.ParamType[Decimal]):
    """An amount of US dollars, such as 5 or 0.50; decimal, never float."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount; anything else is a usage error."""
        if _USD.fullmatch(str(value)) is None:
            self.fail(f"{value!r} is not an amount of US dollars; write it such as 5 or 0.50", param, ctx)
        return Decimal(str(value))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nebula-mock")
def main() -> None:
    """A provider of Nebula's video API to develop against, offline."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=_DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, _LARGEST_PORT),
    help="Port to listen on; 0 for any free one.",
)
@click.option(
    "--dialect",
    default="documented",
    show_default=True,
    type=click.Choice(["documented", "gateway"]),
    help="Answer as its documents say, or as its published server source behaves.",
)
@click.option(
    "--clock",
    default="real",
    show_default=True,
    type=click.Choice(["real", "manual"]),
    help="What time is it.",
)
@click.option("--speed", default=1.0, show_default=True, help="Provider seconds per real second.")
@click.option("--seed", type=int, help="Repeat ids and every other draw.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    envvar="NEBULA_MOCK_KEY",
    show_envvar=True,
    help="Accept only this key; repeatable. Any sk-... key is accepted without.",
)
@click.option(
    "--admin-token",
    metavar="T",
    envvar="NEBULA_MOCK_ADMIN_TOKEN",
    show_envvar=True,
    help="Ask for it in X-Nebula-Admin-Token on /_mock routes.",
)
@click.option(
    "--admin/--no-admin",
    default=True,
    show_default=True,
    help="Have the admin API under /_mock, or leave it out.",
)
@click.option(
    "--allow-host", "allowed_hosts", multiple=True, metavar="NAME", help="Answer to this Host name too."
)
@click.option(
    "--video-size",
    "video_size_bytes",
    type=SizeType(),
    help="Exact size of every video, such as 15MiB; at most 256MiB, and never less than its frames need.",
)
@click.option(
    "--balance",
    "balance_usd",
    type=UsdType(),
    metavar="USD",
    help="What every account has to spend, such as 5.00; a submit it does not cover is refused.",
)
@click.option(
    "--accounts",
    "accounts_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rules of single accounts: balance, dialect, models, standing; a JSON file (schema files/accounts).",
)
@click.option(
    "--veo-results",
    "video_results",
    default="url",
    show_default=True,
    type=click.Choice(["url", "data-uri"]),
    help="Veo's results behind a URL, or in the answer, gone after 12 hours.",
)
@click.option(
    "--scenario",
    metavar="NAME|FILE",
    help="How tasks and requests fare: one that nebula-mock scenarios lists, or a JSON file, read again when it changes.",
)
@click.option("--most-tasks", type=int, help="Tasks kept; the oldest make room.  [default: 10000]")
@click.option(
    "--journal-entries",
    type=int,
    help="Exchanges that the journal keeps; 0 and no file: none is recorded.  [default: 1000]",
)
@click.option("--journal-bytes", type=SizeType(), help="What they may take together.  [default: 32MiB]")
@click.option(
    "--journal-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Append every exchange to it too, as a line of JSON without secrets.",
)
@click.option("--quiet", is_flag=True, help="No line for every request on standard error.")
def serve(  # click passes options by name
    host: str,
    port: int,
    quiet: bool,  # noqa: FBT001 - as above
    accounts_file: Path | None,
    **options: Any,
) -> None:
    """Answer as the provider does, until Ctrl-C."""
    try:
        from nebula_mock.account_files import read_accounts
        from nebula_mock.allocator import hold_mmap_threshold
        from nebula_mock.exposure import own_name, refuse_open_door
        from nebula_mock.http.app import create_app
        from nebula_mock.journal_file import JournalFileError
        from nebula_mock.json_files import JsonFileError
        from nebula_mock.runner import BindError, Runner
        from nebula_mock.settings import Settings, SettingsError
    except ModuleNotFoundError as error:
        if (told := missing_extra(error)) is None:
            raise
        raise CannotStart(str(told)) from error

    options["allowed_hosts"] = (*options["allowed_hosts"], own_name(host))
    options = {name: value for name, value in options.items() if value is not None}
    try:
        if accounts_file is not None:
            options["accounts"] = read_accounts(accounts_file)
        if refuse_open_door(host, options.get("admin_token"), has_admin=options["admin"]):
            click.echo(f"warning: {host} can be reached from other machines", err=True)
        settings = Settings(**options)
        journal = settings.started_journal()
        app = create_app(settings, journal=journal)
        runner = Runner(app, host, port, refused_early=journal.count_refused_early)
    except (SettingsError, BindError, JsonFileError, JournalFileError) as error:
        raise CannotStart(_in_options(str(error))) from error
    hold_mmap_threshold()
    gc.freeze()  # what is loaded stays; to look through all of it takes ten milliseconds, in some request's time
    _serve_until_told(runner, quiet=quiet)


@main.command()
@click.option(
    "--dialect",
    default="documented",
    show_default=True,
    type=click.Choice(["documented", "gateway"]),
    help="Whose answers are told.",
)
def openapi(dialect: Dialect) -> None:
    """Print the OpenAPI 3.1 document of the provider's operations."""
    try:
        from nebula_schemas.loader import contract
        from nebula_schemas.openapi import openapi_document
    except ModuleNotFoundError as error:
        if (told := missing_extra(error)) is None:
            raise
        raise CannotStart(str(told)) from error

    document = openapi_document(contract(), dialect, server_url=f"http://127.0.0.1:{_DEFAULT_PORT}")
    _say(json.dumps(document, indent=2, ensure_ascii=False))


def _say(text: str) -> None:
    """One text on standard output.

    Raises:
        CannotStart: It cannot be written, for a full disk or a reader that has left.
    """
    try:
        click.echo(text)
    except OSError as error:
        with contextlib.suppress(OSError):
            sys.stdout.close()  # else what is left in its buffer is written again at the end, and fails again
        raise CannotStart(f"cannot write to standard output: {error.strerror}") from error


main.add_command(scenarios)
main.add_command(check)


@main.command()
@click.option("--seed", type=int, required=True, help="The seed of the server.")
@click.option("--account", required=True, metavar="DIGEST", help="As the journal tells it; not the key.")
@click.option("--operation", required=True, help="Such as submit.")
@click.option("--about", default="", help="What the request was about, as the journal tells it.")
@click.option("--ordinal", type=click.IntRange(0), required=True, help="Which one of those about it, from 0.")
@click.option("--purpose", required=True, help="What was drawn, such as task-id.")
@click.option(
    "--form", default="hex:32", show_default=True, help="How it was read: hex:N, uuid4, serial:N:ORDINAL."
)
def draw(
    *, seed: int, account: str, operation: str, about: str, ordinal: int, purpose: str, form: str
) -> None:
    """Print a value that a server with that seed draws; an entry of the journal tells the rest."""
    from nebula_mock.core.draws import DrawNote, Draws, replayed

    try:
        note = replayed(Draws.of_seed(seed), DrawNote(purpose, account, operation, ordinal, form, "", about))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--form") from error
    click.echo(note.value)


def _in_options(message: str) -> str:
    """A message about a setting, under the name it has on the command line."""
    name, colon, rest = message.partition(":")
    return f"{_OPTION_OF_SETTING[name]}:{rest}" if colon and name in _OPTION_OF_SETTING else message


def _serve_until_told(runner: Any, *, quiet: bool) -> None:
    """Say that it is ready once it answers; stop on Ctrl-C or SIGTERM."""
    told = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, stop)
    with runner:
        runner.wait_until_it_answers()
        if not quiet:  # from here on: the first question was our own
            logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
        _say(f"nebula-mock ready on {runner.url}")
        while not told.wait(timeout=1):  # a timeout, so that signals are seen on every platform
            pass
    click.echo("nebula-mock stopped", err=True)
