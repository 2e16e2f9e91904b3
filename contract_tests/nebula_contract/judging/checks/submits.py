"""NC2: submits that are taken: what is accepted, coerced and ignored, and what the answer says."""

from typing import Literal

from nebula_contract.judging.deviations import deviation, form_breaks, outcome_kind, told
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import is_moment, member
from nebula_contract.judging.registry import Found, exchange_check, run_check
from nebula_contract.judging.views import RunView, Seen
from nebula_contract.record.exchange import MISSING
from nebula_contract.record.wrapping import is_wrapped

InputClass = Literal["accepted", "coerced", "ignored"]

_OK = 200
_OWN_CHECKS = ("/task_id", "/status", "/format")


def is_taken(seen: Seen) -> bool:
    """Whether it is a submit that was accepted, as it may be."""
    is_submit = seen.exchange.operation == "submit"
    return is_submit and outcome_kind(seen) == "accepted" and not is_wrapped(seen.json)


def input_class(seen: Seen) -> InputClass | None:
    """What becomes of the values of a submit that every dialect accepts; None for any other."""
    accepts = seen.expected.accepts
    if seen.exchange.operation != "submit" or not accepts or seen.expected.refusals:
        return None
    fates = {reading.outcome for one in accepts if one.usage for reading in one.usage.readings}
    if "coerced" in fates:
        return "coerced"
    known = {"model", "prompt", "metadata", "content"}
    if seen.family is not None:
        known |= {
            name for one in seen.family.parameters for name in (*one.names, *one.plain, *one.joined_from)
        }
    is_ignored = "ignored" in fates or any(name not in known for name in seen.fields)
    return "ignored" if is_ignored else "accepted"


def _refused(seen: Seen, wanted: InputClass, why: str) -> Found:
    if input_class(seen) != wanted:
        return None
    return deviation(seen, "refused", f"{told(seen.expected)}: {why}")


@exchange_check(
    "NC201",
    "documented-request-is-accepted",
    promise="A request whose values are all documented is accepted.",
    cause="A value was withdrawn, a bound tightened, or a field is now required.",
    remedy="Provider: take it or change the documents. Consumer: use another value.",
    source="PAGE, DOC",
)
def documented_is_accepted(seen: Seen) -> Found:
    return _refused(seen, "accepted", "every value in it is documented")


@exchange_check(
    "NC202",
    "odd-value-is-coerced",
    promise="A value outside the documented ones is replaced by one inside, and the request is accepted.",
    cause="The provider began to refuse what it used to replace.",
    remedy="Consumer: send documented values only. Provider: announce it, since old requests now fail.",
    source="DOC, SRC",
)
def odd_value_is_coerced(seen: Seen) -> Found:
    return _refused(seen, "coerced", "an odd value is replaced, not refused")


@exchange_check(
    "NC203",
    "field-without-effect-is-ignored",
    promise="A field that the family does not know, or that has no effect, is ignored and the request is accepted.",
    cause="The provider began to check for unknown fields.",
    remedy="Consumer: leave the field out. Provider: announce it.",
    source="SRC",
)
def field_is_ignored(seen: Seen) -> Found:
    return _refused(seen, "ignored", "a field without effect is ignored")


@exchange_check(
    "NC204",
    "submit-answer-has-its-form",
    promise="The answer to an accepted submit is as documented: task_id, and status and format where the family has them.",
    cause="A member was added to, taken out of or retyped in the answer.",
    remedy="Provider: restore it. Consumer: rely on task_id alone.",
    source="PAGE, DOC, SRC",
)
def submit_form(seen: Seen) -> Found:
    if not is_taken(seen):
        return None
    if not isinstance(seen.json, dict):
        return [broken(seen, seen.json, "a JSON object")]
    if not isinstance(seen.json.get("task_id"), str):
        return []  # told by the check of task ids; what else the form is depends on the id
    return form_breaks(seen, "submit/response", others=_OWN_CHECKS)


@exchange_check(
    "NC205",
    "task-id-has-the-form-of-its-family",
    promise="task_id is text of the family's form, such as video_ and 32 hex digits for Sora.",
    cause="Another upstream, another version, or the id of something else.",
    remedy="Consumer: take ids for opaque text. Provider: announce a new form.",
    source="PAGE, DOC",
)
def task_id_form(seen: Seen) -> Found:
    if not is_taken(seen) or seen.family is None:
        return None
    found = member(seen.json, "/task_id")
    if isinstance(found, str) and seen.family.task_id.matches(found):
        return []
    kind = type(found).__name__ if not isinstance(found, str) else "text"
    return [broken(seen, found, f"an id {seen.family.task_id.pattern}", "/task_id", key=kind)]


@exchange_check(
    "NC206",
    "submit-status-is-submitted",
    promise="status in the answer to a submit is submitted; Veo's answer may have none.",
    cause="The status of the upstream leaks, or letter case changed.",
    remedy="Consumer: do not read it; the first query says where the task stands.",
    source="PAGE, DOC, SRC",
)
def submit_status(seen: Seen) -> Found:
    if not is_taken(seen) or seen.family is None or not isinstance(seen.json, dict):
        return None
    found = member(seen.json, "/status")
    may_lack = seen.family.wire == "veo"
    if found == "submitted" or (found is MISSING and may_lack):
        return []
    return [broken(seen, found, '"submitted"', "/status", key=str(found)[:40])]


@exchange_check(
    "NC207",
    "submit-format-is-mp4",
    promise="format in the answer to a submit is mp4; only Sora's answer must have it.",
    cause="Another container, or a member that was lost.",
    remedy="Consumer: look at the video itself. Provider: restore it.",
    source="PAGE, DOC",
)
def submit_format(seen: Seen) -> Found:
    if not is_taken(seen) or seen.family is None or not isinstance(seen.json, dict):
        return None
    found = member(seen.json, "/format")
    if found == "mp4" or (found is MISSING and seen.family.wire != "sora"):
        return []
    return [broken(seen, found, '"mp4"', "/format", key=str(found)[:40])]


@exchange_check(
    "NC208",
    "submit-metadata-is-of-this-task",
    promise="metadata in the answer to a submit, and Wan's output, name the task that was made and the values in use.",
    cause="The upstream's object is that of another task, or values are echoed as asked instead of as used.",
    remedy="Provider: see how the object is joined. Consumer: do not read it for identity.",
    source="DOC, SRC",
)
def submit_metadata(seen: Seen) -> Found:
    if not is_taken(seen) or not isinstance(seen.json, dict) or seen.task is None:
        return None
    expected: dict[str, set[object]] = {
        "/metadata/id": {seen.task.task_id},
        "/metadata/output/task_id": {seen.task.task_id},
        "/output/task_id": {seen.task.task_id},
        "/metadata/model": {seen.task.model},
        "/metadata/seconds": _used(seen, "seconds", as_text=True),
        "/metadata/size": _used(seen, "size"),
        "/metadata/requested_seconds": _used(seen, "duration"),
    }
    looked = {place: member(seen.json, place) for place in expected}
    if all(found is MISSING for found in looked.values()):
        return None
    broke = [
        broken(seen, found, " or ".join(map(str, expected[place])), place)
        for place, found in looked.items()
        if found is not MISSING and expected[place] and found not in list(expected[place])
    ]
    created = member(seen.json, "/metadata/created_at")
    if created is not MISSING and created is not None and not is_moment(created):
        broke.append(broken(seen, created, "whole seconds since 1970", "/metadata/created_at"))
    return broke


def _used(seen: Seen, name: str, *, as_text: bool = False) -> set[object]:
    if seen.task is None:
        return set()
    values = {values.get(name) for values in seen.task.in_use} - {None}
    return {str(one) for one in values} if as_text else values


@run_check(
    "NC209",
    "task-ids-are-unique",
    promise="Every accepted submit makes a task with an id that no other has, also the same request sent twice.",
    cause="An answer is cached, or two submits were taken for one.",
    remedy="Consumer: take it for an answer of unknown meaning: the second task may run and be charged. Provider: mend it.",
    source="INF: an id names one task",
)
def unique_ids(run: RunView) -> Found:
    first: dict[str, Seen] = {}
    repeated = []
    taken = [seen for seen in run.seen if is_taken(seen)]
    for seen in taken:
        found = member(seen.json, "/task_id")
        if not isinstance(found, str):
            continue
        if found in first:
            other = first[found].exchange.number
            repeated.append(broken(seen, found, f"another id than that of exchange {other}", "/task_id"))
        first.setdefault(found, seen)
    return repeated if taken else None


@exchange_check(
    "NC210",
    "submit-answer-is-not-wrapped",
    promise="The answer to a submit is the task itself, not a wrapper with code, message and data around it.",
    cause="An older version answers, or the form of Kling and Jimeng is given for another family.",
    remedy="Consumer: look for task_id in data before you take a submit for lost. Provider: answer from the newer version.",
    source="DOC; SRC, older",
)
def submit_is_not_wrapped(seen: Seen) -> Found:
    if seen.exchange.operation != "submit" or seen.exchange.status != _OK or not seen.expected.accepts:
        return None
    return (
        [broken(seen, Words("the task in data"), "the task itself", "/data")] if is_wrapped(seen.json) else []
    )
