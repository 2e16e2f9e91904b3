"""A run to observations: pure, one walk over the answers."""

from collections import Counter
from collections.abc import Mapping

from nebula_contract.drift.observation import (
    ABSENT,
    ANY,
    NONE,
    OK,
    CellKey,
    CellSeen,
    Observations,
    RequestsSeen,
    Trait,
)
from nebula_contract.drift.observing.answers import (
    ANSWER,
    LANGUAGE,
    headers,
    language,
    schema_breaks,
    signature,
)
from nebula_contract.drift.observing.features import features_of
from nebula_contract.drift.observing.lives import lives_of, span_of
from nebula_contract.drift.observing.place import cell_of, state_of
from nebula_contract.drift.observing.walk import LONGEST, walked
from nebula_contract.judging.expected import task_asked_for
from nebula_contract.judging.findings import Finding, Verdict
from nebula_contract.judging.judge import OF_TROUBLE
from nebula_contract.judging.matching import match
from nebula_contract.judging.views import RunView, Seen
from nebula_contract.record.exchange import MISSING
from nebula_contract.record.wrapping import is_wrapped, unwrapped

_OPERATIONS = frozenset({"submit", "query", "download"})
_THROTTLED, _ERRORS, _ABOUT_KEYS = 429, range(500, 600), frozenset({401, 403})
_WITH_A_KEY = frozenset({"own", "second", "reduced"})
INFRA_CHECKS = OF_TROUBLE | {"NC412"}
"""Checks that trouble breaks as well, and how many tasks fail: what they find is no drift."""

_SKIPPED = frozenset({"client", "probe"})
_OK_STATUS = 200


def observed(run: RunView, verdict: Verdict) -> Observations:
    """Everything that a run says, with what its checks came to."""
    seen = Observations(
        lives=lives_of(run.tasks),
        checks={one.code: one.looked for one in verdict.checks if one.looked and not one.broken},
        broken={broken_name(one) for one in verdict.findings if one.code not in INFRA_CHECKS},
        variants={one.matter: Counter(one.seen) for one in verdict.variants},
        unobservable=Counter(verdict.infra),
    )
    waits: dict[tuple[str, str], list[float]] = {}
    for one in run.seen:
        if one.exchange.purpose not in _SKIPPED:
            _note(seen, one)
        if one.exchange.status == _OK_STATUS and one.family is not None and one.exchange.took_s > 0:
            waits.setdefault((one.family.name, one.exchange.operation), []).append(one.exchange.took_s)
    for (family, operation), seconds in sorted(waits.items()):
        if family in seen.lives:
            seen.lives[family].spans[f"answer {operation}"] = span_of(seconds)
    seen.unobservable.update(one.failure.partition(":")[0] or "no answer" for one in run.failures)
    _fill(seen)
    return seen


def broken_name(finding: Finding) -> str:
    """The structure of a check's finding, the same in every run; its words are left out."""
    return (
        f"{finding.code} {finding.operation} {finding.family or NONE} {finding.location[:LONGEST]}".rstrip()
    )


def is_trouble(one: Seen) -> bool:
    """Whether the provider, or the account, is in trouble: such an answer says nothing of the contract.

    A limit, an error of the provider's own, or a good key that is refused; where none of them was asked for.
    """
    compared = match(one)
    if compared is None or compared.outcome is not None:
        return False
    status = one.exchange.status
    is_key_refused = status in _ABOUT_KEYS and one.exchange.request.credential in _WITH_A_KEY
    return status == _THROTTLED or status in _ERRORS or is_key_refused


def _note(seen: Observations, one: Seen) -> None:
    key = cell_of(one)
    compared = match(one)
    if key is None or compared is None:
        return
    if is_trouble(one):
        seen.troubled.add(one.exchange.number)
        told = f"{one.exchange.operation}: HTTP {one.exchange.status} where {key.outcome} was asked for"
        seen.unobservable[told] += 1
        return
    number = one.exchange.number
    answer = one.exchange.answer
    if one.exchange.request.method == "HEAD" or answer is None:
        return
    cell = seen.cell(key)
    cell.samples += 1
    cell.note(ANSWER, signature(one), number)
    is_accepted = compared.outcome is not None and compared.outcome.kind != "refused"
    is_ok = is_accepted or compared.difference == "other-success"
    if compared.outcome is None:
        cell.note(Trait("docs"), signature(one), number)
    for trait, value in headers(answer):
        cell.note(trait, value, number)
    if not is_ok and (script := language(one.json)):
        cell.note(LANGUAGE, script, number)
    if one.exchange.operation == "submit":
        _note_request(seen, one, is_ok=is_ok)
    if one.exchange.operation in _OPERATIONS and is_ok:
        _note_shape(seen, key, one)


def _note_shape(seen: Observations, key: CellKey, one: Seen) -> None:
    """The shape of a successful answer, in the cell of its state; and the state itself beside all others."""
    body = unwrapped(one.json)
    if body is MISSING:
        return  # no JSON has no members; that it is none is told of the answer as a whole
    number = one.exchange.number
    state = state_of(body) if key.operation == "query" else NONE
    if key.operation == "query":
        words = seen.cell(CellKey(key.family, "query", OK, ANY))
        words.samples += 1
        if state != NONE:
            words.note(Trait("word", "/status"), state, number)
        words.note(Trait("envelope"), "wrapped" if is_wrapped(one.json) else "plain", number)
    cell = seen.cell(CellKey(key.family, key.operation, OK, state))
    cell.samples += cell is not seen.cell(key)  # that one has counted it already
    if key.operation != "query":
        cell.note(Trait("envelope"), "wrapped" if is_wrapped(one.json) else "plain", number)
    tokens = _tokens(one)
    traits = [trait for trait in walked(body, tokens) if not _is_aged(one, *trait)]
    is_nameless = key.operation == "submit" and one.task is None  # which id is the task's is not known then
    for trait, value in traits:
        if trait != ("word", "/status") and not (is_nameless and trait.aspect == "form"):
            cell.note(trait, value, number)
    named = {trait.location for trait, value in traits if trait.aspect == "form" and value in tokens.values()}
    for place, keyword in schema_breaks(one, body, (trait for trait, _ in traits)):
        if keyword == "pattern" and place in named and key.operation != "submit":
            continue  # the form of a task's id is told where the task is made
        cell.note(Trait("docs", place), keyword, number)


def _note_request(seen: Observations, one: Seen, *, is_ok: bool) -> None:
    if one.family is None or not one.expected.accepts:
        return
    requests = seen.requests.setdefault(one.family.name, RequestsSeen())
    if is_ok:
        requests.accepted.update(features_of(one))
    elif not one.expected.refusals:
        requests.refused.append((features_of(one), signature(one), one.exchange.number))


def _is_aged(one: Seen, trait: Trait, _value: str) -> bool:
    """Whether a task is of an earlier run and the trait is one that changes with age: a result is there for hours."""
    return one.task is None and trait.aspect == "form" and trait.location.startswith("/url")


def _tokens(one: Seen) -> Mapping[str, str]:
    """Ids that an answer may name, to what they are."""
    if one.task is None:
        asked_for = task_asked_for(one.exchange) if one.exchange.operation in ("query", "download") else ""
        return {asked_for: "<task>"} if asked_for else {}
    tokens = {one.task.task_id: "<task>"}
    if one.task.source is not None:
        tokens[one.task.source.task_id] = "<source>"
    return tokens


def _fill(seen: Observations) -> None:
    """Count the members and headers that an answer did not have, where another of the same cell had them."""
    for cell in seen.cells.values():
        fill_absent(cell)


def fill_absent(cell: CellSeen) -> None:
    """The same, of one cell."""
    answers = [
        number for (trait, _), numbers in cell.evidence.items() if trait == ANSWER for number in numbers
    ]
    for trait, values in cell.traits.items():
        parent = Trait("type", trait.location.rpartition("/")[0])
        if trait.aspect == "header":
            missing, whole = cell.answers - values.total(), sorted(answers)
        elif trait.aspect == "type" and trait.location and not trait.location.endswith("/[]"):
            missing = cell.traits.get(parent, Counter())["object"] - values.total()
            whole = cell.evidence.get((parent, "object"), [])
        else:
            continue
        if missing > 0 and ABSENT not in values:
            values[ABSENT] = missing
            if lacking := cell.lacks(whole, trait):
                cell.evidence[trait, ABSENT] = lacking
