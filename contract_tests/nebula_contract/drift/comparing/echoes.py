"""Differences of one cell that say what another of them says: pure."""

from collections.abc import Sequence
from dataclasses import replace

from nebula_contract.drift.comparing.answers import Signature, is_no_json
from nebula_contract.drift.comparing.difference import Difference

_VALUES = frozenset({"type", "form"})
_ANSWER = "answer"
_RENAMED_HEADER = "DR117"


def without_echoes(found: Sequence[Difference]) -> list[Difference]:
    """The differences of a cell, each change once.

    A value of another type or form breaks its documented pattern as well; a page in the place of JSON has another content
    type, and is no refusal of any envelope; an answer without a body has no content type.
    """
    changed = {one.trait.location for one in found if one.trait.aspect in _VALUES}
    answers = [one for one in found if one.trait.aspect == _ANSWER]
    has_no_body = any(Signature.of(one.value).envelope in ("redirect", "empty") for one in answers)
    pages = [one for one in answers if is_no_json(Signature.of(one.value))]
    has_media = any(one.trait.aspect == "media" for one in found)
    return [
        one
        for one in _renamed_headers(found)
        if not (one.trait.aspect == "docs" and one.trait.location in changed)
        and not (has_media and one in pages)
        and not ((has_media or has_no_body) and one.trait == ("header", "content-type"))
        and not (has_no_body and one.trait.aspect == "media")
    ]


def _renamed_headers(found: Sequence[Difference]) -> Sequence[Difference]:
    """The same, with one header that is gone and one that is new in its place told once."""
    gone = [one for one in found if one.rule == "DR108"]
    come = [one for one in found if one.rule == "DR109"]
    if len(gone) != 1 or len(come) != 1:
        return found
    name = come[0].trait.location
    renamed = replace(gone[0], rule=_RENAMED_HEADER, key=name, now=f"{name} in its place", to=name)
    return [renamed, *(one for one in found if one not in (*gone, *come))]
