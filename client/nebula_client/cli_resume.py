"""The command that goes on with a task, as it can be pasted into the shell that ran this one."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from nebula_client.api import DEFAULT_WAIT_S

PROGRAM = "nebula-video"

_LONGEST_NAME = 60  # characters of a task id in a file name; Veo's ids alone can be too long for one


def resuming(context: click.Context, command: click.Command, task_id: str) -> str:
    """The command line that goes on with ``task_id``.

    Every option that was typed, and that ``command`` has too, is in it: the provider's address and the key
    file as well, without which it would ask somebody else. What comes from the environment is still there.

    Args:
        context: Of the command that runs.
        command: The command to go on with.
        task_id: The task.
    """
    root = context.find_root()
    words = [_program(), *_typed(root, root.command), command.name or "", *_typed(context, command, task_id)]
    return shlex.join([*words, *(("--",) if task_id.startswith("-") else ()), task_id])


def _typed(context: click.Context, command: click.Command, task_id: str = "") -> Iterator[str]:
    for option in command.params:
        name = option.name or ""
        if not isinstance(option, click.Option):
            continue
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params[name]
        if name == "timeout_s" and value <= DEFAULT_WAIT_S:
            continue  # it was too short, or was not needed
        if name == "out" and os.fspath(value) == "-":
            value = f"{task_id[:_LONGEST_NAME].lstrip('-')}.mp4"  # pasted, it has no pipe behind it
        yield from (option.opts[-1],) if option.is_flag else (option.opts[-1], _spelled(value))


def _spelled(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _program() -> str:
    """What this program was started as: its name where the shell finds it, else its path."""
    started = Path(sys.argv[0])
    found = shutil.which(PROGRAM)
    if started.name != PROGRAM or (
        found and Path(found).exists() and started.exists() and started.samefile(found)
    ):
        return PROGRAM
    return str(started)
