"""The rules and verdicts as data (``rules.json``), and how bad each is unless somebody says otherwise.

A difference falls under one rule; which witnesses agree makes the verdict. Both have a severity: the verdict's counts
where it has one, the rule's else, and what a severity file says before either.
"""

import functools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from nebula_contract.files import opened_file
from nebula_contract.judging.findings import Level
from nebula_contract.judging.registry import all_checks

LEVEL_NAMES: tuple[str, ...] = get_args(Level)
VERDICT_NAMES: Mapping[str, str] = {
    "mock_bug": "mock bug",
    "docs_stale": "documents stale",
    "contract_gap": "contract gap",
    "provider_changed": "provider changed",
    "variant_resolved": "variant resolved",
}
"""Verdict to how it is told to people."""
SILENT = "none"
"""In a severity file: what falls under the rule is not told."""


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a change is, as API change logs sort them.

    Attributes:
        area: status, headers, security, responses, schema, requestBody, lifecycle, contract.
        kind: existence, requiredness, type, constraints, values, structure.
        action: add, remove, change, generalize, specialize, increase, decrease.
        direction: request, response, none.
    """

    area: str
    kind: str
    action: str
    direction: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change.

    Attributes:
        id: ``DR`` and three digits, never reused; for a broken promise the check's own code.
        name: In few words with dashes.
        axes: Where it is.
        severity: How bad it is by itself.
        what: The change, in a sentence.
        remedy: What a consumer does, in a sentence or two.
        mirror: The rule of the same change backwards; None where there is none.
        without_mirror: Why there is none.
    """

    id: str
    name: str
    axes: Axes
    severity: Level
    what: str
    remedy: str
    mirror: str | None = None
    without_mirror: str = ""


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """What it means that these witnesses agree and those do not.

    Attributes:
        name: As in reports; two rows may share one.
        severity: How bad it is whatever the rule; None where the rule says.
        who: Who has to act.
        what: In a sentence.
        remedy: What they do.
    """

    name: str
    severity: Level | None
    who: str
    what: str
    remedy: str


class SeverityFileError(ValueError):
    """A severity file cannot be used: where, what was found, what was expected."""


@dataclass(frozen=True, slots=True)
class Severities:
    """What a severity file says; nothing where there is none.

    Attributes:
        of: Rule id, check code or verdict to its level, or ``none``.
    """

    of: Mapping[str, str] = field(default_factory=dict)

    def level(self, rule: Rule, verdict: VerdictKind) -> Level | None:
        """How bad a finding is; None for one that is not to be told."""
        said = self.of.get(rule.id) or self.of.get(verdict.name)
        if said is None:
            return verdict.severity or rule.severity
        return None if said == SILENT else _level(said)


@functools.cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(
        files("nebula_contract.drift").joinpath("rules.json").read_text("utf-8")
    )
    return document


@functools.cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by its id, those of changes first, then one for each promise of the contract."""
    rules = {one["id"]: _rule(one) for one in _document()["rules"]}
    return {**rules, **{check.code: _of_check(check.code) for check in all_checks()}}


@functools.cache
def verdict_kinds() -> Mapping[str, VerdictKind]:
    """Every verdict row by its key."""
    return {
        one["name"]: VerdictKind(
            one["name"].removesuffix("_followed"),
            _level(one["severity"]) if one["severity"] else None,
            one["who"],
            one["what"],
            one["remedy"],
        )
        for one in _document()["verdicts"]
    }


def rule_of(word: str) -> Rule:
    """The rule of that id or name, in any case.

    Raises:
        KeyError: There is none.
    """
    for rule in all_rules().values():
        if word.upper() == rule.id or word.lower() == rule.name:
            return rule
    raise KeyError(word)


def _rule(facts: Mapping[str, Any]) -> Rule:
    return Rule(
        facts["id"],
        facts["name"],
        Axes(facts["area"], facts["kind"], facts["action"], facts["direction"]),
        _level(facts["severity"]),
        facts["what"],
        facts["remedy"],
        facts["mirror"],
        facts.get("without_mirror", ""),
    )


_AREAS = {
    "1": "responses", "2": "responses", "3": "responses", "4": "lifecycle", "5": "responses",
    "6": "responses", "7": "security", "8": "status", "9": "contract",
}  # fmt: skip


def _of_check(code: str) -> Rule:
    """A promise as a rule: that it is broken is the change, that it holds again the mirror."""
    check = next(one for one in all_checks() if one.code == code)
    axes = Axes(_AREAS[code[2]], "values", "change", "response")
    return Rule(code, check.name, axes, check.level, f"Not kept: {check.promise}", check.remedy, "DR490")


def _level(word: str) -> Level:
    return next(one for one in get_args(Level) if one == word)


def _text(path: Path) -> str:
    with opened_file(path) as file:
        return file.read().decode("utf-8")


def read_severities(path: Path | None) -> Severities:
    """What a file says; nothing for none.

    The file is TOML: ``DR217 = "breaking"``, ``NC405 = "none"``, ``mock_bug = "risky"``.

    Raises:
        SeverityFileError: It cannot be read, or names a rule or level that there is not.
    """
    if path is None:
        return Severities()
    try:
        document = tomllib.loads(_text(path))
    except OSError as error:
        raise SeverityFileError(
            f"{path}: cannot be read ({error.strerror}). Name a file that is there."
        ) from error
    except ValueError as error:
        raise SeverityFileError(
            f'{path}: no TOML: {str(error)[:200]}. Write lines such as DR217 = "info".'
        ) from error
    known = {*all_rules(), *(kind.name for kind in verdict_kinds().values())}
    for name, level in document.items():
        if name not in known:
            raise SeverityFileError(
                f"{path}: found {name[:60]!r}, expected a rule, a check or a verdict: nebula-contract explain lists them."
            )
        if level not in (*LEVEL_NAMES, SILENT):
            raise SeverityFileError(
                f"{path}: {name}: found {str(level)[:60]!r}, expected one of {', '.join((*LEVEL_NAMES, SILENT))}."
            )
    return Severities(document)
