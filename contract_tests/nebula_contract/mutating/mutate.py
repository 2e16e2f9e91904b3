"""Runs the suite against wrong providers, and says which check finds which."""

import importlib.util
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nebula_contract.judging.judge import judge
from nebula_contract.judging.registry import all_checks
from nebula_contract.mutating.mutant import Lying, Mutant
from nebula_contract.mutating.switchboard import SWITCHBOARD, Switched
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_mock
from nebula_schemas.catalogue import Dialect

Wrong = Mutant | Switched


ABOUT_THE_CLIENT = frozenset({"NC904"})
"""Checks that no wrong provider can break."""


class MutantsError(Exception):
    """The mutants cannot be read; the message says which file and why."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of one wrong provider.

    Attributes:
        name: The wrong provider.
        dialect: As which it answered.
        expected: The checks of which one must find it.
        found: Code to how many findings.
        requests: How many were sent.
    """

    name: str
    dialect: Dialect
    expected: tuple[str, ...]
    found: Counter[str]
    requests: int

    @property
    def is_killed(self) -> bool:
        """Whether one of the checks that are meant to find it did."""
        return any(self.found[code] for code in self.expected)


def mutants_in(folder: Path) -> tuple[Mutant, ...]:
    """The mutants of every module in a folder, in order of file names.

    Raises:
        MutantsError: There is no such folder, or a module of it has no list ``MUTANTS``.
    """
    if not folder.is_dir():
        message = (
            f"--mutants: found no folder {folder}, expected one with Python modules that have a list MUTANTS."
        )
        raise MutantsError(message)
    found: list[Mutant] = []
    for file in sorted(folder.glob("[!_]*.py")):
        spec = importlib.util.spec_from_file_location(f"nebula_mutants_{file.stem}", file)
        if spec is None or spec.loader is None:
            message = f"--mutants: {file} is no Python module."
            raise MutantsError(message)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        listed = getattr(module, "MUTANTS", None)
        if not isinstance(listed, list) or not all(isinstance(one, Mutant) for one in listed):
            message = f"--mutants: {file} has no list MUTANTS of mutants."
            raise MutantsError(message)
        found += listed
    return tuple(found)


def run_wrong(wrong: Wrong, dialect: Dialect, profile: Profile, seed: int) -> Killed:
    """The suite against one wrong provider in one dialect, in this process where it can be."""
    scenario: Any = wrong.scenario() if isinstance(wrong, Switched) else None
    around: Callable[[Any], Any] | None = None
    if isinstance(wrong, Mutant):
        around = lambda app: Lying(app, wrong)  # noqa: E731 - as short as it is
    over_http = isinstance(wrong, Switched) and wrong.over_http
    with open_mock(
        over_http=over_http, dialect=dialect, seed=seed, scenario=scenario, around=around
    ) as target:
        send_all(target, profile, seed, _quiet)
        exchanges = target.recorder.exchanges
    verdict = judge(exchanges, is_mock=True)
    return Killed(
        wrong.name, dialect, wrong.codes, Counter(one.code for one in verdict.findings), len(exchanges)
    )


def _quiet(_what: str, _count: int) -> None:
    """No progress: a run of one wrong provider is short."""


def dialects_of(wrong: Wrong) -> Sequence[str]:
    """The dialects in which it is wrong."""
    return wrong.dialects if isinstance(wrong, Mutant) else ("documented", "gateway")


def every_wrong(mutants: Iterable[Mutant]) -> Iterator[Wrong]:
    """The mock's own faults, then the mutants."""
    yield from SWITCHBOARD
    yield from mutants


def idle_checks(results: Iterable[Killed]) -> tuple[str, ...]:
    """The codes of checks that found no wrong provider at all: each must find one."""
    busy = {code for one in results for code in one.found}
    return tuple(check.code for check in all_checks() if check.code not in busy | ABOUT_THE_CLIENT)
