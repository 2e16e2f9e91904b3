"""The command ``nebula-contract``: runs, judges, shows again.

Only names and words are here: what a command needs is loaded when it is called, so that ``--help`` is quick and says
which extra is missing only where one is.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from nebula_contract.ends import ends_in_order, told_ends
from nebula_contract.options import CannotRunError
from nebula_schemas.extras import missing_extra
from nebula_schemas.version import VERSION

COMMANDS: Mapping[str, tuple[str, str]] = {
    "test": ("nebula_contract.cli_test:test", "Send a run to a target, and judge it."),
    "judge": ("nebula_contract.cli_test:judge", "Judge a record again."),
    "coverage": ("nebula_contract.cli_read:coverage", "What a record has looked at, and what not."),
    "explain": (
        "nebula_contract.cli_read:explain",
        "What a check promises, and what to do when it is broken.",
    ),
    "drift": ("nebula_contract.cli_drift:drift", "What changed in a record, who must act, and is it known."),
    "accept": ("nebula_contract.cli_drift:accept", "Accept changes with a reason, until a day."),
    "prune": ("nebula_contract.cli_drift:prune", "Drop acceptances of what is no longer so."),
    "replay": ("nebula_contract.cli_replay:replay", "Send a case of a record again, to a mock."),
    "calibrate": (
        "nebula_contract.cli_calibrate:calibrate",
        "Make a scenario for the mock of what a record shows.",
    ),
    "mutate": (
        "nebula_contract.mutating.command:mutate",
        "Which check finds which wrong provider.",
    ),
    "plan": (
        "nebula_contract.live.commands:plan_command",
        "What a live run would send, and its price. Sends nothing.",
    ),
    "live": ("nebula_contract.live_record:live", "Carry out a plan at the live provider, within a cap."),
    "settle": ("nebula_contract.live.commands:settle_command", "Settle a submit that may have been charged."),
}
"""Name to where the command is, and what it does in a line. Nothing of it is loaded before it is called."""

EPILOG = (
    "Exit codes: 0 all that must be looked at was, and no finding counts; 1 a finding at or above --fail-on; 2 usage, "
    "target or file error, or an output that cannot be written; 3 inconclusive; 4 an answer that could not be classified; "
    "130 interrupted, judged as far as it went; 141 whoever read the output went away; 143 ended by SIGTERM, where no run "
    "was under way. Of several the first of 130, 2, 1, 4, 3 counts, and all reasons are told."
)


class _LazyGroup(click.Group):
    """Commands of ``COMMANDS``, loaded when they are called; each ends as ``ends`` says."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """The whole command."""
        with ends_in_order():
            return super().main(*args, **extra)

    # Click has ends of its own for a pipe and for Ctrl-C, with exit code 1: they never see either.

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """The words of the command line before the name of a command; ``--help`` writes."""
        with told_ends():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """The command that is named."""
        with told_ends():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now; None for a name that is not in the table."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        try:
            command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            if (told := missing_extra(error, extra="contract")) is None:
                raise
            raise CannotRunError(str(told)) from error
        if not isinstance(command, click.Command):
            message = f"{module}:{name} is no command"
            raise TypeError(message)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without loading anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@click.version_option(VERSION, prog_name="nebula-contract")
def main() -> None:
    """Check that a provider keeps the contract."""
