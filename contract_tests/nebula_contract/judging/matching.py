"""Whether what came is what may come; and if not, in which of a few ways it differs.

Each way belongs to one check, so that one deviation is one finding with the code that names it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from nebula_contract.judging.expected import Outcome
from nebula_contract.judging.shapes import fits
from nebula_contract.judging.views import Seen
from nebula_contract.record.exchange import MISSING
from nebula_schemas.problems import WireError, problem_table

Difference = Literal[
    "",
    "redirected",
    "throttled",
    "server-error",
    "in-band-error",
    "other-success",
    "key-refused",
    "refused",
    "accepted",
    "status",
    "envelope",
    "words",
]
"""How an answer differs: not at all; a 3xx; a 429; a 5xx; a 200 that carries an error; a 2xx that is no 200; a 401 or 403
for a good key; another refusal of what is accepted; success for what is refused; another status, envelope or type and code."""

_OK, _SUCCESS, _REDIRECTS, _ERRORS = 200, range(200, 300), range(300, 400), range(500, 600)
_THROTTLED = 429
_KEY_REFUSED = (401, 403)
_KEY_PROBLEMS = frozenset({"missing-key", "invalid-key", "channel-suffix"})


@dataclass(frozen=True, slots=True)
class Match:
    """How an answer compares with what may come.

    Attributes:
        outcome: The outcome that it is; None where it is none of them.
        difference: How it differs from all of them; empty where it does not.
        nearest: The outcome that it was compared with, where it differs.
    """

    outcome: Outcome | None
    difference: Difference = ""
    nearest: Outcome | None = None


def match(seen: Seen) -> Match | None:
    """The comparison; None where nothing is expected. Made once for each answer, since many checks ask."""
    if "match" not in seen.memo:
        seen.memo["match"] = _match(seen)
    found: Match | None = seen.memo["match"]
    return found


def _match(seen: Seen) -> Match | None:
    if not seen.expected.outcomes:
        return None
    for outcome in seen.expected.outcomes:
        if _is(outcome, seen):
            return Match(outcome)
    nearest = _nearest(seen)
    return Match(None, _difference(seen, nearest), nearest)


def wires_of(outcome: Outcome, family: str | None) -> tuple[WireError, ...]:
    """The wire forms of a refusal: the family's own where its page has one, and the common one."""
    problem = problem_table()[outcome.problem_id]
    special = problem.by_family.get((outcome.dialect, family or ""))
    common = problem.answers[outcome.dialect]
    return (common,) if special is None else (special, common)


def envelope_of(body: Any) -> str:
    """Which envelope a body has: e1, e2, e3, unknown-route; empty for none."""
    if not isinstance(body, dict):
        return ""
    names = [name for name in ("unknown-route", "e1", "e3", "e2") if fits(f"errors/{name}", body)]
    return names[0] if names else ""


def _is(outcome: Outcome, seen: Seen) -> bool:
    if outcome.kind == "file":
        return seen.exchange.status == _OK
    if outcome.kind == "accepted":
        return seen.exchange.status == _OK and not _carries_an_error(seen.json, seen.exchange.operation)
    if seen.exchange.request.method == "HEAD":
        return any(seen.exchange.status == wire.status for wire in wires_of(outcome, _family(seen)))
    return any(is_said(wire, seen) for wire in wires_of(outcome, _family(seen)))


def is_said(wire: WireError, seen: Seen) -> bool:
    """Whether the answer is that refusal: status, envelope, type and code; its message is free."""
    if seen.exchange.status != wire.status or not isinstance(seen.json, dict):
        return False
    if not fits(f"errors/{wire.envelope}", seen.json):
        return False
    told = seen.json if wire.envelope == "e2" else seen.json["error"]
    return bool(told.get("type") == wire.type and told.get("code") == wire.code)


def _family(seen: Seen) -> str | None:
    return None if seen.family is None else seen.family.name


def _carries_an_error(body: Any, operation: str) -> bool:
    """Whether a body of a 200 says no: an error object, or a code with a message and nothing made.

    A failed task has an error object too, beside its status.
    """
    if not isinstance(body, dict):
        return False
    if operation == "query" and isinstance(body.get("status"), str):
        return False
    has_error = isinstance(body.get("error"), dict | str) and bool(body.get("error"))
    says_no = isinstance(body.get("code"), str) and bool(body["code"]) and body.get("data", 0) is None
    return (has_error or says_no) and "task_id" not in body and "base64" not in body


def _nearest(seen: Seen) -> Outcome:
    """The outcome with the same status where there is one; of several the first."""
    refusals = seen.expected.refusals
    for outcome in refusals:
        if any(wire.status == seen.exchange.status for wire in wires_of(outcome, _family(seen))):
            return outcome
    accepts = seen.expected.accepts
    return (accepts or refusals)[0]


def _difference(seen: Seen, nearest: Outcome) -> Difference:
    status = seen.exchange.status
    is_refusals = nearest.kind == "refused" and any(
        wire.status == status for wire in wires_of(nearest, _family(seen))
    )
    is_other_refusal = nearest.kind == "refused" and _is_of_the_table(seen)
    for numbers, difference in _BY_STATUS:
        if status in numbers and not is_refusals and not is_other_refusal:
            return difference
    if nearest.kind == "refused":
        return _refusal_difference(seen, nearest)
    if status == _OK:
        return "in-band-error"
    if status in _SUCCESS:
        return "other-success"
    carries_key = seen.exchange.request.credential in ("own", "second", "reduced")
    is_about_key = carries_key and status in _KEY_REFUSED
    return "key-refused" if is_about_key else "refused"


def _is_of_the_table(seen: Seen) -> bool:
    """Whether it is another refusal that the operation has, such as that of a task without a file."""
    rows = (row for row in problem_table().values() if seen.exchange.operation in row.operations)
    return any(is_said(wire, seen) for row in rows if row.cause == "consumer" for wire in row.all_answers)


def _refusal_difference(seen: Seen, nearest: Outcome) -> Difference:
    status = seen.exchange.status
    wires = wires_of(nearest, _family(seen))
    if status in _SUCCESS and status != wires[0].status:
        says_no = _carries_an_error(seen.json, seen.exchange.operation)
        return "in-band-error" if says_no else "accepted"
    if status == _OK and seen.json is not MISSING and envelope_of(seen.json) == "":
        return "accepted"
    is_good_key = nearest.problem_id not in _KEY_PROBLEMS and seen.exchange.request.credential == "own"
    if is_good_key and status == _KEY_REFUSED[0]:
        return "key-refused"
    if all(wire.status != status for wire in wires):
        return "status"
    if all(envelope_of(seen.json) != wire.envelope for wire in wires):
        return "envelope"
    return "words"


_BY_STATUS: tuple[tuple[range, Difference], ...] = (
    (_REDIRECTS, "redirected"),
    (range(_THROTTLED, _THROTTLED + 1), "throttled"),
    (_ERRORS, "server-error"),
)
