"""A record read as a whole: which tasks it made, and for each answer what might have come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nebula_contract.judging import expected as may_come
from nebula_contract.judging.expected import Expected, Outcome
from nebula_contract.judging.oracle import RANKS
from nebula_contract.judging.views import LAG_S, TERMINAL, RunView, Seen, TaskHistory, source_of
from nebula_contract.record.coding import CUT
from nebula_contract.record.exchange import EARLIER, Exchange
from nebula_contract.record.wrapping import is_wrapped, unwrapped
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Usage, catalogue
from nebula_schemas.problems import problem_table

_OK, _SUCCESS = (
    200,
    range(200, 300),
)  # another success than 200 is told by a check, and makes a task all the same


@dataclass(slots=True)
class _Reader:
    """State of one walk over the exchanges.

    Attributes:
        tasks: By id.
        owners: Id to the credential that made the task.
        fields: Number of a submit to what was asked for.
        second_is_known: Whether a task was made with the second key.
        is_mock: Whether days may pass faster than by the ledger's clock.
        asked: Every id that is asked for.
        named: Number of a submit to the id of its task.
    """

    tasks: dict[str, TaskHistory] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    fields: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)
    second_is_known: bool = False
    is_mock: bool = False
    asked: frozenset[str] = frozenset()
    named: dict[int, str] = field(default_factory=dict)


def read_run(exchanges: Iterable[Exchange], *, is_mock: bool) -> RunView:
    """Everything that checks look at. Reads the exchanges once to know the tasks, then judges what each might be."""
    given = list(exchanges)
    by_client = [one for one in given if one.purpose == "client"]
    every = [one for one in given if one.purpose != "client"]
    reads = (one for one in every if one.operation in ("query", "download"))
    asked = frozenset(map(may_come.task_asked_for, reads)) - {""}
    reader = _Reader(is_mock=is_mock, asked=asked)
    for exchange in every:
        _note(reader, exchange)
    seen = [_seen(reader, one) for one in every if one.answer is not None]
    failures = [one for one in every if one.answer is None]
    return RunView(every, seen, tuple(reader.tasks.values()), failures, is_mock, by_client)


def _note(reader: _Reader, exchange: Exchange) -> None:
    """Add the exchange to what is known of its task."""
    if exchange.operation == "submit":
        reader.fields[exchange.number] = may_come.submitted_fields(exchange.request)
        _note_submit(reader, exchange)
        return
    if exchange.operation == "result":
        task = reader.tasks.get(exchange.subject)
        if task is not None:
            task.results.append(exchange)
        return
    if exchange.operation not in ("query", "download"):
        return
    task = reader.tasks.get(may_come.task_asked_for(exchange))
    if task is None or exchange.request.credential != reader.owners[task.task_id]:
        return
    if exchange.operation == "download":
        task.downloads.append(exchange)
        return
    task.queries.append(exchange)
    if exchange.status in _SUCCESS and isinstance(exchange.json, dict) and not is_wrapped(exchange.json):
        task.reads.append(exchange)


def _note_submit(reader: _Reader, exchange: Exchange) -> None:
    body = exchange.json
    if exchange.status not in _SUCCESS or not isinstance(body, dict):
        return
    task_id = _named(body, reader.asked)
    fields = reader.fields[exchange.number]
    if not isinstance(task_id, str) or fields is None or not task_id or task_id in reader.tasks:
        return  # the same id twice is told by a check; the first keeps it
    family = _family_of(fields)
    if family is None:
        return
    if exchange.request.credential == "second":
        reader.second_is_known = True
    usage: dict[Dialect, Usage] = {
        one.dialect: one.usage
        for one in may_come.expected_of_fields(exchange.request, fields).accepts
        if one.usage is not None
    }
    reader.named[exchange.number] = task_id
    reader.owners[task_id] = exchange.request.credential
    sources = [reader.tasks[named] for one in usage.values() if (named := source_of(one)) in reader.tasks]
    source = sources[0] if sources else None
    reader.tasks[task_id] = TaskHistory(
        task_id, family, str(fields["model"]), exchange, fields, usage, source
    )


def _named(body: Mapping[str, Any], asked: frozenset[str]) -> object:
    """The id that a submit was answered with; where it has no ``task_id``, a text in it that is asked for later."""
    plain = unwrapped(body)
    if "task_id" in plain:
        return plain["task_id"]
    inner = [value for value in plain.values() if isinstance(value, Mapping)]
    texts = (value for one in (plain, *inner) for value in one.values() if isinstance(value, str))
    return next((text for text in texts if text in asked), None)


def _family_of(fields: Mapping[str, Any]) -> Family | None:
    model = fields.get("model")
    if not isinstance(model, str):
        return None
    found = (catalogue().in_dialect(dialect).family_of_model.get(model) for dialect in DIALECTS)
    return next((family for family in found if family is not None), None)


def _seen(reader: _Reader, exchange: Exchange) -> Seen:
    task = _task_of(reader, exchange)
    family = task.family if task is not None else earlier_family(exchange)
    fields = reader.fields.get(exchange.number) or {}
    if family is None:
        family = _family_of(fields)
    return Seen(exchange, _expected(reader, exchange, task), task, family, fields)


def earlier_family(exchange: Exchange) -> Family | None:
    """The family of the task of an earlier run that an exchange is about; None for one that is about none."""
    beginning, _, rest = exchange.case.partition("/")
    name = rest.partition("/")[0]
    if beginning != EARLIER or exchange.operation not in ("query", "download"):
        return None
    return next((family for family in catalogue().families if family.name == name), None)


def _task_of(reader: _Reader, exchange: Exchange) -> TaskHistory | None:
    if exchange.operation in ("query", "download"):
        return reader.tasks.get(may_come.task_asked_for(exchange))
    if exchange.operation == "result":
        return reader.tasks.get(exchange.subject)
    if exchange.operation == "submit" and isinstance(exchange.json, dict):
        return reader.tasks.get(reader.named.get(exchange.number, ""))
    return None


def _expected(reader: _Reader, exchange: Exchange, task: TaskHistory | None) -> Expected:
    if exchange.operation == "query" and (reason := may_come.route_not_settled(exchange.request)):
        return Expected(unknown=reason)
    if exchange.label == CUT:
        return Expected(unknown="the request's body was too long to be kept whole")
    plain = _EXPECTED[exchange.operation](reader, exchange, task)
    if exchange.purpose == "bare-key":
        without = may_come.refused("invalid-key", "missing-key")
        return Expected((*plain.outcomes, *without.outcomes), plain.unknown)
    return _under_condition(exchange, plain)


def _under_condition(exchange: Exchange, plain: Expected) -> Expected:
    """What is else possible, since the run arranged it."""
    if exchange.operation in ("route", "result") or plain.unknown:
        return plain
    if exchange.condition == "broke" and exchange.operation == "submit":
        return Expected(tuple(_without_money(one) for one in plain.outcomes))
    also = _ALSO.get(exchange.condition, ())
    met = [one for one in also if exchange.operation in problem_table()[one].operations]
    return Expected((*plain.outcomes, *may_come.refused(*met).outcomes))


_ALSO: Mapping[str, tuple[str, ...]] = {
    "rate-limited": ("rate-limited",),
    "outage": ("server-error", "download-unreachable"),
    "one-at-a-time": ("too-many-running",),
}
"""Condition to the refusals that may come beside what else may."""


def _without_money(outcome: Outcome) -> Outcome:
    is_late = outcome.kind == "accepted" or problem_table()[outcome.problem_id].by_upstream
    return Outcome("refused", outcome.dialect, "quota-not-enough") if is_late else outcome


def _submit(reader: _Reader, exchange: Exchange, _task: TaskHistory | None) -> Expected:
    refused = may_come.key_refusals(exchange.request)
    if refused is not None:
        return refused
    if (reason := may_come.unreadable_for_sure(exchange.request)) is not None:
        return Expected(unknown=reason)
    return may_come.expected_of_fields(exchange.request, reader.fields[exchange.number])


def _query(reader: _Reader, exchange: Exchange, task: TaskHistory | None) -> Expected:
    refused = may_come.key_refusals(exchange.request)
    if refused is not None:
        return refused
    if task is None:
        earlier = _earlier(reader, exchange, may_come.accepted())
        return earlier or _refused_stranger(reader, exchange, "unknown-task")
    if exchange.request.credential != reader.owners[task.task_id]:
        return _refused_stranger(reader, exchange, "unknown-task")
    return _while_kept(task, exchange, may_come.accepted(), may_come.refused("unknown-task"))


def _download(reader: _Reader, exchange: Exchange, task: TaskHistory | None) -> Expected:
    refused = may_come.key_refusals(exchange.request)
    if refused is not None:
        return refused
    if not may_come.task_asked_for(exchange):
        return may_come.refused("download-without-id")
    none = may_come.refused("download-no-file")
    if task is None:
        family = earlier_family(exchange)
        is_file = family is not None and family.delivery == "download"
        either = Expected((*may_come.accepted().outcomes, *none.outcomes)) if is_file else none
        earlier = _earlier(reader, exchange, either)
        return earlier or _refused_stranger(reader, exchange, "download-unknown-task")
    if exchange.request.credential != reader.owners[task.task_id]:
        return _refused_stranger(reader, exchange, "download-unknown-task")
    if task.family.delivery != "download":
        return _while_kept(task, exchange, none, may_come.refused("download-unknown-task"))
    gone = may_come.refused("download-no-file", "download-unknown-task")
    return _while_kept(task, exchange, _file_of(task, exchange), gone)


def _file_of(task: TaskHistory, exchange: Exchange) -> Expected:
    """Whether a task's video exists when it is asked for, as far as its reads tell."""
    end = task.end
    none = may_come.refused("download-no-file")
    if end is not None and end.json["status"] == "failed":
        return none
    if end is not None and exchange.at_s >= end.until_s:
        return may_come.accepted()
    still_open = (one.at_s for status, one in task.statuses if status in RANKS and status not in TERMINAL)
    if any(at_s >= exchange.until_s + LAG_S for at_s in still_open):
        return none  # asked for so much later, it was not done yet
    if any(at_s >= exchange.until_s for at_s in _certain_reads(task)):
        return none
    return Expected((*may_come.accepted().outcomes, *none.outcomes))


def _certain_reads(task: TaskHistory) -> list[float]:
    """When the upstream itself was told to be unfinished, which no lag of the gateway can hide.

    The documents know no lag; a target that ever said ``unknown`` or whose answers always have ``url`` lags.
    """
    lags = any(status == "unknown" or "url" in one.json for status, one in task.statuses)
    is_strange = any(status not in RANKS for status, _ in task.statuses)
    if lags or is_strange:
        return []
    return [one.at_s for status, one in task.statuses if status not in TERMINAL]


def _refused_stranger(reader: _Reader, exchange: Exchange, problem_id: str) -> Expected:
    """Another key's task is an unknown task; a key that the provider does not know is refused as such."""
    credential = exchange.request.credential
    may_be_unknown = credential == "unused" or (credential == "second" and not reader.second_is_known)
    return may_come.refused(problem_id, *(["invalid-key"] if may_be_unknown else []))


def _earlier(reader: _Reader, exchange: Exchange, kept: Expected) -> Expected | None:
    """What may come to the owner of an earlier run's task; None for anybody else, and for any other task.

    The ledger names none that is older than a provider keeps it. At a mock the day may have passed faster.
    """
    if exchange.request.credential != "own" or earlier_family(exchange) is None:
        return None
    if not reader.is_mock:
        return kept
    gone = "unknown-task" if exchange.operation == "query" else "download-unknown-task"
    return Expected((*kept.outcomes, *may_come.refused(gone).outcomes))


def _while_kept(task: TaskHistory, exchange: Exchange, kept: Expected, gone: Expected) -> Expected:
    """Until a task is forgotten it is known; when that is lies between its last open and its first ended read."""
    latest, earliest = task.span_of_end
    kept_s = task.family.task_kept_s
    if exchange.until_s <= earliest + kept_s:
        return kept
    if latest is not None and exchange.at_s > latest + kept_s:
        return gone
    return Expected((*kept.outcomes, *gone.outcomes))


def _result(_reader: _Reader, exchange: Exchange, task: TaskHistory | None) -> Expected:
    there = Expected(tuple(Outcome("file", dialect) for dialect in DIALECTS))
    if task is None:
        return Expected(unknown="the URL is of no task of this run")
    latest, earliest = task.span_of_end
    valid_s = task.family.url_valid_s
    gone = may_come.refused("result-expired")
    if exchange.until_s <= earliest + valid_s:
        return there
    if latest is not None and exchange.at_s > latest + valid_s:
        return gone
    return Expected((*there.outcomes, *gone.outcomes))


def _route(_reader: _Reader, exchange: Exchange, _task: TaskHistory | None) -> Expected:
    reason = may_come.route_not_settled(exchange.request)
    return Expected(unknown=reason) if reason else may_come.refused("unknown-route")


_EXPECTED = {"submit": _submit, "query": _query, "download": _download, "result": _result, "route": _route}
