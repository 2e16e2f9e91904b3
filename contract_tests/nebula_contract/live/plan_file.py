"""A plan file read: the whole of it understood and safe, or every reason why not and nothing sent."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nebula_contract.files import opened_file
from nebula_contract.live.case import FORMAT, KNOWN, RESULT, Case, Plan, case_from
from nebula_contract.live.money import usd_in, usd_text
from nebula_contract.live.price_bound import bound_usd
from nebula_contract.record.exchange import EARLIER
from nebula_contract.reviewed import no_twins
from nebula_schemas.loader import contract
from nebula_schemas.problems import problem_table

LARGEST_BYTES = 1024 * 1024
_KEY = re.compile(r"sk-[A-Za-z0-9_-]{4,}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_TOLD = 8
_BESIDE_PROBLEMS = frozenset({"accepted", "file"})


class PlanError(ValueError):
    """A plan cannot be used; the message says what was found, where, what was expected, what to do."""


def read_plan(path: Path) -> tuple[Plan, bytes]:
    """The plan in a file, and the bytes it was read from.

    Raises:
        PlanError: It cannot be read, is no plan of this version, carries a key, says less than a submit of it may
            cost, or refers to what is not there.
    """
    try:
        with opened_file(path) as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        message = (
            f"--plan: cannot read {path}: {error.strerror}. Name a file that nebula-contract plan wrote."
        )
        raise PlanError(message) from error
    return plan_in(raw), raw


def digest_of(raw: bytes) -> str:
    """What tells one plan file from another: ``sha256:`` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def plan_in(raw: bytes) -> Plan:
    """The plan that these bytes are; see ``read_plan`` for what is refused."""
    value = _strict_json(raw)
    found = value.get("format") if isinstance(value, dict) else None
    if found != FORMAT or isinstance(found, bool):
        raise _cannot(
            f"found format {json.dumps(found)[:40]}, expected {FORMAT}; write it anew with this version"
        )
    if violations := contract().violations("files/plan", value):
        raise _cannot(" ".join(str(one) for one in violations[:_MOST_TOLD]))
    cases = tuple(case_from(entry) for entry in value["cases"])
    plan = Plan(value["seed"], cases)
    if reasons := list(_problems(plan)):
        raise _cannot(" ".join(reasons[:_MOST_TOLD]))
    if usd_in(value["worst_usd"]) != plan.worst_usd:
        raise _cannot(
            f"worst_usd: found {value['worst_usd']}, expected {usd_text(plan.worst_usd)}, the sum of its cases."
        )
    return plan


def _cannot(reason: str) -> PlanError:
    return PlanError(
        f"--plan: {reason} Nothing was sent. Write the plan with nebula-contract plan, and change none of it by hand."
    )


def _strict_json(raw: bytes) -> Any:
    if len(raw) > LARGEST_BYTES:
        raise _cannot(f"found over {LARGEST_BYTES} bytes, expected at most that many.")
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=no_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise _cannot(f"it is no JSON that can be read ({reason}).") from error
    if _KEY.search(text) or _KEY.search(json.dumps(value, ensure_ascii=False)):
        raise _cannot("found what looks like an API key (sk-...), expected none: plans are committed.")
    return value


def _no_constant(word: str) -> Any:
    message = f"{word} is no JSON number"
    raise ValueError(message)


def _problems(plan: Plan) -> Iterator[str]:
    earlier: dict[str, Case] = {}
    for case in plan.cases:
        if case.name in earlier:
            yield f"{case.name}: found two cases of that name, expected one."
        yield from _problems_of(case, earlier)
        earlier[case.name] = case


def _problems_of(case: Case, earlier: dict[str, Case]) -> Iterator[str]:
    at = case.name
    if case.body is not None and _SURROGATE.search(case.body):
        yield f"{at}: found half a character (a lone surrogate) in the body, expected text that UTF-8 can carry."
        return
    if case.may_be_charged and case.price_usd < (least := bound_usd(case.body_bytes or b"")):
        yield f"{at}: found price_usd {usd_text(case.price_usd)}, expected at least {usd_text(least)}, which its body may cost."
    if (case.credential == "malformed") != bool(case.authorization):
        yield f"{at}: expected authorization beside the credential malformed, and nowhere else."
    if case.body is not None and case.method not in {"POST", "PUT", "PATCH"}:
        yield f"{at}: found a body of a {case.method}, expected none."
    if case.poll is not None and case.method != "GET":
        yield f"{at}: found a {case.method} that is polled, expected a GET: nothing that could be charged is repeated."
    if unknown := [one for one in case.expects if one not in problem_table() and one not in _BESIDE_PROBLEMS]:
        yield f"{at}: found the expectation {unknown[0]!r}, expected accepted, file or a row of the error table."
    yield from _path_problems(case)
    yield from _task_problems(case, earlier)


def _task_problems(case: Case, earlier: dict[str, Case]) -> Iterator[str]:
    at = case.name
    is_earlier = case.task.startswith(KNOWN)
    of_family = f"{EARLIER}/{case.task.removeprefix(KNOWN)}/" if is_earlier else f"{EARLIER}/"
    if is_earlier != case.name.startswith(of_family):
        yield f"{at}: found task {case.task!r}, expected known:FAMILY in cases that are called known/FAMILY/..., and nowhere else."
    if case.task and not case.task.startswith(KNOWN):
        made = earlier.get(case.task)
        if made is None or not made.is_meant_to_be_accepted:
            yield f"{at}: found task {case.task!r}, expected an earlier submit that is meant to be accepted."
    if case.twin_of and case.twin_of not in earlier:
        yield f"{at}: found twin_of {case.twin_of!r}, expected an earlier case."


def _path_problems(case: Case) -> Iterator[str]:
    at, needs_task = case.name, "{" in case.path
    if needs_task != bool(case.task):
        yield f"{at}: expected task beside a path with {{task}}, {{near}} or {{result}}, and nowhere else."
    if case.path == RESULT and (case.credential != "none" or case.method not in {"GET", "HEAD"}):
        yield f"{at}: found a {case.method} of a result with the credential {case.credential}, expected a GET or HEAD with none: a key never goes there."
