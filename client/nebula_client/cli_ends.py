"""The ends a command can come to: one exit code for each kind, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass

import click

from nebula_client import errors
from nebula_client.cli_signals import Interrupted, Terminated


@dataclass(frozen=True, slots=True)
class End:
    """A kind of end.

    Attributes:
        exit_code: What the command exits with.
        kinds: The exceptions that end so, subclasses included; empty for success.
        means: What it means, and what to do.
    """

    exit_code: int
    kinds: tuple[type[BaseException], ...]
    means: str


_BROKEN_PIPE = 141  # 128 and the number of SIGPIPE, as of any command whose reader went away
_UNFORESEEN = 1

ENDS: tuple[End, ...] = (
    End(0, (), "done"),
    End(_UNFORESEEN, (Exception,), "a fault of this program; please report it"),
    End(
        2,
        (errors.ConfigurationError, click.ClickException),
        "an argument or the key cannot work; nothing was sent",
    ),
    End(3, (errors.UnreachableError,), "no answer, and nothing changed; safe to try again"),
    End(4, (errors.RefusedError,), "the provider refused, pointed elsewhere, or keeps the video no longer"),
    End(5, (errors.SubmitUncertain,), "a submit may or may not have been taken; look before you try again"),
    End(6, (errors.BrokenContractError,), "an answer, or the video, is not what the contract promises"),
    End(7, (errors.TaskFailed,), "the task failed or was cancelled; nothing is charged"),
    End(8, (errors.WaitTimeoutError,), "gave up waiting; the task goes on, and the printed command resumes"),
    End(
        9, (errors.OutputError,), "the file cannot be written; a video that was made can be downloaded again"
    ),
    End(
        Interrupted.exit_code,
        (Interrupted, KeyboardInterrupt),
        "interrupted by Ctrl-C; the printed command resumes",
    ),
    End(_BROKEN_PIPE, (BrokenPipeError,), "whoever read standard output went away"),
    End(Terminated.exit_code, (Terminated,), "ended by SIGTERM; the printed command resumes"),
)

EXIT_CODES: Mapping[type[errors.NebulaError], int] = {
    kind: end.exit_code for end in ENDS for kind in end.kinds if issubclass(kind, errors.NebulaError)
}
"""The exit code of each branch of the error tree."""

_BY_KIND: Mapping[type[BaseException], int] = {kind: end.exit_code for end in ENDS for kind in end.kinds}


def exit_code_of(error: BaseException) -> int:
    """The exit code of an error: that of the nearest of its classes that has one."""
    return next((_BY_KIND[kind] for kind in type(error).__mro__ if kind in _BY_KIND), _UNFORESEEN)


def exit_codes_for_help() -> str:
    """The exit codes as ``--help`` shows them."""
    lines = "\n".join(f"  {end.exit_code:>3}  {end.means}" for end in ENDS)
    return f"\b\nExit codes:\n{lines}"
