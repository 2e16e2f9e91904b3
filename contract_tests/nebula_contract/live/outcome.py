"""What the answer to a submit means for money: accepted, surely refused, surely not sent, or nobody knows.

As careful as the client (decision 0016): whatever is not surely a refusal may have made a task.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nebula_client.reply import TASK_ID
from nebula_schemas.catalogue import catalogue
from nebula_schemas.problems import problem_table

_FAILED_BEFORE_SENDING = "refused:"
_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_REFUSALS = range(400, 500)
_TIMED_OUT, _NO_CHANNEL = 408, 503
_CODES_OF_NO_ERROR = frozenset({"", "success", "ok", "0", "200"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submit.

    Attributes:
        kind: ``accepted``, ``refused``, ``not-sent`` or ``unknown``.
        task_id: The task that the answer names; empty for none.
    """

    kind: Literal["accepted", "refused", "not-sent", "unknown"]
    task_id: str = ""


def outcome_of(status: int, raw: bytes, failure: str) -> Outcome:
    """What the answer says, or that none came.

    Args:
        status: HTTP status; 0 where no whole answer came.
        raw: What came of the body.
        failure: How it failed, beginning with ``refused:``, ``cut:``, ``timeout:`` or ``not-http:``; empty when whole.
    """
    if failure.startswith(_FAILED_BEFORE_SENDING):
        return Outcome("not-sent")
    told = json_in(raw)
    is_error = isinstance(told, dict) and _is_error(told)
    task_id = ("" if is_error else task_id_in(told)) or _hinted(raw)  # a refusal may have an id of its own
    if failure:
        return Outcome("unknown", task_id)
    if task_id:
        return Outcome("accepted", task_id)
    if is_error and _may_refuse(status, told):
        return Outcome("refused")
    return Outcome("unknown")


def _may_refuse(status: int, told: Any) -> bool:
    """Whether an error under this status says no: under a success only in the provider's own words."""
    if status in _SUCCESS:
        return isinstance(told.get("error"), dict) or told.get("code") in _codes_of_refusals()
    return status == _NO_CHANNEL or (status in _REFUSALS and status != _TIMED_OUT)


@functools.cache
def _codes_of_refusals() -> frozenset[str]:
    """Every code of the error table; any other word beside a message may be one of success, such as ``created``."""
    wires = (wire for problem in problem_table().values() for wire in problem.all_answers)
    return frozenset(wire.code for wire in wires if wire.code)


def is_redirect(status: int) -> bool:
    """Whether the answer points elsewhere; nothing follows it."""
    return status in _REDIRECT


def json_in(raw: bytes) -> Any:
    """The JSON value of a body; None where there is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def task_id_in(told: Any) -> str:
    """The id of the task that an answer to a submit tells of; empty for none that can be asked about."""
    if not isinstance(told, dict):
        return ""
    data = told.get("data")
    for place in (told, data if isinstance(data, dict) else {}):
        for name in ("task_id", "id"):
            found = place.get(name)
            if isinstance(found, str) and TASK_ID.fullmatch(found) and "error" not in place:
                return found
    return ""


def _hinted(raw: bytes) -> str:
    """An id of a family's form anywhere in what came: of an answer that broke off, or that names it elsewhere."""
    text = raw[:65536].decode("utf-8", "replace")
    for family in catalogue().families:
        pattern = family.task_id.pattern.removeprefix("^").removesuffix("$")
        if found := re.search(rf'(?<=")(?:{pattern})(?=")', text):
            return found[0]
    return ""


def _is_error(told: Mapping[str, Any]) -> bool:
    error = told.get("error")
    if isinstance(error, dict) and any(error.get(name) for name in ("message", "code", "type")):
        return True
    code = told.get("code")
    is_code = isinstance(code, str | int) and str(code).casefold() not in _CODES_OF_NO_ERROR
    return is_code and isinstance(told.get("message"), str) and not told.get("data")


def status_in(raw: bytes, task_id: str) -> str:
    """The task's status in an answer to a query of it; empty where that is not told."""
    told = json_in(raw)
    if not isinstance(told, dict) or told.get("task_id") != task_id:
        return ""
    status = told.get("status")
    return status if isinstance(status, str) else ""


def result_urls_in(raw: bytes) -> tuple[str, ...]:
    """The URLs of a task's videos in an answer to a query; data URIs are none."""
    told = json_in(raw)
    return tuple(dict.fromkeys(_urls(told.get("url")))) if isinstance(told, dict) else ()


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _urls(one)


def family_of(task_id: str) -> str:
    """The family whose form an id has; empty for none."""
    family = catalogue().family_of_task(task_id)
    return "" if family is None else family.name


def near(task_id: str) -> str:
    """An id that differs in its last letter or digit, of the same kind."""
    at = max(index for index, sign in enumerate(task_id) if sign.isalnum())
    other = {"9": "8", "z": "y", "Z": "Y", "f": "e"}.get(task_id[at], chr(ord(task_id[at]) + 1))
    return f"{task_id[:at]}{other}{task_id[at + 1 :]}"
