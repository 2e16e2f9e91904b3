"""What many checks ask of an answer: was it taken, in which way does it differ, and which places break its schema."""

from collections.abc import Sequence

from nebula_contract.judging.expected import Expected
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.matching import Difference, match
from nebula_contract.judging.registry import Found
from nebula_contract.judging.shapes import pointer_of, violations
from nebula_contract.judging.views import Seen


def outcome_kind(seen: Seen) -> str:
    """accepted, refused or file, where the answer is one that may come; empty where it is none."""
    compared = match(seen)
    return "" if compared is None or compared.outcome is None else compared.outcome.kind


def told(expected: Expected) -> str:
    """What may come, in words."""
    refusals = list(dict.fromkeys(one.problem_id for one in expected.refusals))
    parts = ["success (HTTP 200)"] if expected.accepts else []
    parts += [f"the refusal {', or '.join(refusals)}"] if refusals else []
    return " or ".join(parts)


def answered(seen: Seen) -> Words:
    """What came, as a status and how the body begins."""
    head = seen.exchange.answer.body.head if seen.exchange.answer else ""
    return Words(f"HTTP {seen.exchange.status} {head}")


def differs(seen: Seen, *ways: Difference) -> bool:
    """Whether the answer differs from all that may come, in one of these ways."""
    compared = match(seen)
    return compared is not None and compared.difference in ways


def deviation(seen: Seen, way: Difference, expected: str = "", *, key: str = "") -> list[Broken]:
    """The break, where the answer differs in that way: what came against what may come."""
    return (
        [broken(seen, answered(seen), expected or told(seen.expected), key=key)] if differs(seen, way) else []
    )


def form_breaks(
    seen: Seen, schema: str, *, others: Sequence[str] = (), under: str = "", beside: str = ""
) -> Found:
    """Every place that breaks the schema, but those that have a check of their own.

    Args:
        seen: The answer; its body is JSON.
        schema: The schema's name.
        others: Members at the top with a check of their own, with all in them; that check tells their absence too.
        under: Only places in this member; empty for all.
        beside: No places in this member; empty for none.
    """
    names = {f"'{place[1:]}'" for place in others}
    elsewhere = (*others, beside) if beside else tuple(others)
    found = []
    for one in violations(schema, seen.json):
        place = pointer_of(one.json_path)
        is_told = bool(elsewhere) and place.startswith(elsewhere)
        is_absence = set(one.found.removeprefix("no ").split(", ")) <= names
        if place.startswith(under) and not is_told and not is_absence:
            found.append(broken(seen, Words(one.found), one.expected, place, key=one.keyword))
    return found
