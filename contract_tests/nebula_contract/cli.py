"""The command ``nebula-contract``.

Exit codes: 0 every check held; 1 a check failed; 2 usage or configuration, nothing was submitted;
3 inconclusive, no check ran; 130 interrupted.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import click

from nebula_schemas.extras import missing_extra
from nebula_schemas.version import VERSION

_INCONCLUSIVE = 3
_HYPOTHESIS_FOLDER = "HYPOTHESIS_STORAGE_DIRECTORY"
DEFAULT_EXAMPLES = 40
"""Generated inputs a check and family, unless told otherwise."""


class CannotRunError(click.ClickException):
    """The run cannot start; one sentence, exit code 2."""

    exit_code = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nebula-contract")
def main() -> None:
    """Check that a provider keeps the contract."""


@main.command()
@click.option(
    "--target", default="mock", show_default=True, metavar="mock|URL", help="The provider under test."
)
@click.option(
    "--examples",
    default=DEFAULT_EXAMPLES,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Generated inputs a check and family.",
)
@click.option("--junit", type=click.Path(path_type=Path), help="Write a JUnit report there.")
@click.option("--check", metavar="EXPRESSION", help="Only checks whose name fits, as pytest -k.")
@click.option("--seed", type=int, help="Repeat the generated inputs of an earlier run.")
@click.option("-v", "--verbose", is_flag=True, help="Name every check.")
def test(
    target: str, examples: int, junit: Path | None, check: str | None, seed: int | None, *, verbose: bool
) -> None:
    """Run the suite against a mock of its own, or against the server at a URL.

    A server on another machine is refused unless it says that it is a mock: the suite submits
    hundreds of tasks, and a live provider charges each.
    """
    try:
        import pytest

        from nebula_contract.targets import TargetError, open_target

        with open_target(target):
            pass  # a target that cannot be used is told in one sentence, before pytest says anything
    except ModuleNotFoundError as error:
        if (told := missing_extra(error, extra="contract")) is None:
            raise
        raise CannotRunError(str(told)) from error
    except TargetError as error:
        raise CannotRunError(str(error)) from error

    _refuse_unwritable(junit)
    with (
        _hypothesis_elsewhere(),
        resources.as_file(resources.files("nebula_contract") / "suite") as suite,
    ):
        arguments = [
            str(suite),
            *("-c", str(suite / "pytest.ini"), "--rootdir", str(suite)),
            *("-p", "nebula_contract.pytest_plugin", "--import-mode=importlib"),
            *("--nebula-target", target, "--nebula-examples", str(examples)),
            "-v" if verbose else "-q",
            *(("--junitxml", str(junit)) if junit else ()),
            *(("-k", check) if check else ()),
            *((f"--hypothesis-seed={seed}",) if seed is not None else ()),
        ]
        code = pytest.main(arguments)
    meaning = {
        pytest.ExitCode.OK: (0, f"every check held against {target}"),
        pytest.ExitCode.TESTS_FAILED: (
            1,
            f"{target} does not keep the contract; each failure says what was promised",
        ),
        pytest.ExitCode.INTERRUPTED: (130, "interrupted"),
        pytest.ExitCode.NO_TESTS_COLLECTED: (_INCONCLUSIVE, "no check ran"),
    }
    exit_code, sentence = meaning.get(pytest.ExitCode(code), (2, "the suite could not run"))
    click.echo(f"nebula-contract: {sentence}", err=True)
    raise SystemExit(exit_code)


@contextmanager
def _hypothesis_elsewhere() -> Iterator[None]:
    """Nothing of a run is left where it was started from, nor in the environment after it."""
    before = os.environ.get(_HYPOTHESIS_FOLDER)
    with tempfile.TemporaryDirectory(prefix="nebula-contract-") as folder:
        os.environ[_HYPOTHESIS_FOLDER] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[_HYPOTHESIS_FOLDER]
            else:
                os.environ[_HYPOTHESIS_FOLDER] = before


def _refuse_unwritable(report: Path | None) -> None:
    if report is None:
        return
    try:
        report.open("a").close()
    except OSError as error:
        message = f"--junit: cannot write {report}: {error.strerror}. Name a file in a folder that exists."
        raise CannotRunError(message) from error
