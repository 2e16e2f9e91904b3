"""NC3: what one answer to a query says of a task."""

from collections.abc import Mapping
from typing import Any

from nebula_contract.judging.deviations import deviation, form_breaks, outcome_kind
from nebula_contract.judging.findings import Level
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import member
from nebula_contract.judging.oracle import EXPIRED
from nebula_contract.judging.registry import Found, exchange_check
from nebula_contract.judging.views import TERMINAL, Seen, TaskHistory
from nebula_contract.record.exchange import MISSING
from nebula_contract.record.wrapping import is_wrapped

_OWN_CHECKS = ("/task_id", "/status", "/format", "/url", "/error")
_KNOWN_NEW = frozenset({"submitted", "queued", "in_progress", "unknown"})
_DATA_URI = "data:video/mp4;base64,"
_OK = 200


def own_read(seen: Seen) -> TaskHistory | None:
    """The task of a query by its owner that was answered with an object, as it may be; else None. Found out once."""
    if "own read" not in seen.memo:
        seen.memo["own read"] = _own_read(seen)
    found: TaskHistory | None = seen.memo["own read"]
    return found


def _own_read(seen: Seen) -> TaskHistory | None:
    if seen.exchange.operation != "query" or seen.task is None or not isinstance(seen.json, dict):
        return None
    if is_wrapped(seen.json):
        return None  # that is told by a check of its own
    return seen.task if outcome_kind(seen) == "accepted" else None


def plain_read(seen: Seen) -> TaskHistory | None:
    """As ``own_read``, where the status is a word that is known; what an unknown one promises, nobody can say."""
    return own_read(seen) if status_of(seen) in (*_KNOWN_NEW, *TERMINAL) else None


def links(body: Any) -> list[Any]:
    """What ``url`` holds: nothing, one link or several."""
    url = body.get("url") if isinstance(body, Mapping) else None
    if url is None or url == "":
        return []
    return url if isinstance(url, list) else [url]


@exchange_check(
    "NC301",
    "own-task-is-known",
    promise="A query for a task of the same key is answered with the task, from the submit until it expires.",
    cause="The task was lost, is not yet visible, or the error names something else.",
    remedy="Consumer: ask again before giving a paid task up. Provider: make tasks visible before answering a submit.",
    source="PAGE, DOC",
)
def own_task_is_known(seen: Seen) -> Found:
    if seen.exchange.operation != "query" or seen.task is None or not seen.expected.accepts:
        return None
    return deviation(seen, "refused")


@exchange_check(
    "NC302",
    "query-answer-has-its-form",
    promise="The answer to a query has the members and types that are documented for its status.",
    cause="A member was lost, added twice or retyped, or another version answers.",
    remedy="Provider: restore it. Consumer: see whether the member is one you read.",
    source="PAGE, DOC, SRC",
)
def query_form(seen: Seen) -> Found:
    if own_read(seen) is None or not _is_ours(seen) or status_of(seen) is MISSING:
        return None
    return form_breaks(seen, "query/response", others=_OWN_CHECKS, beside="/metadata")


@exchange_check(
    "NC303",
    "metadata-has-its-form",
    promise="metadata, where it stands, has the members and types of its family's upstream.",
    cause="The upstream changed, or the gateway's own fields leak.",
    remedy="Consumer: see whether the member is one you read; metadata is the upstream's and changes with it.",
    source="DOC, SRC",
)
def metadata_form(seen: Seen) -> Found:
    if own_read(seen) is None or not _is_ours(seen) or "metadata" not in seen.json:
        return None
    return form_breaks(seen, "query/response", under="/metadata")


def _is_ours(seen: Seen) -> bool:
    """Whether id and status are such that the schema judges the right form; else their own checks tell."""
    status = status_of(seen)
    return (
        seen.task is not None
        and seen.json.get("task_id") == seen.task.task_id
        and status
        in (
            *_KNOWN_NEW,
            *TERMINAL,
        )
    )


def status_of(seen: Seen) -> Any:
    """The status that an answer says."""
    return member(seen.json, "/status")


@exchange_check(
    "NC304",
    "status-is-a-known-word",
    promise="status is one of the family's documented words, in lower case.",
    cause="A new status, another spelling, or the upstream's own word.",
    remedy="Consumer: take an unknown word for still running, and warn once. Provider: announce a new word.",
    source="DOC, SRC",
)
def status_word(seen: Seen) -> Found:
    task = own_read(seen) or _wrapped_read(seen)
    if task is None:
        return None
    place = "/data/status" if is_wrapped(seen.json) else "/status"
    found = member(seen.json, place)
    known = sorted({word for words in task.family.statuses.values() for word in words})
    if found in known:
        return []
    level: Level | None = "risky" if isinstance(found, str) and found in _KNOWN_NEW else None
    return [broken(seen, found, f"one of {', '.join(known)}", place, key=str(found)[:40], level=level)]


@exchange_check(
    "NC305",
    "query-names-the-task",
    promise="task_id in the answer is the id that was asked for.",
    cause="The answer is of another task: a cache, or two requests mixed up.",
    remedy="Consumer: never save a result whose id is not yours. Provider: see what was mixed up.",
    source="PAGE, DOC",
)
def query_names_the_task(seen: Seen) -> Found:
    task = own_read(seen)
    if task is None:
        return None
    found = member(seen.json, "/task_id")
    return [] if found == task.task_id else [broken(seen, found, task.task_id, "/task_id")]


@exchange_check(
    "NC306",
    "format-is-mp4",
    promise="format in the answer to a query is mp4, whatever the status.",
    cause="Another container, or a member that was lost.",
    remedy="Consumer: look at the video itself. Provider: restore it.",
    source="PAGE, DOC, SRC",
)
def query_format(seen: Seen) -> Found:
    if own_read(seen) is None or seen.json.get("object") == "video_generation":
        return None
    found = member(seen.json, "/format")
    return [] if found == "mp4" else [broken(seen, found, '"mp4"', "/format", key=str(found)[:40])]


@exchange_check(
    "NC307",
    "result-only-when-succeeded",
    promise="url holds a result when the task has succeeded, for families with a URL, and never else.",
    cause="A result that is not ready is shown, one that is ready is not, or a family that has none shows one.",
    remedy="Consumer: read url after succeeded only, and take its absence for a broken answer.",
    source="PAGE, DOC, SRC",
)
def result_iff_succeeded(seen: Seen) -> Found:
    task = plain_read(seen)
    if task is None:
        return None
    found = links(seen.json)
    is_due = status_of(seen) == "succeeded" and task.family.delivery == "url"
    if is_due and not found:
        return [broken(seen, member(seen.json, "/url"), "the result's URL", "/url", key="none")]
    if not is_due and found:
        why = "no url: the result comes from download" if task.family.delivery == "download" else "no url yet"
        return [broken(seen, found[0], why, "/url", key="early")]
    strange = [one for one in found if not isinstance(one, str) or not _is_link(one)]
    return [
        broken(seen, one, "an http(s) URL or a data URI of an MP4", "/url", key="form") for one in strange
    ]


def _is_link(text: str) -> bool:
    return text.startswith(("https://", "http://", _DATA_URI)) or text == EXPIRED


@exchange_check(
    "NC308",
    "error-only-when-failed",
    promise="error says why when the task has failed, and is absent or null else; Wan may say it in metadata.output.",
    cause="A reason was lost, or an error stands in the answer of a task that goes on.",
    remedy="Consumer: read error after failed only. Provider: restore the reason.",
    source="DOC, SRC",
)
def error_iff_failed(seen: Seen) -> Found:
    task = plain_read(seen)
    if task is None:
        return None
    found = member(seen.json, "/error")
    has_error = found is not MISSING and found is not None
    if status_of(seen) != "failed":
        return [broken(seen, found, "no error", "/error", key="early")] if has_error else []
    if has_error:
        return []
    output = member(seen.json, "/metadata/output")
    says_so = task.family.wire == "wan" and isinstance(output, dict) and bool(output.get("code"))
    return [] if says_so else [broken(seen, found, "an error with code and message", "/error", key="none")]


@exchange_check(
    "NC309",
    "failure-has-a-reason",
    "risky",
    promise="The error of a failed task has the code 400, or text, and a message that says something.",
    cause="The upstream's reason was lost, or the code became another.",
    remedy="Consumer: show the message, and match on nothing but failed. Provider: pass the reason on.",
    source="DOC, SRC",
)
def failure_has_a_reason(seen: Seen) -> Found:
    error = member(seen.json, "/error") if own_read(seen) is not None else None
    if not isinstance(error, dict) or status_of(seen) != "failed":
        return None
    broke = []
    code, message = error.get("code"), error.get("message")
    if code != 400 and not (isinstance(code, str) and code and not code.isdigit()):  # noqa: PLR2004 - the contract's
        broke.append(broken(seen, code, "400, or a word", "/error/code", key=type(code).__name__))
    if not isinstance(message, str) or not message.strip():
        broke.append(broken(seen, message, "the reason", "/error/message"))
    inner = [
        member(seen.json, place)
        for place in ("/metadata/error/message", "/metadata/output/message", "/metadata/reason")
    ]
    others = [one for one in inner if isinstance(one, str) and one != message]
    if others and isinstance(message, str):
        broke.append(
            broken(seen, message, f"the reason in metadata, {others[0]!r}", "/error/message", key="other")
        )
    return broke


@exchange_check(
    "NC310",
    "metadata-names-the-task",
    promise="The ids, the model and the links in metadata are those of the task.",
    cause="The upstream's object is that of another task.",
    remedy="Provider: see how it is joined. Consumer: read identity from task_id alone.",
    source="DOC, SRC",
)
def metadata_names_the_task(seen: Seen) -> Found:
    task = own_read(seen)
    if task is None:
        return None
    body = seen.json
    expected: dict[str, Any] = dict.fromkeys(
        ("/metadata/id", "/metadata/output/task_id", "/id"), task.task_id
    )
    expected |= dict.fromkeys(("/metadata/model", "/metadata/model_name", "/model"), task.model)
    found_links = links(body)
    if found_links:
        expected |= dict.fromkeys(
            ("/metadata/output/video_url", "/metadata/content/video_url"), found_links[0]
        )
    looked = {place: member(body, place) for place in expected}
    if all(found is MISSING for found in looked.values()):
        return None
    return [
        broken(seen, found, str(expected[place]), place)
        for place, found in looked.items()
        if found is not MISSING and found != expected[place]
    ]


def _wrapped_read(seen: Seen) -> TaskHistory | None:
    is_query = seen.exchange.operation == "query" and seen.exchange.status == _OK
    return seen.task if is_query and is_wrapped(seen.json) else None


@exchange_check(
    "NC311",
    "query-answer-is-not-wrapped",
    promise="The answer to a query is the task itself, not a wrapper with code, message and data around it.",
    cause="An older version answers: in August 2025 every family was answered that way.",
    remedy="Consumer: read data where it is there. Provider: answer from the newer version.",
    source="DOC; SRC, older",
)
def query_is_not_wrapped(seen: Seen) -> Found:
    if seen.exchange.operation != "query" or seen.task is None or seen.exchange.status != _OK:
        return None
    if not is_wrapped(seen.json):
        return []
    return [broken(seen, Words("the task in data"), "the task itself", "/data")]
