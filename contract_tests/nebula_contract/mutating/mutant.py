"""A wrong provider: the right one with one lie told, as a layer around its application.

A lie sees what was asked and the whole answer, and changes the answer; or it changes what the provider is asked. A
module of mutants has a list ``MUTANTS``.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from nebula_contract.judging.expected import operation_of
from nebula_contract.record.exchange import MISSING
from nebula_schemas.catalogue import DIALECTS, catalogue

Environ = dict[str, Any]
App = Callable[[Environ, Any], Iterable[bytes]]

_ADMIN = "/_mock"
_KEY = re.compile(r"Bearer sk-[0-9a-f]{32}")  # a run's own; the gateway takes anything for a key
_HOP = frozenset({"transfer-encoding", "content-length"})


@dataclass(slots=True)
class Ask:
    """One request as a lie sees it.

    Attributes:
        environ: As WSGI has it; a lie that is told before the provider is asked may change it.
        method: HTTP method.
        path: Path without query.
        operation: submit, query, download, result or route.
        account: 0 for the first key with which a task was made, 1 for the second, and so on; -1 for any other.
        fields: The JSON object of a submit; empty else.
        task_id: The id that is asked for; empty for none.
        family: The family, by the model or the form of the id; empty where neither tells.
        prompt: The prompt of the task's submit, or of this one.
        model: Its model.
        nth: Which request of its operation it is, from 1.
        nth_of_task: Which of its operation for this task, from 1.
    """

    environ: Environ
    method: str
    path: str
    operation: str
    account: int
    fields: Mapping[str, Any]
    task_id: str
    family: str
    prompt: str
    model: str
    nth: int
    nth_of_task: int


@dataclass(slots=True)
class Told:
    """The answer, to be changed.

    Attributes:
        status: HTTP status.
        headers: Names in lower case.
        body: The whole body.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The JSON body; ``MISSING`` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING

    def say(self, body: object, status: int | None = None) -> None:
        """Answer with a JSON value."""
        self.body = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if status is not None:
            self.status = status

    def turn(self, *, status: int | None = None, body: bytes | None = None, **headers: str) -> None:
        """Answer with another status, body or headers (``content_type`` for ``content-type``)."""
        self.status = self.status if status is None else status
        self.body = self.body if body is None else body
        self.headers.update({name.replace("_", "-"): value for name, value in headers.items()})


Lie = Callable[[Ask, Told], None]
When = Callable[[Ask, Told], bool]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong provider.

    Attributes:
        name: What is wrong with it, in words.
        codes: The checks of which one must find it.
        lie: Changes an answer.
        before: Changes a request before the provider sees it.
        scenario: A preset of the mock under which it runs; empty for the server's own.
        dialects: The dialects in which it is wrong.
    """

    name: str
    codes: tuple[str, ...]
    lie: Lie | None = None
    before: Callable[[Ask], None] | None = None
    scenario: str = ""
    dialects: Sequence[str] = DIALECTS


@dataclass
class Lying:
    """The application of a wrong provider.

    Attributes:
        app: The right one.
        mutant: What is wrong.
    """

    app: App
    mutant: Mutant
    _accounts: list[str] = field(default_factory=list)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _made: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """One request."""
        if environ["PATH_INFO"].startswith(_ADMIN):
            return self.app(environ, start_response)
        ask = self._ask(environ)
        if self.mutant.scenario and "HTTP_X_NEBULA_SCENARIO" not in environ:
            environ["HTTP_X_NEBULA_SCENARIO"] = self.mutant.scenario
        if self.mutant.before is not None:
            self.mutant.before(ask)
        told = self._answered(environ)
        if ask.operation == "submit" and told.status == 200 and isinstance(told.json, dict):  # noqa: PLR2004 - success
            self._made[str(told.json.get("task_id"))] = ask.fields
            ask.account = self._account(environ.get("HTTP_AUTHORIZATION", ""), makes=True)
        if self.mutant.lie is not None:
            self.mutant.lie(ask, told)
        shown = [(name, value) for name, value in told.headers.items() if name not in _HOP]
        if "content-length" in told.headers or ask.method != "HEAD":
            length = told.headers.get("content-length") if ask.method == "HEAD" else str(len(told.body))
            shown.append(("content-length", told.headers.get("x-said-length", length or "0")))
        start_response(f"{told.status} Told", [(n, v) for n, v in shown if n != "x-said-length"])
        return [told.body] if ask.method != "HEAD" else []

    def _answered(self, environ: Environ) -> Told:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            del error
            started[:] = [status, headers]
            return lambda _: None

        blocks = self.app(environ, start_response)
        try:
            body = b"".join(blocks)
        finally:
            close = getattr(blocks, "close", None)
            if close is not None:
                close()
        status, headers = started
        return Told(int(status.split(" ", 1)[0]), {name.lower(): value for name, value in headers}, body)

    def _ask(self, environ: Environ) -> Ask:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        is_result = path.startswith("/results/")
        operation = "result" if is_result else operation_of(method, f"{path}?{query}" if query else path)
        fields = self._fields(environ) if operation == "submit" else {}
        task_id = path.rpartition("/")[2] if operation == "query" else ""
        if operation == "download":
            task_id = parse_qs(query).get("id", [""])[0]
        subject = path.split("/")[2] if is_result else task_id
        made = fields or self._made.get(task_id, {})
        model = made.get("model") if isinstance(made.get("model"), str) else ""
        self._counts[operation, ""] += 1
        self._counts[operation, subject] += 1
        return Ask(
            environ,
            method,
            path,
            operation,
            self._account(environ.get("HTTP_AUTHORIZATION", "")),
            fields,
            task_id,
            _family(str(model), task_id),
            str(made.get("prompt") or json.dumps(made.get("metadata", ""), ensure_ascii=False)),
            str(model),
            self._counts[operation, ""],
            self._counts[operation, subject] if subject else self._counts[operation, ""],
        )

    def _account(self, authorization: str, *, makes: bool = False) -> int:
        if makes and _KEY.fullmatch(authorization) and authorization not in self._accounts:
            self._accounts.append(authorization)
        return self._accounts.index(authorization) if authorization in self._accounts else -1

    def _fields(self, environ: Environ) -> Mapping[str, Any]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        raw = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(raw)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return {}
        return body if isinstance(body, dict) else {}


def _family(model: str, task_id: str) -> str:
    for dialect in DIALECTS:
        found = catalogue().in_dialect(dialect).family_of_model.get(model)
        if found is not None:
            return found.name
    by_id = catalogue().family_of_task(task_id) if task_id else None
    return "" if by_id is None else by_id.name
