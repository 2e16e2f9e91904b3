"""The checks as data: one function a promise, with a stable code, level, cause and remedy.

A check looks at one exchange, at one task or at the whole run, and gives what it found broken; None says that it had
nothing to look at, so that a check that never looked is not taken for one that held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nebula_contract.judging.findings import Broken, Level
from nebula_contract.judging.views import RunView, Seen, TaskHistory

Scope = Literal["exchange", "task", "run"]
Found = Sequence[Broken] | None
"""What a check gives: None when it had nothing to look at, else what is broken."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the contract and the function that looks at it.

    Attributes:
        code: ``NC`` and three digits; never reused. The first digit is the area.
        name: The promise in few words with dashes.
        level: How bad it is when it is broken.
        promise: What the provider promises, in a sentence.
        cause: What usually lies behind it when it is broken.
        remedy: What to do then: the one who runs the provider, and the consumer until then.
        source: Where the promise comes from, in the marks PAGE, DOC, SRC, INF.
        scope: What one look is at.
        look: The function.
    """

    code: str
    name: str
    level: Level
    promise: str
    cause: str
    remedy: str
    source: str
    scope: Scope
    look: Callable[[Any], Found]


AREAS = {
    "1": "every answer",
    "2": "submit",
    "3": "query",
    "4": "the life of a task",
    "5": "download",
    "6": "the result's URL",
    "7": "keys and accounts",
    "8": "refusals and routes",
    "9": "the whole run",
}
"""The first digit of a code to what its checks are about."""

_CHECKS: dict[str, Check] = {}


def _check(
    scope: Scope,
    code: str,
    name: str,
    level: Level = "breaking",
    *,
    promise: str,
    cause: str,
    remedy: str,
    source: str,
) -> Callable[[Callable[[Any], Found]], Callable[[Any], Found]]:
    def registered(look: Callable[[Any], Found]) -> Callable[[Any], Found]:
        if code in _CHECKS or any(check.name == name for check in _CHECKS.values()):
            message = f"two checks are called {code} or {name}"
            raise ValueError(message)
        _CHECKS[code] = Check(code, name, level, promise, cause, remedy, source, scope, look)
        return look

    return registered


def exchange_check(code: str, name: str, level: Level = "breaking", **facts: str) -> Callable[..., Any]:
    """Registers a function that looks at one ``Seen``."""
    return _check("exchange", code, name, level, **facts)


def task_check(code: str, name: str, level: Level = "breaking", **facts: str) -> Callable[..., Any]:
    """Registers a function that looks at one ``TaskHistory``."""
    return _check("task", code, name, level, **facts)


def run_check(code: str, name: str, level: Level = "breaking", **facts: str) -> Callable[..., Any]:
    """Registers a function that looks at the whole ``RunView``."""
    return _check("run", code, name, level, **facts)


def all_checks() -> tuple[Check, ...]:
    """Every check, in order of its code."""
    from nebula_contract.judging import checks

    checks.load()
    return tuple(_CHECKS[code] for code in sorted(_CHECKS))


def check_of(word: str) -> Check:
    """The check of that code or name, in any case.

    Raises:
        KeyError: There is none.
    """
    for check in all_checks():
        if word.upper() == check.code or word.lower() == check.name:
            return check
    raise KeyError(word)


__all__ = [
    "AREAS",
    "Check",
    "Found",
    "RunView",
    "Scope",
    "Seen",
    "TaskHistory",
    "all_checks",
    "check_of",
    "exchange_check",
    "run_check",
    "task_check",
]
