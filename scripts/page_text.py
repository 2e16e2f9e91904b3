"""Markdown of the reference pages: a page with its notice, a table, a refusal in one line."""

from collections.abc import Iterable

from nebula_schemas.problems import WireError

_MADE = "<!-- Made by scripts/reference_pages.py from the data; do not edit. -->"


def page(title: str, *parts: str) -> str:
    """A page of that title; parts are parted by blank lines."""
    return "\n\n".join([f"# {title}", _MADE, *parts]) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def refusal(wire: WireError) -> str:
    """Status, envelope, type, code and message form of a refusal."""
    words = [f"{wire.status} {wire.envelope}", *(f"`{word}`" for word in (wire.type, wire.code) if word)]
    message = wire.message.replace("{{", "{").replace("}}", "}")  # doubled, they stand for themselves
    return f"{' '.join(words)}: {message}"
