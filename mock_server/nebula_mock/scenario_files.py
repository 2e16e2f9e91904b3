"""Where a scenario comes from: a preset, a value, or a file that is read again when it changes."""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nebula_mock.core.plays import Chosen, Source
from nebula_mock.core.scenario import Scenario
from nebula_mock.json_files import JsonFileError, bytes_of, json_in, told_without_secrets
from nebula_mock.json_reading import NotJsonError, read_json
from nebula_mock.presets import UnknownPresetError, preset, preset_files
from nebula_mock.redaction import redacted
from nebula_mock.scenario_checks import scenario_violations
from nebula_mock.scenario_reading import scenario_from

Choice = str | Path | Mapping[str, Any] | None
"""How a user names a scenario: a preset, a file, the scenario itself as JSON; None for none."""

CUSTOM_NAME = "custom"
"""The name of a scenario that was given as a value."""

_LOOK_EVERY_S = 1.0  # of real time: how often a file is looked at, at most
_log = logging.getLogger("nebula_mock")


class ScenarioError(ValueError):
    """A scenario cannot be used; every reason, with where, what was found and what was expected."""


def source_of(choice: Choice) -> Source:
    """The source of the scenario that a user chose; the name of a preset comes before that of a file.

    Raises:
        ScenarioError: It is no scenario.
    """
    if choice is None:
        return Chosen(Scenario())
    if isinstance(choice, Mapping):
        return Chosen(scenario_in(_as_json(choice), "scenario"))
    if isinstance(choice, str):
        if choice in preset_files():
            return Chosen(preset(choice))
        if not choice.endswith(".json") and not Path(choice).is_file():
            try:
                preset(choice)
            except UnknownPresetError as error:
                message = f"scenario: {error} A file is named by its path, such as ./{choice[:100]}.json."
                raise ScenarioError(message) from None
    return WatchedFile(Path(choice))


def _as_json(value: Mapping[str, Any]) -> Any:
    """A value of Python as a file would have it: tuples are arrays, and what JSON cannot say is refused.

    Raises:
        ScenarioError: It is no JSON.
    """
    try:
        return read_json(json.dumps(dict(value), allow_nan=False).encode())
    except (NotJsonError, TypeError, ValueError) as error:
        message = f"scenario: found a value that is no JSON ({redacted(str(error))}), expected one that is."
        raise ScenarioError(message) from error


def scenario_in(value: Any, source: str, name: str = CUSTOM_NAME) -> Scenario:
    """The scenario that a JSON value tells; ``source`` is where the value came from.

    Raises:
        ScenarioError: It tells none.
    """
    if found := scenario_violations(value):
        raise ScenarioError("\n".join(told_without_secrets(source, found, value)))
    return scenario_from(value, name)


class WatchedFile:
    """A scenario in a file, read again when the file has changed. Safe to use from many threads.

    It is looked at when somebody asks for the scenario, at most once a second. What cannot be used is
    reported and the scenario before stays.
    """

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Read it.

        Args:
            path: The file.
            monotonic: Seconds of real time that never fall.

        Raises:
            ScenarioError: It cannot be used.
        """
        self._path = path
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._problem: str | None = None
        self._mark = _mark(path)
        self._digest, self._scenario = self._read()
        self._looked_at = monotonic()

    def current(self) -> Scenario:
        """The scenario of its latest version that can be used."""
        now = self._monotonic()
        if now - self._looked_at >= _LOOK_EVERY_S and self._lock.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look()
            finally:
                self._lock.release()
        return self._scenario

    @property
    def problem(self) -> str | None:
        """Why its latest version is not used; None while it is."""
        return self._problem

    def _look(self) -> None:
        mark = _mark(self._path)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            digest, scenario = self._read()
        except ScenarioError as error:
            self._problem = str(error)
            _log.warning("the scenario before stays in force: %s", error)
            return
        self._problem = None
        if digest != self._digest:
            self._digest, self._scenario = digest, scenario
            _log.info("%s has changed; it is in force for new tasks", self._path)

    def _read(self) -> tuple[bytes, Scenario]:
        try:
            raw = bytes_of(self._path)
            value = json_in(self._path, raw)
        except JsonFileError as error:
            raise ScenarioError(str(error)) from error
        return hashlib.sha256(raw).digest(), scenario_in(value, str(self._path), self._path.name)


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What tells one version of a file from another without reading it; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
