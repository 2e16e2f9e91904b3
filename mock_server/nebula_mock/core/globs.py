"""Patterns with ``*`` for any text: no regular expressions, so no pattern is slow and none surprises."""

ANY = "*"


def globbed(pattern: str, text: str) -> bool:
    """Whether all of ``text`` has the form of ``pattern``, in which ``*`` stands for any text, none too.

    Pure. Takes time in proportion to the length of the text for each star.
    """
    first, *rest = pattern.split(ANY)
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    at, last = len(first), rest.pop()
    for part in rest:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - len(last) >= at and text.endswith(last)


def found_in(pattern: str, text: str) -> bool:
    """Whether ``pattern`` stands somewhere in ``text``; one with a ``*`` must fit all of it."""
    return globbed(pattern, text) if ANY in pattern else pattern in text
