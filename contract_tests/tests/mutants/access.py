"""Lies about who may do what, and about refusals."""

from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.lies import lie_when, on
from nebula_contract.mutating.mutant import Ask, Lie, Mutant, Told

_FIRST: dict[int, str] = {}


def _one_account(operations: tuple[str, ...]) -> Callable[[Ask], None]:
    """Everyone with a key is the first who came."""
    first: list[str] = []

    def before(ask: Ask) -> None:
        header = ask.environ.get("HTTP_AUTHORIZATION")
        if header and header.startswith("Bearer sk-"):
            first.append(header)
            if ask.operation in operations:
                ask.environ["HTTP_AUTHORIZATION"] = first[0]

    return before


def _nobody_needs_a_key(operations: tuple[str, ...]) -> Callable[[Ask], None]:
    first: list[str] = []

    def before(ask: Ask) -> None:
        header = ask.environ.get("HTTP_AUTHORIZATION")
        if header and header.startswith("Bearer sk-"):
            first.append(header)
        if not header and ask.operation in operations and first:
            ask.environ["HTTP_AUTHORIZATION"] = first[0]

    return before


def _any_scheme(ask: Ask) -> None:
    header = ask.environ.get("HTTP_AUTHORIZATION", "")
    if header and not header.startswith("Bearer sk-"):
        ask.environ["HTTP_AUTHORIZATION"] = "Bearer sk-anyone"


def _refusal(change: Callable[[dict[str, Any]], object], operation: str, *statuses: int) -> Lie:
    def lie(ask: Ask, told: Told) -> None:
        if ask.operation == operation and told.status in statuses and isinstance(told.json, dict):
            body = told.json
            change(body)
            told.say(body)

    return lie


def _status(operation: str, old: tuple[int, ...], new: int) -> Lie:
    return lie_when(lambda a, t: a.operation == operation and t.status in old, lambda t: t.turn(status=new))


def _wrapped(body: dict[str, Any]) -> None:
    inner = dict(body)
    body.clear()
    body.update(errors=[inner])


def _plain(body: dict[str, Any]) -> None:
    body.clear()
    body.update(detail="refused")


def _of_error(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        of = body["error"] if isinstance(body.get("error"), dict) else body
        of[name] = value

    return change


def _keyless_family(name: str) -> Callable[[Ask], None]:
    """Submits of one family need no key, or no good one."""
    first: list[str] = []

    def before(ask: Ask) -> None:
        header = ask.environ.get("HTTP_AUTHORIZATION", "")
        if header.startswith("Bearer sk-") and len(header) > 20:
            first.append(header)
        elif ask.operation == "submit" and ask.family == name and first:
            ask.environ["HTTP_AUTHORIZATION"] = first[0]

    return before


MUTANTS = [
    Mutant("good keys are forbidden now and then", ("NC701",), lie_when(lambda a, t: on("query")(a, t) and a.nth % 60 == 0, lambda t: t.say({"error": {"message": "no", "type": "permission_denied", "code": "permission_denied"}}, 403))),
    Mutant("no key needed to submit", ("NC702",), before=_nobody_needs_a_key(("submit",))),
    Mutant("no key needed to query", ("NC702",), before=_nobody_needs_a_key(("query",))),
    Mutant("no key needed to download", ("NC702",), before=_nobody_needs_a_key(("download",))),
    Mutant("any Authorization will do", ("NC703",), before=_any_scheme),
    Mutant("accounts see each other's tasks", ("NC704",), before=_one_account(("query",))),
    Mutant("accounts get each other's videos", ("NC705",), before=_one_account(("download",))),
    Mutant("missing key is a 403", ("NC802",), lie_when(lambda _a, t: t.status == 401, lambda t: t.turn(status=403))),
    Mutant("missing key of a download is a 400", ("NC802",), _status("download", (401,), 400)),
    Mutant("unknown task is a 410", ("NC802",), _status("query", (400, 404), 410)),
    Mutant("unknown model is a 400", ("NC802",), _status("submit", (503,), 400)),
    Mutant("broken JSON is a 422", ("NC802",), _status("submit", (400,), 422)),
    Mutant("unknown route is a 405", ("NC802",), _status("route", (404,), 405)),
    Mutant("no file is a 404", ("NC802",), _status("download", (502,), 404)),
    Mutant("unknown download is a 400", ("NC802", "NC804"), _status("download", (404,), 410)),
    Mutant("refusals in a list", ("NC803",), _refusal(_wrapped, "submit", 400)),
    Mutant("refusals as detail", ("NC803",), _refusal(_plain, "query", 400, 404)),
    Mutant("download refusals as detail", ("NC803",), _refusal(_plain, "download", 404, 502)),
    Mutant("unknown routes as detail", ("NC803",), _refusal(_plain, "route", 404)),
    Mutant("401 in the task layer's envelope", ("NC803",), lie_when(lambda a, t: t.status == 401 and a.operation == "query", lambda t: t.say({"code": "unauthorized", "message": "no", "data": None}))),
    Mutant("another code for a missing key", ("NC804",), _refusal(_of_error("code", "no_key"), "submit", 401)),
    Mutant("another type for unknown routes", ("NC804", "NC803"), _refusal(_of_error("type", "routing_error"), "route", 404)),
    Mutant("another code for an unknown model", ("NC804",), _refusal(_of_error("code", "no_model"), "submit", 503)),
    Mutant("another code for unknown tasks", ("NC804",), _refusal(_of_error("code", "gone"), "query", 400, 404)),
    Mutant("another type for a download without an id", ("NC804",), _refusal(_of_error("type", "validation_error"), "download", 400)),
    Mutant("no message", ("NC805",), _refusal(_of_error("message", ""), "submit", 400, 401, 503)),
    Mutant("no message of unknown tasks", ("NC805",), _refusal(_of_error("message", ""), "query", 400, 404)),
    Mutant("refused and made", ("NC806",), _refusal(lambda b: b.update(task_id="video_" + "1" * 32), "submit", 400)),
    Mutant("refusals of tasks have a status", ("NC806",), _refusal(lambda b: b.update(status="failed"), "query", 400, 404)),
    Mutant("refusals have a new member", ("NC807",), _refusal(_of_error("hint", "see the docs"), "submit", 400)),
    Mutant("refusals have a request id in the body", ("NC807",), _refusal(lambda b: b.update(request_id="1"), "download", 404, 502)),
    Mutant("unknown tasks in two dialects", ("NC902",), lambda a, t: t.say({"error": {"message": "no such task", "type": "not_found", "code": "not_found"}}, 404) if a.operation == "query" and t.status == 400 and a.nth % 2 and a.account >= 0 else t.say({"code": "task_not_exist", "message": "task_not_exist", "data": None}, 400) if a.operation == "query" and t.status == 404 and a.nth % 2 and a.account >= 0 else None),
    *(Mutant(f"submits of {name} need no key", ("NC702", "NC703"), before=_keyless_family(name)) for name in ("veo", "wan", "seedance")),
    Mutant("one message for every refusal", ("NC808",), lambda a, t: _refusal(_of_error("message", "Bad request"), a.operation, t.status)(a, t) if t.status >= 400 else None),
    Mutant("one message for every bad submit", ("NC808",), _refusal(_of_error("message", "invalid parameters"), "submit", 400)),
    Mutant("one message for every refused query", ("NC808",), lambda a, t: _refusal(_of_error("message", "error"), "query", t.status)(a, t) if t.status >= 400 else None),
    Mutant("one message for every refused download", ("NC808",), lambda a, t: _refusal(_of_error("message", "error"), "download", t.status)(a, t) if t.status >= 400 else None),
    Mutant("one message and the request's id for every bad submit", ("NC808",), lambda a, t: _refusal(_of_error("message", f"the request failed (request id: {a.nth})"), "submit", 400)(a, t)),
]  # fmt: skip
