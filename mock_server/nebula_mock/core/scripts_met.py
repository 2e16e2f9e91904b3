"""Was every scripted fault met, and nothing else: the answer, and the same in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nebula_mock.core.scripts import Script, Step


@dataclass(frozen=True, slots=True)
class Met:
    """The answer.

    Attributes:
        scripts: Every script.
        unscripted: How often rules of a scenario fired, by their names.
    """

    scripts: tuple[Script, ...]
    unscripted: Mapping[str, int]

    @property
    def are_met(self) -> bool:
        """Whether every step of every script met a request and had an effect on it."""
        return all(one.completed and not one.idle for one in self.scripts)

    @property
    def verified(self) -> bool:
        """Whether they did, and no rule fired beside."""
        return self.are_met and not self.unscripted

    def in_words(self, *, unscripted_too: bool = True) -> str:
        """What is missing, script by script; else that nothing is."""
        lines = [line for one in self.scripts for line in _missing(one)]
        if unscripted_too and self.unscripted:
            told = ", ".join(f"{name} {count} times" for name, count in self.unscripted.items())
            lines.append(f"Beside the scripts, rules of the scenario fired: {told}.")
        if lines:
            return "\n".join(lines)
        steps = sum(len(one.steps) for one in self.scripts)
        return f"Every scripted fault was met: {_counted(steps, 'step')} of {_counted(len(self.scripts), 'script')}."


def _missing(script: Script) -> list[str]:
    lines = []
    which = f"{script.id} for {script.told.get('operation', 'any')}"
    if not script.completed:
        lines.append(
            f"{which}: {len(script.fired)} of {_counted(len(script.steps), 'step')} met a request; "
            f"left: {_listed(script.left)}."
        )
    if script.idle:
        lines.append(f"{which}: found nothing to change in the answer: {_listed(script.idle)}.")
    return lines


def _listed(steps: Sequence[Step]) -> str:
    return ", ".join(repr(step.told) for step in steps)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
