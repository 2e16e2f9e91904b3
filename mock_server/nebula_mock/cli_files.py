"""The commands ``nebula-mock scenarios`` and ``nebula-mock check``: what ships, and whether a file can be used."""

import json
from pathlib import Path
from typing import Any

import click

from nebula_schemas.extras import missing_extra

_ACCOUNTS = "accounts"  # the member that tells a file of accounts from a scenario


class FileRefused(click.ClickException):
    """What was asked about cannot be used; every reason, exit code 2."""

    exit_code = 2


@click.command()
@click.argument("name", required=False)
def scenarios(name: str | None) -> None:
    """List the scenarios that ship, or print one as JSON, to begin a file of your own with."""
    from nebula_mock.presets import UnknownPresetError, preset_files, preset_json

    if name is None:
        widest = max(map(len, preset_files()))
        for each, value in preset_files().items():
            click.echo(f"{each:{widest}}  {value['description']}")
        return
    try:
        click.echo(json.dumps(preset_json(name), indent=2, ensure_ascii=False))
    except UnknownPresetError as error:
        raise FileRefused(str(error)) from error


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether FILE, a scenario or a file of accounts, can be used: exit code 0, or 2 and every reason."""
    try:
        kind, reasons = _judged(file)
    except ModuleNotFoundError as error:
        if (told := missing_extra(error)) is None:
            raise
        raise FileRefused(str(told)) from error
    if reasons:
        raise FileRefused("\n".join(reasons))
    click.echo(f"{file}: {kind}, and can be used")


def _judged(file: Path) -> tuple[str, list[str]]:
    """What a file is, and every reason why it cannot be used."""
    from nebula_mock.json_files import JsonFileError, bytes_of, json_in, told_without_secrets, violations
    from nebula_mock.scenario_checks import scenario_violations

    try:
        value = json_in(file, bytes_of(file))
    except JsonFileError as error:
        return "no JSON", [str(error)]
    if isinstance(value, dict) and _ACCOUNTS in value:
        found = violations("files/accounts", value)
        return "a file of accounts", told_without_secrets(str(file), found, value, None) or _repeated(
            file, value
        )
    found = scenario_violations(value)
    return "a scenario", told_without_secrets(str(file), found, value, None)


def _repeated(file: Path, value: Any) -> list[str]:
    """A line for every key that stands a second time."""
    keys = [entry["key"] for entry in value[_ACCOUNTS]]
    return [
        f"{file}, $.accounts[{index}].key: found a key that stands above already, expected each key once."
        for index, key in enumerate(keys)
        if key in keys[:index]
    ]
