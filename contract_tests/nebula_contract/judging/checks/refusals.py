"""NC8: what is refused, and how it is said."""

import re
from collections.abc import Iterator
from typing import Any

from nebula_contract.judging.deviations import answered, deviation, outcome_kind
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.matching import Difference, envelope_of, match, wires_of
from nebula_contract.judging.members import member
from nebula_contract.judging.registry import Found, exchange_check, run_check
from nebula_contract.judging.views import RunView, Seen
from nebula_contract.record.exchange import MISSING
from nebula_schemas.problems import WireError, problem_table

_OWN_CHECKS = frozenset({"download-no-file"})


def _is_refused_by_all(seen: Seen) -> bool:
    return bool(seen.expected.refusals) and not seen.expected.accepts


def _how(seen: Seen, way: Difference, what: str) -> Found:
    if not seen.expected.refusals:
        return None
    compared = match(seen)
    if compared is None or compared.difference != way or compared.nearest is None:
        return []
    problem_id = compared.nearest.problem_id
    wires = wires_of(compared.nearest, None if seen.family is None else seen.family.name)
    expected = " or ".join(dict.fromkeys(_worded(what, wire) for wire in wires))
    return [broken(seen, _said(seen, what), f"{expected} ({problem_id})", key=problem_id)]


def _worded(what: str, wire: WireError) -> str:
    words = {
        "status": f"HTTP {wire.status}",
        "envelope": f"envelope {wire.envelope}",
        "words": f"type {wire.type!r} code {wire.code!r}",
    }
    return words[what]


def _said(seen: Seen, what: str) -> Words:
    body = seen.json
    if what == "status":
        return answered(seen)
    if what == "envelope":
        head = seen.exchange.answer.body.head if seen.exchange.answer else ""
        return Words(f"envelope {envelope_of(body) or 'of no known form'}: {head}")
    error = member(body, "/error") if "error" in (body if isinstance(body, dict) else {}) else body
    of, code = member(error, "/type"), member(error, "/code")
    return Words(
        f"type {'none' if of is MISSING else repr(of)} code {'none' if code is MISSING else repr(code)}"
    )


@exchange_check(
    "NC801",
    "a-bad-request-is-refused",
    promise="A request that breaks a rule of the documents is refused.",
    cause="The rule is gone or not checked; the task is made and billed.",
    remedy="Consumer: check before you send. Provider: check, or change the documents.",
    source="DOC, SRC",
)
def bad_is_refused(seen: Seen) -> Found:
    if seen.exchange.operation == "result" or not _is_refused_by_all(seen) or _has_its_own_check(seen):
        return None
    compared = match(seen)
    nearest = None if compared is None else compared.nearest
    return deviation(seen, "accepted", key="" if nearest is None else nearest.problem_id)


def _has_its_own_check(seen: Seen) -> bool:
    """Whether access or the video's own checks tell it."""
    is_keyless = (
        seen.exchange.request.credential in ("none", "malformed") and seen.exchange.operation != "route"
    )
    is_foreign = seen.task is not None and seen.exchange.operation in ("query", "download")
    is_early = any(one.problem_id in _OWN_CHECKS for one in seen.expected.refusals)
    return is_keyless or is_foreign or is_early


@exchange_check(
    "NC802",
    "refusal-has-its-status",
    promise="Each refusal has its HTTP status, in one of the documented dialects.",
    cause="The provider changed it, or another check comes first.",
    remedy="Consumer: match on the class of the status. Provider: announce it.",
    source="DOC, SRC: the error table",
)
def refusal_status(seen: Seen) -> Found:
    return _how(seen, "status", "status")


@exchange_check(
    "NC803",
    "refusal-has-its-envelope",
    promise="Each refusal has its envelope: an error object with or without a code, or code, message and null data.",
    cause="Another layer of the provider answers, or a version in between.",
    remedy="Consumer: read all envelopes. Provider: choose one.",
    source="DOC, SRC: the error table",
)
def refusal_envelope(seen: Seen) -> Found:
    return _how(seen, "envelope", "envelope")


@exchange_check(
    "NC804",
    "refusal-has-its-words",
    "risky",
    promise="Each refusal has its type and code, by which consumers tell refusals apart.",
    cause="The provider renamed it, or another refusal is given.",
    remedy="Consumer: match on the status alone where you can. Provider: announce it.",
    source="DOC, SRC: the error table",
)
def refusal_words(seen: Seen) -> Found:
    return _how(seen, "words", "words")


@exchange_check(
    "NC805",
    "refusal-says-why",
    "risky",
    promise="Each refusal has a message that is not empty.",
    cause="The message was lost or masked.",
    remedy="Provider: say why. Consumer: keep the request id for support.",
    source="DOC, SRC",
)
def refusal_says_why(seen: Seen) -> Found:
    compared = match(seen) if seen.exchange.request.method != "HEAD" else None
    if compared is None or compared.outcome is None or compared.outcome.kind != "refused":
        return None
    place, found = _message(seen)
    if isinstance(found, str) and found.strip():
        return []
    return [broken(seen, found, "a message", place, key=compared.outcome.problem_id)]


def _message(seen: Seen) -> tuple[str, Any]:
    """Where the message of a refusal stands, and what it is."""
    place = "/error/message" if isinstance(member(seen.json, "/error"), dict) else "/message"
    return place, member(seen.json, place)


@exchange_check(
    "NC806",
    "refusal-makes-nothing",
    promise="A refusal carries nothing of a success: no task id, no status, no result.",
    cause="The task was made all the same, or two answers were mixed.",
    remedy="Consumer: take it for uncertain; the task may be billed. Provider: see whether a task was made.",
    source="INF",
)
def refusal_makes_nothing(seen: Seen) -> Found:
    if outcome_kind(seen) != "refused":
        return None
    if not isinstance(seen.json, dict):
        return []
    extra = [name for name in ("task_id", "status", "url", "base64", "data_url") if name in seen.json]
    return [broken(seen, seen.json[name], "no such member", f"/{name}") for name in extra]


@exchange_check(
    "NC807",
    "refusal-has-one-form",
    "additive",
    promise="A refusal has the members of its envelope and no others.",
    cause="A member was added.",
    remedy="Consumer: ignore it.",
    source="DOC, SRC",
)
def refusal_members(seen: Seen) -> Found:
    if outcome_kind(seen) != "refused" or seen.exchange.request.method == "HEAD":
        return None
    if not isinstance(seen.json, dict):
        return []
    error = seen.json.get("error")
    known = _KNOWN_IN_ERROR if isinstance(error, dict) else frozenset()
    added = [f"/error/{name}" for name in (error if isinstance(error, dict) else {}) if name not in known]
    outer = frozenset({"error"}) if isinstance(error, dict) else frozenset({"code", "message", "data"})
    own = {"task_id", "status", "url", "base64", "data_url"}
    added += [f"/{name}" for name in seen.json if name not in outer | own]
    return [broken(seen, Words("a member nobody documents"), "no others", place) for place in added]


_KNOWN_IN_ERROR = frozenset({"message", "type", "code", "param", "details"})


@run_check(
    "NC808",
    "reasons-are-told-apart",
    "risky",
    promise="Refusals of one operation, or of one of its statuses, do not all have one message whatever the reason.",
    cause="A gateway or a filter replaces messages by one of its own.",
    remedy="Provider: pass the message on. Consumer: keep the request id for support.",
    source="DOC, SRC: each message says what is wrong; INF: how many of them may be alike",
)
def reasons_told_apart(run: RunView) -> Found:
    groups: dict[tuple[str, int], dict[str, list[tuple[str, Seen]]]] = {}
    for seen, problem_id, message in _told_reasons(run):
        for status in (seen.exchange.status, 0):
            group = groups.setdefault((seen.exchange.operation, status), {})
            group.setdefault(problem_id, []).append((message, seen))
    large = [group for group in groups.values() if len(group) >= _REASONS]
    if not large:
        return None
    alike: dict[int, Broken] = {}
    for group in large:
        if len({message for those in group.values() for message, _ in those}) == 1:
            for problem_id, those in group.items():
                message, seen = those[0]
                others = ", ".join(sorted(set(group) - {problem_id}))
                wanted = f"other words than for {others}"
                alike[seen.exchange.number] = broken(seen, message, wanted, _message(seen)[0], key=problem_id)
    return list(alike.values())


def _told_reasons(run: RunView) -> Iterator[tuple[Seen, str, str]]:
    """Every refusal as it may come, with its row and its message; not those that are told by others.

    What only an upstream refuses may come masked (SRC), and what is empty has a check of its own.
    """
    for seen in run.seen:
        if seen.exchange.request.method == "HEAD" or outcome_kind(seen) != "refused":
            continue
        compared = match(seen)
        if compared is None or compared.outcome is None:
            continue
        _, message = _message(seen)
        problem = problem_table()[compared.outcome.problem_id]
        if isinstance(message, str) and message.strip() and not problem.by_upstream:
            yield seen, problem.id, _REQUEST_ID.sub("", message)


_REASONS = 3
_REQUEST_ID = re.compile(r"\s*\(request id: [^)]*\)")
