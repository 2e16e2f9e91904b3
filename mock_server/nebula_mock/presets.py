"""The scenarios that ship with the mock: JSON files of this package, by name."""

import functools
import json
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from typing import Any

from nebula_mock.core.scenario import Scenario
from nebula_mock.redaction import redacted
from nebula_mock.scenario_reading import scenario_from

_SUFFIX = ".json"
_LONGEST_SHOWN = 100


class UnknownPresetError(LookupError):
    """No preset has that name; the message names the nearest that there is."""


@functools.cache
def preset_files() -> Mapping[str, Mapping[str, Any]]:
    """Name to JSON of every preset, sorted by name."""
    entries = (resources.files("nebula_mock") / "presets").iterdir()
    found = {entry.name: entry for entry in entries if entry.name.endswith(_SUFFIX)}
    return {name.removesuffix(_SUFFIX): json.loads(found[name].read_text("utf-8")) for name in sorted(found)}


def preset_json(name: str) -> Mapping[str, Any]:
    """The JSON of a preset.

    Raises:
        UnknownPresetError: There is none of that name.
    """
    if name not in preset_files():
        near = get_close_matches(name[:_LONGEST_SHOWN], preset_files(), 1)
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(preset_files())}."
        message = f"found {redacted(name[:_LONGEST_SHOWN])!r}, expected the name of a preset.{hint}"
        raise UnknownPresetError(message)
    return preset_files()[name]


@functools.cache
def preset(name: str) -> Scenario:
    """The scenario of a preset; the same object each time.

    Raises:
        UnknownPresetError: There is none of that name.
    """
    return scenario_from(preset_json(name), name)
