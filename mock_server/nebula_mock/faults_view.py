"""The fault scripts of a mock, or of one of its accounts, as a test sees them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nebula_mock.core.scripts import Fired, Script, Scripts, Step
from nebula_mock.core.scripts_met import Met
from nebula_mock.script_reading import script_in


class FaultsNotMetError(AssertionError):
    """Scripted faults were not met, or others were; the message says which.

    Attributes:
        met: The answer.
    """

    def __init__(self, met: Met, message: str) -> None:
        """Say it in words."""
        super().__init__(message)
        self.met = met


@dataclass(frozen=True, slots=True)
class ScriptView:
    """A fault script, as far as it is now.

    Attributes:
        id: Its id.
    """

    id: str
    _scripts: Scripts = field(repr=False)
    _given: Script = field(repr=False)

    @property
    def _now(self) -> Script:
        return self._scripts.get(self.id) or self._given

    @property
    def completed(self) -> bool:
        """Whether every step met a request."""
        return self._now.completed

    @property
    def fired(self) -> tuple[Fired, ...]:
        """The steps that did, in their order."""
        return self._now.fired

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that did not yet."""
        return self._now.left

    def remove(self) -> None:
        """Wait for its requests no longer."""
        self._scripts.remove(self.id)


@dataclass(frozen=True, slots=True)
class FaultsView:
    """What is scripted to go wrong, and whether it did."""

    _scripts: Scripts = field(repr=False)
    _account: str | None = None

    def script(
        self, operation: str, steps: Sequence[str | Mapping[str, Any]], match: Mapping[str, Any] | None = None
    ) -> ScriptView:
        """What happens to the next requests of an operation, one step each; then answers are as before.

            mock.faults.script("query", ["http 503", "reset", {"fault": "truncate", "at_bytes": 10}, "ok"])

        Args:
            operation: ``submit``, ``query``, ``download``, ``result``, ``content`` or ``any``.
            steps: Texts such as ``reset after 1024`` or ``delay 2``, any fault by its name, or faults as in a
                scenario.
            match: Which requests alone: ``model``, ``family``, ``account``, ``prompt``, ``header``, ``task_id``.

        Raises:
            ScriptError: It is no script; nothing waits.
            ScriptsError: There are too many scripts.
        """
        value: dict[str, Any] = {"operation": operation, "steps": list(steps)}
        if match is not None:
            value["match"] = dict(match)
        asked, read, told = script_in(value, self._account)
        script = self._scripts.add(asked, read, told)
        return ScriptView(script.id, self._scripts, script)

    def __iter__(self) -> Iterator[ScriptView]:
        """Every script, the oldest first."""
        return (ScriptView(one.id, self._scripts, one) for one in self._scripts.of(self._account))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._scripts.of(self._account))

    @property
    def met(self) -> Met:
        """Whether every scripted fault was met, and nothing else; raises nothing."""
        return Met(self._scripts.of(self._account), self._scripts.unscripted(self._account))

    @property
    def unscripted(self) -> Mapping[str, int]:
        """How often rules of a scenario fired, by their names."""
        return self._scripts.unscripted(self._account)

    def verify(self, *, allow_unscripted: bool = False) -> Met:
        """All scripted faults fired, and nothing unscripted.

        Args:
            allow_unscripted: Whether rules of a scenario may have fired beside.

        Raises:
            FaultsNotMetError: An ``AssertionError`` that says which steps are left, which found nothing to
                change, and which rules fired.
        """
        met = self.met
        if not (met.are_met if allow_unscripted else met.verified):
            raise FaultsNotMetError(met, met.in_words(unscripted_too=not allow_unscripted))
        return met

    def clear(self) -> int:
        """Forget the scripts and what was counted, and say how many there were."""
        return self._scripts.forget(self._account)
