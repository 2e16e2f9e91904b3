"""What the contract lets a provider answer to one request: pure, from the request and what is known of its task.

The provider's order of checks is: key, content type, JSON, model, fields by type, prompt, values, then what only the
upstream refuses (SRC). Where the dialects differ both answers are right; an outcome says whose it is.
"""

import codecs
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from nebula_contract.record.exchange import Exchange, Operation, Request
from nebula_schemas.catalogue import (
    DIALECTS,
    Dialect,
    Family,
    Model,
    Usage,
    all_content_items,
    catalogue,
    content_item_problem,
    prompt_in,
    read_request,
)
from nebula_schemas.problems import problem_table

GENERATIONS = "/v1/video/generations"

_JSON = "application/json"
_FORM = "multipart/form-data"
_DEEP = 24  # brackets of a body; nobody writes as many, and parsers differ on where they stop
_TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that may come.

    Attributes:
        kind: ``accepted`` (a 200 of the operation's success form), ``refused`` (a row of the error table) or
            ``file`` (the bytes of a result).
        dialect: Whose it is.
        problem_id: The row, for ``refused``.
        usage: For an accepted submit, what becomes of its values.
    """

    kind: Literal["accepted", "refused", "file"]
    dialect: Dialect
    problem_id: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Everything that may come, and why nothing is expected where that is so.

    Attributes:
        outcomes: At least one for each dialect; none where ``unknown`` says why.
        unknown: Why nothing can be said (``the task's state is not known``); empty else.
    """

    outcomes: tuple[Outcome, ...] = ()
    unknown: str = ""

    @property
    def accepts(self) -> tuple[Outcome, ...]:
        """The outcomes that are no refusal."""
        return tuple(one for one in self.outcomes if one.kind != "refused")

    @property
    def refusals(self) -> tuple[Outcome, ...]:
        """The refusals."""
        return tuple(one for one in self.outcomes if one.kind == "refused")


def operation_of(method: str, path: str) -> Operation:
    """Which operation a request is, by its method and path."""
    if not path.startswith("/"):
        return "result"
    bare = path.partition("?")[0]  # two slashes at its start make no host of it
    if method == "POST" and bare == GENERATIONS:
        return "submit"
    rest = bare.removeprefix(f"{GENERATIONS}/")
    if method != "GET" or rest == bare or not rest or "/" in rest:
        return "route"
    return "download" if rest == "download" else "query"


def task_asked_for(exchange: Exchange) -> str:
    """The task id that a query or download names; empty for none."""
    path, _, query = exchange.request.path.partition("?")
    if exchange.operation == "download":
        return parse_qs(query, keep_blank_values=True).get("id", [""])[0]
    return unquote(path.rpartition("/")[2])


def refused(*problem_ids: str, dialects: Sequence[Dialect] = DIALECTS) -> Expected:
    """Any of these refusals, as each dialect has them."""
    table = problem_table()
    outcomes = (
        Outcome("refused", dialect, one)
        for dialect in dialects
        for one in problem_ids
        if dialect in table[one].answers
    )
    return Expected(tuple(outcomes))


def accepted() -> Expected:
    """Success, in either dialect."""
    return Expected(tuple(Outcome("accepted", dialect) for dialect in DIALECTS))


def key_refusals(request: Request) -> Expected | None:
    """What a request without a usable key meets, before anything else; None where its key is good."""
    if request.credential == "none":
        return refused("missing-key")
    if request.credential == "malformed":
        return (
            refused("missing-key") if not request.scheme.strip() else refused("invalid-key", "channel-suffix")
        )
    return None


def submit_expected(request: Request) -> Expected:
    """What a submit with a good key may be answered with, in each dialect."""
    return expected_of_fields(request, submitted_fields(request))


def expected_of_fields(request: Request, body: Mapping[str, Any] | None) -> Expected:
    """The same, of a body that was read already."""
    return Expected(tuple(_submit_outcome(request, body, dialect) for dialect in DIALECTS))


def submitted_fields(request: Request) -> Mapping[str, Any] | None:
    """The JSON object of a submit; None when its body is none."""
    try:
        body = json.loads((request.body or b"").decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def unreadable_for_sure(request: Request) -> str | None:
    """Why no source says how such a body is read; None where that is settled."""
    raw = request.body or b""
    reasons = (
        ("content-encoding" in request.headers, "no source says what becomes of an encoded body"),
        (request.headers.get("content-type", "").startswith(_FORM), "forms are not looked at"),
        (raw.startswith(codecs.BOM_UTF8), "no source says whether a byte order mark is read"),
        (raw.count(b"[") + raw.count(b"{") > _DEEP, "no source says how deep a body may be nested"),
    )
    for is_so, reason in reasons:
        if is_so:
            return reason
    try:
        json.loads(raw.decode("utf-8"), object_pairs_hook=_each_once)
    except _TwiceError:
        return "no source says which of two members of one name counts"
    except (ValueError, RecursionError):
        pass  # it is no JSON, and refused as such
    return None


class _TwiceError(Exception):
    """One object has two members of one name."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _TwiceError
    return members


def route_not_settled(request: Request) -> str:
    """Why nothing is expected of a route: one that only the server source has, or a browser's question; else empty."""
    path = request.path.partition("?")[0]
    if (
        path.startswith(("/v1/videos", "/kling", "/doubao", "/jimeng", "/api/", "/_mock"))
        or "/content" in path
    ):
        return "a route that the documents do not have"
    if request.method == "OPTIONS" and "origin" in request.headers:
        return "a browser's question before a request"
    return (
        "no source says what becomes of a doubled, trailing or escaped slash"
        if _has_odd_slashes(path)
        else ""
    )


def _has_odd_slashes(path: str) -> bool:
    return "//" in path or (path.endswith("/") and path != "/") or "/." in path or "%2f" in path.lower()


def _submit_outcome(request: Request, body: Mapping[str, Any] | None, dialect: Dialect) -> Outcome:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        return Outcome("refused", dialect, "wrong-content-type")
    if body is None:
        return Outcome("refused", dialect, "malformed-json")
    model_id = body.get("model")
    if not isinstance(model_id, str) or not model_id:
        return Outcome("refused", dialect, "missing-model")
    models = catalogue().in_dialect(dialect)
    family = models.family_of_model.get(model_id)
    if family is None:
        return Outcome("refused", dialect, "unknown-model")
    return _family_outcome(dialect, family, family.model(model_id), body)


def _family_outcome(dialect: Dialect, family: Family, model: Model, body: Mapping[str, Any]) -> Outcome:
    read = _with_content(body) if dialect == "gateway" and family.prompt_at != "prompt" else body
    for check in _FIELD_CHECKS:
        if problem_id := check(dialect, family, body, read):
            return Outcome("refused", dialect, problem_id)
    usage = read_request(family, model, read)
    problems = [
        *(one.problem or family.problems["wrong_type"] for one in usage.with_outcome("rejected")),
        *(["missing-image"] if _lacks_an_image(dialect, family, model, usage) else []),
        *(["content-item"] if _has_a_bad_item(family, read) else []),
    ]
    table = problem_table()
    # What the gateway checks itself comes before what only the upstream refuses.
    for problem_id in sorted(problems, key=lambda one: table[one].by_upstream):
        return Outcome("refused", dialect, problem_id)
    return Outcome("accepted", dialect, usage=usage)


def _with_content(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where ``metadata`` is absent the gateway takes the whole body for it (SRC, newest)."""
    return body if body.get("metadata") is not None else {**body, "metadata": body}


def _typed_field_problem(
    _dialect: Dialect, family: Family, body: Mapping[str, Any], _read: Mapping[str, Any]
) -> str:
    for name, expected in family.typed_fields.items():
        given = body.get(name)
        found = _TYPES.get(type(given), "null")
        if given is not None and found != expected and (found, expected) != ("integer", "number"):
            return family.problems["wrong_type"]
    return ""


def _content_problem(
    dialect: Dialect, family: Family, _body: Mapping[str, Any], read: Mapping[str, Any]
) -> str:
    if family.prompt_at == "prompt" or dialect != "gateway":
        return ""
    metadata = read.get("metadata")
    content = metadata.get("content") if isinstance(metadata, dict) else ""
    is_read = content is None or (isinstance(content, list) and all(isinstance(one, dict) for one in content))
    return "" if is_read else "malformed-content"


def _prompt_problem(
    dialect: Dialect, family: Family, body: Mapping[str, Any], read: Mapping[str, Any]
) -> str:
    given = body.get("prompt")
    if family.prompt_at == "prompt" and given is not None and not isinstance(given, str):
        return family.problems["wrong_type"]
    if prompt_in(family, read) is not None:
        return ""
    if family.prompt_at != "prompt" and dialect == "gateway":
        return ""  # a placeholder stands in, and the task is made all the same (SRC)
    return family.problems["no_prompt"]


_FIELD_CHECKS: tuple[Callable[[Dialect, Family, Mapping[str, Any], Mapping[str, Any]], str], ...] = (
    _typed_field_problem,
    _content_problem,
    _prompt_problem,
)


def _lacks_an_image(dialect: Dialect, family: Family, model: Model, usage: Usage) -> bool:
    given = {reading.parameter.name for reading in usage.readings if reading.given is not None}
    return any(
        dialect in one.required_dialects
        and bool(set(one.required_modes) & set(model.modes))
        and one.name not in given
        and one.required_or not in usage.values
        for one in family.parameters
    )


def _has_a_bad_item(family: Family, body: Mapping[str, Any]) -> bool:
    if family.prompt_at == "prompt":
        return False
    return any(content_item_problem(item) for item in all_content_items(body))
