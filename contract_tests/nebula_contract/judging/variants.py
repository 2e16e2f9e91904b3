"""Where the sources disagree: which side an answer takes.

A side is no finding: both are right, and a run reports which one the target takes. That it takes one throughout is a
check of its own.
"""

from collections.abc import Iterable, Iterator

from nebula_contract.judging.findings import Variant
from nebula_contract.judging.matching import is_said, match, wires_of
from nebula_contract.judging.members import member
from nebula_contract.judging.views import Seen
from nebula_contract.record.exchange import MISSING

Side = tuple[str, str]
"""The matter, and what the answer says of it."""

FIRST_STATUS = "status right after a submit"
"""Both sides of it may come from one provider: the gateway's round, every 15 s, may come just after the submit."""

_NUMBERS = {
    "metadata at submit": 6,
    "Wan's answer to a submit": 13,
    "status at submit": 12,
    "url where there is no video": 7,
    "form of Sora's query answer": 5,
    "metadata of a query": 6,
    "where progress stands": 26,
    "Veo's result": 8,
    "data_url of a download": 10,
    "error of a failed task": 3,
    "reason of a failed Wan task": 4,
    FIRST_STATUS: 21,
}
_SOON_S = 1.0


def sides_of(seen: Seen) -> Iterator[Side]:
    """The sides that an answer takes, of every matter that it is about."""
    compared = match(seen)
    if compared is None or compared.outcome is None:
        return
    if compared.outcome.kind == "refused":
        yield from _refusal_side(seen, compared.outcome.problem_id)
    elif seen.exchange.operation == "submit" and isinstance(seen.json, dict):
        yield from _submit_sides(seen)
    elif seen.exchange.operation == "query" and isinstance(seen.json, dict):
        yield from _query_sides(seen)
    elif seen.exchange.operation == "download" and isinstance(seen.json, dict):
        yield "data_url of a download", "there" if "data_url" in seen.json else "absent"


def _refusal_side(seen: Seen, problem_id: str) -> Iterator[Side]:
    """Whose words a refusal has, where the dialects' differ and only one of them fits."""
    fits = {
        outcome.dialect
        for outcome in seen.expected.refusals
        if outcome.problem_id == problem_id
        and any(is_said(wire, seen) for wire in wires_of(outcome, seen.family.name if seen.family else None))
    }
    if len(fits) == 1 and seen.exchange.request.method != "HEAD":
        yield f"refusal {problem_id}", next(iter(fits))


def _submit_sides(seen: Seen) -> Iterator[Side]:
    body, wire = seen.json, "" if seen.family is None else seen.family.wire
    if wire == "wan":
        yield "Wan's answer to a submit", "flattened" if "output" in body else "with metadata"
    elif wire == "sora":
        yield "metadata at submit", "there" if "metadata" in body else "absent"
    elif wire == "veo":
        yield "status at submit", "there" if "status" in body else "absent"


def _query_sides(seen: Seen) -> Iterator[Side]:
    body, wire = seen.json, "" if seen.family is None else seen.family.wire
    url = body.get("url", MISSING)
    if url is MISSING or url == "":
        succeeded_elsewhere = body.get("status") == "succeeded" and wire != "sora"
        if not succeeded_elsewhere:
            yield "url where there is no video", "absent" if url is MISSING else "empty text"
    elif wire == "veo" and seen.exchange.condition == "":
        links = url if isinstance(url, list) else [url]
        if links and isinstance(links[0], str) and links[0] != "expired":
            yield "Veo's result", "data URI" if links[0].startswith("data:") else "URL"
    yield "metadata of a query", "there" if isinstance(body.get("metadata"), dict) else "absent"
    if wire == "sora":
        yield (
            "form of Sora's query answer",
            "flat" if body.get("object") == "video_generation" else "envelope",
        )
        if member(body, "/metadata/progress") is not MISSING or "progress" in body:
            yield "where progress stands", "at the top" if "progress" in body else "in metadata"
    if body.get("status") == "failed" and isinstance(body.get("error"), dict):
        yield "error of a failed task", "number" if isinstance(body["error"].get("code"), int) else "text"
    if body.get("status") == "failed" and wire == "wan":
        yield "reason of a failed Wan task", "in error" if body.get("error") else "in metadata alone"
    moves_by_time = seen.exchange.condition != "by-polls"
    if moves_by_time and seen.task is not None and seen.exchange.at_s - seen.task.submit.until_s < _SOON_S:
        is_unknown = body.get("status") == "unknown"
        yield FIRST_STATUS, "unknown" if is_unknown else "a documented word"


def variants_of(seen: Iterable[Seen]) -> tuple[Variant, ...]:
    """Every matter that the run saw, with how often each side was taken; in order of its number, then by name."""
    counts: dict[str, dict[str, int]] = {}
    for one in seen:
        for matter, side in sides_of(one):
            counts.setdefault(matter, {}).setdefault(side, 0)
            counts[matter][side] += 1
    found = (Variant(_NUMBERS.get(matter, 0), matter, sides) for matter, sides in counts.items())
    return tuple(sorted(found, key=lambda one: (one.number == 0, one.number, one.matter)))
