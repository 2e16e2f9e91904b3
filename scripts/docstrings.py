"""Google-style docstrings, read: what stands before the sections, and the entries of each section."""

import inspect
import re
from dataclasses import dataclass, field

_SECTION = re.compile(r"(Args|Attributes|Raises):")
_ENTRY = re.compile(r"(?P<names>\*{0,2}\w+(?:, \w+)*)(?: \((?P<type>[^)]+)\))?: (?P<text>.*)")
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a section.

    Attributes:
        text: What is said about it, in one line.
        type: Its type, where the docstring tells it.
    """

    text: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring in its parts.

    Attributes:
        paragraphs: What stands before the first section, each in one line.
        sections: ``Args``, ``Attributes`` and ``Raises``, where there; entries by their names.
    """

    paragraphs: tuple[str, ...]
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def section(self, title: str) -> dict[str, Entry]:
        """The entries of a section; none where it is not there."""
        return self.sections.get(title, {})


def docstring(thing: object) -> Docstring:
    """What the docstring of a class or function says; of its own, not of one it inherits from.

    Raises:
        ValueError: It has none, or a line in a section is no entry.
    """
    text = getattr(thing, "__doc__", None)
    if not text:
        raise ValueError(f"{thing!r} has no docstring")
    head, *rest = re.split(r"^(?=(?:Args|Attributes|Raises):$)", inspect.cleandoc(text), flags=re.MULTILINE)
    paragraphs = tuple(" ".join(part.split()) for part in head.strip().split("\n\n"))
    return Docstring(paragraphs, dict(map(_section, rest)))


def _section(text: str) -> tuple[str, dict[str, Entry]]:
    title, *lines = text.rstrip().splitlines()
    entries: dict[str, Entry] = {}
    # A line that is indented deeper goes on with the entry before it.
    for entry in re.sub(rf"\n{_INDENT}{_INDENT}\s*", " ", "\n".join(lines)).splitlines():
        found = _ENTRY.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"{title}: found {entry!r}, expected a name, a colon and what it is")
        entries[found["names"]] = Entry(found["text"], found["type"] or "")
    match = _SECTION.fullmatch(title)
    assert match is not None, title
    return match[1], entries
