"""Whether an entry is what was looked for, and where it is not: every yes or no comes from the differences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nebula_mock.core.journal_entry import JournalEntry, LongText
from nebula_mock.core.json_paths import MISSING, member_at

_WORDS = ("operation", "method", "status", "model", "task_id", "problem_id", "path")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that is looked for, in the form in which the journal keeps values.

    Attributes:
        value: The value, without secrets and with long texts cut.
        is_whole: Whether nothing of it was hidden: otherwise values that look the same may differ.
    """

    value: Any
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What an exchange must be like; None and empty ask for nothing.

    Attributes:
        operation: What was asked for.
        method: Of the request.
        status: Of the answer.
        model: As named.
        task_id: The task it was about.
        problem_id: The row of the error table.
        path: Without query.
        prompt_contains: A part of the prompt.
        headers: Request headers by name, in any case, and their whole values.
        body: Members of the JSON body by path, such as ``$.metadata.ratio`` or ``$.image[0]``.
    """

    operation: str | None = None
    method: Wanted | None = None
    status: int | None = None
    model: Wanted | None = None
    task_id: Wanted | None = None
    problem_id: str | None = None
    path: Wanted | None = None
    prompt_contains: Wanted | None = None
    headers: Mapping[str, Wanted] = field(default_factory=dict)
    body: Mapping[str, Wanted] = field(default_factory=dict)

    def in_words(self) -> str:
        """All that it asks for, on one line."""
        told = [f"{name} {_bare(getattr(self, name))}" for name in _WORDS if getattr(self, name) is not None]
        if self.prompt_contains is not None:
            told.append(f"a prompt with {self.prompt_contains.value!r}")
        told += [f"header {name}: {one.value}" for name, one in self.headers.items()]
        told += [f"body {path} = {one.value!r}" for path, one in self.body.items()]
        return ", ".join(told) or "anything"


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which an entry is not what was looked for.

    Attributes:
        field: Which, such as ``status``, ``headers.Content-Type`` or ``body.$.seconds``.
        expected: What was looked for.
        found: What the entry has; ``MISSING`` for nothing.
        is_certain: False where too little is kept to tell: the exchange may have been the one.
    """

    field: str
    expected: Any
    found: Any
    is_certain: bool = True

    def __str__(self) -> str:
        """On one line."""
        doubt = "" if self.is_certain else " (too little is kept to tell)"
        return f"{self.field}: expected {self.expected!r}, found {self.found!r}{doubt}"


def differences(match: Match, entry: JournalEntry) -> tuple[Difference, ...]:
    """Every way in which the entry is not what was looked for; none where it is. Pure."""
    found: list[Difference | None] = [
        _compared(name, wanted, _or_missing(getattr(entry, name)))
        for name in _WORDS
        if (wanted := getattr(match, name)) is not None
    ]
    if match.prompt_contains is not None:
        found.append(_prompt(match.prompt_contains, entry))
    for name, header in match.headers.items():
        found.append(_compared(f"headers.{name}", header, _or_missing(entry.request_header(name))))
    for path, member in match.body.items():
        found.append(_member(path, member, entry))
    return tuple(one for one in found if one is not None)


def _or_missing(value: Any) -> Any:
    return MISSING if value is None else value


def _bare(wanted: Any) -> Any:
    return wanted.value if isinstance(wanted, Wanted) else wanted


def _compared(name: str, wanted: Any, found: Any) -> Difference | None:
    expected = _bare(wanted)
    if not is_same(expected, found):
        return Difference(name, expected, found)
    is_whole = not isinstance(wanted, Wanted) or wanted.is_whole
    return None if is_whole else Difference(name, expected, found, is_certain=False)


def _prompt(wanted: Wanted, entry: JournalEntry) -> Difference | None:
    prompt = entry.prompt
    if isinstance(prompt, LongText):
        shown = f"a text of {prompt.characters} characters"
        return Difference("prompt_contains", wanted.value, shown, is_certain=False)
    if prompt is None:
        return Difference("prompt_contains", wanted.value, MISSING)
    if wanted.value not in prompt:
        return Difference("prompt_contains", wanted.value, prompt)
    return None if wanted.is_whole else Difference("prompt_contains", wanted.value, prompt, is_certain=False)


def _member(path: str, wanted: Wanted, entry: JournalEntry) -> Difference | None:
    body = entry.request_body
    if body is None:
        is_certain = entry.request_header("Content-Length") in (None, "0")
        return Difference(f"body.{path}", wanted.value, MISSING, is_certain=is_certain)
    if body.members is None and body.size and "json" in body.media_type:  # too large, or null, or no JSON
        return Difference(f"body.{path}", wanted.value, f"a body of {body.size} bytes", is_certain=False)
    return _compared(f"body.{path}", wanted, member_at(body.members, path))


def is_same(expected: Any, found: Any) -> bool:
    """Whether two JSON values are equal; true is not 1, and "4" is not 4."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, dict) and isinstance(found, dict):
        names = expected.keys() == found.keys()
        return names and all(is_same(expected[name], found[name]) for name in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(is_same, expected, found))
    return bool(expected == found)
