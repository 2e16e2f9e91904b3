"""Runs the suite against wrong providers, and says which check finds which."""

import importlib.util
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nebula_contract.judging.judge import judge
from nebula_contract.judging.registry import all_checks
from nebula_contract.mutating.mutant import Lying, Mutant
from nebula_contract.mutating.switchboard import SWITCHBOARD, Switched
from nebula_contract.record.exchange import Exchange
from nebula_contract.sending.drawing import nothing_kept
from nebula_contract.sending.profiles import PROFILES, Profile
from nebula_contract.sending.run import NAMES, send_all, send_drive
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


def run_until_found(wrong: Wrong, dialect: Dialect, seed: int) -> Killed:
    """As ``run_wrong`` until it is found, beginning small: a lie that is told seldom takes a longer run."""
    for profile in _SMALL_TO_LARGE:
        killed = run_wrong(wrong, dialect, profile, seed, until_found=True)
        if killed.is_killed:
            break
    return killed


_GLANCE = Profile("glance", examples=1, tasks_a_family=1, machines=1, steps=4, twins=1)
_SMALL_TO_LARGE = (_GLANCE, PROFILES["smoke"], PROFILES["quick"], PROFILES["mock"])


def run_wrong(
    wrong: Wrong, dialect: Dialect, profile: Profile, seed: int, *, until_found: bool = False
) -> Killed:
    """The suite against one wrong provider in one dialect, in this process where it can be.

    Args:
        wrong: The provider.
        dialect: As which it answers.
        profile: How much is sent.
        seed: Repeats what is drawn.
        until_found: Stop after the drive in which it is found, and begin with the one that is likely to find it.
    """
    scenario = wrong.scenario() if isinstance(wrong, Switched) else None
    over_http = isinstance(wrong, Switched) and wrong.over_http
    around = partial(Lying, mutant=wrong) if isinstance(wrong, Mutant) else None
    with open_mock(
        over_http=over_http, dialect=dialect, seed=seed, scenario=scenario, around=around
    ) as target:
        recorder = target.recorder
        if not until_found:
            send_all(target, profile, seed)
            return _judged(wrong, dialect, recorder.exchanges)
        with nothing_kept():
            for names in _likely_order(wrong, profile):
                can_go_on = all(send_drive(target, name, profile, seed) for name in names)
                killed = _judged(wrong, dialect, recorder.exchanges)
                if killed.is_killed or not can_go_on:
                    break
        return killed


def _judged(wrong: Wrong, dialect: Dialect, exchanges: Sequence[Exchange]) -> Killed:
    verdict = judge(exchanges, is_mock=True)
    found = Counter(one.code for one in verdict.findings)
    return Killed(wrong.name, dialect, wrong.codes, found, len(exchanges))


_LIKELY: Mapping[str, tuple[str, ...]] = {
    "2": ("inputs", "lifecycle"),
    "7": ("access", "lifecycle"),
    "8": ("access", "routes", "inputs"),
    "9": ("lifecycle", "inputs", "access"),
}
"""The area of a check to the drives in which it looks most; for every other see ``_MOSTLY``."""

_CHEAP = frozenset({"access", "routes", "arranged"})
_MOSTLY = ("lifecycle", "arranged")


def _likely_order(wrong: Wrong, profile: Profile) -> Iterator[tuple[str, ...]]:
    """The drives in the order in which they are likely to find it; those that are not are sent together.

    A glance is one task of each family, and what else is likely and cheap.
    """
    first = _LIKELY.get(wrong.codes[0][2], _MOSTLY)
    if profile is _GLANCE:
        yield ("lifecycle",)
        for name in first:
            if name in _CHEAP:
                yield (name,)
        return
    for name in first:
        yield (name,)
    yield tuple(name for name in NAMES if name not in first)


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
