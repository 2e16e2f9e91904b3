"""A broken schema, said so that a person can act: where, which rule, what was expected, what came.

Answers of this API hold videos of tens of megabytes as text. ``jsonschema``'s own messages quote
the offending value whole, so they are never shown: a large value is told by type, length, digest.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import relevance

LARGEST_SHOWN = 120
"""The longest value that is quoted, in characters of JSON; anything longer is summarised."""

_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks a schema.

    Attributes:
        schema: Name of the schema, such as ``query/succeeded``.
        json_path: Where in the value, such as ``$.metadata.progress``.
        keyword: The schema keyword that failed, such as ``enum``.
        expected: What the keyword asks for.
        found: What was there; large values by type, length and digest.
        hint: The nearest spelling that would be right, or empty.
    """

    schema: str
    json_path: str
    keyword: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        """One line: schema, path, found, expected, and the nearest spelling."""
        told = f"found {self.found}, expected {self.expected} ({self.keyword})."
        nearest = f" Did you mean {self.hint}?" if self.hint else ""
        return f"{self.schema}, {self.json_path}: {told}{nearest}"


class SchemaViolationError(ValueError):
    """A value breaks its schema.

    Attributes:
        violations: All of them, the most telling first; at least one.
    """

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        """Keep the violations; the message is made from them when asked."""
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        """The best match first, then a few more, then how many are left."""
        told = [str(violation) for violation in self.violations[:_MOST_TOLD]]
        left = len(self.violations) - len(told)
        return "\n".join([*told, f"and {left} more."] if left > 0 else told)


def summary(value: object) -> str:
    """The value as JSON where that is short; else its type, length and SHA-256 (first 12 digits)."""
    if isinstance(value, str) and len(value) > LARGEST_SHOWN:  # not escaped first: it may be megabytes
        return _told_text(value)
    text = json.dumps(value, ensure_ascii=True, default=repr)
    if len(text) <= LARGEST_SHOWN:
        return text
    if isinstance(value, str):
        return _told_text(value)
    kind = (
        "object" if isinstance(value, dict) else "array" if isinstance(value, list) else type(value).__name__
    )
    size = f"{len(value)} members" if isinstance(value, dict | list) else f"{len(text)} characters"
    return f"{kind} of {size}, {_digest(text)}"


def _told_text(value: str) -> str:
    return f"string of {len(value)} characters, {_digest(value)}"


def _digest(text: str) -> str:
    return f"sha256 {hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def violations_of(validator: Draft202012Validator, schema: str, instance: object) -> tuple[Violation, ...]:
    """Every violation of ``instance``, ordered so that the most telling one comes first.

    A failed ``oneOf``/``anyOf`` is replaced by what failed in its best branch, since "is not valid
    under any of the given schemas" helps nobody.
    """
    errors = sorted(validator.iter_errors(instance), key=relevance, reverse=True)
    told = (_told(schema, error) for error in _leaves(errors))
    return tuple(dict.fromkeys(told))


def _leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    for error in errors:
        if error.context and not _is_one_choice(error):
            deepest = min(error.context, key=relevance)  # as jsonschema's own best_match chooses
            yield from _leaves([deepest])
        else:
            yield error


def _is_one_choice(error: ValidationError) -> bool:
    """Whether every branch fails at the same place by the same keyword: one choice of values, in truth."""
    places = {(tuple(branch.path), branch.validator) for branch in error.context or ()}
    return len(places) == 1 and not any(branch.context for branch in error.context or ())


def _told(schema: str, error: ValidationError) -> Violation:
    keyword = str(error.validator)
    if error.context:  # one choice: tell all of it
        branches = [(str(branch.validator), branch.validator_value) for branch in error.context]
        expected = " or ".join(dict.fromkeys(_expected(word, value) for word, value in branches))
        return Violation(schema, error.json_path, branches[0][0], expected, summary(error.instance))
    return Violation(
        schema=schema,
        json_path=error.json_path,
        keyword=keyword,
        expected=_expected(keyword, error.validator_value),
        found=_found(keyword, error),
        hint=_hint(keyword, error),
    )


def _found(keyword: str, error: ValidationError) -> str:
    if keyword == "required" and isinstance(error.instance, dict):
        missing = [name for name in _names(error.validator_value) if name not in error.instance]
        return f"no {', '.join(map(repr, missing))}"
    if keyword == "additionalProperties" and (extra := _undeclared(error)):
        return f"the member{'s' if len(extra) > 1 else ''} {', '.join(map(summary, extra[:_MOST_TOLD]))}"
    return summary(error.instance)


def _hint(keyword: str, error: ValidationError) -> str:
    """The nearest spelling of a member or a choice that there is."""
    if keyword == "additionalProperties":
        words, known = _undeclared(error), _declared(error)
    elif keyword == "enum" and isinstance(error.instance, str):
        choices: list[Any] = list(_names(error.validator_value))
        words, known = [error.instance], [one for one in choices if isinstance(one, str)]
    else:
        return ""
    near = (match for word in words for match in get_close_matches(word[:LARGEST_SHOWN], known, 1))
    return ", ".join(json.dumps(match) for match in near)


def _undeclared(error: ValidationError) -> list[str]:
    """The members that additionalProperties: false refuses."""
    if not isinstance(error.instance, dict) or error.validator_value is not False:
        return []
    return [name for name in error.instance if name not in _declared(error)]


def _declared(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    return list(schema.get("properties", ()))


def _names(value: Any) -> list[str]:
    return list(value)


def _expected(keyword: str, value: Any) -> str:
    texts: dict[str, Callable[[], str]] = {
        "required": lambda: f"the members {', '.join(map(repr, value))}",
        "type": lambda: f"type {value if isinstance(value, str) else ' or '.join(value)}",
        "enum": lambda: f"one of {', '.join(json.dumps(one) for one in value)}",
        "const": lambda: json.dumps(value),
        "pattern": lambda: f"text that matches {value}",
        "minimum": lambda: f"at least {value}",
        "maximum": lambda: f"at most {value}",
        "exclusiveMinimum": lambda: f"more than {value}",
        "minLength": lambda: f"at least {value} characters",
        "maxLength": lambda: f"at most {value} characters",
        "minItems": lambda: f"at least {value} items",
        "maxItems": lambda: f"at most {value} items",
        "uniqueItems": lambda: "each item once",
        "additionalProperties": lambda: "no other members",
        "not": lambda: f"anything but {summary(value)}",
    }
    return texts[keyword]() if keyword in texts else f"{keyword} {summary(value)}"
