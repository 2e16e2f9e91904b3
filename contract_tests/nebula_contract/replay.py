"""A case of a record, sent again: the same requests in the same order, about the tasks that are made now.

Only to a mock or to a server of this machine: the target is opened as for a test, which refuses any other. Between two
requests as much of the target's time passes as did then, so that a task has the time it had.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import quote

from nebula_contract.record.coding import CUT
from nebula_contract.record.exchange import Exchange, Request

_MOST_PASSED_S = 10 * 86_400.0


class ReplayError(ValueError):
    """A case cannot be sent again; says which, and what to do. Nothing was sent."""


class Place(Protocol):
    """Where a case is sent again."""

    def send(self, exchange: Exchange, request: Request) -> Exchange:
        """Send a request as ``exchange`` was sent, and give what came."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let that many seconds of the target's time pass."""
        ...

    def result(self, subject: str, method: str) -> Exchange | None:
        """Fetch the result of a task; None where its URL is not known now."""
        ...


@dataclass(frozen=True, slots=True)
class Again:
    """One exchange, then and now.

    Attributes:
        then: As it was recorded.
        now: As it came now; None for one that was not sent.
        left_out: Why it was not sent; empty where it was.
    """

    then: Exchange
    now: Exchange | None
    left_out: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the same came, as far as a person compares: status, and the task's status."""
        return self.now is not None and outcome(self.then) == outcome(self.now)


@dataclass(slots=True)
class _Tasks:
    """Ids of then to ids of now."""

    ids: dict[str, str] = field(default_factory=dict)

    def learn(self, then: Exchange, now: Exchange) -> None:
        """From a submit that made a task both times."""
        before, after = task_id(then), task_id(now)
        if before and after:
            self.ids[before] = after

    def put(self, text: str, *, in_path: bool = False) -> str:
        """A text with the ids of now, as they stand in a path or as they are; the longest first."""
        known = (
            {quote(one, safe=""): quote(two, safe="") for one, two in self.ids.items()}
            if in_path
            else self.ids
        )
        if not known:
            return text
        places = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        return re.sub(places, lambda found: known[found[0]], text)


def case_of(exchanges: Iterable[Exchange], case: str) -> Sequence[Exchange]:
    """The exchanges of a case, in order.

    Raises:
        ReplayError: The record has no such case; the message names some that it has.
    """
    names: dict[str, None] = {}
    found = []
    for exchange in exchanges:
        if exchange.case == case:
            found.append(exchange)
        names.setdefault(exchange.case)
    if not found:
        near = [name for name in names if case.split("/", maxsplit=1)[0] in name][:5] or list(names)[:5]
        raise ReplayError(
            f"found no case {case[:80]!r}, expected one of the {len(names)} of the record, such as {', '.join(near)}. "
            "A finding names its case."
        )
    return found


def sent_again(then: Sequence[Exchange], place: Place) -> Iterator[Again]:
    """The case once more, each exchange as soon as it came."""
    tasks = _Tasks()
    at_s = then[0].at_s
    for exchange in then:
        if 0 < exchange.at_s - at_s <= _MOST_PASSED_S:
            place.pass_time(exchange.at_s - at_s)
        at_s = max(at_s, exchange.at_s)
        if exchange.label == CUT:
            yield Again(exchange, None, "its body was too long to be kept whole")
            continue
        if exchange.operation == "result":
            now = place.result(tasks.put(exchange.subject), exchange.request.method)
            yield Again(
                exchange, now, "" if now else "the signed address is not kept, and no new one is known"
            )
            continue
        now = place.send(exchange, asked_now(exchange.request, tasks))
        if exchange.operation == "submit":
            tasks.learn(exchange, now)
        yield Again(exchange, now)


def asked_now(request: Request, tasks: _Tasks) -> Request:
    """The request about the tasks of now."""
    body = request.body
    if body is not None and tasks.ids:
        try:
            body = tasks.put(body.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            body = request.body
    return replace(request, path=tasks.put(request.path, in_path=True), body=body)


def task_id(exchange: Exchange) -> str:
    """The id that an answer names; empty where it names none."""
    value = exchange.json.get("task_id") if isinstance(exchange.json, dict) else None
    return value if isinstance(value, str) else ""


def outcome(exchange: Exchange) -> tuple[int, str]:
    """What a person compares: HTTP status and the task's status, or how it failed."""
    if exchange.answer is None:
        return 0, exchange.failure.partition(":")[0]
    state = exchange.json.get("status") if isinstance(exchange.json, dict) else None
    return exchange.status, state if isinstance(state, str) else ""
