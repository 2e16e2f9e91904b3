"""Faults that answer instead of the provider: a row of the error table, a bare status, a page of a proxy."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from nebula_mock.core.facts import Facts
from nebula_mock.core.faults.protocol import Fault, Scene
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import JsonContent, Reply
from nebula_schemas.examples import sample_facts
from nebula_schemas.problems import problem_table

IN_ANY_DIALECT = "server-error"
"""The row for what no other is for."""


@dataclass(frozen=True, slots=True)
class ProblemFault(Fault):
    """Refuse the request as a row of the error table does.

    Attributes:
        problem_id: The row.
        retry_after_s: What ``Retry-After`` says, in seconds; None for no such header.
        status: HTTP status; None for that of the row.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {"id": "problem_id"}

    kind: ClassVar[str] = "problem"
    problem_id: str = IN_ANY_DIALECT
    retry_after_s: float | None = None
    status: int | None = None

    def instead(self, scene: Scene) -> RefusalError:
        """The refusal; a row that the account's dialect does not have is ``server-error`` there.

        What the row's words tell of the request is the request's own where it is known, else a sample.
        """
        facts = scene.facts
        row = problem_table()[self.problem_id]
        if facts.dialect not in row.answers:
            row = problem_table()[IN_ANY_DIALECT]
        known = {"model": facts.model, **facts.told}
        told = {name: fact for name, fact in known.items() if fact is not None}
        refusal = RefusalError(row.id, **{**sample_facts(row), **told})
        if facts.family is not None:
            refusal.of_family(facts.family)
        return refusal.after(self.retry_after_s).with_status(self.status)


@dataclass(frozen=True, slots=True)
class ErrorWith200(ProblemFault):
    """An error body under a status that says that all is well."""

    kind: ClassVar[str] = "error-with-200"
    status: int | None = 200


@dataclass(frozen=True, slots=True)
class BareStatus(Fault):
    """A status of any number, with an error of the provider's form.

    Attributes:
        status: HTTP status.
        retry_after_s: What ``Retry-After`` says, in seconds; None for no such header.
        is_done: Whether the operation is done, and only its answer is this one.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {"done": "is_done"}

    kind: ClassVar[str] = "http"
    status: int = 503
    retry_after_s: float | None = None
    is_done: bool = False

    def instead(self, scene: Scene) -> Reply | None:
        """The error, unless the operation is to be done."""
        return None if self.is_done else self._reply(scene.facts)

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The error, where the operation was done."""
        return self._reply(scene.facts) if self.is_done else reply

    def _reply(self, facts: Facts) -> Reply:
        wire = problem_table()[IN_ANY_DIALECT].answer(facts.dialect, facts.family)
        body = wire.body({})
        words = f"{self.status} {_phrase(self.status)}"
        body = {**body, "message": words} if "message" in body else _reworded(body, words)
        headers = {} if self.retry_after_s is None else {"Retry-After": str(math.ceil(self.retry_after_s))}
        return Reply(b"" if self.status in _BODILESS else JsonContent(body), self.status, headers=headers)


_BODILESS = frozenset({204, 304})

_PAGE = (
    "<html>\r\n<head><title>{words}</title></head>\r\n<body>\r\n<center><h1>{words}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)  # what a proxy in front of a provider answers while nobody is behind it


@dataclass(frozen=True, slots=True)
class HtmlPage(Fault):
    """A page of a proxy, in HTML, where JSON is expected.

    Attributes:
        status: HTTP status.
        is_done: Whether the operation is done, and only its answer is this one.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {"done": "is_done"}

    kind: ClassVar[str] = "html-page"
    status: int = 502
    is_done: bool = False

    def instead(self, scene: Scene) -> Reply | None:
        """The page, unless the operation is to be done."""
        del scene
        return None if self.is_done else self._reply()

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The page, where the operation was done."""
        del scene
        return self._reply() if self.is_done else reply

    def _reply(self) -> Reply:
        page = _PAGE.format(words=f"{self.status} {_phrase(self.status)}")
        return Reply(page.encode(), self.status, "text/html")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unassigned"


def _reworded(body: dict[str, Any], words: str) -> dict[str, Any]:
    return {"error": {**body["error"], "message": words}}
