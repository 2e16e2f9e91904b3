"""What checks look at: one exchange with what was expected of it, one task from submit to end, the whole run."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nebula_contract.judging.expected import Expected
from nebula_contract.judging.oracle import TERMINAL, LifecycleOracle
from nebula_contract.record.exchange import Exchange
from nebula_schemas.catalogue import Dialect, Family, Usage

LAG_S = 16.0
"""The gateway asks the upstream every 15 s (SRC): what it says is at most that old."""


@dataclass
class TaskHistory:
    """Everything that a run saw of one task.

    Attributes:
        task_id: Its id.
        family: Its family, by the model that was asked for.
        model: The model's id.
        submit: The exchange that made it.
        asked: The body that was sent.
        usage: What each dialect makes of that body; only dialects that accept it.
        source: The task that it makes again, where it does and that is one of the run's own.
        reads: Queries of it by its owner that were answered with a 200 and an object, in order of sending.
        queries: All queries of it by its owner.
        downloads: All downloads of it by its owner.
        results: Requests to its result URLs.
    """

    task_id: str
    family: Family
    model: str
    submit: Exchange
    asked: Mapping[str, Any]
    usage: Mapping[Dialect, Usage]
    source: "TaskHistory | None" = None
    reads: list[Exchange] = field(default_factory=list)
    queries: list[Exchange] = field(default_factory=list)
    downloads: list[Exchange] = field(default_factory=list)
    results: list[Exchange] = field(default_factory=list)

    @functools.cached_property
    def in_use(self) -> list[Mapping[str, Any]]:
        """The sets of values that may be in effect, by parameter; none where the form of a strange source is unknown.

        A task that is made again may also keep the length and the size of its source (INF: only the prompt counts).
        """
        if self.source is None and any(source_of(usage) for usage in self.usage.values()):
            return []
        own = [usage.values for usage in self.usage.values()]
        kept = (
            ()
            if self.source is None
            else ({**own_values, **old} for own_values in own for old in self.source.in_use)
        )
        return [*own, *kept]

    @functools.cached_property
    def oracle(self) -> LifecycleOracle:
        """The oracle that was fed with all its reads. Like what follows, only asked for when all of them are there."""
        return _fed(self)

    @functools.cached_property
    def statuses(self) -> list[tuple[str, Exchange]]:
        """Every status that was read, with its exchange."""
        return [(one.json["status"], one) for one in self.reads if isinstance(one.json.get("status"), str)]

    @functools.cached_property
    def end(self) -> Exchange | None:
        """The first read with a terminal status."""
        return next((one for status, one in self.statuses if status in TERMINAL), None)

    @functools.cached_property
    def span_of_end(self) -> tuple[float | None, float]:
        """The latest and the earliest moment at which it can have ended; None where it was not seen to end."""
        opened = [one.at_s for status, one in self.statuses if status not in TERMINAL]
        before = [at_s for at_s in opened if self.end is None or at_s <= self.end.at_s]
        earliest = max([self.submit.at_s, *(at_s - LAG_S for at_s in before)])
        return (None if self.end is None else self.end.until_s), earliest


def source_of(usage: Usage) -> str | None:
    """The id of the task that a submit makes again; None for an ordinary one."""
    found = (reading.used for reading in usage.readings if reading.parameter.form == "remix")
    return next((used for used in found if isinstance(used, str)), None)


def _fed(task: TaskHistory) -> LifecycleOracle:
    retention_s = min(task.family.task_kept_s, task.family.data_uri_valid_s or task.family.task_kept_s)
    oracle = LifecycleOracle(task.submit.at_s, retention_s)
    for one in task.reads:
        oracle.read(one.json, one.at_s)
    oracle.over(max((one.at_s for one in task.queries), default=task.submit.at_s))
    return oracle


@dataclass(slots=True, eq=False)
class Seen:
    """One exchange, with what the contract lets the provider answer to it.

    Attributes:
        exchange: The exchange; it has an answer.
        expected: What may come.
        task: The task it is about, where it is one of the run's own; else None.
        family: The family it is about; None where none is.
        fields: The JSON object of a submit; empty for any other, and where there is none.
        memo: What was found out about it once, for many checks.
    """

    exchange: Exchange
    expected: Expected
    task: TaskHistory | None
    family: Family | None
    fields: Mapping[str, Any]
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def json(self) -> Any:
        """The JSON body; ``MISSING`` when there is none."""
        return self.exchange.json


@dataclass(frozen=True, slots=True)
class RunView:
    """The whole run.

    Attributes:
        exchanges: Every exchange, in order.
        seen: Those with an answer, each with what was expected.
        tasks: Every task that the run made, by credential and id.
        failures: Exchanges without an answer.
        is_mock: Whether the target says that it is a mock.
        by_client: What our client asked and made of the answers, where the run noted it.
    """

    exchanges: Sequence[Exchange]
    seen: Sequence[Seen]
    tasks: Sequence[TaskHistory]
    failures: Sequence[Exchange]
    is_mock: bool
    by_client: Sequence[Exchange] = ()


__all__ = ["LAG_S", "TERMINAL", "RunView", "Seen", "TaskHistory", "source_of"]
